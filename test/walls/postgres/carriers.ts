import type { Mutation } from './mutations.ts';

/** Objects that carry somebody's data or rights to somebody else, by whatever name and in whatever schema they lie. */

/** Schemas that an object can lie in. The last ones do not exist before. */
const PLACES = ['public', 'ops', 'pg_catalog', 'information_schema', 'm_s', 'm_t', 'cotenant', 'hidden'];
const HOLDERS = ['m_s_owner', 'm_s_user', 'm_shared_tenants', 'm_lens_user', 'consultant', 'PUBLIC'];

/** Made by the operator, `%s` for the schema. */
const SHAPES: readonly (readonly [name: string, make: string, grant: string])[] = [
  ['a view', 'CREATE VIEW %s.peek AS SELECT * FROM m_t.orders', 'SELECT ON %s.peek'],
  ['a view to write through', 'CREATE VIEW %s.peek AS SELECT * FROM m_t.orders', 'ALL ON %s.peek'],
  [
    'a view of a view',
    'CREATE VIEW %s.inner_peek AS SELECT * FROM m_t.orders; CREATE VIEW %s.peek AS SELECT * FROM %s.inner_peek',
    'SELECT ON %s.peek',
  ],
  ['a materialized view', 'CREATE MATERIALIZED VIEW %s.peek AS SELECT * FROM m_t.orders', 'SELECT ON %s.peek'],
  ['a copy', 'CREATE TABLE %s.peek AS SELECT * FROM m_t.orders', 'SELECT ON %s.peek'],
  [
    'a definer',
    "CREATE FUNCTION %s.peek() RETURNS text LANGUAGE sql SECURITY DEFINER AS 'SELECT note FROM m_t.orders LIMIT 1'",
    'EXECUTE ON FUNCTION %s.peek()',
  ],
  [
    'a definer that runs anything',
    "CREATE FUNCTION %s.peek(t text) RETURNS text LANGUAGE plpgsql SECURITY DEFINER AS 'DECLARE r text; BEGIN EXECUTE t INTO r; RETURN r; END'",
    'EXECUTE ON FUNCTION %s.peek(text)',
  ],
  [
    'a procedure that runs anything',
    "CREATE PROCEDURE %s.peek(t text) LANGUAGE plpgsql SECURITY DEFINER AS 'BEGIN EXECUTE t; END'",
    'EXECUTE ON PROCEDURE %s.peek(text)',
  ],
  [
    'a view over a definer',
    "CREATE FUNCTION %s.inner_peek() RETURNS SETOF text LANGUAGE sql SECURITY DEFINER AS 'SELECT note FROM m_t.orders'; CREATE VIEW %s.peek AS SELECT * FROM %s.inner_peek()",
    'SELECT ON %s.peek',
  ],
  [
    'a rule on a board',
    'CREATE TABLE %s.peek (id int, note text); CREATE RULE r AS ON INSERT TO %s.peek DO INSTEAD DELETE FROM m_t.orders',
    'INSERT ON %s.peek',
  ],
  [
    'a trigger with rights',
    "CREATE TABLE %s.peek (id int, note text); CREATE FUNCTION %s.fire() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS 'BEGIN DELETE FROM m_t.orders; RETURN NEW; END'; REVOKE ALL ON FUNCTION %s.fire() FROM PUBLIC; CREATE TRIGGER t BEFORE INSERT ON %s.peek FOR EACH ROW EXECUTE FUNCTION %s.fire()",
    'INSERT ON %s.peek',
  ],
  ['a board', 'CREATE TABLE %s.peek (id int, note text)', 'ALL ON %s.peek'],
];

const fill = (text: string, schema: string): string => text.replaceAll('%s', schema);

const shaped: readonly Mutation[] = PLACES.flatMap((schema) =>
  SHAPES.flatMap(([name, make, grant]) =>
    HOLDERS.map((to): Mutation => {
      const made = ['cotenant', 'hidden'].includes(schema) ? `CREATE SCHEMA IF NOT EXISTS ${schema}; ` : '';
      const enter = ['pg_catalog', 'information_schema'].includes(schema) ? '' : `; GRANT USAGE ON SCHEMA ${schema} TO ${to}`;
      // What lies in the catalogs is made where that is allowed.
      const sql = `SET allow_system_table_mods = on; ${made}${fill(make, schema)}; GRANT ${fill(grant, schema)} TO ${to}${enter}`;
      return { id: `m_shared: ${name} in ${schema} for ${to}`, in: 'm_shared', sql };
    }),
  ),
);

