import type { Fact } from './facts.ts';

const FN =
  "SET ROLE m_s_owner; CREATE FUNCTION m_s.eq(text, text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN true; END'; CREATE FUNCTION m_s.cmp(text, text) RETURNS int LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN 0; END'; CREATE OPERATOR m_s.=== (LEFTARG = text, RIGHTARG = text, FUNCTION = m_s.eq); RESET ROLE; ";
const GONE =
  'DROP FUNCTION IF EXISTS m_s.eq(text, text) CASCADE; DROP FUNCTION IF EXISTS m_s.cmp(text, text) CASCADE; DROP TYPE IF EXISTS m_t.mine CASCADE; DROP COLLATION IF EXISTS m_s.coll CASCADE; DROP TYPE IF EXISTS m_s.theirs CASCADE; DROP TEXT SEARCH CONFIGURATION IF EXISTS m_s.cfg CASCADE; DROP AGGREGATE IF EXISTS m_t.agg(text)';
const OPERATOR = 'OPERATOR(m_s.===)';

const rest = (sql: string, probe: 'S31' | 'S32', undo = GONE): Fact => ({
  in: 'm_shared',
  sql: `${FN}${sql}`,
  undo: undo === GONE ? GONE : `${undo}; ${GONE}`,
  seen: [`PG-${probe}`, 'm_s', 'm_t'],
});

/** What of an app rests on something of a neighbour, one for each kind of object that pg_depend knows between them. */
const restFacts: readonly Fact[] = [
  rest(`ALTER TABLE m_t.orders ADD CONSTRAINT c CHECK (note ${OPERATOR} 'x') NOT VALID`, 'S31'),
  rest(`CREATE POLICY p ON m_t.orders USING (note ${OPERATOR} 'x'::text)`, 'S31'),
  rest(
    "SET ROLE m_t_owner; CREATE FUNCTION m_t.tr() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; RESET ROLE; CREATE TRIGGER t BEFORE INSERT ON m_t.orders FOR EACH ROW WHEN (m_s.eq(NEW.note, 'x')) EXECUTE FUNCTION m_t.tr()",
    'S31',
    'DROP FUNCTION m_t.tr() CASCADE',
  ),
  rest(
    'CREATE OPERATOR CLASS m_t.oc FOR TYPE text USING btree AS OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >, FUNCTION 1 m_s.cmp(text, text); ALTER OPERATOR CLASS m_t.oc USING btree OWNER TO m_t_owner',
    'S31',
    'DROP OPERATOR FAMILY m_t.oc USING btree CASCADE',
  ),
  rest("CREATE DOMAIN m_t.mine AS text CHECK (m_s.eq(VALUE, 'x')); ALTER DOMAIN m_t.mine OWNER TO m_t_owner", 'S31'),
  rest("CREATE DOMAIN m_t.mine AS boolean DEFAULT m_s.eq('x', 'y'); ALTER DOMAIN m_t.mine OWNER TO m_t_owner", 'S31'),
  rest(
    'CREATE FUNCTION m_s.state(text, text) RETURNS text LANGUAGE plpgsql AS $$BEGIN RETURN $1; END$$; ALTER FUNCTION m_s.state(text, text) OWNER TO m_s_owner; CREATE AGGREGATE m_t.agg(text) (SFUNC = m_s.state, STYPE = text); ALTER AGGREGATE m_t.agg(text) OWNER TO m_t_owner',
    'S31',
    'DROP FUNCTION m_s.state(text, text) CASCADE',
  ),
  rest(
    "SET ROLE m_s_owner; CREATE FUNCTION m_s.diff(int, int) RETURNS float8 LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN 0; END'; RESET ROLE; CREATE TYPE m_t.mine AS RANGE (SUBTYPE = int, SUBTYPE_DIFF = m_s.diff); ALTER TYPE m_t.mine OWNER TO m_t_owner",
    'S31',
    'DROP FUNCTION m_s.diff(int, int) CASCADE',
  ),
  rest(
    "CREATE FUNCTION m_t.calls() RETURNS boolean LANGUAGE sql BEGIN ATOMIC SELECT m_s.eq('x', 'y'); END; ALTER FUNCTION m_t.calls() OWNER TO m_t_owner",
    'S31',
  ),
  rest("CREATE VIEW m_t.asks AS SELECT 'x'::text OPERATOR(m_s.===) 'y'::text AS yes; ALTER VIEW m_t.asks OWNER TO m_t_owner", 'S31'),
  rest(
    'SET ROLE m_s_owner; CREATE COLLATION m_s.coll FROM "C"; RESET ROLE; ALTER TABLE m_t.orders ADD COLUMN c text COLLATE m_s.coll',
    'S32',
  ),
  rest(
    "SET ROLE m_s_owner; CREATE TYPE m_s.theirs AS ENUM ('a'); RESET ROLE; CREATE TYPE m_t.mine AS (a m_s.theirs); ALTER TYPE m_t.mine OWNER TO m_t_owner",
    'S32',
  ),
  rest(
    "SET ROLE m_s_owner; CREATE TYPE m_s.theirs AS ENUM ('a'); RESET ROLE; CREATE FUNCTION m_t.takes(m_s.theirs) RETURNS int LANGUAGE sql AS 'SELECT 1'; ALTER FUNCTION m_t.takes(m_s.theirs) OWNER TO m_t_owner",
    'S32',
  ),
  rest(
    "SET ROLE m_s_owner; CREATE TEXT SEARCH CONFIGURATION m_s.cfg (COPY = pg_catalog.simple); RESET ROLE; ALTER TABLE m_t.orders ADD COLUMN words tsvector GENERATED ALWAYS AS (to_tsvector('m_s.cfg'::regconfig, note)) STORED",
    'S32',
  ),
  rest('CREATE STATISTICS m_t.st ON id, note FROM m_t.orders; ALTER STATISTICS m_t.st OWNER TO m_s_owner', 'S32', 'DROP STATISTICS m_t.st'),
  rest('CREATE PUBLICATION pub FOR TABLE m_t.orders; ALTER PUBLICATION pub OWNER TO m_s_owner', 'S32', 'DROP PUBLICATION pub'),
  {
    ...rest('CREATE PUBLICATION pub FOR TABLES IN SCHEMA m_t; ALTER PUBLICATION pub OWNER TO m_s_owner', 'S32', 'DROP PUBLICATION pub'),
    since: 15,
  },
  // The code of an app in the operator's own sessions.
  {
    in: 'm_shared',
    sql: `${FN}CREATE TABLE public.counted (a boolean DEFAULT ('x'::text ${OPERATOR} 'y'::text))`,
    undo: `DROP TABLE public.counted; ${GONE}`,
    seen: ['PG-S31', 'm_s', 'm_shared'],
  },
];

