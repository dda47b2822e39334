import { connect, type Socket } from 'node:net';
import { expect, it, vi } from 'vitest';
import { describeEachRedis } from '../../support/engines-redis.ts';
import { ask } from '../../../src/engines/redis/local/client.ts';
import { refusalOf } from '../../support/cli.ts';
import { manifestOf, workplace } from './lifecycle/harness.ts';

const apps = 'apps:\n  shop: { uses: { main: {} } }\n';
const manifest = manifestOf(apps);

describeEachRedis('a server that does not let the operator in', {}, (server) => {
  const told = async (text: string, password = server().password) => {
    await using place = await workplace({ ...server(), password }, text);
    return refusalOf(await place.cli('plan'));
  };
  const whole = (diagnostic: string, words: string): unknown =>
    expect.stringContaining(`${diagnostic} "main" at ${server().host}:${server().port} ${words}`) as unknown;

  it('a wrong password, none, a user that is off', async () => {
    expect(await told(manifest, 'wrong')).toEqual([4, whole('CT3002', 'refused the login "admin"')]);
    expect(await told(manifest.replace(/ +password.*\n/, ''))).toEqual([4, whole('CT3021', 'asks for a password of the login "admin"')]);
    expect(await told(manifest.replace(/ +password.*\n/, '').replace('admin@', ''))).toEqual([
      4,
      whole('CT3021', 'asks for a password of the login "default"'),
    ]);
    await ask(server(), 'ACL', 'SETUSER', 'off', 'off', `>${server().password}`, '+@all');
    expect(await told(manifest.replace('admin@', 'off@'))).toEqual([4, whole('CT3002', 'refused the login "off"')]);
  });

  it('a server without TLS, where the manifest asks for it', async () => {
    expect(await told(manifest.replace('redis://', 'rediss://'))).toEqual([5, whole('CT3017', 'does not speak TLS on this port')]);
  });

  it('too many clients', async () => {
    const sockets: Socket[] = [];
    const before = Number(((await ask(server(), 'CONFIG', 'GET', 'maxclients')) as readonly unknown[])[1]);
    await ask(server(), 'CONFIG', 'SET', 'maxclients', '3');
    try {
      for (let at = 0; at < 3; at++) sockets.push(connect(server().port, server().host).on('error', () => undefined));
      await vi.waitUntil(() => sockets.every((one) => !one.connecting));
      expect(await told(manifest)).toEqual([5, whole('CT3019', 'has no connection left')]);
    } finally {
      for (const one of sockets) one.destroy();
      await vi.waitUntil(
        async () =>
          await ask(server(), 'CONFIG', 'SET', 'maxclients', String(before)).then(
            () => true,
            () => false,
          ),
        { timeout: 60_000 },
      );
    }
  });
});
