import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { type RunningCli, runCli, startCli } from '../support/cli.ts';
import { tempDir } from '../support/temp-dir.ts';

const manifest =
  'cotenant: 1\nproject: digi\ninstances:\n  cache: { engine: redis, url: "redis://admin@127.0.0.1:1", password: { env: PW } }\napps:\n  shop: { uses: { cache: {} } }\n';
const env = { PW: 'a-canary-7' };

async function urlOf(cli: RunningCli): Promise<string> {
  for (let i = 0; i < 1000; i += 1) {
    const url = /Listening on (\S+)/.exec(cli.stderr())?.[1];
    if (url !== undefined) return url;
    await sleep(20);
  }
  throw new Error(`it does not listen: ${cli.stderr()}`);
}

test.each(['SIGTERM', 'SIGINT'] as const)('serve answers, and ends by %s with 0', async (signal) => {
  await using folder = await tempDir();
  await writeFile(join(folder.path, 'cotenant.yaml'), manifest);
  const cli = startCli(['serve', '--listen', '127.0.0.1:0'], { cwd: folder.path, env });
  const url = await urlOf(cli);
  expect(await (await fetch(`${url}/livez`)).json()).toEqual({ status: 'pass' });
  cli.kill(signal);
  const { code, signal: by, stdout, stderr } = await cli.done;
  expect([code, by, stdout]).toEqual([0, null, '']);
  expect(stderr).toMatch(/Ended\.\n$/);
  expect(stderr).not.toContain('canary');
  await expect(fetch(`${url}/livez`)).rejects.toThrow('fetch failed');
});

test('serve says what keeps it from listening', async () => {
  await using folder = await tempDir();
  await writeFile(join(folder.path, 'cotenant.yaml'), manifest);
  const run = async (...args: readonly string[]) => await runCli(['serve', ...args], { cwd: folder.path, env, timeout: 20_000 });
  const said = (text: string): unknown => expect.stringContaining(text);
  expect(await run('--listen', '0.0.0.0:0')).toMatchObject({ code: 1, stderr: said('CT4653') });
  expect(await run('--tls-cert', 'none.pem', '--tls-key', 'none.pem')).toMatchObject({ code: 1, stderr: said('CT4655') });
  for (const wrong of [
    ['--listen', ':80'],
    ['--listen', '127.0.0.1:99999'],
    ['--tls-cert', 'x'],
    ['--interval', '1ms'],
  ])
    expect((await run(...wrong)).code, wrong.join(' ')).toBe(64);
  const first = startCli(['serve', '--listen', '127.0.0.1:0'], { cwd: folder.path, env });
  const { port } = new URL(await urlOf(first));
  expect(await run('--listen', `127.0.0.1:${port}`)).toMatchObject({ code: 1, stderr: said('CT4654') });
  first.kill('SIGTERM');
  await first.done;
});
