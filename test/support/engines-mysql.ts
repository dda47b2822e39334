import { afterAll, beforeAll, describe } from 'vitest';
import { mysqlWay } from '../engines/mysql/harness.ts';
import type { MysqlServer, Settings } from '../engines/mysql/runtime.ts';
import { type Version, versions } from '../../src/engines/mysql/local/find.ts';
import { localMachine } from '../../src/runtime/index.ts';
import { cache } from './places.ts';
import { isAskedFor } from './roster.ts';
import { sampled } from './sample.ts';
import { isFull, narrowed, thorough } from './thorough.ts';

export interface MysqlSuite {
  /**
   * Day by day: `all`, the newest of one kind, that of the other the day after, of both where ENGINES names some; `kinds` and
   * `newest`, the newest MariaDB alone. With VERSIONS=all, as in CI: `all` of them, `kinds`, the newest of each kind, and one for
   * `newest`, an expensive suite. With FULL=1: all of them.
   */
  readonly versions: 'kinds' | 'newest' | 'all';
  readonly settings?: Settings;
}

const KINDS: readonly Version[] = ['mariadb11', 'mysql9'];

function chosen(name: string, options: MysqlSuite): readonly Version[] {
  if (options.versions === 'newest' || (options.versions === 'kinds' && !thorough)) return ['mariadb11'];
  if (options.versions === 'all' && thorough) return versions;
  return thorough || narrowed ? KINDS : sampled(KINDS, { oneOf: 2, name });
}

/**
 * Runs a suite once for each server, each time with a fresh one of its own (about a second). The server is there from the
 * first hook or test on. ENGINES=mariadb11 narrows them while working on something.
 */
export function describeEachMysql(name: string, options: MysqlSuite, body: (server: () => MysqlServer, version: Version) => void): void {
  const mine = chosen(name, options);
  for (const version of versions.filter((one) => isFull(one) || mine.includes(one))) {
    if (!isAskedFor(version, process.env)) continue;
    const way = mysqlWay(localMachine(), { cache, env: process.env }, version);
    describe.skipIf(!way)(`${name} [${way ? `${version} ${way.way}` : `${version}: no server`}]`, () => {
      let server: MysqlServer | null = null;
      beforeAll(async () => {
        server = (await way?.start(options.settings)) ?? null;
      }, 120_000);
      afterAll(async () => await server?.stop());
      body(() => server ?? noServer(), version);
    });
  }
}

function noServer(): never {
  throw new Error('the server is started by beforeAll: ask for it inside a hook or a test');
}
