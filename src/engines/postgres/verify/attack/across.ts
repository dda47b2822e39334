import { ident, literal, qualified } from '../../quote.ts';
import { type Across, EXTENSION, type Pair, pairsOf } from '../../shares/shares.ts';
import type { Attacker } from './attack.ts';
import { type Answer, type TenantSession, outcomeOf } from '../tenant-session.ts';

interface Link {
  readonly pair: Pair;
  readonly across: Across;
  /** True where it is this attacker with whom it is shared. */
  readonly mine: boolean;
}

/** Shares that end in the database that this attacker stands in: the one that is its own works, and nothing else of any of them does. */
export async function attackAcross(attacker: Attacker, session: TenantSession): Promise<void> {
  const { me, context } = attacker;
  const links = pairsOf(context.input).flatMap((pair): Link[] =>
    pair.across && pair.target.database === me.database ? [{ pair, across: pair.across, mine: pair.to === me.app }] : [],
  );
  if (links.length === 0) return;
  const own = me.level === 'reader' ? null : (me.schema ?? 'public');
  await tried(attacker, session, 'PG-X1', null, `CREATE SERVER cotenant_probe FOREIGN DATA WRAPPER ${EXTENSION}`);
  for (const link of links) {
    const { pair, across } = link;
    const server = ident(across.schema);
    await tried(attacker, session, 'PG-X1', pair, `CREATE USER MAPPING FOR CURRENT_USER SERVER ${server}`);
    if (own !== null)
      await tried(
        attacker,
        session,
        'PG-X1',
        pair,
        `CREATE FOREIGN TABLE ${qualified(own, 'cotenant_probe')} (x pg_catalog.int4) SERVER ${server}`,
      );
    await asked(attacker, session, 'PG-X2', pair, 'whose mappings on the server of the share may I read?', mappings(across));
    await asked(attacker, session, 'PG-X3', pair, 'what behind the views of the share may I use?', behind(across));
    await asked(attacker, session, 'PG-X5', pair, 'what may I do with the views of the share?', views(across, link.mine));
    if (link.mine) await reads(attacker, session, link);
  }
}

function mappings({ schema }: Across): string {
  return `SELECT m.usename::pg_catalog.text FROM pg_catalog.pg_user_mappings m WHERE m.srvname = ${literal(schema)} AND (m.umoptions IS NOT NULL OR m.umuser = 0 OR m.usename = CURRENT_USER)`;
}

/** Rights on the schema count by themselves, and so do those on what is in it. */
function rightsIn(schema: string, onSchema: string, onTable: string, onColumn: string): string {
  const name = literal(schema);
  return `SELECT n.nspname::pg_catalog.text FROM pg_catalog.pg_namespace n WHERE n.nspname = ${name} AND pg_catalog.has_schema_privilege(n.oid, '${onSchema}')
    UNION ALL SELECT c.relname::pg_catalog.text FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = ${name} AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND (pg_catalog.has_table_privilege(c.oid, '${onTable}') OR pg_catalog.has_any_column_privilege(c.oid, '${onColumn}'))`;
}

const WRITES = 'INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER';

function behind({ hidden }: Across): string {
  return rightsIn(hidden, 'USAGE, CREATE', `SELECT, ${WRITES}`, 'SELECT, INSERT, UPDATE, REFERENCES');
}

function views({ schema }: Across, mine: boolean): string {
  return mine
    ? rightsIn(schema, 'CREATE', WRITES, 'INSERT, UPDATE, REFERENCES')
    : rightsIn(schema, 'USAGE, CREATE', `SELECT, ${WRITES}`, 'SELECT, INSERT, UPDATE, REFERENCES');
}

/** Every view gives its columns, through the server to the other database and back; a write does not get that far. */
async function reads(attacker: Attacker, session: TenantSession, { pair, across }: Link): Promise<void> {
  const there = await session.attempt(
    `SELECT c.relname::pg_catalog.text FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = ${literal(across.schema)} AND c.relkind = 'v' ORDER BY 1`,
  );
  const shared = new Set(pair.tables.map(({ table }) => table));
  for (const [name] of there.rows) {
    const table = String(name);
    const it = qualified(across.schema, table);
    if (!shared.has(table)) continue;
    const statement = `SELECT pg_catalog.count(*) FROM (SELECT * FROM ${it} LIMIT 1) f`;
    report(attacker, 'PG-X5', pair, statement, await session.attempt(statement), true);
    await tried(attacker, session, 'PG-X5', pair, `EXPLAIN DELETE FROM ${it} WHERE false`);
  }
}

async function tried(attacker: Attacker, session: TenantSession, probe: string, pair: Pair | null, statement: string): Promise<void> {
  report(attacker, probe, pair, statement, await session.attempt(statement));
}

/** A row is something that should not be. */
async function asked(
  attacker: Attacker,
  session: TenantSession,
  probe: string,
  pair: Pair,
  statement: string,
  question: string,
): Promise<void> {
  const answer = await session.question(question);
  const names = answer.rows.map(([name]) => String(name)).join(', ');
  attacker.report({
    probe,
    to: pair.from,
    statement,
    outcome: !answer.ok ? 'broken' : answer.rows.length > 0 ? 'succeeded' : 'denied',
    code: answer.code,
    answer: names === '' ? answer.text : names,
  });
}

function report(attacker: Attacker, probe: string, pair: Pair | null, statement: string, answer: Answer, declared = false): void {
  const to = pair?.from ?? null;
  attacker.report({ probe, to, statement, declared, outcome: outcomeOf(answer), code: answer.code, answer: answer.text });
}
