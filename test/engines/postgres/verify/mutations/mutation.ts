/** One way in which somebody breaks a wall. */
export interface Mutation {
  readonly id: string;
  /** Database in which the statements run, as the operator. */
  readonly in: string;
  readonly sql: string;
  /** Probes that are right to see it; one of them must. */
  readonly seenBy: readonly string[];
  /** What takes it back where `apply` does not manage it. */
  readonly undo?: string;
  /** First major that has it. Default 14. */
  readonly since?: number;
  /** Runs before `sql` in another database. */
  readonly first?: { readonly in: string; readonly sql: string };
}

/** `[id, database, statements, probes, more]`, short to write: probes are parted by blanks. */
export function mutation(id: string, where: string, sql: string, seenBy: string, more: Partial<Mutation> = {}): Mutation {
  return { id, in: where, sql, seenBy: seenBy.split(' ').map((probe) => `PG-${probe}`), ...more };
}
