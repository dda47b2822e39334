import { type Mutation, mutation } from './mutation.ts';

/** Apps that share: `h_a` lets `h_b` read `orders` and some columns of `people`, in one database and across two. */
export const shareGround = `apps:
  h_a: { uses: { main: { isolation: schema, database: h_shared, connections: 5 } } }
  h_b: { uses: { main: { isolation: schema, database: h_shared, connections: 5 } } }
  h_c: { uses: { main: { isolation: schema, database: h_shared, connections: 5 } } }
  h_d: { uses: { main: { connections: 5 } } }
  h_e: { uses: { main: { connections: 5 } } }
readers:
  h_lens: { reads: [h_b], connections: 2 }
shares:
  - { from: h_a, tables: [orders], to: h_b, via: grant }
  - { from: h_a, tables: [people], columns: [id, name], to: h_b, via: grant }
  - { from: h_a, tables: [orders], to: h_d, via: grant }
  - { from: h_e, tables: [people], columns: [id, name], to: h_d, via: grant }
  - { from: h_e, tables: [people], columns: [id], to: h_b, via: grant }
`;

/** Ways in which a share opens more than it says, or less. */
export const shareMutations: readonly Mutation[] = [
  mutation('share-taken', 'h_shared', 'REVOKE SELECT ON h_a.orders FROM h_b_owner', 'S01'),
  mutation('share-entry-taken', 'h_shared', 'REVOKE USAGE ON SCHEMA h_a FROM h_b_owner', 'S01'),
  mutation('share-column-taken', 'h_shared', 'REVOKE SELECT (name) ON h_a.people FROM h_b_owner', 'S01'),
  mutation('share-other-column', 'h_shared', 'GRANT SELECT (phone) ON h_a.people TO h_b_owner', 'S01'),
  mutation('share-all-columns', 'h_shared', 'GRANT SELECT ON h_a.people TO h_b_owner', 'S01'),
  mutation('share-other-table', 'h_shared', 'GRANT SELECT ON h_a.drafts TO h_b_owner', 'S01'),
  mutation('share-writable', 'h_shared', 'GRANT INSERT ON h_a.orders TO h_b_owner', 'S01'),
  mutation('share-column-writable', 'h_shared', 'GRANT UPDATE (name) ON h_a.people TO h_b_rw', 'S01'),
  mutation('share-trigger', 'h_shared', 'GRANT TRIGGER ON h_a.orders TO h_b_owner', 'S20'),
  mutation('share-references', 'h_shared', 'GRANT REFERENCES (id) ON h_a.people TO h_b_owner', 'S21'),
  mutation('share-truncate', 'h_shared', 'GRANT TRUNCATE ON h_a.orders TO h_b_owner', 'S22'),
  mutation('share-create', 'h_shared', 'GRANT CREATE ON SCHEMA h_a TO h_b_owner', 'P03'),
  mutation('share-function', 'h_shared', 'GRANT EXECUTE ON FUNCTION h_a.f() TO h_b_owner', 'P04b'),
  mutation('share-sequence', 'h_shared', 'GRANT USAGE ON SEQUENCE h_a.counter TO h_b_owner', 'S01'),
  mutation('share-with-another-app', 'h_shared', 'GRANT SELECT ON h_a.orders TO h_c_owner', 'S01 G1'),
  mutation('share-with-a-reader', 'h_shared', 'GRANT SELECT ON h_a.orders TO h_b_ro', 'S01'),
  mutation('share-with-all', 'h_shared', 'GRANT SELECT ON h_a.orders TO PUBLIC', 'S01'),
  mutation('share-passed-on', 'h_shared', 'GRANT SELECT ON h_a.orders TO h_b_owner WITH GRANT OPTION', 'S01'),
  mutation('share-back', 'h_shared', 'GRANT USAGE ON SCHEMA h_b TO h_a_owner', 'S01'),

  mutation(
    'share-policy-that-runs-sql',
    'h_shared',
    `ALTER TABLE h_a.orders ENABLE ROW LEVEL SECURITY; CREATE POLICY z ON h_a.orders USING (query_to_xml('SELECT 1', true, false, '') IS NOT NULL)`,
    'S34',
    { undo: 'DROP POLICY z ON h_a.orders; ALTER TABLE h_a.orders DISABLE ROW LEVEL SECURITY' },
  ),

  // From h_e to h_d: two databases, each of one app.
  mutation('server-usage', 'h_d', 'GRANT USAGE ON FOREIGN SERVER from_h_e TO h_d_owner', 'X1'),
  mutation('server-usage-to-all', 'h_d', 'GRANT USAGE ON FOREIGN SERVER from_h_e TO PUBLIC', 'X1'),
  mutation(
    'server-owned',
    'h_d',
    'GRANT USAGE ON FOREIGN DATA WRAPPER postgres_fdw TO h_d_owner; ALTER SERVER from_h_e OWNER TO h_d_owner; REVOKE USAGE ON FOREIGN DATA WRAPPER postgres_fdw FROM h_d_owner',
    'X1',
  ),
  mutation('wrapper-usage', 'h_d', 'GRANT USAGE ON FOREIGN DATA WRAPPER postgres_fdw TO h_d_owner', 'X1', {
    undo: 'REVOKE USAGE ON FOREIGN DATA WRAPPER postgres_fdw FROM h_d_owner',
  }),
  mutation('server-elsewhere', 'h_d', "ALTER SERVER from_h_e OPTIONS (SET dbname 'h_shared')", 'X4'),
  mutation('server-writable', 'h_d', "ALTER SERVER from_h_e OPTIONS (SET updatable 'true')", 'X4'),
  mutation('server-gone', 'h_d', 'DROP SERVER from_h_e CASCADE', 'X4'),
  mutation('mapping-for-all', 'h_d', "CREATE USER MAPPING FOR PUBLIC SERVER from_h_e OPTIONS (user 'h_d_reads_h_e', password 'x')", 'X2'),
  mutation(
    'mapping-for-app',
    'h_d',
    "CREATE USER MAPPING FOR h_d_owner SERVER from_h_e OPTIONS (user 'h_d_reads_h_e', password 'x')",
    'X2',
  ),
  mutation('mapping-of-superuser', 'h_d', "ALTER USER MAPPING FOR h_d_from_h_e SERVER from_h_e OPTIONS (SET user 'postgres')", 'X4'),
  mutation(
    'mapping-without-password',
    'h_d',
    "ALTER USER MAPPING FOR h_d_from_h_e SERVER from_h_e OPTIONS (ADD password_required 'false')",
    'X4',
  ),
  mutation('mapping-with-wrong-password', 'h_d', "ALTER USER MAPPING FOR h_d_from_h_e SERVER from_h_e OPTIONS (SET password 'x')", 'X5'),
  mutation('mapping-gone', 'h_d', 'DROP USER MAPPING FOR h_d_from_h_e SERVER from_h_e', 'X4 X5'),
  mutation('views-entered', 'h_d', 'GRANT USAGE ON SCHEMA from_h_e TO PUBLIC', 'X5'),
  mutation('hidden-entered', 'h_d', 'GRANT USAGE ON SCHEMA cotenant_from_h_e TO h_d_owner', 'X3'),
  mutation('hidden-owned', 'h_d', 'ALTER SCHEMA cotenant_from_h_e OWNER TO h_d_owner', 'X3'),
  mutation('foreign-table-read', 'h_d', 'GRANT SELECT ON cotenant_from_h_e.people TO h_d_owner', 'X3'),
  mutation('foreign-column-read', 'h_d', 'GRANT SELECT (name) ON cotenant_from_h_e.people TO h_d_user', 'X3'),
  mutation('foreign-table-elsewhere', 'h_d', "ALTER FOREIGN TABLE cotenant_from_h_e.people OPTIONS (SET table_name 'drafts')", 'X4'),
  mutation(
    'foreign-column-elsewhere',
    'h_d',
    "ALTER FOREIGN TABLE cotenant_from_h_e.people ALTER COLUMN name OPTIONS (column_name 'phone')",
    'X4',
  ),
  mutation('foreign-column-more', 'h_d', 'ALTER FOREIGN TABLE cotenant_from_h_e.people ADD COLUMN phone text', 'X4'),
  mutation(
    'foreign-table-more',
    'h_d',
    'CREATE FOREIGN TABLE cotenant_from_h_e.drafts (id int) SERVER from_h_e; ALTER FOREIGN TABLE cotenant_from_h_e.drafts OWNER TO h_d_from_h_e',
    'X4',
  ),
  mutation(
    'view-changed',
    'h_d',
    "CREATE OR REPLACE VIEW from_h_e.people AS SELECT f.id, 'x'::text AS name FROM cotenant_from_h_e.people f",
    'X4',
  ),
  mutation('view-more', 'h_d', 'CREATE VIEW from_h_e.more AS SELECT 1 AS id; ALTER VIEW from_h_e.more OWNER TO h_d_from_h_e', 'X4'),
  mutation('view-gone', 'h_d', 'DROP VIEW from_h_e.people', 'X4'),
  mutation('view-owned', 'h_d', 'ALTER VIEW from_h_e.people OWNER TO h_d_owner', 'X5 X4'),
  mutation('view-taken', 'h_d', 'REVOKE SELECT ON from_h_e.people FROM h_d_owner', 'X5'),
  mutation('view-entry-taken', 'h_d', 'REVOKE USAGE ON SCHEMA from_h_e FROM h_d_owner', 'X5'),
  mutation('view-writable', 'h_d', 'GRANT UPDATE ON from_h_e.people TO h_d_owner', 'X5'),
  mutation('view-passed-on', 'h_d', 'GRANT SELECT ON from_h_e.people TO h_d_owner WITH GRANT OPTION', 'X5'),
  mutation('view-schema-create', 'h_d', 'GRANT CREATE ON SCHEMA from_h_e TO h_d_rw', 'X5'),
  mutation('holder-become', 'postgres', 'GRANT h_d_from_h_e TO h_d_owner', 'E7'),
  mutation('holder-login', 'postgres', 'ALTER ROLE h_d_from_h_e LOGIN', 'E13'),
  mutation('holder-superuser', 'postgres', 'ALTER ROLE h_d_from_h_e SUPERUSER', 'E11'),
  mutation('login-become', 'postgres', 'GRANT h_d_reads_h_e TO h_d_owner', 'E7 P01'),
  mutation('login-elsewhere', 'postgres', 'GRANT CONNECT ON DATABASE h_shared TO h_d_reads_h_e', 'P01'),
  mutation('login-home', 'postgres', 'GRANT CONNECT ON DATABASE h_d TO h_d_reads_h_e', 'P01'),
  mutation('login-temporary', 'postgres', 'GRANT TEMPORARY ON DATABASE h_e TO h_d_reads_h_e', 'P02'),
  mutation('login-other-column', 'h_e', 'GRANT SELECT (phone) ON public.people TO h_d_reads_h_e', 'P01b'),
  mutation('login-other-table', 'h_e', 'GRANT SELECT ON public.drafts TO h_d_reads_h_e', 'P01b'),
  mutation('login-writes', 'h_e', 'GRANT INSERT ON public.people TO h_d_reads_h_e', 'P01b'),
  mutation('login-is-owner', 'postgres', 'GRANT h_e_owner TO h_d_reads_h_e', 'E7'),
  mutation('login-unlimited', 'postgres', 'ALTER ROLE h_d_reads_h_e CONNECTION LIMIT -1', 'D1'),
  mutation('login-shut', 'postgres', 'ALTER ROLE h_d_reads_h_e NOLOGIN', 'X5'),
  mutation('login-reads-files', 'postgres', 'GRANT pg_read_server_files TO h_d_reads_h_e', 'P14'),
  // From h_e to h_b, which shares its database with others.
  mutation(
    'view-for-neighbour',
    'h_shared',
    'GRANT USAGE ON SCHEMA h_b_from_h_e TO h_c_owner; GRANT SELECT ON h_b_from_h_e.people TO h_c_owner',
    'X5',
  ),
  mutation('view-for-all', 'h_shared', 'GRANT SELECT ON h_b_from_h_e.people TO PUBLIC', 'X5'),
  mutation('server-for-neighbour', 'h_shared', 'GRANT USAGE ON FOREIGN SERVER h_b_from_h_e TO h_c_owner', 'X1'),
  mutation(
    'mapping-for-neighbour',
    'h_shared',
    "CREATE USER MAPPING FOR h_c_owner SERVER h_b_from_h_e OPTIONS (user 'h_b_reads_h_e', password 'x')",
    'X2',
  ),
  mutation('hidden-for-neighbour', 'h_shared', 'GRANT USAGE ON SCHEMA cotenant_h_b_from_h_e TO h_c_owner', 'X3'),
  // From h_a to h_d: out of a database of several apps.
  mutation('login-in-neighbour', 'h_shared', 'GRANT USAGE ON SCHEMA h_b TO h_d_reads_h_a', 'S01'),
  mutation('login-in-group', 'postgres', 'GRANT h_shared_tenants TO h_d_reads_h_a', 'E7'),
];
