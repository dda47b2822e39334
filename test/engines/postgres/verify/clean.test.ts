import { fc } from '../../../support/properties.ts';
import { expect, it } from 'vitest';
import { describeEachPostgres } from '../../../support/engines.ts';
import { isFull } from '../../../support/thorough.ts';
import { manifestOf, urlOf, wipe } from '../lifecycle/harness.ts';
import { query } from '../../../support/query.ts';
import type { PostgresServer } from '../runtime.ts';
import { ground, type Ground } from './harness.ts';
import { type Act, appActs, operatorActs, rowActs, type Spot } from './ordinary.ts';

/** For each major; with FULL=1 five majors make 500. */
const { RUNS = '' } = process.env;
const runsOn = (version: string): number => (RUNS !== '' ? Number(RUNS) : isFull(version, 'worlds') ? 100 : 3);

interface App {
  readonly level: 'database' | 'schema' | 'rows';
  readonly relax: readonly string[];
  readonly locks: 'allow' | 'deny';
  readonly seeded: boolean;
  /** Indexes of what it does, and of what the operator does in its database. */
  readonly does: readonly number[];
  readonly done: readonly number[];
}

interface System {
  readonly apps: readonly App[];
  /** What an operator may. */
  readonly may: readonly string[];
  /** Somebody whom the manifest knows reads the first app. */
  readonly known: boolean;
  /** What happens to the manifest afterwards. */
  readonly edit: 'none' | 'reader goes' | 'reader comes back' | 'app goes' | 'app comes back';
  /** Indexes of the apps that a reader reads. */
  readonly reads: readonly number[];
  readonly shares: readonly Share[];
}

interface Share {
  /** Indexes of apps. */
  readonly from: number;
  readonly to: number;
  /** All columns, or two of them. */
  readonly whole: boolean;
}

const app: fc.Arbitrary<App> = fc.record({
  level: fc.constantFrom('database', 'schema', 'rows'),
  relax: fc.subarray(['createOnDatabase', 'temporary', 'logicalMessages', 'unlimitedTempFiles']),
  locks: fc.constantFrom('allow', 'deny'),
  seeded: fc.boolean(),
  does: fc.uniqueArray(fc.nat(appActs.length - 1), { maxLength: 6 }),
  done: fc.uniqueArray(fc.nat(operatorActs.length - 1), { maxLength: 2 }),
});

const system: fc.Arbitrary<System> = fc.record({
  apps: fc.array(app, { minLength: 1, maxLength: 5 }),
  may: fc.subarray(['connect', 'read-all', 'bypass-rls', 'monitor', 'replication', 'auth-query']),
  known: fc.boolean(),
  edit: fc.constantFrom('none', 'none', 'reader goes', 'reader comes back', 'app goes', 'app comes back'),
  reads: fc.uniqueArray(fc.nat(4), { maxLength: 3 }),
  shares: fc.array(fc.record({ from: fc.nat(4), to: fc.nat(4), whole: fc.boolean() }), { maxLength: 4 }),
});

const DATABASE = { schema: 'c_shared', rows: 'c_pool' } as const;

