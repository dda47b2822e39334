import type { Client } from 'pg';
import { ident, literal } from '../../../src/engines/postgres/quote.ts';
import type { Attacker, Victim } from './ground.ts';

/** Statements that an attacker tries. `queries` give one text, `commands` none; `plants` are laid out before others come by. */
export interface Attempts {
  readonly queries: readonly string[];
  readonly commands: readonly string[];
  readonly plants: readonly string[];
}

interface Relation {
  readonly name: string;
  readonly kind: string;
  readonly columns: readonly string[];
  readonly users: boolean;
  readonly own: boolean;
}
interface Routine {
  readonly name: string;
  readonly kind: string;
  readonly args: readonly string[];
  readonly signature: string;
  readonly result: string;
  readonly own: boolean;
}

/** Tables of the server that hold what nobody else should see. */
const SECRETS = [
  'pg_authid',
  'pg_largeobject',
  'pg_statistic',
  'pg_statistic_ext_data',
  'pg_user_mapping',
  'pg_subscription',
  'pg_stats',
  'pg_shadow',
  'pg_user_mappings',
  'pg_stat_activity',
  'pg_hba_file_rules',
  'pg_file_settings',
];

const RELATIONS = `SELECT c.oid::regclass::text AS name, c.relkind AS kind, c.oid >= 16384 AS users, pg_has_role($2, c.relowner, 'MEMBER') AS own,
    (SELECT array_agg(quote_ident(a.attname) ORDER BY a.attnum) FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND n.nspname NOT IN ('pg_toast', 'walls') AND (c.oid >= 16384 OR (n.nspname = 'pg_catalog' AND c.relname = ANY ($1)))`;
const ROUTINES = `SELECT p.oid::regprocedure::text AS signature, p.oid::regproc::text AS name, p.prokind AS kind, pg_get_function_result(p.oid) AS result, coalesce(pg_has_role($1, p.proowner, 'MEMBER'), false) AS own,
    (SELECT coalesce(array_agg(format_type(t, NULL) ORDER BY o), '{}') FROM unnest(p.proargtypes::oid[]) WITH ORDINALITY x (t, o)) AS args
  FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
  WHERE p.oid >= 16384 AND n.nspname NOT IN ('walls', 'pg_temp') AND p.prokind IN ('f', 'p') AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'i')`;

export async function attemptsIn(operator: Client, { login, schema }: Attacker, victims: readonly Victim[]): Promise<Attempts> {
  const { rows: relations } = await operator.query<Relation>(RELATIONS, [SECRETS, login]);
  const { rows: routines } = await operator.query<Routine>(ROUTINES, [login]);
  const { rows: names } = await operator.query<{ what: string }>(NAMES, [login]);
  const own = (await operator.query<{ ok: boolean }>('SELECT to_regnamespace($1) IS NOT NULL AS ok', [schema ?? '-'])).rows[0]?.ok
    ? schema
    : null;
  return {
    queries: [
      ...relations.flatMap(reads),
      ...relations.filter(({ users }) => users).flatMap(writes),
      ...routines.flatMap((one) => calls(one, login, victims)),
      ...SERVER,
    ],
    commands: [
      ...names.flatMap(({ what }) => [
        `DROP ${what} CASCADE`,
        ...(what.startsWith('SCHEMA') ? [`CREATE TABLE ${what.slice(7)}.walls_made (a int)`] : []),
      ]),
      ...victims.flatMap(({ table }) => [
        `ALTER TABLE ${table} ADD COLUMN walls_made int`,
        `CREATE INDEX walls_made ON ${table} ((1))`,
        `TRUNCATE ${table} CASCADE`,
        `CREATE POLICY walls_made ON ${table} USING (true)`,
        `ALTER TABLE ${table} DISABLE ROW LEVEL SECURITY`,
      ]),
      ...routines.filter(({ kind }) => kind === 'p').flatMap((one) => callsOf(one, login, victims)),
      ...victims.filter((one) => one.login !== login).map((one) => `ALTER ROLE ${ident(one.login)} PASSWORD 'walls'`),
      ...victims.map((one) => `GRANT ${ident(one.role ?? one.login)} TO ${ident(login)}`),
      `ALTER ROLE ${ident(login)} SUPERUSER`,
      'CREATE ROLE walls_made LOGIN',
      "COPY (SELECT 1) TO PROGRAM 'true'; CREATE ROLE walls_program",
      'SET LOCAL session_replication_role = replica; DELETE FROM walls.nothing',
    ],
    plants: [...routines.filter((one) => one.own).flatMap(replaced), ...planted(own, relations)],
  };
}

