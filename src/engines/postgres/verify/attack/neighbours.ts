import { zip } from '../../../../util/zip.ts';
import { ident, literal, nameArray } from '../../quote.ts';
import type { Attacker } from './attack.ts';
import { sharedOut } from './shares.ts';
import { type Answer, type TenantSession, outcomeOf } from '../tenant-session.ts';
import { shareDatabase, type Tenant } from '../tenants.ts';

/** Objects of a victim that are tried one by one; all others are asked about in one question. */
const SAMPLE = 3;

/** Apps in the same database: everything is asked about at once, and the chosen victims are tried for real. */
export async function attackNeighbours(attacker: Attacker, session: TenantSession): Promise<void> {
  const { me } = attacker;
  if (me.level === 'schema' || me.level === 'reader') await control(attacker, session);
  const neighbours = attacker.all.filter(
    (one) => one.app !== me.app && one.level === 'schema' && one.database === me.database && !me.reads.includes(one.app),
  );
  if (neighbours.length > 0) await askAll(attacker, session, neighbours);
  const victims = attacker.victims.filter((one) => neighbours.includes(one));
  const tables = victims.length > 0 ? await sampleTables(session, victims) : null;
  await Promise.all(victims.map((victim) => attackSchema(attacker, session, victim, tables?.get(victim.schema ?? '') ?? [])));
  for (const victim of attacker.all.filter((one) => me.reads.includes(one.app) && shareDatabase(me, one) && one.database === me.database))
    await readDeclared(attacker, session, victim);
}

async function control(attacker: Attacker, session: TenantSession): Promise<void> {
  const { me } = attacker;
  const statement =
    me.level === 'schema' && me.as === 'owner' ? `CREATE TABLE ${ident(me.schema ?? '')}.cotenant_probe (x pg_catalog.int4)` : 'SELECT 1';
  const answer = await session.attempt(statement);
  attacker.report({
    probe: 'PG-S01',
    to: me.app,
    statement,
    control: true,
    outcome: outcomeOf(answer),
    code: answer.code,
    answer: answer.text,
  });
}

/** A question over all neighbours: for each schema, one thing of every kind that may be used. */
interface Question {
  readonly sql: string;
  /** What the columns after the schema tell: probe and words. */
  readonly kinds: readonly (readonly [probe: string, what: string])[];
}

/** Which of the neighbours' things may I use? What is open is asked for only where anything is: a new session takes its time to understand a long question. */
async function askAll(attacker: Attacker, session: TenantSession, neighbours: readonly Tenant[]): Promise<void> {
  const bySchema = new Map(neighbours.map((one) => [one.schema ?? '', one.app]));
  const schemas = nameArray([...bySchema.keys()]);
  const anything = await session.question(anythingOpen(schemas));
  if (anything.ok && anything.rows.length === 0) return;
  const questions = questionsOn(schemas, attacker.me.receives);
  const answers = await Promise.all(questions.map(({ sql }) => session.question(sql)));
  for (const [{ kinds }, answer] of zip(questions, answers)) {
    for (const [index, [probe, what]] of kinds.entries()) {
      const statement = `which ${what} of the neighbours may I use?`;
      if (!answer.ok) attacker.report({ probe, to: null, statement, outcome: 'broken', code: answer.code, answer: answer.text });
      const usable = answer.rows.flatMap((row) => (row[index + 1] === null ? [] : [[row[0], row[index + 1]] as const]));
      for (const [schema, name] of new Map(usable)) {
        const to = bySchema.get(String(schema)) ?? String(schema);
        attacker.report({ probe, to, statement, outcome: 'succeeded', code: '', answer: `${what}: ${String(schema)}.${String(name)}` });
      }
    }
  }
}

/**
 * A row where a right of any kind is there. The functions of a schema that one may not use cannot be called. Without OFFSET
 * the server asks about every table that it has.
 */
