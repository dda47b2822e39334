import { fc } from '../../../support/properties.ts';
import { expect, it } from 'vitest';
import { describeEachRedis } from '../../../support/engines-redis.ts';
import { isFull } from '../../../support/thorough.ts';
import { ask } from '../../../../src/engines/redis/local/client.ts';
import { manifestOf, wipe, type Workplace, workplace } from '../lifecycle/harness.ts';
import { RELAXATION_NAMES, type RelaxationName } from '../../../../src/engines/redis/compile/relaxations.ts';
import type { Version } from '../../../../src/engines/redis/local/find.ts';

/** For each version; with FULL=1 four versions make 500. */
const { RUNS = '' } = process.env;
const runsOn = (version: Version): number => (RUNS === '' ? (isFull(version, 'worlds') ? 125 : 5) : Number(RUNS));

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
  /** What an operator may. */
  readonly may: readonly string[];
  /** What somebody has whom the manifest knows; null: there is nobody. */
  readonly known: string | null;
  /** What happens to the manifest afterwards. */
  readonly edit: 'none' | 'reader goes' | 'reader comes back' | 'app goes' | 'app comes back';
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
  may: fc.subarray(['connect', 'monitor', 'read-all', 'replication']),
  known: fc.constantFrom(
    null,
    '~* +get',
    '~c_0* +@all',
    'nopass +ping',
    '%R~* +@read -@dangerous',
    '&* +subscribe',
    '+@all allchannels ~*',
  ),
  edit: fc.constantFrom('none', 'none', 'reader goes', 'reader comes back', 'app goes', 'app comes back'),
});

/** A database is a wall on Valkey 9.1; elsewhere apps at that level keep to themselves, and say that there is none. */
function manifest({ apps, reads, alone, may, known }: System, version: Version): string {
  const people = `${may.length > 0 ? `operators:\n  c_op: { may: [${may.join(', ')}] }\n` : ''}${known === null ? '' : 'known:\n  - { user: c_known, why: it was there }\n'}`;
  if (alone && apps.length === 1) return manifestOf(`apps:\n  c_0: { uses: { main: { isolation: instance } } }\n${people}`);
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
    `apps:\n${lines.join('\n')}\n${readable.length > 0 ? `readers:\n  c_lens: { reads: [${readable.join(', ')}] }\n` : ''}${people}`,
  );
}

describeEachRedis('a clean system', { whole: 'worlds' }, (server, version) => {
  it('made at random gives no finding, and is silent', { timeout: 3_600_000 }, async () => {
    let seed = 0;
    await fc.assert(
      fc.asyncProperty(system, async (made) => {
        await wipe(server());
        await using place = await workplace(server(), manifest(made, version));
        await place.admin('ACL', 'SETUSER', 'c_op', 'on', '>word-of-the-operator');
        await place.admin('ACL', 'SETUSER', 'c_off', 'off', '-@all');
        if (made.known !== null) await place.admin('ACL', 'SETUSER', 'c_known', 'on', '>word-of-somebody', ...made.known.split(' '));
        await settled(place);
        for (const app of made.apps.keys()) await live(place, `c_${app}`);
        for (const text of editsOf(made, version)) {
          await place.write(text);
          await settled(place);
        }
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

/** Applied to its end, and silent after it. */
async function settled(place: Workplace): Promise<void> {
  const back = (await place.plan()).plan.diagnostics.flatMap(({ code, message }) =>
    code === 'CT2007' ? (/app "(\w+)"/.exec(message)?.[1] ?? []) : [],
  );
  for (const app of new Set(back)) await place.restore(app);
  const { ending, diagnostics } = await place.apply({ confirm: ['c_op', 'c_known'] });
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  expect({ ending: ending === 'nothing-to-do' ? 'done' : ending, errors }).toEqual({ ending: 'done', errors: [] });
  expect((await place.plan()).plan.steps).toEqual([]);
}

/** Keys of every kind, a consumer group, a message. */
async function live(place: Workplace, app: string): Promise<void> {
  const { REDIS_USERNAME: user = '', REDIS_PASSWORD: password = '', REDIS_DB = '0', ...env } = await place.reveal(app);
  const point = { host: place.env['HOST'] ?? '', port: Number(place.env['PORT']), user, password, database: Number(REDIS_DB) };
  const prefix = env['REDIS_KEY_PREFIX'] ?? '';
  for (const words of [
    ['SET', `${prefix}k`, 'v'],
    ['XADD', `${prefix}s`, '*', 'a', '1'],
    ['XGROUP', 'CREATE', `${prefix}s`, 'g', '0'],
    ['HSET', `${prefix}h`, 'f', 'v'],
    ['PFADD', `${prefix}p`, 'x'],
  ])
    await ask(point, ...words);
}

/** Manifests that come one after the other. */
function editsOf(made: System, version: Version): readonly string[] {
  const { edit, apps, reads } = made;
  const readerless = manifest({ ...made, reads: [] }, version);
  // Which level the others have may rest on it.
  const smaller = manifest(
    { ...made, apps: apps.slice(0, -1), reads: reads.filter((one) => one !== apps.length - 1), alone: false },
    version,
  );
  if (edit === 'reader goes') return [readerless];
  if (edit === 'reader comes back') return [readerless, manifest(made, version)];
  if (apps.length === 1 || !edit.startsWith('app') || version !== 'valkey91') return [];
  return edit === 'app goes' ? [smaller] : [smaller, manifest(made, version)];
}
