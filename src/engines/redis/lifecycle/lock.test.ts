import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeEachRedis } from '../../../../test/support/engines-redis.ts';
import { applyProject } from '../../../app/apply.ts';
import { LOCK_KEY } from '../lock.ts';
import { infoFields } from '../server.ts';
import { manifestOf, type Workplace, workplace } from './harness.ts';

const manifest = manifestOf('apps:\n  shop: { uses: { main: {} } }\n  blog: { uses: { main: {} } }\n');

describeEachRedis('one apply at a time', { open: true }, (server) => {
  let place: Workplace;
  beforeAll(async () => {
    place = await workplace(server(), manifest);
  });
  afterAll(async () => await place[Symbol.asyncDispose]());

  it('says who holds the lock, and since when', async () => {
    const seen: unknown[] = [];
    const consent = async (): Promise<boolean> => {
      for await (const event of applyProject(await place.open(), { consent: async () => Promise.resolve(true) })) seen.push(event);
      return true;
    };
    expect((await place.apply({ consent })).ending).toBe('done');
    expect(seen).toEqual([
      {
        type: 'locked',
        instance: 'main',
        holder: {
          who: expect.stringMatching(/^cotenant apply .*@.* pid \d+$/) as unknown,
          since: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:]+Z$/) as unknown,
        },
      },
      { type: 'result', ending: 'locked', results: [] },
    ]);
    expect(await place.admin('GET', LOCK_KEY)).toBeNull();
  });

  it('lets several in one after the other', async () => {
    await place.admin('ACL', 'DELUSER', 'shop');
    const endings = (await Promise.all(Array.from({ length: 5 }, () => place.apply()))).map(({ ending }) => ending);
    expect(endings.filter((one) => one === 'done')).toHaveLength(1);
    expect(endings.filter((one) => one === 'nothing-to-do')).toHaveLength(4);
  });

  it('goes past a lock whose holder is gone', async () => {
    const left = JSON.stringify({
      who: 'cotenant apply somebody',
      since: '2026-01-01T00:00:00Z',
      client: 999_999,
      name: 'cotenant-lock-gone',
    });
    await place.admin('SET', LOCK_KEY, left, 'PX', '600000');
    expect((await place.apply({ lockTimeout: 0 })).ending).toBe('nothing-to-do');
  });

  it('gives up what it was about to do when the lock is another’s', async () => {
    await place.admin('ACL', 'DELUSER', 'shop');
    await place.admin('ACL', 'SETUSER', 'blog', '+scan');
    const other = JSON.stringify({ who: 'somebody else', since: '', client: 1, name: 'x' });
    const consent = async (): Promise<boolean> => {
      await place.admin('SET', LOCK_KEY, other, 'PX', '60000');
      return true;
    };
    const { ending, diagnostics } = await place.apply({ consent });
    expect({ ending, code: diagnostics.at(-1)?.code }).toEqual({ ending: 'failed', code: 'CT3004' });
    expect(await place.admin('ACL', 'GETUSER', 'shop')).toBeNull();
    expect((await place.apply()).ending).toBe('done');
  });

  it('sends nothing that changes something where there is nothing to do', async () => {
    await place.admin('CONFIG', 'RESETSTAT');
    await place.plan();
    await place.status();
    const counts = infoFields(String(await place.admin('INFO', 'commandstats')));
    const sent = [...counts.keys()].map((key) => key.replace('cmdstat_', '')).toSorted();
    const reading = [
      'acl|list',
      'auth',
      'client|list',
      'client|setname',
      'command',
      'config|get',
      'config|resetstat',
      'dbsize',
      'hello',
      'info',
      'memory|usage',
      'scan',
      'select',
    ];
    expect(sent.filter((one) => !reading.includes(one))).toEqual([]);
    await place.admin('CONFIG', 'RESETSTAT');
    expect((await place.apply()).ending).toBe('nothing-to-do');
    const more = infoFields(String(await place.admin('INFO', 'commandstats')));
    const locking = ['set', 'get', 'watch', 'unwatch', 'multi', 'exec', 'del', 'client|id', 'pexpire'];
    expect([...more.keys()].map((key) => key.replace('cmdstat_', '')).filter((one) => ![...reading, ...locking].includes(one))).toEqual([]);
  });
});
