import { afterAll, beforeAll, describe, test } from 'vitest';
import { type Drift, driftsOf, DriftWorld } from '../../../support/drift.ts';
import { describeEachPostgres } from '../../../support/engines.ts';

const yaml = `apps:
  shop: { uses: { main: { connections: 5, statementTimeout: 30s, settings: { work_mem: 8MB } } } }
  news: { uses: { main: { connections: 5, isolation: schema, database: shared } } }
readers:
  audit: { reads: [shop], connections: 2 }
`;

const attributes: readonly Drift[] = [
  { name: 'login of the live login', sql: 'ALTER ROLE shop_user NOLOGIN', field: /^role shop_user: login$/ },
  { name: 'login of the standby login', sql: 'ALTER ROLE shop_user_2 LOGIN', field: /^role shop_user_2: login$/ },
  { name: 'login of the owner', sql: `ALTER ROLE shop_owner LOGIN PASSWORD 'x'`, field: /^role shop_owner: login$/ },
  { name: 'login of a group', sql: 'ALTER ROLE shop_rw LOGIN', field: /^role shop_rw: login$/ },
  { name: 'login of a shared group', sql: 'ALTER ROLE shared_tenants LOGIN', field: /^role shared_tenants: login$/ },
  { name: 'login of a reader', sql: 'ALTER ROLE audit_user NOLOGIN', field: /^role audit_user: login$/ },
  { name: 'inherit', sql: 'ALTER ROLE shop_user NOINHERIT', field: /^role shop_user: inherit$/ },
  { name: 'superuser', sql: 'ALTER ROLE shop_user SUPERUSER', field: /^role shop_user: superuser$/ },
  { name: 'superuser of a group', sql: 'ALTER ROLE shop_ro SUPERUSER', field: /^role shop_ro: superuser$/ },
  { name: 'createdb', sql: 'ALTER ROLE shop_user CREATEDB', field: /^role shop_user: createDatabase$/ },
  { name: 'createrole', sql: 'ALTER ROLE shop_user CREATEROLE', field: /^role shop_user: createRole$/ },
  { name: 'replication', sql: 'ALTER ROLE shop_user REPLICATION', field: /^role shop_user: replication$/ },
  { name: 'bypassrls', sql: 'ALTER ROLE shop_user BYPASSRLS', field: /^role shop_user: bypassRls$/ },
  { name: 'connection limit lifted', sql: 'ALTER ROLE shop_user CONNECTION LIMIT -1', field: /^role shop_user: connectionLimit$/ },
  { name: 'connection limit lowered', sql: 'ALTER ROLE shop_user CONNECTION LIMIT 0', field: /^role shop_user: connectionLimit$/ },
  { name: 'connection limit of a group', sql: 'ALTER ROLE shop_owner CONNECTION LIMIT 3', field: /^role shop_owner: connectionLimit$/ },
  { name: 'valid until', sql: `ALTER ROLE shop_user VALID UNTIL '2001-01-01'`, field: /^role shop_user: validUntil$/ },
  { name: 'password changed', sql: `ALTER ROLE shop_user PASSWORD 'other'`, field: /^role shop_user: password$/ },
  {
    name: 'password changed by its login',
    as: 'shop_user',
    on: 'shop',
    sql: `SET ROLE NONE; ALTER ROLE shop_user PASSWORD 'other'`,
    field: /^role shop_user: password$/,
  },
  { name: 'password removed', sql: 'ALTER ROLE shop_user PASSWORD NULL', field: /^role shop_user: password$/ },
  {
    name: 'password as md5',
    sql: `SET password_encryption = md5; ALTER ROLE shop_user PASSWORD 'other'; RESET password_encryption`,
    field: /^role shop_user: password$/,
  },
  { name: 'password of the standby login', sql: `ALTER ROLE shop_user_2 PASSWORD 'other'`, field: /^role shop_user_2: password$/ },
  { name: 'password of the owner', sql: `ALTER ROLE shop_owner PASSWORD 'other'`, field: /^role shop_owner: password$/ },
  { name: 'password of a reader', sql: `ALTER ROLE audit_user PASSWORD 'other'`, field: /^role audit_user: password$/ },
  { name: 'mark removed', sql: 'COMMENT ON ROLE shop_rw IS NULL', field: /^role shop_rw: mark$/ },
  { name: 'mark of the first role removed', sql: 'COMMENT ON ROLE shop_owner IS NULL', field: /^role shop_owner: mark$/ },
  { name: 'mark of the login removed', sql: 'COMMENT ON ROLE shop_user IS NULL', field: /^role shop_user: mark$/ },
  { name: 'mark of the last role removed', sql: 'COMMENT ON ROLE shop_user_2 IS NULL', field: /^role shop_user_2: mark$/ },
  { name: 'mark of the first role of another app removed', sql: 'COMMENT ON ROLE news_owner IS NULL', field: /^role news_owner: mark$/ },
  {
    name: 'mark overwritten',
    sql: `COMMENT ON ROLE shop_user IS 'mine now'`,
    field: /^role shop_user: mark$/,
    holds: { sql: `SELECT shobj_description('shop_user'::regrole, 'pg_authid') LIKE E'mine now\\ncotenant {%'`, is: true },
    undo: `COMMENT ON ROLE shop_user IS 'cotenant {"project":"tests","app":"shop"}'`,
  },
  { name: 'mark of a shared role removed', sql: 'COMMENT ON ROLE shared_tenants IS NULL', field: /^role shared_tenants: mark$/ },
  { name: 'role dropped', sql: 'DROP ROLE audit_user_2', field: /^role audit_user_2: missing$/ },
];

