/** One fact in the catalogs that the analysis must see. */
export interface Fact {
  /** Database in which the operator brings it about. */
  readonly in: string;
  readonly sql: string;
  /** What takes it away. */
  readonly undo: string;
  /** One finding that must be there: probe, from, to. */
  readonly seen: readonly [probe: string, from: string | null, to: string | null];
  /** First major that has it. */
  readonly since?: number;
}

function fact(where: string, sql: string, undo: string, seen: Fact['seen'], since = 14): Fact {
  return { in: where, sql, undo, seen: [`PG-${seen[0]}`, seen[1], seen[2]], since };
}

const LARGE_OBJECT = 'SELECT oid FROM pg_largeobject_metadata LIMIT 1';

/** Server, roles and databases. */
export const sharedFacts: readonly Fact[] = [
  fact('postgres', 'CREATE DATABASE loose', 'DROP DATABASE loose', ['P01', null, 'loose']),
  fact('postgres', 'GRANT CONNECT ON DATABASE template1 TO PUBLIC', 'REVOKE CONNECT ON DATABASE template1 FROM PUBLIC', [
    'P01',
    null,
    'template1',
  ]),
  fact('postgres', 'GRANT CONNECT ON DATABASE m_b TO m_a_rw', 'REVOKE CONNECT ON DATABASE m_b FROM m_a_rw', ['P01', 'm_a', 'm_b']),
  fact('postgres', 'GRANT CONNECT ON DATABASE m_b TO m_t_ro', 'REVOKE CONNECT ON DATABASE m_b FROM m_t_ro', ['G1', 'm_t', 'm_b']),
  fact('postgres', 'GRANT CONNECT ON DATABASE m_b TO m_a_user_2', 'REVOKE CONNECT ON DATABASE m_b FROM m_a_user_2', ['G1', 'm_a', 'm_b']),
  fact('postgres', 'GRANT CONNECT ON DATABASE m_b TO m_s_ro', 'REVOKE CONNECT ON DATABASE m_b FROM m_s_ro', ['P01', 'm_lens', 'm_b']),
  fact(
    'postgres',
    'GRANT TEMPORARY ON DATABASE m_shared TO m_shared_tenants',
    'REVOKE TEMPORARY ON DATABASE m_shared FROM m_shared_tenants',
    ['P02', 'm_t', 'm_shared'],
  ),
  fact('postgres', 'GRANT CREATE ON DATABASE m_pool TO m_pool_rw', 'REVOKE CREATE ON DATABASE m_pool FROM m_pool_rw', [
    'S10',
    'm_y',
    'm_pool',
  ]),
  fact('postgres', 'ALTER DATABASE m_shared OWNER TO m_s_owner', 'ALTER DATABASE m_shared OWNER TO postgres', ['P25a', 'm_s', 'm_shared']),
  fact('postgres', 'GRANT m_t_owner TO m_s_owner', 'REVOKE m_t_owner FROM m_s_owner', ['E7', 'm_s', 'm_t']),
  fact('postgres', 'GRANT m_a_owner TO m_lens_user', 'REVOKE m_a_owner FROM m_lens_user', ['E7', 'm_lens', 'm_a']),
  fact('postgres', 'GRANT m_pool_owner TO m_x_user', 'REVOKE m_pool_owner FROM m_x_user', ['E7', 'm_x', 'm_pool']),
  fact('postgres', 'GRANT m_b_user TO stranger', 'REVOKE m_b_user FROM stranger', ['F1', 'stranger', 'm_b']),
  fact('postgres', 'GRANT stranger TO m_a_owner; GRANT m_b_rw TO stranger', 'REVOKE stranger FROM m_a_owner; REVOKE m_b_rw FROM stranger', [
    'E7',
    'm_a',
    'm_b',
  ]),
  fact('postgres', 'GRANT m_a_rw TO m_a_user WITH ADMIN OPTION', 'REVOKE ADMIN OPTION FOR m_a_rw FROM m_a_user', ['P25b', 'm_a', null]),
  fact('postgres', 'GRANT m_b_owner TO m_a_user WITH INHERIT FALSE, SET TRUE', 'REVOKE m_b_owner FROM m_a_user', ['E7', 'm_a', 'm_b'], 16),
  fact(
    'postgres',
    'GRANT m_b_owner TO m_a_user WITH INHERIT FALSE, SET FALSE, ADMIN TRUE',
    'REVOKE m_b_owner FROM m_a_user',
    ['E7', 'm_a', 'm_b'],
    16,
  ),
  fact('postgres', 'GRANT pg_monitor TO m_s_rw', 'REVOKE pg_monitor FROM m_s_rw', ['P05e', 'm_s', null]),
  fact('postgres', 'GRANT pg_monitor TO m_s_rw', 'REVOKE pg_monitor FROM m_s_rw', ['P09', 'm_s', null]),
  fact('postgres', 'GRANT pg_read_server_files TO m_shared_tenants', 'REVOKE pg_read_server_files FROM m_shared_tenants', [
    'P14',
    'm_t',
    null,
  ]),
  fact('postgres', 'GRANT pg_read_all_data TO m_lens_user', 'REVOKE pg_read_all_data FROM m_lens_user', ['E7', 'm_lens', null]),
  fact('postgres', 'ALTER ROLE m_b_ro SUPERUSER', 'ALTER ROLE m_b_ro NOSUPERUSER', ['E11', 'm_b', null]),
  fact('postgres', 'ALTER ROLE m_pool_migrator BYPASSRLS', 'ALTER ROLE m_pool_migrator NOBYPASSRLS', ['R14', 'm_pool_migrator', null]),
  fact('postgres', 'ALTER ROLE ALL SET search_path = evil', 'ALTER ROLE ALL RESET search_path', ['E1', null, null]),
  fact('postgres', 'ALTER DATABASE m_b SET search_path = evil', 'ALTER DATABASE m_b RESET search_path', ['E1', 'm_b', null]),
  fact('postgres', "ALTER ROLE m_a_user SET app.jwt_secret = 'x'", 'ALTER ROLE m_a_user RESET app.jwt_secret', ['P11', null, 'm_a']),
  fact('postgres', "ALTER ROLE stranger SET my.url = 'postgres://u:secret@h/d'", 'ALTER ROLE stranger RESET my.url', [
    'P11',
    null,
    'stranger',
  ]),
  fact(
    'postgres',
    'ALTER ROLE m_lens_user SET default_transaction_read_only = off',
    'ALTER ROLE m_lens_user SET default_transaction_read_only = on',
    ['E10', 'm_lens', null],
  ),
  fact(
    'postgres',
    "ALTER ROLE m_x_user IN DATABASE m_pool SET temp_file_limit = '-1'",
    'ALTER ROLE m_x_user IN DATABASE m_pool RESET temp_file_limit',
    ['D6', 'm_x', null],
  ),
  fact('postgres', "COMMENT ON TABLESPACE pg_default IS 'password: hunter2'", 'COMMENT ON TABLESPACE pg_default IS NULL', [
    'P11f',
    null,
    null,
  ]),
  fact('postgres', 'GRANT CREATE ON TABLESPACE pg_default TO m_a_user', 'REVOKE CREATE ON TABLESPACE pg_default FROM m_a_user', [
    'E9',
    'm_a',
    null,
  ]),
  fact(
    'postgres',
    'GRANT SET ON PARAMETER session_replication_role TO m_x_user',
    'REVOKE SET ON PARAMETER session_replication_role FROM m_x_user',
    ['E12', 'm_x', null],
    15,
  ),
  fact(
    'postgres',
    'GRANT ALTER SYSTEM ON PARAMETER archive_command TO PUBLIC',
    'REVOKE ALTER SYSTEM ON PARAMETER archive_command FROM PUBLIC',
    ['E12', null, null],
    15,
  ),
  fact(
    'postgres',
    'CREATE TABLE public.left_behind (x int); ALTER TABLE public.left_behind OWNER TO m_a_owner',
    'DROP TABLE public.left_behind',
    ['S12', 'm_a', 'postgres'],
  ),
  fact(
    'template1',
    'CREATE FUNCTION public.trojan() RETURNS int LANGUAGE sql AS $$SELECT 1$$; ALTER FUNCTION public.trojan() OWNER TO m_a_owner',
    'DROP FUNCTION public.trojan()',
    ['P23', 'm_a', 'template1'],
  ),
];

