import { afterAll, beforeAll, describe } from 'vitest';
import { redisWays } from '../engines/redis/harness.ts';
import type { RedisServer, StartRedis } from '../engines/redis/runtime.ts';
import { type Version, versions } from '../../src/engines/redis/local/find.ts';
import { localMachine } from '../../src/runtime/index.ts';
import { cache } from './places.ts';
import { isAskedFor } from './roster.ts';
import { sampled } from './sample.ts';
import { everyVersion, isNamed, narrowed, thorough, type Whole } from './thorough.ts';

const NEWEST: readonly Version[] = ['redis8', 'valkey91'];

export interface RedisSuite extends Pick<StartRedis, 'settings' | 'saving' | 'open'> {
  /**
   * Versions that the suite runs on. Default: day by day the newest of one product, that of the other the day after, of both where
   * ENGINES names some; with VERSIONS=turn, as in CI, one of all, another each day; with VERSIONS=all or FULL=1, all of them.
   */
  readonly versions?: readonly Version[];
  /** What FULL may have run whole here: the suite then runs on that version as well. */
  readonly whole?: Whole;
  /** The suite cleans up behind itself and restarts nothing. */
  readonly external?: boolean;
}

/** The versions that a suite of this name runs on, this day. */
export function versionsFor(name: string, whole?: Whole): readonly Version[] {
  const mine = chosen(name);
  return versions.filter((one) => isNamed(one, whole) || mine.includes(one));
}

function chosen(name: string): readonly Version[] {
  if (everyVersion || (thorough && narrowed)) return versions;
  if (!thorough) return narrowed ? NEWEST : sampled(NEWEST, { oneOf: 2, name });
  return sampled(versions, { oneOf: versions.length, name });
}

/**
 * Runs a suite once for each version, each time with a fresh server of its own. The server is there from the first hook or
 * test on. ENGINES=redis8,valkey91 narrows the versions while working on something.
 */
export function describeEachRedis(name: string, options: RedisSuite, body: (server: () => RedisServer, version: Version) => void): void {
  for (const version of options.versions ?? versionsFor(name, options.whole)) {
    if (!isAskedFor(version, process.env)) continue;
    const way = redisWays(localMachine(), { cache, env: process.env }, { version, external: options.external ?? false })[0];
    const label = way ? `${version} ${way.way}` : `${version}: no server`;
    describe.skipIf(!way)(`${name} [${label}]`, () => {
      let server: RedisServer | null = null;
      beforeAll(async () => {
        server = (await way?.start(options)) ?? null;
      });
      afterAll(async () => await server?.stop());
      body(() => server ?? noServer(), version);
    });
  }
}

function noServer(): never {
  throw new Error('the server is started by beforeAll: ask for it inside a hook or a test');
}
