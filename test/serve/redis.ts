import { redisWays } from '../engines/redis/harness.ts';
import type { RedisServer } from '../engines/redis/runtime.ts';
import type { Version } from '../../src/engines/redis/local/find.ts';
import { localMachine } from '../../src/runtime/index.ts';
import { cache } from '../support/places.ts';

/** A server for one test. */
export async function freshRedis(version: Version): Promise<RedisServer> {
  const [way] = redisWays(localMachine(), { cache, env: {} }, { version });
  if (!way) throw new Error(`this machine has no ${version}`);
  return await way.start();
}

/** Two apps on one server. */
export function manifestOn({ port }: Pick<RedisServer, 'port'>, more = ''): string {
  return `cotenant: 1
project: digi
instances:
  cache: { engine: redis, url: "redis://admin@127.0.0.1:${port}", password: { env: CACHE_PASSWORD } }
apps:
  shop: { uses: { cache: {} } }
  blog: { uses: { cache: {} } }
${more}`;
}