const memberships: readonly Drift[] = [
  { name: 'taken from its group', sql: 'REVOKE shop_rw FROM shop_user', field: /^role shop_user: member of shop_rw$/ },
  { name: 'taken from its owner', sql: 'REVOKE shop_owner FROM shop_user', field: /^role shop_user: member of shop_owner$/ },
  { name: 'a reader taken from its group', sql: 'REVOKE shop_ro FROM audit_user', field: /^role audit_user: member of shop_ro$/ },
  { name: 'another app', sql: 'GRANT news_owner TO shop_user', field: /^role shop_user: member of news_owner$/ },
  { name: 'another app, by way of the owner', sql: 'GRANT news_rw TO shop_owner', field: /^role shop_owner: member of news_rw$/ },
  { name: 'with admin option', sql: 'GRANT shop_rw TO shop_user WITH ADMIN OPTION', field: /^role shop_user: member of shop_rw$/ },
  {
    name: 'another app with admin option',
    sql: 'GRANT news_rw TO shop_user WITH ADMIN OPTION',
    field: /^role shop_user: member of news_rw$/,
  },
  {
    name: 'without inherit',
    sql: 'GRANT shop_rw TO shop_user WITH INHERIT FALSE',
    since: 16,
    field: /^role shop_user: member of shop_rw$/,
  },
  { name: 'without set', sql: 'GRANT shop_owner TO shop_user WITH SET FALSE', since: 16, field: /^role shop_user: member of shop_owner$/ },
  { name: 'pg_monitor', sql: 'GRANT pg_monitor TO shop_user', field: /^role shop_user: member of pg_monitor$/ },
  { name: 'pg_read_all_data', sql: 'GRANT pg_read_all_data TO shop_owner', field: /^role shop_owner: member of pg_read_all_data$/ },
  {
    name: 'pg_execute_server_program',
    sql: 'GRANT pg_execute_server_program TO shop_rw',
    field: /^role shop_rw: member of pg_execute_server_program$/,
  },
  {
    name: 'a foreign role in our group',
    sql: 'CREATE ROLE guest LOGIN; GRANT shop_ro TO guest',
    field: /^role shop_ro: member guest$/,
    undo: 'DROP ROLE guest',
  },
  {
    name: 'a foreign role in the owner, with admin option and a guest of its own',
    sql: 'CREATE ROLE guest LOGIN; CREATE ROLE guest_of_guest; GRANT shop_owner TO guest WITH ADMIN OPTION; SET ROLE guest; GRANT shop_owner TO guest_of_guest; RESET ROLE',
    field: /^role shop_owner: member guest$/,
    undo: 'DROP ROLE guest, guest_of_guest',
  },
  {
    name: 'our login in a foreign role',
    sql: 'CREATE ROLE club; GRANT club TO shop_user',
    field: /^role shop_user: member of club$/,
    undo: 'DROP ROLE club',
  },
  {
    name: 'a chain to another app over a foreign role',
    sql: 'CREATE ROLE bridge; GRANT news_owner TO bridge; GRANT bridge TO shop_user',
    field: /^role shop_user: member of bridge$/,
    undo: 'DROP ROLE bridge',
  },
  {
    name: 'another app, granted by somebody else',
    sql: 'CREATE ROLE boss SUPERUSER; GRANT news_owner TO boss WITH ADMIN OPTION; SET ROLE boss; GRANT news_owner TO shop_user GRANTED BY boss; RESET ROLE',
    since: 16,
    field: /^role shop_user: member of news_owner$/,
    undo: 'REVOKE news_owner FROM boss; DROP ROLE boss',
  },
  {
    name: 'another app with admin option, passed on',
    sql: 'GRANT news_owner TO shop_user WITH ADMIN OPTION; SET ROLE shop_user; GRANT news_owner TO audit_user; RESET ROLE',
    field: /^role audit_user: member of news_owner$/,
  },
  {
    name: 'the login of another app in a login',
    sql: 'GRANT shop_user TO news_user',
    field: /^role news_user: member of shop_user$/,
  },
];

