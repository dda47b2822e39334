/** What an operator does to the accounts or the objects of a server: statements, one after the other. `<admin>` is the operator. */
export interface Mutation {
  readonly id: string;
  readonly sql: readonly string[];
  readonly flavor?: 'mysql' | 'mariadb';
  /** A session of this user enters the database after the statements; then come these. */
  readonly held?: { readonly user: string; readonly database: string; readonly after: readonly string[] };
}

export const one = (id: string, sql: readonly string[], flavor?: 'mysql' | 'mariadb'): Mutation => ({
  id,
  sql,
  ...(flavor === undefined ? {} : { flavor }),
});