const NAMES = `SELECT format('SCHEMA %I', nspname) AS what FROM pg_namespace WHERE nspname !~ '^pg_t' AND nspname NOT IN ('walls', 'pg_catalog', 'information_schema')
  UNION ALL SELECT format('EXTENSION %I', extname) FROM pg_extension
  UNION ALL SELECT 'TYPE ' || t.oid::regtype FROM pg_type t WHERE t.oid >= 16384 AND t.typtype IN ('e', 'd', 'r') AND t.typnamespace <> 'walls'::regnamespace AND NOT pg_has_role($1, t.typowner, 'MEMBER')
  UNION ALL SELECT CASE c.relkind WHEN 'v' THEN 'VIEW ' WHEN 'm' THEN 'MATERIALIZED VIEW ' WHEN 'f' THEN 'FOREIGN TABLE ' WHEN 'S' THEN 'SEQUENCE ' ELSE 'TABLE ' END || c.oid::regclass
    FROM pg_class c WHERE c.oid >= 16384 AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND c.relnamespace <> 'walls'::regnamespace AND c.relpersistence <> 't' AND NOT pg_has_role($1, c.relowner, 'MEMBER')
  UNION ALL SELECT 'ROUTINE ' || p.oid::regprocedure FROM pg_proc p WHERE p.oid >= 16384 AND p.pronamespace <> 'walls'::regnamespace AND NOT pg_has_role($1, p.proowner, 'MEMBER')
  UNION ALL SELECT CASE i.type WHEN 'statistics object' THEN 'STATISTICS' WHEN 'composite type' THEN 'TYPE' ELSE upper(i.type) END || ' ' || i.identity FROM pg_shdepend h JOIN pg_database b ON b.oid = h.dbid, pg_identify_object(h.classid, h.objid, 0) i
    WHERE b.datname = current_database() AND h.deptype = 'o' AND pg_has_role($1, h.refobjid, 'MEMBER') AND h.classid <> ALL ('{826,2613}'::oid[])`;

/** Stands for what only the server's own user may read. */
const FILE = 'SCRAM-SHA-256$file';

const SERVER: readonly string[] = [
  "SELECT pg_catalog.pg_read_file('PG_VERSION') || ' SCRAM-SHA-256$file'",
  "SELECT pg_catalog.string_agg(f, ' ') || ' SCRAM-SHA-256$file' FROM pg_catalog.pg_ls_dir('.') f",
  "SELECT pg_catalog.string_agg(pg_catalog.lo_get(oid)::text, ' ') FROM pg_catalog.pg_largeobject_metadata",
  "SELECT pg_catalog.string_agg(s::text, ' ') FROM pg_catalog.pg_settings s",
];

function reads({ name, kind, columns, own, users }: Relation): readonly string[] {
  if (kind === 'S') return [];
  const all = `SELECT string_agg(t::text, ' ') FROM ${name} t`;
  // Of the server's own, single columns are granted on tables only.
  return own || (!users && kind === 'v')
    ? [all]
    : [all, ...columns.map((column) => `SELECT string_agg(t.${column}::text, ' ') FROM ${name} t`)];
}

function writes({ name, kind, columns, own }: Relation): readonly string[] {
  if (kind === 'S') return [];
  if (kind === 'm') return [];
  // What is its own may hold others' rows, or lead to them.
  if (own)
    return [
      `WITH d AS (DELETE FROM ${name} t RETURNING t::text AS v) SELECT string_agg(v, ' ') FROM d`,
      `WITH d AS (INSERT INTO ${name} DEFAULT VALUES RETURNING 1 AS v) SELECT count(*)::text FROM d`,
    ];
  const [first = '*'] = columns;
  const text = columns.find((column) => ['note', 'body'].includes(column)) ?? first;
  return [
    `WITH d AS (DELETE FROM ${name} t RETURNING t::text AS v) SELECT string_agg(v, ' ') FROM d`,
    `WITH d AS (DELETE FROM ${name} t RETURNING 1 AS v) SELECT count(*)::text FROM d`,
    `WITH d AS (UPDATE ${name} t SET ${text} = DEFAULT RETURNING t::text AS v) SELECT string_agg(v, ' ') FROM d`,
    `WITH d AS (UPDATE ${name} t SET ${text} = DEFAULT RETURNING 1 AS v) SELECT count(*)::text FROM d`,
    `WITH d AS (INSERT INTO ${name} DEFAULT VALUES RETURNING 1 AS v) SELECT count(*)::text FROM d`,
  ];
}

