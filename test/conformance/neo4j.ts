import { localMachine } from '../../src/runtime/index.ts';
import { ask } from '../../src/engines/neo4j/local/client.ts';
import { neo4jWay, version } from '../engines/neo4j/harness.ts';
import { resetNeo4j } from '../engines/neo4j/reset.ts';
import type { Neo4jServer } from '../engines/neo4j/runtime.ts';
import { cache } from '../support/places.ts';
import type { Subject, SubjectServer, Variables } from './subject.ts';

const way = neo4jWay(localMachine(), { cache, env: process.env });

/** A start takes long: every block gets the same server, as empty as a new one. */
let shared: Promise<Neo4jServer> | null = null;

export const subject: Subject = {
  engine: 'neo4j',
  version,
  alone: true,
  start: way
    ? async () => {
        shared ??= way.start();
        const server = await shared;
        await resetNeo4j(server);
        return serverOf(server);
      }
    : null,
};

export async function stopShared(): Promise<void> {
  await (await shared)?.stop();
  shared = null;
}

function serverOf(server: Neo4jServer): SubjectServer {
  const { host, port, password } = server;
  const admin = async (text: string, params: Readonly<Record<string, unknown>> = {}) => await ask(server, { text, params });
  const data = async (text: string) => await ask(server, { text }, 'neo4j');
  return {
    host,
    port,
    password,
    instance: (on) => ({ url: `bolt://neo4j@${host}:${on}`, password: { env: 'ADMIN_PASSWORD' } }),
    mark: async () =>
      JSON.stringify([await admin('SHOW USERS'), await data('MATCH (n) RETURN labels(n), properties(n) ORDER BY elementId(n)')]),
    drift: async (app) =>
      void (await admin('ALTER USER $app SET PASSWORD $word CHANGE NOT REQUIRED', { app, word: `by hand ${Math.random()}` })),
    // A mark that somebody can log in as: on Community that is an administrator more.
    breach: async () => {
      const [mark] = (await admin('SHOW USERS YIELD user RETURN user')).filter(({ user }) => String(user).startsWith('cotenant@'));
      await admin('ALTER USER $user SET PASSWORD $word CHANGE NOT REQUIRED', { user: mark?.['user'], word: 'opened by hand' });
    },
    put: async (variables, text) => void (await as(variables, 'MERGE (n:Kept) SET n.text = $text', { text })),
    get: async (variables) => {
      const [row] = await as(variables, 'MATCH (n:Kept) RETURN n.text AS text');
      return typeof row?.['text'] === 'string' ? row['text'] : null;
    },
    stop: async () => await server.kill(),
    crash: async () => {
      await server.kill();
      await server.restart();
    },
    [Symbol.asyncDispose]: async () => await Promise.resolve(),
  };
}

async function as(variables: Variables, text: string, params: Readonly<Record<string, unknown>> = {}) {
  const { NEO4J_HOST: host = '', NEO4J_PORT: port, NEO4J_USERNAME: user = '', NEO4J_PASSWORD: password = '' } = variables;
  return await ask({ host, port: Number(port), user, password }, { text, params }, variables['NEO4J_DATABASE']);
}
