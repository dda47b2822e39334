import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type CliResult, runCli } from '../../support/cli.ts';
import { putClient, realClient } from '../../support/clients.ts';
import { describeEachRedis } from '../../support/engines-redis.ts';
import { manifestOf, workplace } from './lifecycle/harness.ts';

const manifest = manifestOf(`apps:
  shop: { uses: { main: { logins: { app: rw, reports: read } } } }
  blog: { uses: { main: {} } }
readers:
  lens: { reads: [shop, blog] }
`);

describeEachRedis('cotenant connect', {}, (server, version) => {
  const name = version.startsWith('valkey') ? 'valkey-cli' : 'redis-cli';

  test.skipIf(realClient(name) === null)('comes in as each, without a password in the arguments', { timeout: 120_000 }, async () => {
    await using place = await workplace(server(), manifest);
    expect((await place.apply()).ending).toBe('done');
    const bin = join(place.folder, 'bin');
    await mkdir(bin);
    await putClient(bin, name);
    const env = { ...place.env, PATH: `${bin}:/usr/bin:/bin`, REDISCLI_AUTH: 'wrong' };
    const connect = async (...args: readonly string[]): Promise<CliResult> =>
      await runCli(['connect', ...args], { cwd: place.folder, env });
    for (const key of ['shop:x', 'blog:x']) await place.admin('SET', key, key);
    for (const [args, user] of [
      [['shop'], 'shop'],
      [['shop', '--as', 'reports'], 'shop_reports'],
      [['lens'], 'lens'],
      [['blog', '--as', 'lens'], 'lens'],
      [['blog', '--as', 'admin'], server().user],
    ] as const) {
      const { code, stdout, stderr } = await connect(...args, '--', 'GET', `${args[0] === 'blog' ? 'blog' : 'shop'}:x`);
      expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: `${args[0] === 'blog' ? 'blog' : 'shop'}:x\n`, stderr: '' });
      const words = await readFile(join(bin, 'argv'), 'utf8');
      expect(words).not.toContain(server().password);
      expect(words).toContain(`--user\n${user}\n`);
    }
    // What the app may not, its client may not.
    expect((await connect('shop', '--', 'GET', 'blog:x')).stdout).toContain('NOPERM');
    expect((await connect('shop', '--', 'SET', 'shop:x', '1')).stdout).toBe('OK\n');
  });
});