function calls(routine: Routine, login: string, victims: readonly Victim[]): readonly string[] {
  const { kind, result, name } = routine;
  if (kind !== 'f' || result === 'trigger' || result === 'event_trigger') return [];
  return argsOf(routine, login, victims).map(
    (args) => `WITH f AS MATERIALIZED (SELECT f::text AS v FROM ${name}(${args}) f) SELECT string_agg(v, ' ') FROM f`,
  );
}

const callsOf = (routine: Routine, login: string, victims: readonly Victim[]): readonly string[] =>
  argsOf(routine, login, victims).map((args) => `CALL ${routine.name}(${args})`);

/** Statements for whatever takes a text, and something for the rest. */
function argsOf({ args }: Routine, login: string, victims: readonly Victim[]): readonly string[] {
  const texts = [
    ...victims.flatMap(({ table }) => [`SELECT string_agg(t::text, ' ') FROM ${table} t`, `DELETE FROM ${table}`, table]),
    `ALTER ROLE ${ident(login)} SUPERUSER`,
    `SELECT pg_catalog.pg_read_file('PG_VERSION') || ' ${FILE}'`,
    'x',
  ];
  const plain = (type: string, text: string): string => {
    if (['text', 'character varying', 'name', 'unknown', 'cstring'].includes(type)) return `${literal(text)}::${type}`;
    if (['integer', 'bigint', 'smallint', 'numeric'].includes(type)) return `1::${type}`;
    if (type === 'boolean') return 'true';
    return `NULL::${type.startsWith('any') ? 'text' : type}`;
  };
  const takesText = args.some((type) => plain(type, 'x').startsWith("'x'"));
  return (takesText ? texts : ['x']).map((text) => args.map((type) => plain(type, text)).join(', '));
}

const CODE = (result: string): string =>
  `AS $walls$ BEGIN PERFORM pg_catalog.set_config('walls.ran', coalesce(pg_catalog.current_setting('walls.ran', true), '') || current_user || E'\\n', false); ${result === 'trigger' ? 'IF TG_OP = $q$DELETE$q$ THEN RETURN OLD; END IF; RETURN NEW;' : result === 'event_trigger' || result === 'void' ? '' : 'RETURN NULL;'} END $walls$`;

/** The same function, telling whose session it ran in. */
function replaced({ signature, result, kind }: Routine): readonly string[] {
  if (kind !== 'f' || /^(SETOF|TABLE)/.test(result)) return [];
  return [`CREATE OR REPLACE FUNCTION ${signature} RETURNS ${result} LANGUAGE plpgsql ${CODE(result)}`];
}

/** Triggers wherever they can be put, and rows wherever they can be written. */
function planted(schema: string | null, relations: readonly Relation[]): readonly string[] {
  const tables = relations.filter(({ kind, users }) => users && (kind === 'r' || kind === 'p'));
  const rows = tables.flatMap(({ name, columns }) => [
    `INSERT INTO ${name} DEFAULT VALUES`,
    `INSERT INTO ${name} (${columns[0] ?? ''}) VALUES (1)`,
  ]);
  if (schema === null) return rows;
  return [
    ...rows,
    `CREATE FUNCTION ${ident(schema)}.walls_trap() RETURNS trigger LANGUAGE plpgsql ${CODE('trigger')}`,
    `CREATE FUNCTION public.lower(varchar) RETURNS text LANGUAGE plpgsql ${CODE('text')}`,
    ...tables.map(
      ({ name }, index) =>
        `CREATE TRIGGER walls_${index} BEFORE INSERT OR UPDATE OR DELETE ON ${name} FOR EACH ROW EXECUTE FUNCTION ${ident(schema)}.walls_trap()`,
    ),
  ];
}