function anythingOpen(schemas: string): string {
  const named = `SELECT n.oid FROM pg_catalog.pg_namespace n WHERE n.nspname = ANY (${schemas})`;
  return `SELECT 1 WHERE EXISTS (${named} AND pg_catalog.has_schema_privilege(n.oid, 'USAGE, CREATE')) OR EXISTS (
     SELECT 1 FROM (SELECT r.oid, r.relkind FROM pg_catalog.pg_class r WHERE r.relnamespace IN (${named}) AND r.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') OFFSET 0) c
     WHERE CASE WHEN c.relkind = 'S' THEN pg_catalog.has_sequence_privilege(c.oid, 'USAGE, SELECT, UPDATE')
       ELSE pg_catalog.has_table_privilege(c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')
         OR pg_catalog.has_any_column_privilege(c.oid, 'SELECT, INSERT, UPDATE, REFERENCES') END)`;
}

function questionsOn(schemas: string, receives: Tenant['receives']): readonly Question[] {
  const shared = sharedOut(receives);
  // A share is a hole on purpose: what it gives is left out, all else of its table is not.
  const readsColumn =
    shared.schemas.length === 0
      ? "pg_catalog.has_any_column_privilege(c.oid, 'SELECT')"
      : `EXISTS (SELECT 1 FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND pg_catalog.has_column_privilege(c.oid, a.attnum, 'SELECT') AND NOT (${shared.columns}))`;
  const uses = `pg_catalog.has_table_privilege(c.oid, 'SELECT') AND NOT (${shared.tables}) OR ${readsColumn}
     OR pg_catalog.has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE') OR pg_catalog.has_any_column_privilege(c.oid, 'INSERT, UPDATE')`;
  const one = (name: string, when: string): string => `pg_catalog.min(${name}::pg_catalog.text) FILTER (WHERE ${when})`;
  // Which part of a condition comes first is the server's choice, and a sequence is asked about in its own way.
  const table = (when: string): string => one('c.relname', `CASE WHEN c.relkind <> 'S' THEN ${when} END`);
  const here = (catalog: string, column: string): string =>
    `FROM pg_catalog.${catalog} JOIN pg_catalog.pg_namespace n ON n.oid = ${column} WHERE n.nspname = ANY (${schemas})`;
  return [
    {
      kinds: [
        ['PG-S01', 'schemas'],
        ['PG-P03', 'schemas to create in'],
      ],
      sql: `SELECT n.nspname::pg_catalog.text, ${one('n.nspname', `n.nspname <> ALL (${nameArray(shared.schemas)}) AND pg_catalog.has_schema_privilege(n.oid, 'USAGE')`)},
         ${one('n.nspname', "pg_catalog.has_schema_privilege(n.oid, 'CREATE')")}
         FROM pg_catalog.pg_namespace n WHERE n.nspname = ANY (${schemas}) GROUP BY 1`,
    },
    {
      kinds: [
        ['PG-S01', 'tables'],
        ['PG-S20', 'tables for TRIGGER'],
        ['PG-S21', 'tables for REFERENCES'],
        ['PG-S22', 'tables for TRUNCATE'],
        ['PG-S01', 'sequences'],
      ],
      sql: `SELECT n.nspname::pg_catalog.text, ${table(uses)}, ${['TRIGGER', 'REFERENCES', 'TRUNCATE'].map((right) => table(`pg_catalog.has_table_privilege(c.oid, '${right}')`)).join(', ')},
         ${one('c.relname', "CASE WHEN c.relkind = 'S' THEN pg_catalog.has_sequence_privilege(c.oid, 'USAGE, SELECT, UPDATE') END")}
         ${here('pg_class c', 'c.relnamespace')} AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') GROUP BY 1`,
    },
    {
      kinds: [['PG-P04b', 'functions']],
      // What the server makes with a type of ranges is the superuser's, and everybody's: it makes a range, and reads nothing.
      sql: `SELECT n.nspname::pg_catalog.text, pg_catalog.min(p.proname::pg_catalog.text) ${here('pg_proc p', 'p.pronamespace')}
         AND pg_catalog.has_function_privilege(p.oid, 'EXECUTE') AND pg_catalog.has_schema_privilege(n.oid, 'USAGE')
         AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend i WHERE i.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND i.objid = p.oid AND i.deptype = 'i') GROUP BY 1`,
    },
  ];
}

