import type { Mutation } from './mutations.ts';

/** `%a`: the schema of the app whose thing it is, `%v`: of the one that rests on it. `public.` where it is the operator's. */
type Shape = readonly [name: string, make: string, since?: number];

const FN =
  "SET ROLE %a_owner; CREATE FUNCTION %a.eq(text, text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN true; END'; GRANT EXECUTE ON FUNCTION %a.eq(text, text) TO %v_owner; CREATE FUNCTION %a.cmp(text, text) RETURNS int LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN 0; END'; GRANT EXECUTE ON FUNCTION %a.cmp(text, text) TO %v_owner; CREATE OPERATOR %a.=== (LEFTARG = text, RIGHTARG = text, FUNCTION = %a.eq); RESET ROLE; ";
const IS = "OPERATOR(%a.===) 'x'::text";

/** Code: an operator, a function, a support function that the victim's statements come to. */
const code: readonly Shape[] = [
  ['operator in a check', `ALTER TABLE %v.orders ADD CHECK (note ${IS}) NOT VALID`],
  ['operator in a default', `ALTER TABLE %v.orders ADD COLUMN yes boolean DEFAULT ('a'::text ${IS})`],
  [
    'operator in a policy',
    `ALTER TABLE %v.orders ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY; CREATE POLICY p ON %v.orders USING (note ${IS})`,
  ],
  ['operator in a generated column', `ALTER TABLE %v.orders ADD COLUMN yes boolean GENERATED ALWAYS AS (note ${IS}) STORED`],
  ['operator in a view', `CREATE VIEW %v.asks AS SELECT 'a'::text ${IS} AS yes; ALTER VIEW %v.asks OWNER TO %v_owner`],
  [
    'operator in the condition of a trigger',
    `SET ROLE %v_owner; CREATE FUNCTION %v.tr() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; RESET ROLE; CREATE TRIGGER t BEFORE INSERT ON %v.orders FOR EACH ROW WHEN (NEW.note ${IS}) EXECUTE FUNCTION %v.tr()`,
  ],
  [
    'support function of an operator class',
    'CREATE OPERATOR CLASS %v.oc FOR TYPE text USING btree AS OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >, FUNCTION 1 %a.cmp(text, text); ALTER OPERATOR CLASS %v.oc USING btree OWNER TO %v_owner; ALTER OPERATOR FAMILY %v.oc USING btree OWNER TO %v_owner; CREATE INDEX ON %v.orders (note %v.oc)',
  ],
  ['check of a domain', "ALTER DOMAIN %v.short ADD CHECK (%a.eq(VALUE, 'x')); ALTER TABLE %v.orders ADD COLUMN s %v.short"],
  [
    'default of a domain',
    "CREATE DOMAIN %v.flag AS boolean DEFAULT %a.eq('a', 'b'); ALTER DOMAIN %v.flag OWNER TO %v_owner; ALTER TABLE %v.orders ADD COLUMN s %v.flag",
  ],
  [
    'state function of an aggregate',
    'SET ROLE %a_owner; CREATE FUNCTION %a.state(text, text) RETURNS text LANGUAGE plpgsql AS $$BEGIN RETURN $1; END$$; GRANT EXECUTE ON FUNCTION %a.state(text, text) TO %v_owner; RESET ROLE; CREATE AGGREGATE %v.agg(text) (SFUNC = %a.state, STYPE = text); ALTER AGGREGATE %v.agg(text) OWNER TO %v_owner',
  ],
  [
    'function of a range',
    "SET ROLE %a_owner; CREATE FUNCTION %a.diff(int, int) RETURNS float8 LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN 0; END'; RESET ROLE; CREATE TYPE %v.span AS RANGE (SUBTYPE = int, SUBTYPE_DIFF = %a.diff); ALTER TYPE %v.span OWNER TO %v_owner; ALTER TABLE %v.orders ADD COLUMN s %v.span",
  ],
  [
    'body of a function',
    "CREATE FUNCTION %v.calls() RETURNS boolean LANGUAGE sql BEGIN ATOMIC SELECT %a.eq('x', 'y'); END; ALTER FUNCTION %v.calls() OWNER TO %v_owner",
  ],
  ['table of the operator', `CREATE TABLE public.counted (yes boolean DEFAULT ('a'::text ${IS}))`],
  ['operator of the operator', 'CREATE OPERATOR public.=== (LEFTARG = text, RIGHTARG = text, FUNCTION = %a.eq)'],
  ['domain of the operator', "CREATE DOMAIN public.flag AS text CHECK (%a.eq(VALUE, 'x')); ALTER TABLE %v.orders ADD COLUMN s public.flag"],
  [
    'cast of the operator',
    "SET ROLE %a_owner; CREATE FUNCTION %a.tobytes(text) RETURNS bytea LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'; RESET ROLE; CREATE CAST (text AS bytea) WITH FUNCTION %a.tobytes(text) AS ASSIGNMENT",
  ],
];

