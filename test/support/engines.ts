import { afterAll, beforeAll, describe } from 'vitest';
import { type PostgresNeed, type PostgresWay, postgresWays } from '../engines/postgres/harness.ts';
import type { PostgresServer, Settings } from '../engines/postgres/runtime.ts';
import { type Major, majors } from '../../src/engines/postgres/local/find.ts';
import { localMachine } from '../../src/runtime/index.ts';
import { cache } from './places.ts';
import { isAskedFor } from './roster.ts';
import { everyday, sampled, sharedPart } from './sample.ts';
import { everyVersion, isFull, isNamed, narrowed, thorough, type Whole } from './thorough.ts';

export interface SuiteOptions {
  /**
   * `ends` and `both`: what differs between versions. Day by day the oldest or the newest, the other one the day after; `each` and
   * `newest`, the newest alone. Where ENGINES names versions: both ends that it names. With VERSIONS=turn, as in CI, a suite takes one
   * version and another the day after: `each` any, `ends` and `newest` one of the two ends; `both`, what is promised for both in every
   * run of CI, both. With VERSIONS=all: `each`, all of them; `ends` and `both`, both, and one of those between. With FULL=1: all of
   * them, with FULL=postgres16 that one too, in place of another between.
   */
  readonly versions: 'both' | 'ends' | 'each' | 'newest';
  /** What FULL may have run whole here: the suite then runs on that version as well. */
  readonly whole?: Whole;
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
  for (const major of majorsFor(options, name)) {
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
 * The part of a table that a version takes. Day by day: one of `oneOf`. With VERSIONS=turn or all, all of it on a version that is
 * run full; else the two ends share it, and so do those between, each another part the day after. Of a short table nobody's part is
 * empty. `kin`: those that share it, where it is not these.
 */
export function tableFor<T>(major: Major, table: readonly T[], oneOf: number, kin: readonly Major[] = kinOf(major)): readonly T[] {
  const isShared = thorough && !narrowed && !isFull(`postgres${major}`, 'tables');
  const part = isShared ? sharedPart(table, { at: kin.indexOf(major), of: kin.length }) : everyday(table, { oneOf });
  return part.length === 0 ? table.slice(0, 1) : part;
}

const kinOf = (major: Major): readonly Major[] => majors.filter((one) => isEnd(one) === isEnd(major));
const isEnd = (major: Major): boolean => major === majors[0] || major === majors.at(-1);

/** The versions that a suite of this name runs on, this day. */
export function majorsFor({ versions, whole }: SuiteOptions, name: string): readonly Major[] {
  const mine = chosen(versions, name, (major) => isNamed(`postgres${major}`, whole));
  return majors.filter((major) => isNamed(`postgres${major}`, whole) || mine.includes(major));
}

function chosen(versions: SuiteOptions['versions'], name: string, isTaken: (major: Major) => boolean): readonly Major[] {
  const ends = majors.filter(isEnd);
  const between = majors.filter((major) => !isEnd(major));
  const one = sampled(ends, { oneOf: 2, name });
  const another = between.some(isTaken) ? [] : sampled(between, { oneOf: between.length, name });
  const differs = versions === 'ends' || versions === 'both';
  if (!thorough) return !differs ? majors.slice(-1) : narrowed ? ends : one;
  if (narrowed) return versions === 'newest' ? ends : majors;
  if (versions === 'newest') return one;
  if (everyVersion) return versions === 'each' ? majors : [...ends, ...another];
  if (versions === 'each') return sampled(majors, { oneOf: majors.length, name });
  return versions === 'both' ? ends : one;
}

function noServer(): never {
  throw new Error('the server is started by beforeAll: ask for it inside a hook or a test');
}
