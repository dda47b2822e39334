import { zip } from '../../../util/zip.ts';
import { ident, literal } from '../quote.ts';
import type { Scene } from './attack.ts';
import { sharedOut } from './attack-shares.ts';
import { type Answer, type Intruder, outcomeOf } from './intruder.ts';
import { shareDatabase, type Tenant } from './tenants.ts';

/** Objects of a victim that are tried one by one; all others are asked about in one question. */
const SAMPLE = 3;

/** Apps in the same database: everything is asked about at once, and the chosen victims are tried for real. */
export async function attackNeighbours(scene: Scene, intruder: Intruder): Promise<void> {
  const { me } = scene;
  if (me.level === 'schema' || me.level === 'reader') await control(scene, intruder);
  const neighbours = scene.all.filter(
    (one) => one.app !== me.app && one.level === 'schema' && one.database === me.database && !me.reads.includes(one.app),
  );
  if (neighbours.length > 0) await askAll(scene, intruder, neighbours);
  for (const victim of scene.victims.filter((one) => neighbours.includes(one))) await attackSchema(scene, intruder, victim);
  for (const victim of scene.all.filter((one) => me.reads.includes(one.app) && shareDatabase(me, one) && one.database === me.database))
    await readDeclared(scene, intruder, victim);
}

async function control(scene: Scene, intruder: Intruder): Promise<void> {
  const { me } = scene;
  const statement = me.level === 'schema' ? `CREATE TABLE ${ident(me.schema ?? '')}.cotenant_probe (x pg_catalog.int4)` : 'SELECT 1';
  const answer = await intruder.attempt(statement);
  scene.report({
    probe: 'PG-S01',
    to: me.app,
    statement,
    control: true,
    outcome: outcomeOf(answer),
    code: answer.code,
    answer: answer.text,
  });
}

/** Rights on a table that are worse than reading it, and their probes. */
const MORE = [
  ['PG-S20', 'TRIGGER'],
  ['PG-S21', 'REFERENCES'],
  ['PG-S22', 'TRUNCATE'],
] as const;

/** One question for each kind of object over all neighbours: which of their things may I use? */
async function askAll(scene: Scene, intruder: Intruder, neighbours: readonly Tenant[]): Promise<void> {
  const byschema = new Map(neighbours.map((one) => [one.schema ?? '', one.app]));
  const list = `ARRAY[${[...byschema.keys()].map(literal).join(', ')}]::pg_catalog.name[]`;
  const shared = sharedOut(scene.me.receives);
  const entered = `ARRAY[${shared.schemas.map(literal).join(', ')}]::pg_catalog.name[]`;
  // A share is a hole on purpose: what it gives is left out, all else of its table is not.
  const columns = (right: string): string =>
    `EXISTS (SELECT 1 FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND pg_catalog.has_column_privilege(c.oid, a.attnum, '${right}') AND NOT (${shared.columns}))`;
  const reads = `(pg_catalog.has_table_privilege(c.oid, 'SELECT') AND NOT (${shared.tables}) OR ${shared.schemas.length === 0 ? "pg_catalog.has_any_column_privilege(c.oid, 'SELECT')" : columns('SELECT')})`;
  const questions: readonly (readonly [string, string, string])[] = [
    [
      'PG-S01',
      'schemas',
      `SELECT n.nspname::pg_catalog.text, n.nspname::pg_catalog.text FROM pg_catalog.pg_namespace n WHERE n.nspname = ANY (${list}) AND n.nspname <> ALL (${entered}) AND pg_catalog.has_schema_privilege(n.oid, 'USAGE')`,
    ],
    [
      'PG-P03',
      'schemas to create in',
      `SELECT n.nspname::pg_catalog.text, n.nspname::pg_catalog.text FROM pg_catalog.pg_namespace n WHERE n.nspname = ANY (${list}) AND pg_catalog.has_schema_privilege(n.oid, 'CREATE')`,
    ],
    [
      'PG-S01',
      'tables',
      `SELECT n.nspname::pg_catalog.text, pg_catalog.min(c.relname::pg_catalog.text) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
       WHERE n.nspname = ANY (${list}) AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND (${reads} OR pg_catalog.has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE') OR pg_catalog.has_any_column_privilege(c.oid, 'INSERT, UPDATE')) GROUP BY 1`,
    ],
    ...MORE.map(([probe, right]): readonly [string, string, string] => [
      probe,
      `tables for ${right}`,
      `SELECT n.nspname::pg_catalog.text, pg_catalog.min(c.relname::pg_catalog.text) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname = ANY (${list}) AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND pg_catalog.has_table_privilege(c.oid, '${right}') GROUP BY 1`,
    ]),
    [
      'PG-S01',
      'sequences',
      `SELECT n.nspname::pg_catalog.text, pg_catalog.min(c.relname::pg_catalog.text) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = ANY (${list}) AND CASE WHEN c.relkind = 'S' THEN pg_catalog.has_sequence_privilege(c.oid, 'USAGE, SELECT, UPDATE') ELSE false END GROUP BY 1`,
    ],
    [
      'PG-P04b',
      'functions',
      `SELECT n.nspname::pg_catalog.text, pg_catalog.min(p.proname::pg_catalog.text) FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = ANY (${list}) AND pg_catalog.has_function_privilege(p.oid, 'EXECUTE') AND pg_catalog.has_schema_privilege(n.oid, 'USAGE') GROUP BY 1`,
    ],
  ];
  const answers = await Promise.all(questions.map(([, , question]) => intruder.question(question)));
  for (const [[probe, what], answer] of zip(questions, answers)) {
    const statement = `which ${what} of the neighbours may I use?`;
    if (!answer.ok) {
      scene.report({ probe, to: null, statement, outcome: 'broken', code: answer.code, answer: answer.text });
      continue;
    }
    for (const [schema, name] of new Map(answer.rows.map(([at, thing]) => [at, thing]))) {
      const to = byschema.get(String(schema)) ?? String(schema);
      scene.report({ probe, to, statement, outcome: 'succeeded', code: '', answer: `${what}: ${String(schema)}.${String(name)}` });
    }
  }
}

