import type { Connection } from '../connect/connection.ts';
import type { Content, Counts } from '../spec.ts';

/** Both come from the server's own counters: nothing of the app is read. */
export async function countsOf(connection: Connection, database: string): Promise<Counts> {
  const count = async (text: string): Promise<number> => Number((await connection.run({ text }, { database }))[0]?.['n'] ?? 0);
  const nodes = await count('MATCH (n) RETURN count(n) AS n');
  return { nodes, relationships: await count('MATCH ()-[r]->() RETURN count(r) AS n') };
}

/** The same with what a schema has. */
export async function contentOf(connection: Connection, database: string): Promise<Content> {
  const count = async (text: string): Promise<number> => (await connection.run({ text }, { database })).length;
  return {
    ...(await countsOf(connection, database)),
    constraints: await count('SHOW CONSTRAINTS YIELD name RETURN name'),
    indexes: await count("SHOW INDEXES YIELD name, type, owningConstraint WHERE type <> 'LOOKUP' AND owningConstraint IS NULL RETURN name"),
  };
}
