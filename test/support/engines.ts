import { afterAll, beforeAll, describe } from 'vitest';
import { type PostgresNeed, postgresWays } from '../engines/postgres/harness.ts';
import type { PostgresServer, Settings } from '../engines/postgres/runtime.ts';
import { type Major, majors } from '../../src/engines/postgres/local/find.ts';
import { localMachine } from '../../src/runtime/index.ts';
import { cache } from './places.ts';
import { isAskedFor } from './roster.ts';
import { everyday } from './sample.ts';
import { isFull, thorough } from './thorough.ts';

export interface SuiteOptions {
  /**
   * Day by day: `ends`, the oldest or the newest version, the other one the day after; `each` and `newest`, the newest alone.
   * Where ENGINES names versions: `ends`, both that it names. With VERSIONS=all, as in CI:
   * all of them, but for `newest`, an expensive suite, the two ends. With FULL=1: all of them, with FULL=postgres16 that one too.
   */
  readonly versions: 'ends' | 'each' | 'newest';
}

export interface PostgresSuite extends SuiteOptions {
  readonly needs?: readonly PostgresNeed[];
  /** The suite cleans up behind itself and restarts nothing. */
  readonly external?: boolean;
  readonly settings?: Settings;
}

/**
 * Runs a suite once for each major version, each time with a fresh server of its own (about 0.2 s). The server is there
 * from the first hook or test on. ENGINES=postgres14,postgres18 narrows the versions while working on something.
 */
export function describeEachPostgres(
  name: string,
  options: PostgresSuite,
  body: (server: () => PostgresServer, major: Major) => void,
): void {
  for (const major of chosen(name, options)) {
    const engine = `postgres${major}`;
    if (!isAskedFor(engine, process.env)) continue;
    const wish = { major, needs: options.needs ?? [], external: options.external ?? false };
    const way = postgresWays(localMachine(), { cache, env: process.env }, wish)[0];
    const label = way ? `${engine} ${way.way}` : `${engine}: ${['no server', ...wish.needs].join(' with ')}`;
    describe.skipIf(!way)(`${name} [${label}]`, () => {
      let server: PostgresServer | null = null;
      beforeAll(async () => {
        server = (await way?.start(options.settings)) ?? null;
      });
      afterAll(async () => await server?.stop());
      body(() => server ?? noServer(), major);
    });
  }
}

/** A server for one test, of the newest major that is asked for. Stop it with `await using`. */
export async function freshPostgres(options: Partial<PostgresSuite> & { readonly major?: Major } = {}): Promise<PostgresServer> {
  const order = options.major ? [options.major] : majors.toReversed().filter((major) => isAskedFor(`postgres${major}`, process.env));
  for (const major of order) {
    const way = postgresWays(localMachine(), { cache, env: process.env }, { major, needs: options.needs ?? [] })[0];
    if (way) return await way.start(options.settings);
  }
  throw new Error(`this machine has no PostgreSQL ${order.join(', ')}`);
}

function chosen(name: string, options: SuiteOptions): readonly Major[] {
  if (thorough && options.versions !== 'newest') return majors;
  const ends = majors.filter((_, index) => index === 0 || index === majors.length - 1);
  const daily = options.versions !== 'ends' && !thorough ? ends.slice(-1) : everyday(ends, { oneOf: 2, name });
  return majors.filter((major) => isFull(`postgres${major}`) || daily.includes(major));
}

function noServer(): never {
  throw new Error('the server is started by beforeAll: ask for it inside a hook or a test');
}