/** What belongs to a shared database must be said alike by all of its apps: the first one decides. */
function manifest({ apps, reads, shares, may, known, edit }: System): string {
  const first = (level: App['level']): App | undefined => apps.find((one) => one.level === level);
  const lines = apps.map((one, index) => {
    const locks = one.level === 'database' ? one.locks : (first(one.level)?.locks ?? one.locks);
    // What was taken from everybody is not granted again by an app that comes back.
    const lasting = edit !== 'app comes back' || one.level === 'database';
    const fits = (name: string): boolean => (name === 'createOnDatabase' ? one.level === 'schema' : lasting || name !== 'logicalMessages');
    const relax = one.relax.filter(fits).map((name) => `${name}: true`);
    const place = one.level === 'database' ? '' : `database: ${DATABASE[one.level]}, `;
    return `  c_${index}: { uses: { main: { isolation: ${one.level}, ${place}connections: 3, advisoryLocks: ${locks}, relax: { ${relax.join(', ')} } } } }`;
  });
  const readable = reads.filter((index) => apps[index] !== undefined && apps[index].level !== 'rows').map((index) => `c_${index}`);
  const readers = readable.length > 0 ? `readers:\n  c_lens: { reads: [${readable.join(', ')}] }\n` : '';
  const possible = (index: number): boolean => apps[index] !== undefined && apps[index].level !== 'rows';
  const shared = shares
    .filter(({ from, to }) => from !== to && possible(from) && possible(to))
    .map(
      ({ from, to, whole }) =>
        `  - { from: c_${from}, tables: [t_${from}], ${whole ? '' : 'columns: [id, body], '}to: c_${to}, via: grant }`,
    );
  const opened = shared.length > 0 ? `shares:\n${shared.join('\n')}\n` : '';
  const operators = may.length > 0 ? `operators:\n  c_op: { may: [${may.join(', ')}] }\n` : '';
  const strangers = known ? 'known:\n  - { user: c_known, why: it reports }\n' : '';
  return manifestOf(`apps:\n${lines.join('\n')}\n${readers}${opened}${operators}${strangers}`);
}

describeEachPostgres('a clean system', { versions: 'newest', whole: 'worlds' }, (server, major) => {
  it('made at random gives no finding', { timeout: 3_600_000 }, async () => {
    let seed = 0;
    await fc.assert(
      fc.asyncProperty(system, async (made) => {
        seed += 1;
        expect(await findingsOf(server(), made, seed)).toEqual([]);
      }),
      { numRuns: runsOn(`postgres${major}`), endOnFailure: true },
    );
  });

  it('gives none where apps of each level do everything that is ordinary', { timeout: 300_000 }, async () => {
    const all = { does: appActs.map((_act, index) => index), done: operatorActs.map((_act, index) => index) };
    const apps = (['database', 'schema', 'rows'] as const).map(
      (level) => ({ level, relax: [], locks: 'allow', seeded: true, ...all }) as const,
    );
    const whole = {
      apps,
      may: ['read-all', 'bypass-rls', 'monitor'],
      known: true,
      edit: 'reader comes back',
      reads: [0, 1],
      shares: [],
    } as const;
    expect(await findingsOf(server(), whole, 7)).toEqual([]);
  });

  it('gives none where an app that shares a table has everything that is ordinary', { timeout: 300_000 }, async () => {
    const app = { level: 'schema', relax: [], locks: 'allow', seeded: true, done: [] } as const;
    const apps = [
      { ...app, does: appActs.map((_act, index) => index) },
      { ...app, does: [] },
    ];
    const shared = { apps, may: [], known: false, edit: 'none', reads: [], shares: [{ from: 0, to: 1, whole: false }] } as const;
    expect(await findingsOf(server(), shared, 8)).toEqual([]);
  });

  /** After all of it was done, and everything applied. */
  async function findingsOf(on: PostgresServer, made: System, seed: number): Promise<readonly string[]> {
    await wipe(on.url);
    await query(on.url, `${made.may.length > 0 ? 'CREATE ROLE c_op LOGIN; ' : ''}${made.known ? 'CREATE ROLE c_known LOGIN' : ''}`);
    await using place = await ground(on, manifest(made));
    for (const [index, one] of made.apps.entries()) {
      if (one.seeded) await seedTables(place.sql, spotOf(one, index));
      if (one.seeded) await live(place, one, spotOf(one, index), major);
    }
    if (made.known) await know(place, made);
    for (const text of [null, ...editsOf(made)]) await settled(place, text);
    const { findings } = await place.verify(seed);
    return findings.map(
      ({ verdict, probe, from, to, statement, answer }) => `${verdict} ${probe} ${from} -> ${to}: ${statement} | ${answer}`,
    );
  }
});

