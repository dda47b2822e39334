/** One way in which somebody breaks a wall, as the operator. */
export interface Mutation {
  readonly id: string;
  readonly sql: readonly string[];
  /** Probes that are right to see it; one of them must. */
  readonly seenBy: readonly string[];
  /** What takes it back where `apply` does not manage it. */
  readonly undo?: readonly string[];
  /** Servers that have it. Default: both kinds. */
  readonly flavor?: 'mysql' | 'mariadb';
  /** Oldest version, as `110800`. */
  readonly since?: number;
  /** Statements of an app that come first. */
  readonly as?: readonly [app: string, sql: string];
}

/** `[id, statements, probes, more]`, short to write: statements are parted by `; `, probes by blanks. */
export function mutation(id: string, sql: string, seenBy: string, more: Partial<Mutation> = {}): Mutation {
  return { id, sql: sql.split('; '), seenBy: seenBy.split(' ').map((probe) => `MY-${probe}`), ...more };
}
