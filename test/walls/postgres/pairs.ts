import type { Mutation } from './mutations.ts';

/** Two acts of which neither gives anybody anything by itself, as far as one can tell from how they are made. */
interface Half {
  readonly name: string;
  readonly in: string;
  readonly sql: string;
  readonly since?: number;
}

const half = (name: string, where: string, sql: string, since = 14): Half => ({ name, in: where, sql, since });
const MEMBERS = ['m_s_user', 'm_s_owner', 'm_a_user', 'm_x_user', 'm_lens_user', 'm_shared_tenants', 'stranger', 'consultant', 'crew'];
const CREATED = "DO $$BEGIN IF to_regrole('between') IS NULL THEN CREATE ROLE between; END IF; END$$; ";

/** Something for a group in which nobody is. */
const goods: readonly Half[] = [
  ...['SELECT', 'DELETE', 'TRIGGER', 'TRUNCATE', 'UPDATE (note)'].map((right) =>
    half(`${right} on a table`, 'm_shared', `GRANT USAGE ON SCHEMA m_t TO between; GRANT ${right} ON m_t.orders TO between`),
  ),
  half('a table', 'm_shared', 'GRANT USAGE ON SCHEMA m_t TO between; ALTER TABLE m_t.orders OWNER TO between'),
  half('a schema', 'm_shared', 'ALTER SCHEMA m_t OWNER TO between'),
  half('a definer', 'm_shared', 'GRANT USAGE ON SCHEMA m_t TO between; GRANT EXECUTE ON FUNCTION m_t.definer_note() TO between'),
  half('a view', 'm_shared', 'CREATE VIEW public.peek AS SELECT * FROM m_t.orders; GRANT SELECT ON public.peek TO between'),
  half(
    'a view in the catalog',
    'm_shared',
    'CREATE VIEW information_schema.peek AS SELECT * FROM m_t.orders; GRANT SELECT ON information_schema.peek TO between',
  ),
  half('the passwords', 'm_shared', 'GRANT SELECT ON pg_authid TO between'),
  half('a file function', 'm_shared', 'GRANT EXECUTE ON FUNCTION pg_read_file(text) TO between'),
  half('the shared owner', 'm_pool', 'GRANT m_pool_owner TO between'),
  half('the shared table', 'm_pool', 'CREATE TABLE public.copied AS SELECT * FROM public.docs; GRANT SELECT ON public.copied TO between'),
  ...[
    'm_t_owner',
    'm_t_ro',
    'm_b_owner',
    'm_r_owner',
    'pg_read_all_data',
    'pg_write_all_data',
    'pg_read_server_files',
    'pg_execute_server_program',
    'pg_monitor',
  ].map((group) => half(`membership in ${group}`, 'postgres', group === 'm_r_owner' ? RETIRED() : `GRANT ${group} TO between`)),
  ...['SUPERUSER', 'BYPASSRLS', 'CREATEROLE', 'REPLICATION'].map((word) => half(word, 'postgres', `ALTER ROLE between ${word}`)),
  half(
    'a large object',
    'm_shared',
    "DO $$DECLARE o oid; BEGIN o := (SELECT l.oid FROM pg_largeobject_metadata l WHERE l.lomowner = 'm_t_owner'::regrole LIMIT 1); EXECUTE format('GRANT SELECT ON LARGE OBJECT %s TO between', o); END$$",
  ),
  half(
    'the door of a database',
    'postgres',
    'GRANT CONNECT ON DATABASE m_b TO between; GRANT CONNECT, TEMPORARY ON DATABASE m_shared TO between',
  ),
  half('SET on a parameter', 'postgres', 'GRANT SET ON PARAMETER session_replication_role TO between', 15),
];

function RETIRED(): string {
  return "DO $$BEGIN EXECUTE format('GRANT %I TO between', (SELECT rolname FROM pg_roles WHERE rolname LIKE 'm\\_r\\_owner%' LIMIT 1)); END$$";
}

/** Ways into that group. */
const OPTIONS: readonly (readonly [string, number])[] = [
  ['', 14],
  ['WITH ADMIN OPTION', 14],
  ['WITH INHERIT FALSE, SET TRUE', 16],
  ['WITH INHERIT TRUE, SET FALSE', 16],
  ['WITH INHERIT FALSE, SET FALSE', 16],
];
const ways: readonly Half[] = MEMBERS.flatMap((member) =>
  OPTIONS.map(([option, since]) =>
    half(
      `${member} in the group ${option}`.trim(),
      'postgres',
      `GRANT between TO ${member} ${option}; GRANT CONNECT ON DATABASE m_shared TO stranger, consultant`,
      since,
    ),
  ),
);

/** Code of somebody, and what calls it: whose session it runs in. */
const OWNED = ['m_s_owner', 'stranger'];
const codes = (owner: string): Half =>
  half(
    `code of ${owner}`,
    'm_shared',
    `CREATE FUNCTION public.code() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; CREATE FUNCTION public.text_code(t text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN t; END'; CREATE FUNCTION public.event_code() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'; GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO PUBLIC; ALTER FUNCTION public.code() OWNER TO ${owner}; ALTER FUNCTION public.text_code(text) OWNER TO ${owner}; ALTER FUNCTION public.event_code() OWNER TO ${owner}; GRANT USAGE ON SCHEMA public TO ${owner}`,
  );
