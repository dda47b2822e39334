import { expect, it } from 'vitest';
import { makeClient } from '../../../../src/engines/redis/connect/client.ts';
import { describeEachRedis } from '../../../support/engines-redis.ts';
import { manifestOf, workplace } from '../lifecycle/harness.ts';

const manifest = manifestOf(`apps:
  shop: { uses: { main: { relax: { scripting: true, select: true, restore: true } } } }
  blog: { uses: { main: {} } }
readers:
  lens: { reads: [shop] }
`);

describeEachRedis('whoever listens while the proof is made', {}, (server) => {
  it('hears neither an event of a key nor a message, and no key is left, not even of an app that is open', async () => {
    await using place = await workplace(server(), manifest);
    expect((await place.apply()).ending).toBe('done');
    await place.admin('CONFIG', 'SET', 'notify-keyspace-events', 'KEA');
    const { host, port, user, password } = server();
    const client = makeClient(2, { host, port, login: { user, password }, tls: null, deadline: 10_000 });
    await client.connect();
    const heard: string[] = [];
    await client.pSubscribe('*', (_, channel) => heard.push(channel));
    expect((await place.verify()).findings).toEqual([]);
    expect(await place.admin('KEYS', '*')).toEqual([]);
    for (let round = 0; round < 2; round++) {
      await place.admin('ACL', 'SETUSER', 'shop', '+@all', '~*', '&*');
      expect((await place.verify(round)).findings.map(({ probe }) => probe)).toContain('RD-K18');
      for (const database of ['0', '1'])
        expect(await place.admin('EVAL', `redis.call('SELECT', ${database}) return redis.call('DBSIZE')`, '0')).toBe(0);
    }
    await client.pUnsubscribe('*');
    client.destroy();
    expect(heard).toEqual([]);
  });
});

describeEachRedis('the log of refusals', {}, (server) => {
  it('is filled by the proof, which tells what of others was in it', async () => {
    await using place = await workplace(server(), manifest);
    expect((await place.apply()).ending).toBe('done');
    await place.admin('ACL', 'LOG', 'RESET');
    const told = async (): Promise<string | undefined> => (await place.verify()).residual.find(({ probe }) => probe === 'RD-K40')?.what;
    expect(await told()).toMatch(/held no entry of anybody else/);
    await place.admin('ACL', 'SETUSER', 'evil', 'on', '>of-nobody', '~x:*', '+get');
    const client = makeClient(2, {
      host: server().host,
      port: server().port,
      login: { user: 'evil', password: 'of-nobody' },
      tls: null,
      deadline: 10_000,
    });
    await client.connect();
    await expect(client.sendCommand(['GET', 'secret:z'])).rejects.toThrow(/NOPERM/);
    client.destroy();
    const text = await told();
    expect(text).toMatch(/held 1 entry of others \(evil\)/);
    expect(text).not.toContain('secret:z');
  });
});
