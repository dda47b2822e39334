import { copyFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ask, isNotServing } from '../../../src/engines/redis/local/client.ts';
import { localInstallations, nameOf, unpackedInstallations } from '../../../src/engines/redis/local/find.ts';
import { localMachine } from '../../../src/runtime/index.ts';
import { cache } from '../../support/places.ts';
import { describeEachRedis } from '../../support/engines-redis.ts';
import { healthOf, renderedServer } from '../../support/rendered.ts';
import { manifestOf, workplace } from './lifecycle/harness.ts';

const apps = 'apps:\n  shop: { uses: { main: {} } }\n  blog: { uses: { main: {} } }\n';

describe('files for a server', () => {
  it('have a database for each app that gets one, and evict only where the manifest says so', async () => {
    const many = Array.from(
      { length: 20 },
      (_, index) => `  a${index}: { uses: { main: { isolation: database, unenforced: true } } }\n`,
    ).join('');
    const of = async (instance: string, rest: string): Promise<string> =>
      (await renderedServer(`cotenant: 1\nproject: p\ninstances: { main: { engine: redis${instance} } }\napps:\n${rest}`)).files.get(
        'server.conf',
      ) ?? '';
    expect(await of('', many)).toMatch(/^databases 21\n[^]*^maxmemory-policy noeviction$/m);
    expect(await of(', eviction: allow', '  a: { uses: { main: { isolation: database, database: 40, unenforced: true } } }\n')).toMatch(
      /^databases 41\n[^]*^maxmemory-policy allkeys-lru$/m,
    );
  });
});

describeEachRedis('a server that is started with its rendered files', {}, (server, version) => {
  it('serves every app, proves its walls, and is healthy by the answer to the right password only', async () => {
    const installation = [...unpackedInstallations(cache), ...localInstallations()].find((one) => nameOf(one) === version);
    if (installation === undefined) throw new Error(`no ${version}`);
    const manifest = manifestOf(apps).replace(/ {4}url: .*\n {4}password: .*\n/, `    product: ${installation.product}\n`);
    const { files, server: rendered } = await renderedServer(manifest);
    const machine = localMachine();
    await using folder = await machine.tempFolder('cotenant-rendered-');
    const [port, password] = [await machine.freePort(), server().password];
    const config = (files.get('server.conf') ?? '')
      .replaceAll('/etc/cotenant', folder.path)
      .replaceAll('/data', folder.path)
      .replace('port 6379', `port ${port}`);
    await writeFile(join(folder.path, 'server.conf'), config);
    await writeFile(join(folder.path, 'own.conf'), 'bind 127.0.0.1\n');
    await writeFile(join(folder.path, 'first.acl'), (await rendered.secrets[0]?.text(password)) ?? '');
    await copyFile(join(folder.path, 'first.acl'), join(folder.path, 'users.acl'));
    await machine.chownToServer(folder.path);
    const started = await machine.start(installation.program, [join(folder.path, 'server.conf')], {
      logFile: join(folder.path, 'server.log'),
      stopSignals: ['SIGTERM'],
      watchParent: { remove: [] },
    });
    const point = { host: '127.0.0.1', port, user: 'admin', password } as const;
    try {
      const isReady = async (): Promise<boolean> => {
        try {
          return (await ask(point, 'PING')) === 'PONG';
        } catch (error) {
          if (isNotServing(error)) return false;
          throw error;
        }
      };
      await machine.untilReady(started, isReady, 20_000);
      await using place = await workplace(point, manifestOf(apps));
      expect(await place.apply()).toMatchObject({ ending: 'done' });
      expect(await place.as('shop', 'SET', 'shop:a', '1')).toBe('OK');
      expect((await place.verify()).findings.filter(({ verdict }) => verdict !== 'RESIDUAL')).toEqual([]);
      const health = { server: rendered, instance: 'main', port, programs: [dirname(installation.program)] };
      expect(await healthOf({ ...health, password })).toBe(0);
      expect(await healthOf({ ...health, password: 'wrong' })).not.toBe(0);
      await started.stop();
      expect(await healthOf({ ...health, password })).not.toBe(0);
    } finally {
      await started.stop();
    }
  });
});
