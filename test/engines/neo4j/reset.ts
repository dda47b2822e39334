import { ask } from '../../../src/engines/neo4j/local/client.ts';
import type { Neo4jServer } from './runtime.ts';

/** As a new server is: its admin, and nothing else. One that was ended is started again. */
export async function resetNeo4j(server: Neo4jServer): Promise<void> {
  const users = await ask(server, { text: 'SHOW USERS YIELD user RETURN user' }).catch(async () => {
    await server.restart();
    return await ask(server, { text: 'SHOW USERS YIELD user RETURN user' });
  });
  for (const { user } of users) if (user !== server.user) await ask(server, { text: 'DROP USER $user', params: { user } });
  for (const { name } of await ask(server, { text: 'SHOW CONSTRAINTS YIELD name RETURN name' }, 'neo4j'))
    await ask(server, { text: `DROP CONSTRAINT \`${String(name)}\`` }, 'neo4j');
  for (const { name } of await ask(server, { text: "SHOW INDEXES YIELD name, type WHERE type <> 'LOOKUP' RETURN name" }, 'neo4j'))
    await ask(server, { text: `DROP INDEX \`${String(name)}\`` }, 'neo4j');
  await ask(server, { text: 'MATCH (n) DETACH DELETE n' }, 'neo4j');
}