const callers: readonly Half[] = [
  half('a trigger', 'm_shared', 'CREATE TRIGGER t BEFORE INSERT ON m_t.orders FOR EACH ROW EXECUTE FUNCTION public.code()'),
  half('an event trigger', 'm_shared', 'CREATE EVENT TRIGGER et ON ddl_command_end EXECUTE FUNCTION public.event_code()'),
  half('a default', 'm_shared', "ALTER TABLE m_t.orders ALTER note SET DEFAULT public.text_code('x')"),
  half('a check', 'm_shared', 'ALTER TABLE m_t.orders ADD CHECK (public.text_code(note) IS NOT NULL) NOT VALID'),
  half('an index', 'm_shared', 'CREATE INDEX ON m_t.orders (public.text_code(note))'),
  half(
    'a domain',
    'm_shared',
    'ALTER DOMAIN m_t.short ADD CHECK (public.text_code(VALUE) IS NOT NULL); ALTER TABLE m_t.orders ADD COLUMN s m_t.short',
  ),
  half('a rule', 'm_shared', "CREATE RULE r AS ON UPDATE TO m_t.orders DO ALSO SELECT public.text_code('x')"),
  half('a generated column', 'm_shared', 'ALTER TABLE m_t.orders ADD COLUMN g text GENERATED ALWAYS AS (public.text_code(note)) STORED'),
];

/** Rights on what will be made, and what makes it. */
const futures: readonly Half[] = ['m_t_owner', 'postgres'].flatMap((maker) =>
  ['m_s_owner', 'm_shared_tenants', 'm_lens_user', 'consultant', 'PUBLIC'].flatMap((to) =>
    ['SELECT ON TABLES', 'ALL ON TABLES', 'EXECUTE ON FUNCTIONS'].map((what) =>
      half(
        `${what} of ${maker} for ${to}`,
        'm_shared',
        `ALTER DEFAULT PRIVILEGES FOR ROLE ${maker} GRANT ${what} TO ${to}; GRANT USAGE ON SCHEMA m_t TO ${to}`,
      ),
    ),
  ),
);
const made: readonly Half[] = ['m_t_owner', 'postgres'].map((maker) =>
  half(
    `${maker} makes things`,
    'm_shared',
    `GRANT CREATE, USAGE ON SCHEMA m_t TO ${maker}; SET ROLE ${maker}; CREATE TABLE m_t.later AS SELECT * FROM m_t.orders; CREATE FUNCTION m_t.later() RETURNS text LANGUAGE sql SECURITY DEFINER AS 'SELECT note FROM m_t.orders LIMIT 1'; RESET ROLE`,
  ),
);

/** A way to another server, and the login that it takes there. */
const servers: readonly Half[] = ['m_a_owner', 'm_a_user', 'PUBLIC'].map((to) =>
  half(
    `a server for ${to}`,
    'm_a',
    `CREATE EXTENSION postgres_fdw SCHEMA public; CREATE SERVER s FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '127.0.0.1', dbname 'm_b'); GRANT USAGE ON FOREIGN SERVER s TO ${to}`,
  ),
);
const mappings: readonly Half[] = ['m_a_owner', 'm_a_user', 'PUBLIC'].map((who) =>
  half(`a mapping of ${who}`, 'm_a', `CREATE USER MAPPING FOR ${who} SERVER s OPTIONS (user 'm_b_user', password 'x')`),
);

const both = (first: Half, second: Half, before = ''): Mutation => ({
  id: `pair: ${first.name} × ${second.name}`,
  // Roles are the same everywhere.
  in: first.in === 'postgres' ? second.in : first.in,
  sql: `${before}${first.sql}; ${second.sql}`,
  since: Math.max(first.since ?? 14, second.since ?? 14),
  ...(first.in === 'postgres' || second.in === 'postgres' ? { everywhere: true as const } : {}),
});

export const pairs: readonly Mutation[] = [
  ...goods.flatMap((first) => ways.map((second) => both(first, second, CREATED))),
  ...OWNED.flatMap((owner) => callers.map((second) => both(codes(owner), second))),
  ...futures.flatMap((first) => made.map((second) => both(first, second))),
  ...servers.flatMap((first) => mappings.map((second) => both(first, second))),
];

/** Each half of them by itself: what verify says of it before somebody does the rest. */
export const halves: readonly Mutation[] = [...goods, ...OWNED.map(codes), ...futures, ...servers].map((one) => ({
  id: `half: ${one.name}`,
  in: one.in,
  sql: `${goods.includes(one) ? CREATED : ''}${one.sql}`,
  since: one.since ?? 14,
  ...(one.in === 'postgres' ? { everywhere: true as const } : {}),
}));
