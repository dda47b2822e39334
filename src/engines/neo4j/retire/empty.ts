import type { StepIo } from '../../../engine/index.ts';
import type { Connection } from '../connect/connection.ts';
import { countsOf } from '../observe/graph.ts';

/** Nodes that one transaction deletes: its memory has a limit. */
const BATCH = 1000;

/** Deletes what is in the standard database, some at a time, so that a killed run has less to do the next time. */
export async function emptyGraph(connection: Connection, database: string, io: StepIo, held: () => Promise<void>): Promise<void> {
  const on = { database };
  await held();
  for (const { name } of await connection.run({ text: 'SHOW CONSTRAINTS YIELD name RETURN name' }, on))
    await connection.run({ text: `DROP CONSTRAINT ${quote(name)} IF EXISTS` }, on);
  for (const { name } of await connection.run({ text: "SHOW INDEXES YIELD name, type WHERE type <> 'LOOKUP' RETURN name" }, on))
    await connection.run({ text: `DROP INDEX ${quote(name)} IF EXISTS` }, on);
  const { nodes: total } = await countsOf(connection, database);
  for (;;) {
    io.signal.throwIfAborted();
    await held();
    // Relationships first: a node with a million of them would not fit into one transaction.
    const [edges] = await connection.run({ text: `MATCH ()-[r]->() WITH r LIMIT ${BATCH} DELETE r RETURN count(*) AS n` }, on);
    if (Number(edges?.['n'] ?? 0) > 0) continue;
    const [nodes] = await connection.run({ text: `MATCH (n) WITH n LIMIT ${BATCH} DETACH DELETE n RETURN count(*) AS n` }, on);
    const left = await countsOf(connection, database);
    io.progress(total - left.nodes, total, 'items');
    if (Number(nodes?.['n'] ?? 0) === 0) return;
  }
}

function quote(name: unknown): string {
  return `\`${String(name).replaceAll('`', '``')}\``;
}
