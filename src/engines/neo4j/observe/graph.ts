import type { Connection } from '../connect/connection.ts';
import type { Counts } from '../spec.ts';

/** Both come from the server's own counters: nothing of the app is read. */
export async function countsOf(connection: Connection, database: string): Promise<Counts> {
  const count = async (text: string): Promise<number> => Number((await connection.run({ text }, { database }))[0]?.['n'] ?? 0);
  const nodes = await count('MATCH (n) RETURN count(n) AS n');
  return { nodes, relationships: await count('MATCH ()-[r]->() RETURN count(r) AS n') };
}
