/** Where an app, or the migrator of apps that share tables, does something. */
export interface Spot {
  readonly index: number;
  readonly level: 'database' | 'schema' | 'rows';
  readonly schema: string;
  readonly database: string;
}

/** Something that people do every day and that opens nothing. */
export interface Act {
  readonly name: string;
  /** Left out: at every level. */
  readonly levels?: readonly Spot['level'][];
  readonly since?: number;
  sql(spot: Spot): string;
}

const OWN = ['database', 'schema'] as const;
const ALONE = ['database'] as const;
const ROWS = ['rows'] as const;

/** With its own login: what applications, frameworks and migration tools do. `t` is a table with rows that every app has. */
export const appActs: readonly Act[] = [
  { name: 'an aggregate', levels: OWN, sql: () => 'CREATE AGGREGATE total (int) (SFUNC = int4pl, STYPE = int, INITCOND = 0)' },
  {
    name: 'an aggregate of its own function, and an ordered one',
    levels: OWN,
    sql: () =>
      "CREATE FUNCTION joined(a text, b text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT coalesce(a || b, b)'; CREATE AGGREGATE joined (text) (SFUNC = joined, STYPE = text); CREATE AGGREGATE last (ORDER BY text) (SFUNC = joined, STYPE = text)",
  },
  { name: 'a range type', levels: OWN, sql: () => 'CREATE TYPE span AS RANGE (SUBTYPE = float8)' },
  {
    name: 'a range type with a function of its own',
    levels: OWN,
    sql: () =>
      "CREATE FUNCTION apart(a float8, b float8) RETURNS float8 LANGUAGE sql IMMUTABLE AS 'SELECT a - b'; CREATE TYPE gap AS RANGE (SUBTYPE = float8, SUBTYPE_DIFF = apart)",
  },
  {
    name: 'a type of several, a domain and an enumeration',
    levels: OWN,
    sql: () =>
      "CREATE TYPE pair AS (a int, b text); CREATE DOMAIN mail AS text CHECK (VALUE LIKE '%@%'); CREATE TYPE mood AS ENUM ('well', 'ill'); CREATE TABLE people (p pair, m mail, f mood)",
  },
  {
    name: 'functions that are called like those of the server',
    levels: OWN,
    sql: () =>
      "CREATE FUNCTION uuidv7() RETURNS uuid LANGUAGE sql AS 'SELECT gen_random_uuid()'; CREATE FUNCTION array_sort(a anyarray) RETURNS anyarray LANGUAGE sql AS 'SELECT a'; CREATE FUNCTION age(d date) RETURNS interval LANGUAGE sql AS 'SELECT age(now(), d::timestamptz)'; CREATE FUNCTION encode(a text, b text) RETURNS text LANGUAGE sql AS 'SELECT a'",
  },
  {
    name: 'a function that says role, user and password',
    levels: OWN,
    sql: () => `CREATE TABLE members (id int, role text, password text);
      CREATE FUNCTION promote() RETURNS void LANGUAGE plpgsql AS $$ BEGIN
        UPDATE members SET role = 'admin'; -- create user row if it is missing
        RAISE NOTICE 'could not create user %', 'x'; END $$`,
  },
  {
    name: 'a definer function and a trigger that calls one',
    levels: OWN,
    sql: ({
      schema,
    }) => `CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = ${schema} AS $$ BEGIN RETURN NEW; END $$;
      CREATE TRIGGER stamped BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION stamp()`,
  },
  { name: 'a procedure', levels: OWN, sql: () => "CREATE PROCEDURE tidy() LANGUAGE sql AS 'DELETE FROM t WHERE false'" },
  {
    name: 'partitions',
    levels: OWN,
    sql: () =>
      "CREATE TABLE logged (day date, what text) PARTITION BY RANGE (day); CREATE TABLE logged_26 PARTITION OF logged FOR VALUES FROM ('2026-01-01') TO ('2027-01-01'); CREATE TABLE logged_rest PARTITION OF logged DEFAULT; CREATE INDEX ON logged (day)",
  },
  { name: 'inheritance', levels: OWN, sql: () => 'CREATE TABLE child (more int) INHERITS (t)' },
  {
    name: 'keys, checks, defaults and generated columns',
    levels: OWN,
    sql: () =>
      "CREATE TABLE parent (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, n text UNIQUE CHECK (n <> ''), twice text GENERATED ALWAYS AS (n || n) STORED); CREATE TABLE kid (parent int REFERENCES parent ON DELETE CASCADE, s serial)",
  },
  {
    name: 'indexes of many kinds and statistics',
    levels: OWN,
    sql: () =>
      'CREATE INDEX ON t (lower(body)); CREATE INDEX ON t USING hash (body); CREATE INDEX ON t (id) WHERE id > 0; CREATE STATISTICS st (dependencies) ON id, body FROM t; ANALYZE t',
  },
  {
    name: 'a view, one of views, and a materialized one',
    levels: OWN,
    sql: () =>
      'CREATE VIEW v AS SELECT * FROM t; CREATE VIEW vv AS SELECT * FROM v; CREATE MATERIALIZED VIEW mv AS SELECT count(*) AS n FROM vv',
  },
  {
    name: 'a view with the rights of who asks',
    levels: OWN,
    since: 15,
    sql: () => 'CREATE VIEW asked WITH (security_invoker) AS SELECT * FROM t',
  },
  {
    name: 'rules',
    levels: OWN,
    sql: () =>
      'CREATE VIEW ruled AS SELECT * FROM t; CREATE RULE r AS ON INSERT TO ruled DO INSTEAD INSERT INTO t VALUES (NEW.workspace, NEW.id, NEW.body)',
  },
  {
    name: 'policies of its own',
    levels: OWN,
    sql: () =>
      'CREATE TABLE guarded (who text); ALTER TABLE guarded ENABLE ROW LEVEL SECURITY; CREATE POLICY mine ON guarded USING (who = current_user)',
  },
  {
    name: 'operators and a cast',
    levels: OWN,
    sql: () =>
      "CREATE TYPE money2 AS (n int); CREATE FUNCTION same(a money2, b money2) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT (a).n = (b).n'; CREATE OPERATOR === (LEFTARG = money2, RIGHTARG = money2, FUNCTION = same); CREATE FUNCTION amount(a money2) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT (a).n'; CREATE CAST (money2 AS int) WITH FUNCTION amount(money2)",
  },
  {
    name: 'full text search and a collation',
    levels: OWN,
    sql: () =>
      'CREATE TEXT SEARCH CONFIGURATION words (COPY = simple); CREATE TEXT SEARCH DICTIONARY dict (TEMPLATE = simple); CREATE COLLATION plain FROM "C"',
  },
  {
    name: 'names that need quotes',
    levels: OWN,
    sql: () => 'CREATE TABLE "a ""b"" _c" ("d;e" int); CREATE FUNCTION "f(x)"("a b" int) RETURNS int LANGUAGE sql AS \'SELECT 1\'',
  },
  { name: 'large objects', levels: ALONE, sql: () => "SELECT lo_from_bytea(0, 'x'); SELECT lo_create(0)" },
  {
    name: 'a schema of its own',
    levels: ALONE,
    sql: () =>
      "CREATE SCHEMA more; CREATE TABLE more.t2 (a int); CREATE VIEW more.v2 AS SELECT * FROM public.t; CREATE FUNCTION more.f2() RETURNS int LANGUAGE sql AS 'SELECT 1'",
  },
  { name: 'a schema called as one of ours', levels: ALONE, sql: () => 'CREATE SCHEMA auth; CREATE TABLE auth.users (id int, role text)' },
  {
    name: 'trusted extensions',
    levels: ALONE,
    sql: () => 'CREATE EXTENSION IF NOT EXISTS citext; CREATE EXTENSION IF NOT EXISTS hstore; CREATE TABLE kept (c citext, h hstore)',
  },
  { name: 'a publication of a table', levels: ALONE, sql: () => 'CREATE PUBLICATION pub FOR TABLE t' },
  {
    name: 'default privileges for itself',
    levels: OWN,
    sql: () =>
      "ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC; CREATE FUNCTION hidden() RETURNS int LANGUAGE sql AS 'SELECT 1'",
  },
  {
    name: 'comments, clusters and storage',
    levels: OWN,
    sql: () => "COMMENT ON TABLE t IS 'mine'; CREATE UNLOGGED TABLE fast (a int); ALTER TABLE t SET (fillfactor = 70)",
  },
  {
    name: 'tables that come and go',
    levels: OWN,
    sql: () =>
      'CREATE TABLE gone (a int); DROP TABLE gone; CREATE TABLE renamed (a int); ALTER TABLE renamed RENAME TO renamed_2; TRUNCATE renamed_2',
  },
  { name: 'a message to whoever listens', levels: ALONE, sql: () => "LISTEN something; NOTIFY something, 'x'" },
];

