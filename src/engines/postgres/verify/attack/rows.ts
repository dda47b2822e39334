import { ident, literal, qualified } from '../../quote.ts';
import type { Attacker } from './attack.ts';
import { type TenantSession, outcomeOf } from '../tenant-session.ts';

/** Shared tables that are tried one by one. */
const SAMPLE = 5;

/** Level rows: whatever the login says about itself, it sees its own workspace. */
export async function attackRows(attacker: Attacker, session: TenantSession): Promise<void> {
  const { me } = attacker;
  const found = await session.attempt(
    `SELECT c.relname::pg_catalog.text, c.relkind IN ('r', 'p') FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = ${literal(me.schema ?? '')} AND c.relkind IN ('r', 'p', 'v', 'm') AND NOT c.relispartition AND pg_catalog.has_table_privilege(c.oid, 'SELECT')
       AND EXISTS (SELECT 1 FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attname = ${literal(me.column ?? '')} AND NOT a.attisdropped) ORDER BY 1 LIMIT ${SAMPLE}`,
  );
  for (const [name, isTable] of found.rows) {
    const relation = qualified(me.schema ?? '', String(name));
    await readOthers(attacker, session, relation);
    // A view has no rows to empty and no guard to take off.
    if (isTable === true) await breakGuard(attacker, session, relation);
  }
  for (const statement of ['SELECT 1 FROM cotenant.workspaces LIMIT 1', 'CREATE TABLE cotenant.cotenant_probe (x pg_catalog.int4)']) {
    const answer = await session.attempt(statement);
    attacker.report({ probe: 'PG-R02', to: me.database, statement, outcome: outcomeOf(answer), code: answer.code, answer: answer.text });
  }
}

async function readOthers(attacker: Attacker, session: TenantSession, table: string): Promise<void> {
  const { me } = attacker;
  const column = `${ident(me.column ?? '')}::pg_catalog.text`;
  const others = `SELECT 1 FROM ${table} WHERE ${column} IS DISTINCT FROM ${literal(me.workspace ?? '')} LIMIT 1`;
  const own = await session.attempt(`SELECT 1 FROM ${table} LIMIT 0`);
  attacker.report({
    probe: 'PG-R01',
    to: me.app,
    statement: `SELECT 1 FROM ${table} LIMIT 0`,
    control: true,
    outcome: outcomeOf(own),
    code: own.code,
    answer: own.text,
  });
  const roleSwitches: readonly (readonly [string, string])[] = [
    ['PG-R01', ''],
    ...attacker.victims
      .filter((one) => one.level === 'rows')
      .map((one): readonly [string, string] => [
        'PG-R02',
        `SELECT pg_catalog.set_config('app.workspace', ${literal(one.workspace ?? '')}, true), pg_catalog.set_config('app.workspace_id', ${literal(one.workspace ?? '')}, true); `,
      ]),
    ['PG-R14', 'SET LOCAL row_security = off; '],
  ];
  for (const [probe, before] of roleSwitches) {
    const statement = before + others;
    const answer = await session.attempt(statement);
    // A row of somebody else is a breach; none is what the guard promises.
    const outcome = answer.ok ? (answer.rows.length > 0 ? 'succeeded' : 'denied') : outcomeOf(answer);
    attacker.report({
      probe,
      to: me.database,
      statement,
      outcome,
      code: answer.code,
      answer: answer.ok && answer.rows.length === 0 ? 'no row of another workspace' : answer.text,
    });
  }
}

async function breakGuard(attacker: Attacker, session: TenantSession, table: string): Promise<void> {
  const { me } = attacker;
  for (const [probe, statement] of [
    ['PG-R06', `TRUNCATE ${table}`],
    ['PG-R01', `ALTER TABLE ${table} DISABLE ROW LEVEL SECURITY`],
    ['PG-R05', `CREATE POLICY cotenant_probe ON ${table} USING (true)`],
  ] as const) {
    const answer = await session.attempt(statement);
    attacker.report({ probe, to: me.database, statement, outcome: outcomeOf(answer), code: answer.code, answer: answer.text });
  }
}
