import { afterAll, beforeAll, describe } from 'vitest';
import { type PostgresNeed, type PostgresWay, postgresWays } from '../engines/postgres/harness.ts';
import type { PostgresServer, Settings } from '../engines/postgres/runtime.ts';
import { type Major, majors } from '../../src/engines/postgres/local/find.ts';
import { localMachine } from '../../src/runtime/index.ts';
import { cache } from './places.ts';
import { isAskedFor } from './roster.ts';
import { everyday, sampled, sharedPart } from './sample.ts';
import { isFull, narrowed, thorough } from './thorough.ts';

export interface SuiteOptions {
  /**
   * Day by day: `ends`, the oldest or the newest version, the other one the day after; `each` and `newest`, the newest alone.
   * Where ENGINES names versions: `ends`, both that it names. With VERSIONS=all, as in CI: `each`, all of them; `newest`, the two
   * ends; `ends`, these and one of those between, another one each day. With FULL=1: all of them, with FULL=postgres16 that one too.
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
  describeEach(name, options, (major, way) => {
    let server: PostgresServer | null = null;
    beforeAll(async () => {
      server = (await way?.start(options.settings)) ?? null;
    });
    afterAll(async () => await server?.stop());
    body(() => server ?? noServer(), major);
  });
}

/** The same without a server, for a suite whose tests start their own with `freshPostgres`. */
export function describeEachMajor(name: string, options: SuiteOptions, body: (major: Major) => void): void {
  describeEach(name, options, body);
}

function describeEach(name: string, options: PostgresSuite, body: (major: Major, way: PostgresWay | undefined) => void): void {
  for (const major of chosen(name, options)) {
    const engine = `postgres${major}`;
    if (!isAskedFor(engine, process.env)) continue;
    const wish = { major, needs: options.needs ?? [], external: options.external ?? false };
    const way = postgresWays(localMachine(), { cache, env: process.env }, wish)[0];
    const label = way ? `${engine} ${way.way}` : `${engine}: ${['no server', ...wish.needs].join(' with ')}`;
    describe.skipIf(!way)(`${name} [${label}]`, () => {
      body(major, way);
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

/**
 * The part of a table that a version takes. Day by day: one of `oneOf`. With VERSIONS=all, as in CI, the two ends take all of it,
 * and those between share it. Of a short table nobody's part is empty.
 */
export function tableFor<T>(major: Major, table: readonly T[], oneOf: number): readonly T[] {
  const between = majors.slice(1, -1);
  const at = between.indexOf(major);
  const isWhole = !thorough || narrowed || at === -1 || isFull(`postgres${major}`);
  const part = isWhole ? everyday(table, { oneOf }) : sharedPart(table, { at, of: between.length });
  return part.length === 0 ? table.slice(0, 1) : part;
}

function chosen(name: string, options: SuiteOptions): readonly Major[] {
  if (thorough && (options.versions === 'each' || (options.versions === 'ends' && narrowed))) return majors;
  const ends = majors.filter((_, index) => index === 0 || index === majors.length - 1);
  const between = majors.filter((major) => !ends.includes(major));
  const daily = options.versions !== 'ends' && !thorough ? ends.slice(-1) : everyday(ends, { oneOf: 2, name });
  const more = thorough && options.versions === 'ends' ? sampled(between, { oneOf: between.length, name }) : [];
  return majors.filter((major) => isFull(`postgres${major}`) || daily.includes(major) || more.includes(major));
}

function noServer(): never {
  throw new Error('the server is started by beforeAll: ask for it inside a hook or a test');
}