/** Of another app than the one whose things they depend on. */
const FUNCTION = (schema: string, result = 'trigger', args = ''): string =>
  `SET ROLE m_s_owner; CREATE FUNCTION ${schema}.fn(${args}) RETURNS ${result} LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; RESET ROLE`;
const TEXT =
  "SET ROLE m_s_owner; CREATE FUNCTION m_s.fn(t text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN t; END'; GRANT USAGE ON SCHEMA m_s TO m_t_owner; RESET ROLE";
const hung: readonly (readonly [string, string])[] = [
  ['trigger of a neighbour', `${FUNCTION('m_s')}; CREATE TRIGGER t BEFORE INSERT ON m_t.orders FOR EACH ROW EXECUTE FUNCTION m_s.fn()`],
  [
    'statement trigger of a neighbour',
    `${FUNCTION('m_s')}; CREATE TRIGGER t AFTER UPDATE ON m_t.orders FOR EACH STATEMENT EXECUTE FUNCTION m_s.fn()`,
  ],
  ['default of a neighbour', `${TEXT}; ALTER TABLE m_t.orders ALTER note SET DEFAULT m_s.fn('x')`],
  ['check of a neighbour', `${TEXT}; ALTER TABLE m_t.orders ADD CHECK (m_s.fn(note) IS NOT NULL) NOT VALID`],
  ['index of a neighbour', `${TEXT}; CREATE INDEX ON m_t.orders (m_s.fn(note))`],
  ['generated column of a neighbour', `${TEXT}; ALTER TABLE m_t.orders ADD COLUMN g text GENERATED ALWAYS AS (m_s.fn(note)) STORED`],
  [
    'policy of a neighbour',
    `${TEXT}; ALTER TABLE m_t.orders ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY; CREATE POLICY p ON m_t.orders USING (m_s.fn(note) IS NOT NULL)`,
  ],
  ['rule that calls a neighbour', `${TEXT}; CREATE RULE r AS ON UPDATE TO m_t.orders DO ALSO SELECT m_s.fn('x')`],
  ['view that calls a neighbour', `${TEXT}; CREATE OR REPLACE VIEW m_t.notes AS SELECT m_s.fn(note) AS note FROM m_t.orders`],
  ['statistics of a neighbour', `${TEXT}; CREATE STATISTICS m_t.st ON (m_s.fn(note)) FROM m_t.orders`],
  [
    'partition of a neighbour',
    'CREATE TABLE m_t.ev (id int, note text) PARTITION BY RANGE (id); ALTER TABLE m_t.ev OWNER TO m_t_owner; CREATE TABLE m_s.ev_1 PARTITION OF m_t.ev DEFAULT; ALTER TABLE m_s.ev_1 OWNER TO m_s_owner',
  ],
  ['child of a neighbour', 'CREATE TABLE m_s.ch () INHERITS (m_t.orders); ALTER TABLE m_s.ch OWNER TO m_s_owner'],
  [
    'parent of a neighbour',
    'CREATE TABLE m_s.parent (note text); ALTER TABLE m_s.parent OWNER TO m_s_owner; ALTER TABLE m_t.orders INHERIT m_s.parent',
  ],
  ['foreign key of a neighbour', 'CREATE TABLE m_s.fk (id int REFERENCES m_t.orders); ALTER TABLE m_s.fk OWNER TO m_s_owner'],
  [
    'cascading key of a neighbour',
    'CREATE TABLE m_s.fk (id int DEFAULT 1 REFERENCES m_t.orders ON DELETE CASCADE); ALTER TABLE m_s.fk OWNER TO m_s_owner',
  ],
  ['key into a neighbour', 'ALTER TABLE m_t.orders ADD CONSTRAINT k FOREIGN KEY (id) REFERENCES m_s.orders ON DELETE CASCADE'],
  ['type of a neighbour', 'ALTER TABLE m_t.orders ADD COLUMN m m_s.mood'],
  ['domain of a neighbour', 'ALTER TABLE m_t.orders ADD COLUMN m m_s.short'],
  ['row type of a neighbour', 'ALTER TABLE m_t.orders ADD COLUMN m m_s.pair'],
  ['sequence of a neighbour', "ALTER TABLE m_t.orders ADD COLUMN m int DEFAULT nextval('m_s.counter')"],
  ['view of mine that a neighbour owns', 'ALTER VIEW m_t.notes OWNER TO m_s_owner'],
  [
    'view over a neighbour by me',
    'CREATE VIEW m_s.over AS SELECT * FROM m_t.orders; ALTER VIEW m_s.over OWNER TO m_t_owner; GRANT SELECT ON m_s.over TO m_s_owner',
  ],
  [
    'definer of mine in a neighbour',
    "CREATE FUNCTION m_s.over() RETURNS text LANGUAGE sql SECURITY DEFINER AS 'SELECT note FROM m_t.orders LIMIT 1'; ALTER FUNCTION m_s.over() OWNER TO m_t_owner",
  ],
  ['publication of a neighbour', 'CREATE PUBLICATION p FOR TABLE m_t.orders; ALTER PUBLICATION p OWNER TO m_s_owner'],
  [
    'operator of a neighbour',
    "SET ROLE m_s_owner; CREATE FUNCTION m_s.eq(text, text) RETURNS boolean LANGUAGE plpgsql AS 'BEGIN RETURN true; END'; RESET ROLE; CREATE OPERATOR m_t.=== (LEFTARG = text, RIGHTARG = text, FUNCTION = m_s.eq)",
  ],
  [
    'cast of a neighbour',
    "SET ROLE m_s_owner; CREATE FUNCTION m_s.tomood(text) RETURNS m_t.mood LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'; RESET ROLE; CREATE CAST (text AS m_t.mood) WITH FUNCTION m_s.tomood(text) AS IMPLICIT",
  ],
];

