import { redisWays } from '../engines/redis/harness.ts';
import { ask } from '../../src/engines/redis/local/client.ts';
import type { RedisServer } from '../engines/redis/runtime.ts';
import type { Version } from '../../src/engines/redis/local/find.ts';
import { localMachine } from '../../src/runtime/index.ts';
import { cache } from '../support/places.ts';
import { versionsFor } from '../support/engines-redis.ts';
import type { Subject, SubjectServer, Variables } from './subject.ts';

/** One or two day by day, more with VERSIONS=turn, as in CI, all with VERSIONS=all. */
export const subjects: readonly Subject[] = versionsFor('conformance', 'moments').map(subjectOf);

function subjectOf(version: Version): Subject {
  const [way] = redisWays(localMachine(), { cache, env: process.env }, { version });
  return { engine: 'redis', version, start: way ? async () => serverOf(await way.start()) : null };
}

/** What changes users or settings. */
const changing = ['acl|setuser', 'acl|deluser', 'acl|save', 'acl|load', 'config|set', 'config|rewrite', 'flushall', 'flushdb'];

function serverOf(server: RedisServer): SubjectServer {
  const { host, port, password } = server;
  const admin = async (...words: readonly string[]): Promise<unknown> => await ask(server, ...words);
  return {
    host,
    port,
    password,
    instance: (on) => ({ url: `redis://admin@${host}:${on}`, password: { env: 'ADMIN_PASSWORD' } }),
    mark: async () => {
      const stats = String(await admin('INFO', 'commandstats'));
      const calls = changing.map((name) => new RegExp(`^cmdstat_${name.replace('|', '\\|')}:calls=(\\d+)`, 'm').exec(stats)?.[1] ?? '0');
      const keys = (await admin('KEYS', '*')) as string[];
      const values = await Promise.all(keys.toSorted().map(async (key) => [key, await admin('GET', key)]));
      return JSON.stringify([calls, values, await admin('ACL', 'LIST')]);
    },
    drift: async (app) => void (await admin('ACL', 'SETUSER', app, '-get')),
    breach: async (from, to) => void (await admin('ACL', 'SETUSER', from, `~${to}:*`)),
    put: async (variables, text) => void (await as(variables, 'SET', `${variables['REDIS_KEY_PREFIX']}kept`, text)),
    get: async (variables) => {
      const found = await as(variables, 'GET', `${variables['REDIS_KEY_PREFIX']}kept`);
      return typeof found === 'string' ? found : null;
    },
    handMade: async () => {
      await admin('ACL', 'SETUSER', 'legacy', 'on', '>of old', '~legacy:*', '+@read', '+@write', '+@connection');
      return `redis://admin@${host}:${port}`;
    },
    stop: async () => await server.stop(),
    crash: async () => {
      await server.kill();
      await server.restart();
    },
    [Symbol.asyncDispose]: async () => await server.stop(),
  };
}

async function as(variables: Variables, ...words: readonly string[]): Promise<unknown> {
  const { REDIS_HOST: host = '', REDIS_PORT: port, REDIS_USERNAME: user = '', REDIS_PASSWORD: password = '' } = variables;
  return await ask({ host, port: Number(port), user, password }, ...words);
}
