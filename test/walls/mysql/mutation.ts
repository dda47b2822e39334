/** What an operator does to the accounts or the objects of a server: statements, one after the other. `<admin>` is the operator. */
export interface Mutation {
  readonly id: string;
  readonly sql: readonly string[];
  readonly flavor?: 'mysql' | 'mariadb';
  /** Nobody gets anything by it yet. */
  readonly latent?: boolean;
  readonly held?: Held;
}

/** A session of this user that begins something after the statements; then come those of `after`. */
export interface Held {
  readonly user: string;
  readonly database: string;
  /** Left out: it enters the database. */
  readonly begin?: readonly string[];
  readonly after: readonly string[];
  /** What it asks then; left out: the rows of the database that it is in. */
  readonly asks?: string;
  /** What nobody can do as long as it is there. */
  readonly stops?: string;
}

export const later = (id: string, sql: readonly string[], flavor?: 'mysql' | 'mariadb'): Mutation => ({
  ...one(id, sql, flavor),
  latent: true,
});

export const one = (id: string, sql: readonly string[], flavor?: 'mysql' | 'mariadb'): Mutation => ({
  id,
  sql,
  ...(flavor === undefined ? {} : { flavor }),
});