/** Members of extensions, and who owns an extension. */
const extensions: readonly (readonly [string, string])[] = [
  [
    'extension that holds a view',
    'CREATE EXTENSION citext SCHEMA public; CREATE VIEW m_s.ext AS SELECT * FROM m_t.orders; GRANT SELECT ON m_s.ext TO m_s_owner; ALTER EXTENSION citext ADD VIEW m_s.ext',
  ],
  [
    'extension that holds a definer',
    "CREATE FUNCTION public.ext(t text) RETURNS text LANGUAGE plpgsql SECURITY DEFINER AS 'DECLARE r text; BEGIN EXECUTE t INTO r; RETURN r; END'; ALTER EXTENSION plpgsql ADD FUNCTION public.ext(text)",
  ],
  [
    'extension that holds a table for all',
    'CREATE TABLE public.ext AS SELECT * FROM m_t.orders; GRANT SELECT ON public.ext TO PUBLIC; ALTER EXTENSION plpgsql ADD TABLE public.ext',
  ],
  [
    'extension of a neighbour',
    "CREATE EXTENSION citext SCHEMA public; ALTER TABLE m_t.orders ADD COLUMN c public.citext; UPDATE pg_extension SET extowner = 'm_s_owner'::regrole WHERE extname = 'citext'",
  ],
  [
    'member of an extension that a neighbour owns',
    'CREATE EXTENSION citext SCHEMA public; ALTER TABLE m_t.orders ADD COLUMN c public.citext; ALTER FUNCTION public.citext_eq(public.citext, public.citext) OWNER TO m_s_owner',
  ],
];

/** Rules and code on tables that are shared by rows. */
const rows: readonly (readonly [string, string])[] = [
  ['rule that returns', 'SET ROLE m_pool_owner; CREATE RULE r AS ON DELETE TO public.docs DO INSTEAD SELECT * FROM public.docs'],
  [
    'definer trigger of the owner',
    "SET ROLE m_pool_owner; CREATE FUNCTION public.fire() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS 'BEGIN NEW.note := (SELECT string_agg(note, $$ $$) FROM public.docs); RETURN NEW; END'; CREATE TRIGGER t BEFORE UPDATE ON public.docs FOR EACH ROW EXECUTE FUNCTION public.fire()",
  ],
  [
    'definer trigger of the operator',
    "CREATE FUNCTION public.fire() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS 'BEGIN NEW.note := (SELECT string_agg(note, $$ $$) FROM public.docs); RETURN NEW; END'; REVOKE ALL ON FUNCTION public.fire() FROM PUBLIC; CREATE TRIGGER t BEFORE UPDATE ON public.docs FOR EACH ROW EXECUTE FUNCTION public.fire()",
  ],
  ['view of the operator', 'CREATE VIEW public.peek AS SELECT * FROM public.docs; GRANT SELECT ON public.peek TO m_pool_rw'],
  [
    'view in the catalog',
    'CREATE VIEW information_schema.peek AS SELECT * FROM public.docs; GRANT SELECT ON information_schema.peek TO PUBLIC',
  ],
  ['view beside the guard', 'CREATE VIEW cotenant.peek AS SELECT * FROM public.docs; GRANT SELECT ON cotenant.peek TO m_pool_rw'],
  [
    'definer beside the guard',
    "CREATE FUNCTION cotenant.peek() RETURNS SETOF public.docs LANGUAGE sql SECURITY DEFINER AS 'SELECT * FROM public.docs'; GRANT EXECUTE ON FUNCTION cotenant.peek() TO m_pool_rw",
  ],
  ['materialized view', 'CREATE MATERIALIZED VIEW public.peek AS SELECT * FROM public.docs; GRANT SELECT ON public.peek TO m_x_user'],
  ['second table without a guard', 'CREATE TABLE public.other AS SELECT * FROM public.docs; GRANT SELECT ON public.other TO m_pool_rw'],
  [
    'partition without a guard',
    "CREATE TABLE public.child () INHERITS (public.docs); INSERT INTO public.child VALUES ('m_y', 9, 'canary-m_y'); GRANT SELECT ON public.child TO m_pool_rw",
  ],
  [
    'guard that asks a setting',
    "ALTER POLICY cotenant_guard ON public.docs USING (workspace = current_setting('app.w', true) OR workspace = cotenant.workspace())",
  ],
  ['permissive policy', 'CREATE POLICY p ON public.docs FOR SELECT USING (true)'],
  ['guard off', 'ALTER TABLE public.docs DISABLE ROW LEVEL SECURITY'],
  ['owner outside of the guard', 'ALTER TABLE public.docs NO FORCE ROW LEVEL SECURITY'],
  [
    'definer of the guard replaced',
    "CREATE OR REPLACE FUNCTION cotenant.workspace() RETURNS text LANGUAGE sql STABLE AS 'SELECT current_setting($$app.w$$, true)'",
  ],
  ['row of another login', "UPDATE cotenant.workspaces SET workspace = 'm_y'"],
];

