import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { expect, it } from 'vitest';
import { describeEachRedis } from '../../../support/engines-redis.ts';
import type { CliResult } from '../../../support/cli.ts';
import { openProject } from '../../../../src/app/project.ts';
import { secretName } from '../../../../src/engines/redis/names.ts';
import { manifestOf, workplace } from './harness.ts';

const manifest = manifestOf('apps:\n  shop: { uses: { main: {} } }\n  blog: { uses: { main: {} } }\n');

/** Everything that MONITOR shows while `work` runs. */
async function watched(
  server: { readonly host: string; readonly port: number; readonly password: string },
  work: () => Promise<void>,
): Promise<string> {
  const socket = connect(server.port, server.host);
  let seen = '';
  socket.setEncoding('utf8').on('data', (text: string) => {
    seen += text;
  });
  await new Promise<void>((resolve) => socket.once('connect', () => resolve()));
  socket.write(`AUTH admin ${server.password}\r\nMONITOR\r\n`);
  while (!seen.includes('+OK\r\n+OK\r\n')) await new Promise((resolve) => setTimeout(resolve, 5));
  await work();
  socket.destroy();
  return seen;
}

describeEachRedis('a password', {}, (server) => {
  it('reaches no log, no other connection, no plan and no file of the server', async () => {
    await using place = await workplace(server(), manifest);
    const said: CliResult[] = [];
    const seen = await watched(server(), async () => {
      said.push(await place.cli('plan', '--sql'), await place.cli('apply', '--yes', '--output-format', 'stream-json'));
      await place.admin('ACL', 'SETUSER', 'shop', '+scan');
      said.push(
        await place.cli('plan', '--json'),
        await place.cli('verify', '--json'),
        await place.cli('apply', '--yes'),
        await place.cli('status', '--json'),
      );
    });
    // Commands of the administrator are left out there; the others are not.
    expect(seen).toContain('COMMAND');
    expect(said.map((one) => one.code)).toEqual([0, 0, 0, 2, 0, 0]);
    const { secrets } = await openProject({ cwd: place.folder, env: place.env });
    const passwords = ['shop', 'blog'].map((user) => secrets.peek({ secret: secretName('main', user) }) ?? '');
    const log = String(await place.admin('ACL', 'LOG', '100')) + String(await place.admin('SLOWLOG', 'GET', '100'));
    const files = await Promise.all(['server.log', 'users.acl'].map(async (name) => await readFile(`${server().dataDir}/${name}`, 'utf8')));
    for (const password of [...passwords, server().password]) {
      expect(password.length).toBeGreaterThan(20);
      for (const text of [seen, JSON.stringify(said), log, ...files]) expect(text.includes(password)).toBe(false);
    }
  });
});
