import { fc } from '../../../support/properties.ts';
import { expect, it } from 'vitest';
import { describeEachRedis } from '../../../support/engines-redis.ts';
import { isFull } from '../../../support/thorough.ts';
import { manifestOf, wipe, workplace } from '../lifecycle/harness.ts';
import { RELAXATION_NAMES, type RelaxationName } from '../../../../src/engines/redis/compile/relaxations.ts';
import type { Version } from '../../../../src/engines/redis/local/find.ts';

/** For each version; with FULL=1 four versions make 500. */
const runsOn = (version: Version): number => (isFull(version) ? 125 : 5);

interface App {
  readonly level: 'prefix' | 'database';
  readonly prefix: string;
  readonly separator: string;
  readonly events: boolean;
  readonly relax: readonly RelaxationName[];
}

interface System {
  readonly apps: readonly App[];
  /** Indexes of the apps that a reader reads. */
  readonly reads: readonly number[];
  readonly alone: boolean;
}

const app: fc.Arbitrary<App> = fc.record({
  level: fc.constantFrom('prefix', 'prefix', 'database'),
  prefix: fc.constantFrom('', '*', '?x', '[a-z]', 'a\\b', 'é"\'', '%', '{tag}'),
  separator: fc.constantFrom(':', '/', '::', '.'),
  events: fc.boolean(),
  relax: fc.subarray(RELAXATION_NAMES),
});

const system: fc.Arbitrary<System> = fc.record({
  apps: fc.array(app, { minLength: 1, maxLength: 6 }),
  reads: fc.uniqueArray(fc.nat(5), { maxLength: 3 }),
  alone: fc.boolean(),
});

/** A database is a wall on Valkey 9.1; elsewhere apps at that level keep to themselves, and say that there is none. */
function manifest({ apps, reads, alone }: System, version: Version): string {
  if (alone && apps.length === 1) return manifestOf('apps:\n  c_0: { uses: { main: { isolation: instance } } }\n');
  const walled = version === 'valkey91';
  const unenforced = !walled && apps.every(({ level }) => level === 'database');
  const levelOf = (one: App): App['level'] => (walled || unenforced ? one.level : 'prefix');
  const housed = apps.some((one) => levelOf(one) === 'database');
  const lines = apps.map((one, index) => {
    const level = levelOf(one);
    const placement = {
      isolation: level,
      prefix: `c_${index}${one.prefix}`,
      separator: one.separator,
      relax: Object.fromEntries(one.relax.filter((name) => name !== 'select' || !housed).map((name) => [name, true])),
      ...(level === 'prefix' ? { keyspaceEvents: one.events } : unenforced ? { unenforced: true } : {}),
    };
    return `  c_${index}: { uses: { main: ${JSON.stringify(placement)} } }`;
  });
  const readable = reads.filter((index) => apps[index] !== undefined && levelOf(apps[index]) === 'prefix').map((index) => `c_${index}`);
  return manifestOf(
    `apps:\n${lines.join('\n')}\n${readable.length > 0 ? `readers:\n  c_lens: { reads: [${readable.join(', ')}] }\n` : ''}`,
  );
}

describeEachRedis('a clean system', {}, (server, version) => {
  it('made at random gives no finding, and is silent', { timeout: 3_600_000 }, async () => {
    let seed = 0;
    await fc.assert(
      fc.asyncProperty(system, async (made) => {
        await wipe(server());
        await using place = await workplace(server(), manifest(made, version));
        const { ending, diagnostics } = await place.apply();
        expect({ ending, errors: diagnostics.filter(({ severity }) => severity === 'error') }).toEqual({ ending: 'done', errors: [] });
        expect((await place.plan()).plan.steps).toEqual([]);
        seed += 1;
        const { findings } = await place.verify(seed);
        expect(
          findings.map((one) => `${one.verdict} ${one.probe} ${one.from} -> ${one.to}: ${one.statement} | ${one.answer} | ${one.why}`),
        ).toEqual([]);
      }),
      { numRuns: runsOn(version), endOnFailure: true },
    );
  });
});