/** By the migrator or the operator, where apps share tables. */
export const rowActs: readonly Act[] = [
  {
    name: 'a view with the rights of who asks',
    levels: ROWS,
    since: 15,
    sql: ({ index }) => `CREATE VIEW public.my_${index} WITH (security_invoker) AS SELECT workspace, id, body FROM public.t_${index}`,
  },
  {
    name: 'another table with a key',
    levels: ROWS,
    sql: ({ index }) => `CREATE TABLE public.more_${index} (workspace text NOT NULL, id int, PRIMARY KEY (workspace, id))`,
  },
  {
    name: 'an index and a check',
    levels: ROWS,
    sql: ({ index }) => `CREATE INDEX ON public.t_${index} (workspace, body); ALTER TABLE public.t_${index} ADD CHECK (id >= 0)`,
  },
  {
    name: 'a trigger that stamps',
    levels: ROWS,
    sql: ({ index }) =>
      `CREATE FUNCTION public.stamp_${index}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$; CREATE TRIGGER stamped BEFORE INSERT ON public.t_${index} FOR EACH ROW EXECUTE FUNCTION public.stamp_${index}()`,
  },
  {
    name: 'a column of numbers',
    levels: ROWS,
    sql: ({ index }) => `ALTER TABLE public.t_${index} ADD COLUMN seq bigint GENERATED BY DEFAULT AS IDENTITY`,
  },
  {
    name: 'a type',
    levels: ROWS,
    sql: ({ index }) =>
      `CREATE TYPE public.mood_${index} AS ENUM ('a'); ALTER TABLE public.t_${index} ADD COLUMN mood public.mood_${index}`,
  },
];

/** By the operator, in a database of apps. */
export const operatorActs: readonly Act[] = [
  {
    name: 'an audit of definitions',
    levels: ALONE,
    sql: () =>
      'CREATE SCHEMA ops; REVOKE ALL ON SCHEMA ops FROM PUBLIC; CREATE FUNCTION ops.audit() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN END $$; CREATE EVENT TRIGGER audit ON ddl_command_end EXECUTE FUNCTION ops.audit()',
  },
  { name: 'a publication of everything', sql: () => 'CREATE PUBLICATION everything FOR ALL TABLES' },
  {
    name: 'a schema of the operator',
    sql: () =>
      'CREATE SCHEMA IF NOT EXISTS reports; CREATE TABLE reports.sums (a int); CREATE VIEW reports.twice AS SELECT a * 2 AS b FROM reports.sums',
  },
  {
    name: 'a view over an app’s table that nobody may read',
    levels: OWN,
    sql: ({ schema }) => `CREATE SCHEMA IF NOT EXISTS looks; CREATE VIEW looks.all_of AS SELECT * FROM ${schema}.t`,
  },
  { name: 'statistics of statements', levels: ALONE, sql: () => 'CREATE STATISTICS public.st_op (dependencies) ON id, body FROM public.t' },
];