const settings: readonly Drift[] = [
  { name: 'changed', sql: `ALTER ROLE shop_user SET statement_timeout = 0`, field: /^role shop_user: setting statement_timeout$/ },
  {
    name: 'changed by the login',
    as: 'shop_user',
    on: 'shop',
    sql: 'SET ROLE NONE; ALTER ROLE shop_user SET statement_timeout = 0',
    field: /^role shop_user: setting statement_timeout$/,
  },
  { name: 'added', sql: `ALTER ROLE shop_user SET search_path = evil, public`, field: /^role shop_user: setting search_path$/ },
  {
    name: 'added with a name of its own',
    sql: `ALTER ROLE shop_user SET app.secret = 'x'`,
    field: /^role shop_user: setting app\.secret$/,
  },
  { name: 'removed', sql: 'ALTER ROLE shop_user RESET work_mem', field: /^role shop_user: setting work_mem$/ },
  { name: 'the role removed', sql: 'ALTER ROLE shop_user RESET role', field: /^role shop_user: setting role$/ },
  {
    name: 'the limit of temporary files removed',
    sql: 'ALTER ROLE shop_user RESET temp_file_limit',
    field: /^role shop_user: setting temp_file_limit$/,
  },
  { name: 'all removed', sql: 'ALTER ROLE shop_user RESET ALL', field: /^role shop_user: setting temp_file_limit$/ },
  {
    name: 'all removed by the login',
    as: 'shop_user',
    on: 'shop',
    sql: 'SET ROLE NONE; ALTER ROLE shop_user RESET ALL',
    field: /^role shop_user: setting work_mem$/,
  },
  {
    name: 'the search path of a schema changed',
    sql: `ALTER ROLE news_user SET search_path = public`,
    field: /^role news_user: setting search_path$/,
  },
  { name: 'of a group', sql: `ALTER ROLE shop_owner SET log_statement = 'none'`, field: /^role shop_owner: setting log_statement$/ },
  {
    name: 'of a reader',
    sql: 'ALTER ROLE audit_user SET default_transaction_read_only = off',
    field: /^role audit_user: setting default_transaction_read_only$/,
  },
  {
    name: 'for one database added',
    sql: `ALTER ROLE shop_user IN DATABASE shop SET statement_timeout = 0`,
    field: /^role shop_user: setting shop\/statement_timeout$/,
  },
  {
    name: 'for one foreign database added',
    sql: `ALTER ROLE shop_user IN DATABASE postgres SET search_path = evil`,
    field: /^role shop_user: setting postgres\/search_path$/,
  },
  {
    name: 'for every role in a database',
    sql: `ALTER DATABASE shop SET search_path = evil, public`,
    field: /^database shop: setting search_path$/,
  },
  {
    name: 'right on a parameter',
    sql: 'GRANT SET ON PARAMETER session_replication_role TO shop_user',
    since: 15,
    field: /^role shop_user: parameter session_replication_role/,
  },
  {
    name: 'right to alter the system',
    sql: 'GRANT SET, ALTER SYSTEM ON PARAMETER log_statement TO shop_owner WITH GRANT OPTION',
    since: 15,
    field: /^role shop_owner: parameter log_statement/,
  },
  {
    name: 'right of everybody on a parameter',
    sql: 'GRANT SET ON PARAMETER session_replication_role TO PUBLIC',
    since: 15,
    field: /parameter session_replication_role/,
  },
];

describeEachPostgres('drift of roles', { versions: 'each' }, (server, major) => {
  let world: DriftWorld;
  beforeAll(async () => {
    world = await DriftWorld.make(server(), yaml, ['shop', 'shared', 'postgres', 'template1']);
  });
  afterAll(async () => await world[Symbol.asyncDispose]());

  describe('attribute', () => {
    test.each(driftsOf(major, attributes))('$name', async (drift) => await world.expectMended(drift));
  });
  describe('membership', () => {
    test.each(driftsOf(major, memberships))('$name', async (drift) => await world.expectMended(drift));
  });
  describe('setting', () => {
    test.each(driftsOf(major, settings))('$name', async (drift) => await world.expectMended(drift));
  });
});