/** Things that go, and take something of the victim with them, or that keep the victim from changing its own. */
const things: readonly Shape[] = [
  [
    'domain over a domain',
    'CREATE DOMAIN %v.over AS %a.short; ALTER DOMAIN %v.over OWNER TO %v_owner; ALTER TABLE %v.orders ADD COLUMN s %v.over',
  ],
  ['attribute of a type', 'ALTER TYPE %v.pair ADD ATTRIBUTE m %a.mood; ALTER TABLE %v.orders ADD COLUMN s %v.pair'],
  ['array of a type', 'ALTER TABLE %v.orders ADD COLUMN s %a.mood[]'],
  [
    'collation',
    'SET ROLE %a_owner; CREATE COLLATION %a.coll FROM "C"; RESET ROLE; ALTER TABLE %v.orders ADD COLUMN s text COLLATE %a.coll',
  ],
  [
    'text search configuration',
    "SET ROLE %a_owner; CREATE TEXT SEARCH CONFIGURATION %a.cfg (COPY = pg_catalog.simple); RESET ROLE; ALTER TABLE %v.orders ADD COLUMN s tsvector GENERATED ALWAYS AS (to_tsvector('%a.cfg'::regconfig, note)) STORED",
  ],
  [
    'operator class',
    'CREATE OPERATOR CLASS %a.oc FOR TYPE text USING btree AS OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >, FUNCTION 1 bttextcmp(text, text); ALTER OPERATOR CLASS %a.oc USING btree OWNER TO %a_owner; ALTER OPERATOR FAMILY %a.oc USING btree OWNER TO %a_owner; CREATE INDEX ON %v.orders (note %a.oc)',
  ],
  [
    'argument of a function',
    "CREATE FUNCTION %v.takes(%a.mood) RETURNS int LANGUAGE sql AS 'SELECT 1'; ALTER FUNCTION %v.takes(%a.mood) OWNER TO %v_owner",
  ],
  [
    'result of a function',
    "CREATE FUNCTION %v.gives() RETURNS %a.mood LANGUAGE sql AS 'SELECT NULL::%a.mood'; ALTER FUNCTION %v.gives() OWNER TO %v_owner",
  ],
  ['statistics', 'CREATE STATISTICS %v.st ON id, note FROM %v.orders; ALTER STATISTICS %v.st OWNER TO %a_owner'],
  ['publication', 'CREATE PUBLICATION pub FOR TABLE %v.orders; ALTER PUBLICATION pub OWNER TO %a_owner'],
  ['publication of a schema', 'CREATE PUBLICATION pub FOR TABLES IN SCHEMA %v; ALTER PUBLICATION pub OWNER TO %a_owner', 15],
  ['view without a right', 'CREATE VIEW %a.over AS SELECT * FROM %v.orders; ALTER VIEW %a.over OWNER TO %a_owner'],
  [
    'function body without a right',
    'CREATE FUNCTION %a.over() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT count(*) FROM %v.orders; END; ALTER FUNCTION %a.over() OWNER TO %a_owner',
  ],
];

/** Every kind of object that one app’s things can rest on, both ways between two apps of a database. */
export const rests: readonly Mutation[] = (
  [
    ['m_s', 'm_t'],
    ['m_t', 'm_s'],
  ] as const
).flatMap(([a, v]) =>
  [...code.map(([name, make, since]): Shape => [name, FN + make, since ?? 14]), ...things].map(
    ([name, make, since = 14]): Mutation => ({
      id: `m_shared: ${name} of ${a} under ${v}`,
      in: 'm_shared',
      sql: make.replaceAll('%a', a).replaceAll('%v', v),
      since,
    }),
  ),
);

/** What the server came with, in somebody’s hands. */
export const serversOwn: readonly Mutation[] = [
  ...['m_s_owner', 'm_s_user', 'stranger'].flatMap((to) =>
    [
      'LANGUAGE plpgsql',
      'FUNCTION pg_catalog.now()',
      'FUNCTION pg_catalog.lower(text)',
      'OPERATOR pg_catalog.= (text, text)',
      'TYPE pg_catalog.text',
      'COLLATION pg_catalog."C"',
    ].map(
      (what): Mutation => ({
        id: `m_shared: ALTER ${what} OWNER TO ${to}`,
        in: 'm_shared',
        sql: `ALTER ${what} OWNER TO ${to}`,
      }),
    ),
  ),
  ...['pg_catalog.pg_user', 'pg_catalog.pg_tables'].map(
    (view): Mutation => ({
      id: `m_shared: ${view} reads passwords`,
      in: 'm_shared',
      sql: `SET allow_system_table_mods = on; CREATE OR REPLACE VIEW ${view} AS ${
        view.endsWith('user')
          ? 'SELECT usename, usesysid, usecreatedb, usesuper, userepl, usebypassrls, (SELECT rolpassword COLLATE "default" FROM pg_authid a WHERE a.oid = usesysid) AS passwd, valuntil, useconfig FROM pg_shadow'
          : 'SELECT note::name AS schemaname, note::name AS tablename, note::name AS tableowner, note::name AS tablespace, true AS hasindexes, true AS hasrules, true AS hastriggers, true AS rowsecurity FROM m_t.orders'
      }`,
    }),
  ),
];