const fact = (where: string, sql: string, undo: string, probe: string, from: string | null, to: string | null = null): Fact => ({
  in: where,
  sql,
  undo,
  seen: [`PG-${probe}`, from, to],
});

/** What the server came with, in the hands of somebody. */
const serverFacts: readonly Fact[] = [
  fact('m_shared', 'ALTER LANGUAGE plpgsql OWNER TO m_s_owner', 'ALTER LANGUAGE plpgsql OWNER TO postgres', 'E9', 'm_s'),
  fact('m_b', 'ALTER FUNCTION pg_catalog.now() OWNER TO m_b_owner', 'ALTER FUNCTION pg_catalog.now() OWNER TO postgres', 'E9', 'm_b'),
  fact(
    'm_b',
    "UPDATE pg_proc SET proowner = 'm_b_owner'::regrole WHERE oid = 'pg_catalog.pg_backend_pid()'::regprocedure",
    "UPDATE pg_proc SET proowner = 10 WHERE oid = 'pg_catalog.pg_backend_pid()'::regprocedure",
    'E9',
    'm_b',
  ),
  fact(
    'm_shared',
    'SET allow_system_table_mods = on; CREATE OR REPLACE VIEW pg_catalog.pg_group AS SELECT rolname AS groname, oid AS grosysid, ARRAY(SELECT pam.oid FROM m_t.orders o, pg_authid pam) AS grolist FROM pg_authid WHERE NOT rolcanlogin',
    'SET allow_system_table_mods = on; CREATE OR REPLACE VIEW pg_catalog.pg_group AS SELECT rolname AS groname, oid AS grosysid, ARRAY(SELECT member FROM pg_auth_members WHERE roleid = pg_authid.oid) AS grolist FROM pg_authid WHERE NOT rolcanlogin',
    'E9',
    null,
  ),
  fact(
    'postgres',
    'GRANT CONNECT ON DATABASE postgres TO stranger; GRANT SELECT (rolname, rolpassword) ON pg_authid TO stranger',
    'REVOKE CONNECT ON DATABASE postgres FROM stranger; REVOKE SELECT (rolname, rolpassword) ON pg_authid FROM stranger',
    'F1',
    'stranger',
  ),
  fact(
    'postgres',
    'GRANT CONNECT ON DATABASE postgres TO stranger; GRANT EXECUTE ON FUNCTION pg_read_file(text) TO PUBLIC',
    'REVOKE CONNECT ON DATABASE postgres FROM stranger; REVOKE EXECUTE ON FUNCTION pg_read_file(text) FROM PUBLIC',
    'F1',
    'stranger',
  ),
  fact(
    'postgres',
    'GRANT CONNECT ON DATABASE postgres TO stranger; ALTER FUNCTION pg_catalog.now() OWNER TO stranger',
    'REVOKE CONNECT ON DATABASE postgres FROM stranger; ALTER FUNCTION pg_catalog.now() OWNER TO postgres',
    'F1',
    'stranger',
    'postgres',
  ),
  fact(
    'postgres',
    'GRANT CONNECT ON DATABASE postgres TO m_b_user; ALTER LANGUAGE plpgsql OWNER TO m_b_owner',
    'REVOKE CONNECT ON DATABASE postgres FROM m_b_user; ALTER LANGUAGE plpgsql OWNER TO postgres',
    'E9',
    'm_b',
  ),
];

const strangers = (sql: string, undo: string, since = 14): Fact => ({ ...fact('postgres', sql, undo, 'F1', 'stranger'), since });

/** What a login that the manifest does not name may do to the whole server. */
const strangerFacts: readonly Fact[] = [
  ...['SUPERUSER', 'CREATEROLE', 'REPLICATION'].map((word) => strangers(`ALTER ROLE stranger ${word}`, `ALTER ROLE stranger NO${word}`)),
  ...[
    'pg_execute_server_program',
    'pg_read_server_files',
    'pg_write_server_files',
    'pg_signal_backend',
    'pg_monitor',
    'pg_read_all_stats',
    'pg_read_all_settings',
    'pg_read_all_data',
    'pg_write_all_data',
  ].map((group) => strangers(`GRANT ${group} TO stranger`, `REVOKE ${group} FROM stranger`)),
  strangers('CREATE ROLE crew; GRANT pg_write_server_files TO crew; GRANT crew TO stranger', 'DROP ROLE crew'),
  strangers('GRANT pg_maintain TO stranger', 'REVOKE pg_maintain FROM stranger', 17),
];

export const everybodyFacts: readonly Fact[] = [...restFacts, ...serverFacts, ...strangerFacts];