/** In an app's own database. */
const inside: readonly (readonly [string, string])[] = [
  [
    'event trigger that an app owns',
    "CREATE FUNCTION public.et() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'; CREATE EVENT TRIGGER et ON ddl_command_end EXECUTE FUNCTION public.et(); ALTER FUNCTION public.et() OWNER TO m_a_owner",
  ],
  [
    'definer for anything',
    "CREATE FUNCTION public.peek(t text) RETURNS text LANGUAGE plpgsql SECURITY DEFINER AS 'DECLARE r text; BEGIN EXECUTE t INTO r; RETURN r; END'; GRANT EXECUTE ON FUNCTION public.peek(text) TO PUBLIC",
  ],
  [
    'definer for anything in the catalog',
    "SET allow_system_table_mods = on; CREATE FUNCTION pg_catalog.peek(t text) RETURNS text LANGUAGE plpgsql SECURITY DEFINER AS 'DECLARE r text; BEGIN EXECUTE t INTO r; RETURN r; END'",
  ],
  [
    'definer in a schema called as ours',
    "CREATE SCHEMA cotenant; GRANT USAGE ON SCHEMA cotenant TO PUBLIC; CREATE FUNCTION cotenant.peek(t text) RETURNS text LANGUAGE plpgsql SECURITY DEFINER AS 'DECLARE r text; BEGIN EXECUTE t INTO r; RETURN r; END'",
  ],
  [
    'foreign server for all',
    "CREATE EXTENSION postgres_fdw SCHEMA public; CREATE SERVER s FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '127.0.0.1', dbname 'm_b'); GRANT USAGE ON FOREIGN SERVER s TO m_a_owner; CREATE USER MAPPING FOR PUBLIC SERVER s OPTIONS (user 'm_b_user', password 'x')",
  ],
  ['wrapper for an app', 'CREATE EXTENSION postgres_fdw SCHEMA public; GRANT USAGE ON FOREIGN DATA WRAPPER postgres_fdw TO m_a_owner'],
  ['dblink for an app', 'CREATE EXTENSION dblink SCHEMA public'],
  ['c is trusted', "UPDATE pg_language SET lanpltrusted = true WHERE lanname = 'c'"],
  ['lo without rights', 'ALTER DATABASE m_a SET lo_compat_privileges = on'],
  ['publication of everything', 'CREATE PUBLICATION p FOR ALL TABLES; ALTER PUBLICATION p OWNER TO postgres'],
];

const listed = (where: string, list: readonly (readonly [string, string])[]): readonly Mutation[] =>
  list.map(([name, sql]) => ({ id: `${where}: ${name}`, in: where, sql }));

export const carriers: readonly Mutation[] = [
  ...shaped,
  ...listed('m_shared', hung),
  ...listed('m_shared', extensions),
  ...listed('m_pool', rows),
  ...listed('m_a', inside),
];
