import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { spawn } from '../../../support/children.ts';
import { expect, it } from 'vitest';
import { describeEachRedis } from '../../../support/engines-redis.ts';
import { cache } from '../../../support/places.ts';
import { tempDir } from '../../../support/temp-dir.ts';
import { localMachine } from '../../../../src/runtime/index.ts';
import { redisWays } from '../harness.ts';
import { ask } from '../../../../src/engines/redis/local/client.ts';
import { localInstallations, nameOf, unpackedInstallations } from '../../../../src/engines/redis/local/find.ts';
import { manifestOf, workplace } from './harness.ts';

const apps = 'apps:\n  shop: { uses: { main: {} } }\n';

/** Until it is so; the test's own limit ends what never is. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo().catch(() => false))) await sleep(20);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => void server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

describeEachRedis('servers that follow each other', {}, (server, version) => {
  it('a replica is refused with the name of its primary, which says that nobody copies its users', async () => {
    const [way] = redisWays(localMachine(), { cache, env: {} }, { version });
    if (!way) throw new Error('describeEachRedis looks first');
    await using follower = await way.start();
    const primary = server();
    await ask(follower, 'CONFIG', 'SET', 'masteruser', primary.user);
    await ask(follower, 'CONFIG', 'SET', 'masterauth', primary.password);
    await ask(follower, 'REPLICAOF', primary.host, String(primary.port));
    await until(async () => String(await ask(primary, 'INFO', 'replication')).includes('state=online'));
    await using place = await workplace(primary, manifestOf(apps));
    expect(await place.apply()).toEqual({
      ending: 'done',
      diagnostics: [expect.objectContaining({ code: 'CT2042', severity: 'warning', message: expect.stringMatching(/^1 server follows/) })],
    });
    await using there = await workplace(follower, manifestOf(apps));
    const { plan } = await there.plan();
    expect(plan.diagnostics.map(({ code, severity, message }) => `${severity} ${code} ${message}`)).toContain(
      `error CT2042 the server is a replica of ${primary.host}:${primary.port}: changes on it are lost`,
    );
    expect((await there.apply()).ending).toBe('failed');
  });

  it('a Sentinel is refused', async () => {
    const program = [...unpackedInstallations(cache), ...localInstallations()].find((one) => nameOf(one) === version)?.program;
    if (program === undefined) throw new Error('describeEachRedis looks first');
    await using folder = await tempDir();
    const port = await freePort();
    const config = join(folder.path, 'sentinel.conf');
    await writeFile(config, `port ${port}\nbind 127.0.0.1\ndir ${folder.path}\nuser admin on >x ~* &* +@all\n`);
    const sentinel = spawn(program, [config, '--sentinel'], { stdio: 'ignore' });
    try {
      const point = { host: '127.0.0.1', port, user: 'admin', password: 'x' } as const;
      await until(async () => (await ask(point, 'PING')) === 'PONG');
      await using place = await workplace(point, manifestOf(apps));
      const { ending, diagnostics } = await place.apply();
      expect({ ending, said: diagnostics.find(({ code }) => code === 'CT2042')?.message }).toEqual({
        ending: 'failed',
        said: 'the server is a Sentinel: it watches other servers and keeps no keys',
      });
    } finally {
      sentinel.kill('SIGKILL');
    }
  });
});
