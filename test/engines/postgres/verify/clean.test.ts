import { fc } from '../../../support/properties.ts';
import { expect, it } from 'vitest';
import { describeEachPostgres } from '../../../support/engines.ts';
import { isFull } from '../../../support/thorough.ts';
import { manifestOf, wipe } from '../lifecycle/harness.ts';
import { ground } from './harness.ts';

/** For each major; with FULL=1 five majors make 500. */
const runsOn = (version: string): number => (isFull(version) ? 100 : 4);

interface App {
  readonly level: 'database' | 'schema' | 'rows';
  readonly relax: readonly string[];
  readonly locks: 'allow' | 'deny';
  readonly seeded: boolean;
}

interface System {
  readonly apps: readonly App[];
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
});

const system: fc.Arbitrary<System> = fc.record({
  apps: fc.array(app, { minLength: 1, maxLength: 5 }),
  reads: fc.uniqueArray(fc.nat(4), { maxLength: 3 }),
  shares: fc.array(fc.record({ from: fc.nat(4), to: fc.nat(4), whole: fc.boolean() }), { maxLength: 4 }),
});

const DATABASE = { schema: 'c_shared', rows: 'c_pool' } as const;

/** What belongs to a shared database must be said alike by all of its apps: the first one decides. */
function manifest({ apps, reads, shares }: System): string {
  const first = (level: App['level']): App | undefined => apps.find((one) => one.level === level);
  const lines = apps.map((one, index) => {
    const locks = one.level === 'database' ? one.locks : (first(one.level)?.locks ?? one.locks);
    const relax = one.relax.filter((name) => name !== 'createOnDatabase' || one.level === 'schema').map((name) => `${name}: true`);
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
  return manifestOf(`apps:\n${lines.join('\n')}\n${readers}${opened}`);
}

describeEachPostgres('a clean system', { versions: 'newest' }, (server, major) => {
  it('made at random gives no finding', { timeout: 3_600_000 }, async () => {
    let seed = 0;
    await fc.assert(
      fc.asyncProperty(system, async (made) => {
        await wipe(server().url);
        await using place = await ground(server(), manifest(made));
        for (const [index, one] of made.apps.entries()) if (one.seeded) await seedTables(place.sql, one, index);
        await place.place.apply();
        seed += 1;
        const { findings } = await place.verify(seed);
        expect(
          findings.map(
            (finding) => `${finding.verdict} ${finding.probe} ${finding.from} -> ${finding.to}: ${finding.statement} | ${finding.answer}`,
          ),
        ).toEqual([]);
      }),
      { numRuns: runsOn(`postgres${major}`), endOnFailure: true },
    );
  });
});

/** Things that ordinary apps make, as the app itself or, at level rows, as the migrator. */
async function seedTables(sql: (database: string, text: string) => Promise<void>, one: App, index: number): Promise<void> {
  const database = one.level === 'database' ? `c_${index}` : DATABASE[one.level];
  const owner = one.level === 'rows' ? 'c_pool_owner' : `c_${index}_owner`;
  const schema = one.level === 'schema' ? `c_${index}` : 'public';
  await sql(
    database,
    `SET ROLE ${owner};
     CREATE TABLE ${schema}.t_${index} (workspace text, id int, body text, PRIMARY KEY (workspace, id));
     INSERT INTO ${schema}.t_${index} VALUES ('c_${index}', 1, 'mine'), ('somebody', 1, 'theirs');
     CREATE FUNCTION ${schema}.f_${index}() RETURNS int LANGUAGE sql AS 'SELECT 1';
     CREATE TYPE ${schema}.e_${index} AS ENUM ('a')`,
  );
}
