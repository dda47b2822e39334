import { ident, literal, qualified } from '../../quote.ts';
import type { Attacker } from './attack.ts';
import { type TenantSession, outcomeOf } from '../tenant-session.ts';

/** Tables of the app that are tried one by one. */
const SAMPLE = 3;

/** A login that may do less than its app's owner: it reads, it writes where it may, and all else is refused in its own app too. */
export async function attackLevel(attacker: Attacker, session: TenantSession): Promise<void> {
  const { as, level, owner, lives } = attacker.me;
  if (as === 'owner' || owner === null) return;
  for (const statement of [
    `CREATE TABLE ${qualified(lives, 'cotenant_probe')} (x pg_catalog.int4)`,
    `CREATE SCHEMA "cotenant_level"`,
    `SET LOCAL ROLE ${ident(owner)}`,
    `GRANT ${ident(owner)} TO CURRENT_USER`,
  ])
    await refused(attacker, session, statement);
  if (level !== 'rows') await wider(attacker, session, as === 'read');
  const tables = await session.attempt(
    `SELECT c.relname::pg_catalog.text, c.relrowsecurity, pg_catalog.pg_get_userbyid(c.relowner) = ${literal(owner)}, (SELECT a.attname::pg_catalog.text FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' ORDER BY a.attnum LIMIT 1)
     FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = ${literal(lives)} AND c.relkind IN ('r', 'p') ORDER BY c.relrowsecurity DESC, c.relname LIMIT ${SAMPLE}`,
  );
  for (const [name, secured, mine, column] of tables.rows) {
    const table = qualified(lives, String(name));
    // What somebody else made there is open to the login as far as they say.
    if (mine === true && level !== 'rows') await works(attacker, session, `SELECT 1 FROM ${table} LIMIT 0`);
    for (const statement of againstTable(table, secured === true)) await refused(attacker, session, statement);
    const writes = writesTo(table, column);
    for (const statement of as === 'read' ? writes : []) await refused(attacker, session, statement);
  }
}

/** Rights on any table of the app, columns by themselves as well, that the login's level does not have: the server is asked about all of them. */
async function wider(attacker: Attacker, session: TenantSession, reads: boolean): Promise<void> {
  const { app, owner, lives } = attacker.me;
  const more = reads
    ? `pg_catalog.has_any_column_privilege(c.oid, 'INSERT, UPDATE, REFERENCES') OR pg_catalog.has_table_privilege(c.oid, 'DELETE, TRUNCATE, TRIGGER')`
    : `pg_catalog.has_any_column_privilege(c.oid, 'REFERENCES') OR pg_catalog.has_table_privilege(c.oid, 'TRIGGER')`;
  const statement = `SELECT c.relname::pg_catalog.text FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = ${literal(lives)} AND c.relkind IN ('r', 'p') AND pg_catalog.pg_get_userbyid(c.relowner) = ${literal(owner ?? '')} AND (${more}) ORDER BY 1 LIMIT ${SAMPLE}`;
  const answer = await session.attempt(statement);
  const outcome = answer.rows.length > 0 ? 'succeeded' : 'denied';
  attacker.report({
    probe: 'PG-L1',
    to: app,
    statement,
    outcome,
    code: answer.code,
    answer: answer.rows.map(([name]) => String(name)).join(', '),
  });
}

/** What the owner alone may do. That `row_security` is off is refused where a policy holds the login. */
function againstTable(table: string, secured: boolean): readonly string[] {
  return [
    `ALTER TABLE ${table} ADD COLUMN cotenant_probe pg_catalog.int4`,
    `ALTER TABLE ${table} DISABLE ROW LEVEL SECURITY`,
    `CREATE POLICY cotenant_probe ON ${table} USING (true)`,
    `DROP TABLE ${table} CASCADE`,
    ...(secured ? [`SET LOCAL row_security = off; SELECT 1 FROM ${table} LIMIT 0`] : []),
  ];
}

function writesTo(table: string, column: unknown): readonly string[] {
  const it = typeof column === 'string' ? ident(column) : null;
  return [
    `EXPLAIN DELETE FROM ${table} WHERE false`,
    ...(it === null
      ? []
      : [
          `EXPLAIN UPDATE ${table} SET ${it} = ${it} WHERE false`,
          `EXPLAIN INSERT INTO ${table} (${it}) SELECT ${it} FROM ${table} WHERE false`,
        ]),
  ];
}

async function refused(attacker: Attacker, session: TenantSession, statement: string): Promise<void> {
  const answer = await session.attempt(statement);
  const { app, database, level, lives } = attacker.me;
  const to = level === 'rows' ? database : app;
  // What PUBLIC may do in a schema that a service keeps is no login's more than another's.
  const inPublic = statement.startsWith('CREATE TABLE') && lives === 'public';
  const stuck = inPublic ? attacker.context.stuck.publicSchema(database) : null;
  attacker.report({ probe: 'PG-L1', to, statement, outcome: outcomeOf(answer), code: answer.code, answer: answer.text, stuck });
}

async function works(attacker: Attacker, session: TenantSession, statement: string): Promise<void> {
  const answer = await session.attempt(statement);
  // That a policy cannot be worked out here, as without the setting that it asks for, is no lack of a right.
  const outcome = outcomeOf(answer) === 'denied' ? 'denied' : 'succeeded';
  attacker.report({ probe: 'PG-L1', to: attacker.me.app, statement, control: true, outcome, code: answer.code, answer: answer.text });
}
