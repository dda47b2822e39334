import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyProject } from '../../src/app/apply.ts';
import { Sessions } from '../../src/app/sessions.ts';
import { redisWays } from '../engines/redis/harness.ts';
import { localMachine } from '../../src/runtime/index.ts';
import { cache } from '../support/places.ts';
import { type TestProject, testProject } from '../support/project.ts';
import { isAskedFor } from '../support/roster.ts';

const version = 'valkey91';
const [way] = redisWays(localMachine(), { cache, env: process.env }, { version });

type Server = Awaited<ReturnType<NonNullable<typeof way>['start']>>;

describe.skipIf(!way || !isAskedFor(version, process.env))(`locks over two servers [${way ? version : `${version}: no server`}]`, () => {
  const held = new AsyncDisposableStack();
  let there: TestProject;
  let back: TestProject;

  /** The same two servers, under names of its own and in the order that is asked for. */
  const project = async (name: string, order: readonly (readonly [string, Server])[]): Promise<TestProject> => {
    const env = Object.fromEntries(order.map(([called, { password }]) => [called.toUpperCase(), password]));
    const instances = order.map(
      ([called, { host, port }]) =>
        `  ${called}: { engine: redis, url: 'redis://admin@${host}:${port}', password: { env: ${called.toUpperCase()} } }\n`,
    );
    const apps = order.map(([called]) => `  ${name}_${called}: { uses: { ${called}: {} } }\n`);
    return await testProject(`cotenant: 1\nproject: ${name}\ninstances:\n${instances.join('')}apps:\n${apps.join('')}`, env);
  };

  beforeAll(async () => {
    if (!way) return;
    const a = await way.start();
    held.defer(async () => await a.stop());
    const b = await way.start();
    held.defer(async () => await b.stop());
    there = held.use(
      await project('there', [
        ['one', a],
        ['two', b],
      ]),
    );
    back = held.use(
      await project('back', [
        ['uno', b],
        ['due', a],
      ]),
    );
  }, 120_000);
  afterAll(async () => await held.disposeAsync());

  const ports = async (of: TestProject, instance: string): Promise<string> => {
    const { manifest } = await of.open();
    const { config = {} } = manifest.instances.find(({ name }) => name === instance)?.input ?? {};
    return String((config as { readonly url?: string }).url);
  };

  /** Which server an apply finds locked while both are. */
  const firstOf = async (of: TestProject): Promise<string> => {
    for await (const event of applyProject(await of.open(), { consent: () => Promise.resolve(true) }))
      if (event.type === 'locked') return await ports(of, event.instance);
    return 'none';
  };

  it('two manifests take them in one order, whatever theirs is', async () => {
    const project = await there.open();
    await using sessions = await Sessions.open(project);
    await using held = new AsyncDisposableStack();
    for (const { session } of sessions.reached) {
      const outcome = await session.lock('somebody', 0);
      if (!outcome.ok) throw new Error('the lock was free');
      held.use(outcome.lock);
    }
    expect(await firstOf(back)).toBe(await firstOf(there));
    expect(await firstOf(back)).toMatch(/^redis:/);
  });

  it('an apply of one app waits for its own server only', async () => {
    const project = await there.open();
    await using sessions = await Sessions.open(project);
    const two = sessions.reached.find(({ instance }) => instance.name === 'two');
    const outcome = await two?.session.lock('somebody', 0);
    if (!outcome?.ok) throw new Error('the lock was free');
    await using _held = outcome.lock;
    const endings = async (app: string): Promise<string> => {
      for await (const event of applyProject(await there.open(), { apps: [app], consent: () => Promise.resolve(true) }))
        if (event.type === 'result') return event.ending;
      return '';
    };
    expect(await endings('there_one')).toBe('done');
    expect(await endings('there_two')).toBe('locked');
  });

  it('both at once come to their end', async () => {
    const run = async (of: TestProject): Promise<string> => {
      for await (const event of applyProject(await of.open(), { lockTimeout: 60_000, consent: () => Promise.resolve(true) }))
        if (event.type === 'result') return event.ending;
      return '';
    };
    const endings = await Promise.all([there, back, there, back].map(run));
    expect(endings.every((ending) => ending === 'done' || ending === 'nothing-to-do')).toBe(true);
  });
});