/** Applied to its end, and silent after it. */
async function settled({ place }: Ground, text: string | null): Promise<void> {
  if (text !== null) await place.write(text);
  const back = (await place.plan()).plan.diagnostics.flatMap(({ code, message }) =>
    code === 'CT2007' ? (/app "(\w+)"/.exec(message)?.[1] ?? []) : [],
  );
  for (const app of new Set(back)) await place.restore(app);
  const { ending, diagnostics } = await place.apply(['c_op', 'c_known']);
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  expect({ ending: ending === 'nothing-to-do' ? 'done' : ending, errors }).toEqual({ ending: 'done', errors: [] });
  expect((await place.plan()).plan.steps.map(({ title, address }) => `${title} ${address.name}`)).toEqual([]);
}

/** Manifests that come one after the other. */
function editsOf(made: System): readonly string[] {
  const { edit, apps, reads, shares } = made;
  const last = apps.length - 1;
  const readerless = { ...made, reads: [] };
  const smaller = {
    ...made,
    apps: apps.slice(0, -1),
    reads: reads.filter((one) => one !== last),
    shares: shares.filter(({ from, to }) => from !== last && to !== last),
  };
  if (edit === 'reader goes') return [manifest(readerless)];
  if (edit === 'reader comes back') return [manifest(readerless), manifest(made)];
  if (apps.length === 1 || !edit.startsWith('app')) return [];
  return edit === 'app goes' ? [manifest(smaller)] : [manifest(smaller), manifest(made)];
}

function spotOf({ level }: App, index: number): Spot {
  return {
    index,
    level,
    database: level === 'database' ? `c_${index}` : DATABASE[level],
    schema: level === 'schema' ? `c_${index}` : 'public',
  };
}

/** What the app does with its own login, and the operator beside it. */
async function live({ place, sql }: Ground, { does, done }: App, spot: Spot, version: number): Promise<void> {
  const fits = ({ levels, since = 0 }: Act): boolean => (levels?.includes(spot.level) ?? true) && version >= since;
  const mine = does.flatMap((one) => (spot.level === 'rows' ? (rowActs[one % rowActs.length] ?? []) : (appActs[one] ?? [])));
  for (const act of new Set(mine.filter(fits))) {
    if (spot.level === 'rows') await sql(spot.database, `SET ROLE c_pool_owner; ${act.sql(spot)}`);
    else
      await query(await urlOf(place, `c_${spot.index}`), act.sql(spot)).catch((error: unknown) =>
        Promise.reject(new Error(act.name, { cause: error })),
      );
  }
  for (const act of done.flatMap((one) => operatorActs[one] ?? []).filter(fits)) await sql(spot.database, act.sql(spot)).catch(sameTwice);
}

/** Apps that share a database have one operator, who did it for the first of them. */
function sameTwice(error: unknown): void {
  if (!String(error).includes('already exists')) throw error;
}

/** Somebody who reads a table of the first app. */
async function know({ sql }: Ground, { apps: [first] }: System): Promise<void> {
  if (!first) return;
  const { database, schema } = spotOf(first, 0);
  const tables = first.seeded ? `GRANT SELECT ON ${schema}.t_0 TO c_known` : 'SELECT 1';
  await sql(database, `GRANT CONNECT ON DATABASE ${database} TO c_known; GRANT USAGE ON SCHEMA ${schema} TO c_known; ${tables}`);
}

/** Things that ordinary apps make, as the app itself or, at level rows, as the migrator. */
async function seedTables(sql: Ground['sql'], { index, level, database, schema }: Spot): Promise<void> {
  const owner = level === 'rows' ? 'c_pool_owner' : `c_${index}_owner`;
  const own =
    level === 'rows'
      ? ''
      : `CREATE TABLE ${schema}.t (workspace text, id int, body text); INSERT INTO ${schema}.t VALUES ('c', 1, 'mine');`;
  await sql(
    database,
    `SET ROLE ${owner}; ${own}
     CREATE TABLE ${schema}.t_${index} (workspace text, id int, body text, PRIMARY KEY (workspace, id));
     INSERT INTO ${schema}.t_${index} VALUES ('c_${index}', 1, 'mine'), ('somebody', 1, 'theirs');
     CREATE FUNCTION ${schema}.f_${index}() RETURNS int LANGUAGE sql AS 'SELECT 1';
     CREATE TYPE ${schema}.e_${index} AS ENUM ('a')`,
  );
}
