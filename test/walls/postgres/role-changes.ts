import type { Mutation } from './mutations.ts';

const GROUPS = [
  'm_a_owner',
  'm_a_rw',
  'm_a_ro',
  'm_a_user',
  'm_b_owner',
  'm_b_ro',
  'm_s_owner',
  'm_s_rw',
  'm_s_ro',
  'm_s_user',
  'm_t_owner',
  'm_t_rw',
  'm_t_ro',
  'm_t_user',
  'm_pool_owner',
  'm_pool_rw',
  'm_x_user',
  'm_y_user',
  'm_shared_tenants',
  'postgres',
];
const SERVER = [
  'pg_read_all_data',
  'pg_write_all_data',
  'pg_read_all_settings',
  'pg_read_all_stats',
  'pg_monitor',
  'pg_signal_backend',
  'pg_read_server_files',
  'pg_write_server_files',
  'pg_execute_server_program',
  'pg_database_owner',
  'pg_stat_scan_tables',
];
const MEMBERS = [
  'm_a_user',
  'm_a_owner',
  'm_s_user',
  'm_s_owner',
  'm_t_ro',
  'm_x_user',
  'm_pool_rw',
  'm_lens_user',
  'stranger',
  'consultant',
  'crew',
  'm_shared_tenants',
];
const OPTIONS: readonly (readonly [string, number])[] = [
  ['', 14],
  ['WITH ADMIN OPTION', 14],
  ['WITH INHERIT FALSE', 16],
  ['WITH SET FALSE', 16],
  ['WITH INHERIT FALSE, SET FALSE', 16],
  ['WITH ADMIN TRUE, INHERIT FALSE, SET FALSE', 16],
];
const ATTRIBUTES = [
  'SUPERUSER',
  'CREATEROLE',
  'CREATEDB',
  'REPLICATION',
  'BYPASSRLS',
  'LOGIN',
  "PASSWORD 'walls'",
  'CONNECTION LIMIT -1',
  'NOINHERIT',
  'INHERIT',
];
const SETTINGS = [
  "role = 'm_t_owner'",
  "role = 'postgres'",
  'session_replication_role = replica',
  "search_path = 'm_t'",
  "session_preload_libraries = 'auto_explain'",
  'row_security = off',
  "app.jwt_secret = 'walls'",
  "cotenant.workspace = 'm_y'",
];

/** Who is in whom, what a role may, and how its sessions begin. */
export const roleChanges: readonly Mutation[] = [
  ...[...GROUPS, ...SERVER].flatMap((group) =>
    MEMBERS.filter((member) => member !== group).flatMap((member) =>
      OPTIONS.map(
        ([option, since]): Mutation => ({
          id: `GRANT ${group} TO ${member} ${option}`,
          in: 'postgres',
          sql: `GRANT ${group} TO ${member} ${option}`,
          everywhere: true,
          since,
        }),
      ),
    ),
  ),
  ...[...MEMBERS, 'm_t_owner', 'm_s_rw'].flatMap((role) => [
    ...ATTRIBUTES.map(
      (attribute): Mutation => ({
        id: `ALTER ROLE ${role} ${attribute}`,
        in: 'postgres',
        sql: `ALTER ROLE ${role} ${attribute}`,
        everywhere: true,
      }),
    ),
    ...SETTINGS.map(
      (setting): Mutation => ({
        id: `ALTER ROLE ${role} SET ${setting}`,
        in: 'postgres',
        sql: `ALTER ROLE ${role} SET ${setting}`,
        everywhere: true,
      }),
    ),
  ]),
  // Two steps, each of which gives nothing by itself.
  ...['m_t_owner', 'm_t_ro', 'm_b_owner', 'm_pool_owner', 'pg_read_all_data'].flatMap((group) =>
    ['m_a_user', 'm_s_user', 'm_x_user', 'consultant'].map(
      (member): Mutation => ({
        id: `${member} in a group in ${group}`,
        in: 'postgres',
        sql: `CREATE ROLE between; GRANT ${group} TO between; GRANT between TO ${member}`,
        everywhere: true,
      }),
    ),
  ),
  ...['SET', 'ALTER SYSTEM'].flatMap((way) =>
    ['log_min_duration_statement', 'session_replication_role', 'work_mem', 'role'].flatMap((parameter) =>
      ['m_a_user', 'm_s_owner', 'm_x_user', 'PUBLIC'].map(
        (to): Mutation => ({
          id: `GRANT ${way} ON PARAMETER ${parameter} TO ${to}`,
          in: 'postgres',
          sql: `GRANT ${way} ON PARAMETER ${parameter} TO ${to}`,
          everywhere: true,
          since: 15,
        }),
      ),
    ),
  ),
];
