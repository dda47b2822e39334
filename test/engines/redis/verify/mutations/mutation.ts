import type { Version } from '../../../../../src/engines/redis/local/find.ts';

/** One way in which somebody breaks a wall. */
export interface Mutation {
  readonly id: string;
  /** Commands of the administrator, words parted by blanks. `<hash of m_b>` stands for the hash of that user's password. */
  readonly commands: readonly string[];
  /** Probes that are right to see it; one of them must. */
  readonly seenBy: readonly string[];
  /** What takes it back where `apply` does not manage it. */
  readonly undo: readonly string[];
  readonly versions?: readonly Version[];
}

/** Short to write: probes are parted by blanks. */
export function mutation(
  id: string,
  commands: string | readonly string[],
  seenBy: string,
  more: { readonly undo?: string; readonly versions?: readonly Version[] } = {},
): Mutation {
  const { undo, versions } = more;
  return {
    id,
    commands: typeof commands === 'string' ? [commands] : commands,
    seenBy: seenBy.split(' ').map((probe) => `RD-${probe}`),
    undo: undo === undefined ? [] : [undo],
    ...(versions ? { versions } : {}),
  };
}

/** Rules that somebody adds to the user of an app. */
export function added(id: string, rules: string, seenBy: string, more: Parameters<typeof mutation>[3] = {}): Mutation {
  return mutation(id, `ACL SETUSER m_a ${rules}`, seenBy, more);
}
