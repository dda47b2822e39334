import { afterAll, beforeAll, describe } from 'vitest';
import { mysqlWay } from '../engines/mysql/harness.ts';
import type { MysqlServer, Settings } from '../engines/mysql/runtime.ts';
import { type Version, versions } from '../../src/engines/mysql/local/find.ts';
import { localMachine } from '../../src/runtime/index.ts';
import { cache } from './places.ts';
import { isAskedFor } from './roster.ts';
import { sampled } from './sample.ts';
import { everyVersion, isNamed, narrowed, thorough, type Whole } from './thorough.ts';

export interface MysqlSuite {
  /**
   * Day by day: `all`, the newest of one kind, that of the other the day after, of both where ENGINES names some; the others, the
   * newest MariaDB alone. With VERSIONS=turn, as in CI, a suite takes one version and another the day after: `all` any, `kinds` the
   * newest of one kind; `both`, what is promised for both in every run of CI, that of each; `newest`, an expensive suite, always the
   * same. With VERSIONS=all: `all` of them, of `kinds` and `both` the newest of each kind. With FULL=1: on all of them.
   */
  readonly versions: 'both' | 'kinds' | 'newest' | 'all';
  readonly settings?: Settings;
  /** What FULL may have run whole here: the suite then runs on that version as well. */
  readonly whole?: Whole;
}

const KINDS: readonly Version[] = ['mariadb11', 'mysql9'];

/** The versions that a suite of this name runs on, this day. */
export function versionsFor({ versions: which, whole }: MysqlSuite, name: string): readonly Version[] {
  const mine = chosen(which, name);
  return versions.filter((one) => isNamed(one, whole) || mine.includes(one));
}

function chosen(which: MysqlSuite['versions'], name: string): readonly Version[] {
  if (which === 'newest' || (which !== 'all' && !thorough)) return ['mariadb11'];
  const one = sampled(KINDS, { oneOf: 2, name });
  if (!thorough) return narrowed ? KINDS : one;
  if (which !== 'all') return which === 'both' || everyVersion || narrowed ? KINDS : one;
  return everyVersion || narrowed ? versions : sampled(versions, { oneOf: versions.length, name });
}

/**
 * Runs a suite once for each server, each time with a fresh one of its own (about a second). The server is there from the
 * first hook or test on. ENGINES=mariadb11 narrows them while working on something.
 */
export function describeEachMysql(name: string, options: MysqlSuite, body: (server: () => MysqlServer, version: Version) => void): void {
  for (const version of versionsFor(options, name)) {
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
