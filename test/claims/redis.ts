import { ask } from '../../src/engines/redis/local/client.ts';
import { wipe } from '../engines/redis/lifecycle/harness.ts';
import type { RedisServer } from '../engines/redis/runtime.ts';
import type { Random } from '../support/random.ts';
import { answered, type Document, type Fields, type Ground, type Pair, type Tenant } from './suite.ts';

/** As they may be called in both projects, one inside the other, and as a pattern that only looks like one. */
const NAMES = ['a', 'b', 'ab', 'c', 'd'] as const;
const PREFIXES = ['a', 'b', 'ab', 'a:x', 'a*', 'x', 'y', '[ab]'] as const;
const USERS = ['a', 'b', 'ab', 'a_read', 'lens'] as const;
const CHANNELS = ['x:*', '*', 'x*'] as const;

interface Key {
  readonly database: number;
  readonly key: string;
}

/** Claims on a server of keys: prefixes, separators, numbers, users, channels, the whole server. */
/** `walled`: a database can be a wall; where it cannot, apps that are content without one reach each other. */
export function redisGround(server: () => RedisServer, walled: boolean): Ground {
  const keys = new Map<string, readonly Key[]>();
  const named = ({ project, app }: Tenant): string => `${project}/${app}`;
  const as = async ({ variables }: Tenant, database: number, ...words: readonly string[]): Promise<unknown> => {
    const { REDIS_USERNAME: user = '', REDIS_PASSWORD: password = '' } = variables ?? {};
    return await ask({ host: server().host, port: server().port, user, password, database }, ...words);
  };
  return {
    name: 'redis',
    env: () => ({ HOST: server().host, PORT: String(server().port), ADMIN_PASSWORD: server().password }),
    begin: () => Promise.resolve(),
    instance: { engine: 'redis', url: 'redis://admin@${HOST}:${PORT}', password: { env: 'ADMIN_PASSWORD' } },
    draw,
    isOpen: (placement) => placement['unenforced'] === true,
    async settle(tenant) {
      if (!tenant.variables) return;
      const { REDIS_DB = '0', REDIS_KEY_PREFIX = '' } = tenant.variables;
      const database = Number(REDIS_DB);
      // Where no prefix is its own, keys that look like somebody's are.
      const names = REDIS_KEY_PREFIX === '' ? PREFIXES.map((one) => `${one}:k`) : [`${REDIS_KEY_PREFIX}k`, `${REDIS_KEY_PREFIX}x:k`];
      const mine: Key[] = [];
      for (const key of [...names, 'a:k', 'ab:k']) {
        const set = await answered(as(tenant, database, 'SET', key, named(tenant)));
        if (set === 'OK') mine.push({ database, key });
      }
      keys.set(named(tenant), mine);
    },
    // A user without a mark is a stranger, and what a stranger has `verify` of both tells.
    forget: () => Promise.resolve(),
    async holdingsOf(tenant) {
      const mine = keys.get(named(tenant)) ?? [];
      const user = tenant.variables?.['REDIS_USERNAME'] ?? '';
      const lines = (await ask(server(), 'ACL', 'LIST')) as readonly string[];
      const values = await Promise.all(mine.map(({ database, key }) => ask({ ...server(), database }, 'GET', key).then(String)));
      return JSON.stringify([values, lines.filter((one) => one.startsWith(`user ${user}${tenant.retired ? '__gone' : ' '}`))]);
    },
    async works(tenant) {
      if (!tenant.variables) return '';
      const mine = keys.get(named(tenant)) ?? [];
      return JSON.stringify(await Promise.all(mine.map(({ database, key }) => answered(as(tenant, database, 'GET', key)))));
    },
    async reaches(attacker, victim) {
      if (!attacker.variables || (!walled && attacker.open && victim.open)) return [];
      const found: string[] = [];
      for (const { database, key } of keys.get(named(victim)) ?? []) {
        for (const words of [
          ['GET', key],
          ['SET', key, 'x', 'XX'],
          ['EXPIRE', key, '999999'],
          ['DEL', key],
        ]) {
          const answer = await answered(as(attacker, database, ...words));
          if (answer !== '' && !answer.startsWith('refused')) found.push(`does ${words.join(' ')} in ${database} (${answer})`);
        }
      }
      const channel = victim.variables?.['REDIS_CHANNEL_PREFIX'] ?? victim.variables?.['REDIS_KEY_PREFIX'] ?? '';
      if (channel !== '' && !victim.retired && (await answered(as(attacker, 0, 'PUBLISH', `${channel}c`, 'x'))).startsWith('0'))
        found.push(`publishes to ${channel}c`);
      return found;
    },
    wipe: async () => {
      keys.clear();
      await wipe(server());
    },
  };
}

function draw(random: Random): Pair {
  const first = document(random, false);
  const apps = Object.keys(first.apps);
  const goes = random.chance(0.3) ? random.pick(apps) : null;
  const later = goes === null ? null : { ...first, apps: Object.fromEntries(Object.entries(first.apps).filter(([app]) => app !== goes)) };
  return { first, later: later && clean(later), lost: null, second: document(random, true) };
}

/** Nobody reads what is not there. */
function clean({ readers: _readers, ...rest }: Document): Document {
  return rest;
}

function document(random: Random, adopts: boolean): Document {
  const names = random.chance(0.7) ? [random.pick(NAMES)] : random.shuffled(NAMES).slice(0, 2);
  const apps = names.map((app) => [app, { uses: { main: placement(random, adopts) } }] as const);
  const readable = apps.flatMap(([app, { uses }]) => (uses.main['isolation'] === 'prefix' ? [app] : []));
  const people = adopts
    ? {
        ...(random.chance(0.2)
          ? { operators: { [random.pick(USERS)]: { may: [random.pick(['monitor', 'read-all', 'connect', 'replication'])] } } }
          : {}),
        ...(random.chance(0.2) ? { known: [{ user: random.pick(USERS), why: 'it was there' }] } : {}),
      }
    : {};
  return {
    apps: Object.fromEntries(apps),
    ...(readable.length > 0 && random.chance(0.3) ? { readers: { lens: { reads: [random.pick(readable)] } } } : {}),
    ...people,
  };
}

function placement(random: Random, adopts: boolean): Fields {
  const isolation = random.pick(['prefix', 'prefix', 'prefix', 'database', 'database', 'instance']);
  return {
    isolation,
    ...(random.chance(0.5) ? { prefix: random.pick(PREFIXES) } : {}),
    ...(random.chance(0.2) ? { separator: random.pick(['b:', '::', 'x', '*']) } : {}),
    ...(random.chance(0.3) ? { user: random.pick(USERS) } : {}),
    ...(isolation === 'database' ? { unenforced: true } : {}),
    ...(isolation === 'database' && random.chance(0.5) ? { database: random.below(4) } : {}),
    ...(random.chance(0.3) ? { channels: [random.pick(CHANNELS)] } : {}),
    ...(isolation === 'prefix' && random.chance(0.2) ? { keyspaceEvents: true } : {}),
    ...(isolation === 'prefix' && random.chance(0.2) ? { relax: { select: true } } : {}),
    ...(random.chance(0.2) ? { logins: { main: { as: 'rw' }, look: { as: 'read', user: 'a_read' } } } : {}),
    ...(adopts && random.chance(0.4) ? { adopt: true } : {}),
  };
}
