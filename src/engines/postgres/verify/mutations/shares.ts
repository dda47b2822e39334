import { type Mutation, mutation } from './mutation.ts';

/** Apps that share: `h_a` lets `h_b` read `orders` and some columns of `people`, in one database and across two. */
export const shareGround = `apps:
  h_a: { uses: { main: { isolation: schema, database: h_shared, connections: 5 } } }
  h_b: { uses: { main: { isolation: schema, database: h_shared, connections: 5 } } }
  h_c: { uses: { main: { isolation: schema, database: h_shared, connections: 5 } } }
readers:
  h_lens: { reads: [h_b], connections: 2 }
shares:
  - { from: h_a, tables: [orders], to: h_b, via: grant }
  - { from: h_a, tables: [people], columns: [id, name], to: h_b, via: grant }
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
];
