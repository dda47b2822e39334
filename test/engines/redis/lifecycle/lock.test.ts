import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeEachRedis } from '../../../support/engines-redis.ts';
import { applyProject } from '../../../../src/app/apply.ts';
import { Connection } from '../../../../src/engines/redis/connect/connection.ts';
import { infoFields } from '../../../../src/engines/redis/observe/server.ts';
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
    expect(seen).toMatchObject([
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
    expect(await place.admin('DBSIZE')).toBe(0);
  });

  it('lets several in one after the other', async () => {
    await place.admin('ACL', 'DELUSER', 'shop');
    const endings = (await Promise.all(Array.from({ length: 5 }, () => place.apply()))).map(({ ending }) => ending);
    expect(endings.filter((one) => one === 'done')).toHaveLength(1);
    expect(endings.filter((one) => one === 'nothing-to-do')).toHaveLength(4);
  });

  it('is nothing that an app can take by the name of its connection', async () => {
    const { REDIS_USERNAME: user = '', REDIS_PASSWORD: password = '' } = await place.reveal('shop');
    await using forged = await Connection.open({ ...server(), user, password, tls: null }, 'cotenant-holds:somebody:2026', {
      deadline: 5000,
      instance: 'main',
    });
    expect(forged.alive).toBe(true);
    expect((await place.apply({ lockTimeout: 0 })).ending).toBe('nothing-to-do');
  });

  it('ends with its connection, and with it all that was about to be done', async () => {
    await place.admin('ACL', 'DELUSER', 'shop');
    await place.admin('ACL', 'SETUSER', 'blog', '+scan');
    const consent = async (): Promise<boolean> => {
      const holder = String(await place.admin('CLIENT', 'LIST'))
        .split('\n')
        .find((one) => one.includes(' name=cotenant-holds:'));
      await place.admin('CLIENT', 'KILL', 'ID', /id=(\d+)/.exec(holder ?? '')?.[1] ?? '');
      return true;
    };
    const { ending, diagnostics } = await place.apply({ consent });
    expect({ ending, code: diagnostics.at(-1)?.code }).toEqual({ ending: 'failed', code: 'CT3004' });
    expect(await place.admin('ACL', 'GETUSER', 'shop')).toBeNull();
    expect((await place.apply({ lockTimeout: 0 })).ending).toBe('done');
  });

  it('is not held by two at once', async () => {
    for (let round = 0; round < 10; round++) {
      let inside = 0;
      let most = 0;
      await place.admin('ACL', 'DELUSER', 'shop');
      const consent = async (): Promise<boolean> => {
        inside += 1;
        most = Math.max(most, inside);
        await place.admin('PING');
        inside -= 1;
        return true;
      };
      await place.admin('ACL', 'SETUSER', 'blog', '+scan');
      const endings = (await Promise.all(Array.from({ length: 4 }, () => place.apply({ lockTimeout: 0, consent })))).map(
        ({ ending }) => ending,
      );
      expect({ most, done: endings.filter((one) => one === 'done').length }).toEqual({ most: 1, done: 1 });
    }
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
      'ping',
    ];
    expect(sent.filter((one) => !reading.includes(one))).toEqual([]);
    await place.admin('CONFIG', 'RESETSTAT');
    expect((await place.apply()).ending).toBe('nothing-to-do');
    const more = infoFields(String(await place.admin('INFO', 'commandstats')));
    const locking = ['multi', 'exec', 'client|id', 'acl|dryrun', 'ping'];
    expect([...more.keys()].map((key) => key.replace('cmdstat_', '')).filter((one) => ![...reading, ...locking].includes(one))).toEqual([]);
  });
});