/** DatabaseContext the databases of the apps. */
export const insideFacts: readonly Fact[] = [
  fact('m_b', 'CREATE COLLATION public.odd FROM "C"; ALTER COLLATION public.odd OWNER TO stranger', 'DROP COLLATION public.odd', [
    'F1',
    'stranger',
    'm_b',
  ]),
  fact(
    'm_b',
    'CREATE OPERATOR public.### (LEFTARG = int, RIGHTARG = int, FUNCTION = int4pl); ALTER OPERATOR public.### (int, int) OWNER TO m_a_owner',
    'DROP OPERATOR public.### (int, int)',
    ['S12', 'm_a', 'm_b'],
  ),
  fact(
    'm_b',
    'SELECT lo_create(0); DO $$BEGIN EXECUTE format($f$GRANT SELECT ON LARGE OBJECT %s TO PUBLIC$f$, (SELECT oid FROM pg_largeobject_metadata LIMIT 1)); END$$',
    `SELECT lo_unlink((${LARGE_OBJECT}))`,
    ['P17', null, 'm_b'],
  ),
  fact('m_b', 'CREATE FOREIGN DATA WRAPPER w; CREATE SERVER s FOREIGN DATA WRAPPER w', 'DROP FOREIGN DATA WRAPPER w CASCADE', [
    'P16h',
    'm_b',
    null,
  ]),
  fact(
    'm_shared',
    "CREATE FOREIGN DATA WRAPPER w; CREATE SERVER s FOREIGN DATA WRAPPER w; CREATE USER MAPPING FOR PUBLIC SERVER s OPTIONS (user 'm_b_user')",
    'DROP FOREIGN DATA WRAPPER w CASCADE',
    ['P16m', null, 'm_shared'],
  ),
  fact('m_b', 'GRANT EXECUTE ON FUNCTION pg_read_file(text) TO m_b_user', 'REVOKE EXECUTE ON FUNCTION pg_read_file(text) FROM m_b_user', [
    'P14',
    'm_b',
    null,
  ]),
  fact('m_b', 'GRANT EXECUTE ON FUNCTION pg_reload_conf() TO PUBLIC', 'REVOKE EXECUTE ON FUNCTION pg_reload_conf() FROM PUBLIC', [
    'E9',
    'm_b',
    null,
  ]),
  fact('m_shared', 'GRANT SELECT ON pg_authid TO m_s_user', 'REVOKE SELECT ON pg_authid FROM m_s_user', ['E9', 'm_s', null]),
  fact(
    'm_b',
    "UPDATE pg_language SET lanpltrusted = true WHERE lanname = 'c'",
    "UPDATE pg_language SET lanpltrusted = false WHERE lanname = 'c'",
    ['P14l', 'm_b', null],
  ),
  fact(
    'm_b',
    'CREATE PUBLICATION all_of_it FOR ALL TABLES; UPDATE pg_publication SET pubowner = $$m_b_owner$$::regrole',
    'DROP PUBLICATION all_of_it',
    ['E9', 'm_b', null],
  ),
  fact(
    'm_b',
    'ALTER DEFAULT PRIVILEGES FOR ROLE m_b_owner GRANT EXECUTE ON FUNCTIONS TO PUBLIC',
    'ALTER DEFAULT PRIVILEGES FOR ROLE m_b_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC',
    ['P04f', null, 'm_b'],
  ),
  fact(
    'm_shared',
    'ALTER DEFAULT PRIVILEGES FOR ROLE m_t_user IN SCHEMA m_t GRANT SELECT ON TABLES TO m_s_rw',
    'ALTER DEFAULT PRIVILEGES FOR ROLE m_t_user IN SCHEMA m_t REVOKE SELECT ON TABLES FROM m_s_rw',
    ['P04f', 'm_s', 'm_t'],
  ),
  fact(
    'm_pool',
    'ALTER DEFAULT PRIVILEGES FOR ROLE m_pool_owner GRANT SELECT ON TABLES TO PUBLIC',
    'ALTER DEFAULT PRIVILEGES FOR ROLE m_pool_owner REVOKE SELECT ON TABLES FROM PUBLIC',
    ['P04f', null, 'm_pool'],
  ),
  fact('m_a', 'GRANT INSERT ON public.orders TO m_a_ro', 'REVOKE INSERT ON public.orders FROM m_a_ro', ['P01b', 'm_lens', 'm_a']),
  fact('m_a', 'GRANT EXECUTE ON FUNCTION public.secret_sum() TO m_a_ro', 'REVOKE EXECUTE ON FUNCTION public.secret_sum() FROM m_a_ro', [
    'P04b',
    'm_lens',
    'm_a',
  ]),
  fact('m_shared', 'GRANT UPDATE (note) ON m_t.orders TO m_s_ro', 'REVOKE UPDATE (note) ON m_t.orders FROM m_s_ro', [
    'S01',
    'm_lens',
    'm_t',
  ]),
  fact('m_b', 'CREATE FUNCTION public.ops() RETURNS int LANGUAGE sql SECURITY DEFINER AS $$SELECT 1$$', 'DROP FUNCTION public.ops()', [
    'E4',
    'm_b',
    null,
  ]),
  fact(
    'm_shared',
    'CREATE FUNCTION public.is_admin() RETURNS boolean LANGUAGE sql SECURITY DEFINER AS $$SELECT true$$',
    'DROP FUNCTION public.is_admin()',
    ['E4', null, 'm_shared'],
  ),
  fact(
    'm_a',
    'SET ROLE m_a_owner; CREATE FUNCTION public.lower(varchar) RETURNS text LANGUAGE plpgsql AS $$BEGIN RETURN $1; END$$',
    'DROP FUNCTION public.lower(varchar)',
    ['E1b', 'm_a', null],
  ),
  fact(
    'm_a',
    'SET ROLE m_a_owner; CREATE FUNCTION public.trojan() RETURNS int LANGUAGE plpgsql AS $$BEGIN EXECUTE $q$ALTER ROLE m_a_user SUPERUSER$q$; RETURN 1; END$$; CREATE VIEW public.customers AS SELECT public.trojan()',
    'DROP FUNCTION public.trojan() CASCADE',
    ['E2', 'm_a', null],
  ),
  fact(
    'm_a',
    'SET ROLE m_a_owner; CREATE FUNCTION public.fire() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN ALTER ROLE m_a_user SUPERUSER; RETURN NEW; END$$; CREATE TRIGGER t BEFORE INSERT ON public.orders FOR EACH ROW EXECUTE FUNCTION public.fire()',
    'DROP FUNCTION public.fire() CASCADE',
    ['E2b', 'm_a', null],
  ),
  fact('m_shared', "SET ROLE m_s_owner; CREATE VIEW m_s.v AS SELECT set_config('role', 'none', false)", 'DROP VIEW m_s.v', [
    'E3',
    'm_s',
    null,
  ]),
  fact(
    'm_pool',
    'SET ROLE m_pool_owner; CREATE TABLE public.plain (x int); RESET ROLE; GRANT SELECT ON public.plain TO m_pool_rw',
    'DROP TABLE public.plain',
    ['R15', null, 'm_pool'],
  ),
  fact(
    'm_pool',
    'DROP POLICY cotenant_guard ON public.docs',
    'CREATE POLICY cotenant_guard ON public.docs AS RESTRICTIVE FOR ALL TO m_pool_rw USING (workspace::text = (SELECT cotenant.workspace()) AND workspace::text COLLATE "C" = (SELECT cotenant.workspace())) WITH CHECK (workspace::text = (SELECT cotenant.workspace()) AND workspace::text COLLATE "C" = (SELECT cotenant.workspace()))',
    ['R05', null, 'm_pool'],
  ),
  fact('m_pool', 'GRANT SELECT (body) ON public.docs TO PUBLIC', 'REVOKE SELECT (body) ON public.docs FROM PUBLIC', [
    'R05',
    null,
    'm_pool',
  ]),
  fact(
    'm_pool',
    "UPDATE cotenant.workspaces SET workspace = 'm_y' WHERE login = 'm_x_user'",
    "UPDATE cotenant.workspaces SET workspace = 'm_x' WHERE login = 'm_x_user'",
    ['R02', 'm_x', 'm_y'],
  ),
  fact('m_pool', 'ALTER FUNCTION cotenant.workspace() SECURITY INVOKER', 'ALTER FUNCTION cotenant.workspace() SECURITY DEFINER', [
    'R02',
    null,
    'm_pool',
  ]),
  fact('m_pool', 'GRANT TRUNCATE ON public.docs TO m_pool_rw', 'REVOKE TRUNCATE ON public.docs FROM m_pool_rw', ['R06', null, 'm_pool']),
  fact(
    'm_pool',
    'CREATE FUNCTION public.peek(text) RETURNS boolean LANGUAGE sql LEAKPROOF AS $$SELECT true$$',
    'DROP FUNCTION public.peek(text)',
    ['R11', null, 'm_pool'],
  ),
];