/** A name that cannot exist: without USAGE the server refuses to look, with it the server says that there is nothing. */
async function attackSchema(scene: Scene, intruder: Intruder, victim: Tenant): Promise<void> {
  const schema = ident(victim.schema ?? '');
  const put = (statement: string, answer: Answer, probe: string): void => {
    const reached = answer.code === '42P01' || answer.code === '42883';
    scene.report({
      probe,
      to: victim.app,
      statement,
      outcome: reached ? 'succeeded' : outcomeOf(answer),
      code: answer.code,
      answer: answer.text,
    });
  };
  const enters = scene.me.receives.some((pair) => pair.across === null && pair.from === victim.app);
  const doors = [
    ['PG-S01', `SELECT 1 FROM ${schema}.cotenant_no_such_table`],
    ['PG-P04b', `SELECT ${schema}.cotenant_no_such_function()`],
  ] as const;
  const tries = [
    ...(enters ? [] : doors),
    ['PG-P03', `CREATE TABLE ${schema}.cotenant_probe (x pg_catalog.int4)`],
    ['PG-S12', `DROP SCHEMA ${schema} CASCADE`],
  ] as const;
  const answers = await intruder.attempts(tries.map(([, statement]) => statement));
  for (const [[probe, statement], answer] of zip(tries, answers)) put(statement, answer, probe);
  if (enters) return;
  const tables = await intruder.attempt(
    `SELECT c.relname::pg_catalog.text FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = ${literal(victim.schema ?? '')} AND c.relkind IN ('r', 'p', 'v', 'm') ORDER BY 1 LIMIT ${SAMPLE}`,
  );
  for (const [name] of tables.rows) {
    const statement = `SELECT 1 FROM ${schema}.${ident(String(name))} LIMIT 0`;
    put(statement, await intruder.attempt(statement), 'PG-S01');
  }
}

/** What a reader is for: the tables of the apps that it names. Nothing but reading. */
async function readDeclared(scene: Scene, intruder: Intruder, victim: Tenant): Promise<void> {
  const schema = victim.level === 'schema' ? victim.schema : 'public';
  const table = await intruder.attempt(
    `SELECT c.relname::pg_catalog.text FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = ${literal(schema ?? '')} AND c.relkind IN ('r', 'p') ORDER BY 1 LIMIT 1`,
  );
  const [name] = (table.first ?? []) as readonly (string | undefined)[];
  const it = `${ident(schema ?? '')}.${ident(name ?? 'cotenant_no_such_table')}`;
  const read = await intruder.attempt(`SELECT 1 FROM ${it} LIMIT 0`);
  scene.report({
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
    ...(name === undefined ? [] : [`DELETE FROM ${it} WHERE false`]),
  ]) {
    const answer = await intruder.attempt(statement);
    scene.report({
      probe: statement.startsWith('CREATE') ? 'PG-P03' : victim.level === 'schema' ? 'PG-S01' : 'PG-P01b',
      to: victim.app,
      statement,
      outcome: outcomeOf(answer),
      code: answer.code,
      answer: answer.text,
    });
  }
}