/** Some tables of each victim, by schema, as the catalogs tell everybody. */
async function sampleTables(session: TenantSession, victims: readonly Tenant[]): Promise<ReadonlyMap<string, readonly string[]>> {
  const answer = await session.attempt(
    `SELECT n.nspname::pg_catalog.text, (pg_catalog.array_agg(c.relname::pg_catalog.text ORDER BY c.relname))[1:${SAMPLE}] FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = ANY (${nameArray(victims.map(({ schema }) => schema ?? ''))}) AND c.relkind IN ('r', 'p', 'v', 'm') GROUP BY 1`,
  );
  return new Map(answer.rows.map(([schema, names]) => [String(schema), Array.isArray(names) ? names.map(String) : []]));
}

/** A name that cannot exist: without USAGE the server refuses to look, with it the server says that there is nothing. */
async function attackSchema(attacker: Attacker, session: TenantSession, victim: Tenant, tables: readonly string[]): Promise<void> {
  const schema = ident(victim.schema ?? '');
  const put = (statement: string, answer: Answer, probe: string): void => {
    const reached = answer.code === '42P01' || answer.code === '42883';
    attacker.report({
      probe,
      to: victim.app,
      statement,
      outcome: reached ? 'succeeded' : outcomeOf(answer),
      code: answer.code,
      answer: answer.text,
    });
  };
  const enters = attacker.me.receives.some((pair) => pair.across === null && pair.from === victim.app);
  const doors = [
    ['PG-S01', `SELECT 1 FROM ${schema}.cotenant_no_such_table`],
    ['PG-P04b', `SELECT ${schema}.cotenant_no_such_function()`],
  ] as const;
  const attempts = [
    ...(enters ? [] : doors),
    ['PG-P03', `CREATE TABLE ${schema}.cotenant_probe (x pg_catalog.int4)`],
    ['PG-S12', `DROP SCHEMA ${schema} CASCADE`],
  ] as const;
  const answers = await session.attempts(attempts.map(([, statement]) => statement));
  for (const [[probe, statement], answer] of zip(attempts, answers)) put(statement, answer, probe);
  if (enters) return;
  for (const name of tables) {
    const statement = `SELECT 1 FROM ${schema}.${ident(name)} LIMIT 0`;
    put(statement, await session.attempt(statement), 'PG-S01');
  }
}

/** What a reader is for: the tables of the apps that it names. Nothing but reading. */
async function readDeclared(attacker: Attacker, session: TenantSession, victim: Tenant): Promise<void> {
  const schema = victim.level === 'schema' ? victim.schema : 'public';
  const table = await session.attempt(
    `SELECT c.relname::pg_catalog.text FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = ${literal(schema ?? '')} AND c.relkind IN ('r', 'p') ORDER BY 1 LIMIT 1`,
  );
  const [name] = (table.first ?? []) as readonly (string | undefined)[];
  const it = `${ident(schema ?? '')}.${ident(name ?? 'cotenant_no_such_table')}`;
  const read = await session.attempt(`SELECT 1 FROM ${it} LIMIT 0`);
  attacker.report({
    probe: victim.level === 'schema' ? 'PG-S01' : 'PG-P01b',
    to: victim.app,
    statement: `SELECT 1 FROM ${it} LIMIT 0`,
    declared: true,
    outcome: read.ok || read.code === '42P01' ? 'succeeded' : 'denied',
    code: read.code,
    answer: read.text,
  });
  for (const statement of [
    `CREATE TABLE ${ident(schema ?? '')}.cotenant_probe (x pg_catalog.int4)`,
    ...(name === undefined ? [] : [`EXPLAIN DELETE FROM ${it} WHERE false`]),
  ]) {
    const answer = await session.attempt(statement);
    attacker.report({
      stuck: statement.startsWith('CREATE') && schema === 'public' ? attacker.context.stuck.publicSchema(victim.database) : null,
      probe: statement.startsWith('CREATE') ? 'PG-P03' : victim.level === 'schema' ? 'PG-S01' : 'PG-P01b',
      to: victim.app,
      statement,
      outcome: outcomeOf(answer),
      code: answer.code,
      answer: answer.text,
    });
  }
}
