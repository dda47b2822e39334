import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { engineIds, loadEngine } from '../../src/engines/index.ts';
import { serverUser } from '../../src/runtime/user.ts';
import { thorough } from '../support/thorough.ts';
import { ownServers } from '../support/own-servers.ts';
import { query } from '../support/query.ts';
import { tempDir } from '../support/temp-dir.ts';
import { manifest, until, up, urlOf } from './own-server-steps.ts';

const startable = await Promise.all(engineIds.map(async (id) => ((await loadEngine(id))?.local ? [id] : [])));
/** What else has servers that `up` starts. */
const others = startable.flat().filter((id) => id !== 'postgres');

describe('ways to start a server', () => {
  it('can be chosen, and what stands against each is said', async () => {
    await using place = await ownServers(manifest);
    const none = await place.cli('up', '--way', 'container');
    expect(none).toMatchObject({ code: 1, stderr: expect.stringMatching(/CT6022[^]*container: /) as unknown });
    const { stdout } = await place.cli('up', '--way', 'embedded', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ servers: [{ instance: 'main', way: 'embedded', state: 'started' }] });
  });

  it('are tried in turn: where a container engine fails, the next one serves, and no secret is in an argument', async () => {
    await using bin = await tempDir();
    const calls = join(bin.path, 'calls');
    // An engine that answers, and can start nothing.
    const fake = `#!/bin/sh\necho "$*" >>${calls}\n[ "$1" = run ] && { echo 'no such image' >&2; exit 125; }\nexit 0\n`;
    await writeFile(join(bin.path, 'docker'), fake, { mode: 0o755 });
    await using place = await ownServers(manifest, { env: { PATH: `${bin.path}:${process.env['PATH'] ?? ''}` } });
    const { code, stdout, stderr } = await place.cli('up');
    expect([code, stdout, stderr]).toEqual([
      0,
      expect.stringMatching(/^main +started .* (local|unpacked|embedded) /m),
      expect.stringMatching(/not container: docker could not start [^]*no such image/),
    ]);
    const seen = await readFile(calls, 'utf8');
    expect(seen).toMatch(/^run --detach --name cotenant-own-main-\w+ --restart unless-stopped --publish 127\.0\.0\.1:\d+:\d+ /m);
    expect(seen).toMatch(/^volume rm --force cotenant-own-main-\w+$/m);
    const store = JSON.parse(await readFile(join(place.folder, '.cotenant/secrets.json'), 'utf8')) as { secrets: { value: string }[] };
    for (const { value } of store.secrets) expect(seen).not.toContain(value);
    expect(await readdir(place.file('main', '.'))).not.toContain('container');
  });

  it('are not asked for names that have a url', async () => {
    await using place = await ownServers(
      manifest.replace('{ engine: postgres }', '{ engine: postgres, url: "postgres://a@127.0.0.1:1/a" }'),
    );
    expect(await place.cli('up')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('Nothing to start: every instance has a url.') as unknown,
    });
    expect(await place.cli('up', 'main')).toMatchObject({ code: 1, stderr: expect.stringContaining('CT6026') as unknown });
  });
});

describe('logs', () => {
  it('are shown for all, for an app, and as they come', async () => {
    await using place = await ownServers(manifest);
    await up(place);
    await place.cli('apply', '--yes');
    const urls = { shop: await urlOf(place, 'shop'), blog: await urlOf(place, 'blog') };
    const fail = async (app: keyof typeof urls, what: string): Promise<void> =>
      void (await query(urls[app], `SELECT '${what}\nsecond line'::int`).catch(() => undefined));
    await fail('shop', 'of shop');
    await fail('blog', 'of blog');
    expect((await place.cli('logs')).stdout).toMatch(/ready to accept connections[^]*of shop[^]*of blog/);
    const shop = await place.cli('logs', 'shop');
    expect(shop.stdout).toMatch(/shop_user@shop ERROR: [^\n]*of shop\n[^\n]*second line/);
    expect(shop.stdout).not.toMatch(/of blog|ready to accept/);
    expect((await place.cli('logs', 'blog', '--lines', '1')).stdout.split('\n')).toHaveLength(2);
    expect((await place.cli('logs', 'nobody')).code).toBe(1);

    const following = place.start('logs', 'shop', '--follow', '--lines', '0');
    const heard = await until(async () => {
      await fail('shop', 'later');
      await sleep(300);
      return following.stdout().includes('later') && following.stdout();
    });
    expect(heard).not.toContain('of shop');
    following.kill('SIGINT');
    expect((await following.done).code).toBe(130);
  });
});

describe.runIf(process.getuid?.() === 0)('another user than root', () => {
  it('keeps everything in its own folder', async () => {
    const user = serverUser();
    if (!user) throw new Error('root has another user for servers');
    await using place = await ownServers(manifest, { user });
    await up(place);
    expect((await place.cli('apply', '--yes')).code).toBe(0);
    expect((await place.state('main')).run.data).toBe(place.file('main', 'data'));
    expect((await stat(place.file('main', 'data'))).uid).toBe(user.uid);
    const before = await place.supervisor('main');
    process.kill(before?.server?.pid ?? 0, 'SIGKILL');
    await until(async () => (await place.supervisor('main'))?.ends === 1);
    expect(await up(place)).toMatch(/ runs already /);
    expect(await query(await urlOf(place, 'shop'), 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  // Day by day the conformance suites start them.
  it.runIf(thorough).each(others)('starts %s too', async (id) => {
    const user = serverUser();
    if (!user) throw new Error('root has another user for servers');
    await using place = await ownServers(
      `cotenant: 1\nproject: own\ninstances:\n  main: { engine: ${id} }\napps:\n  shop: { uses: { main: {} } }\n`,
      {
        user,
      },
    );
    const { code, stderr } = await place.cli('up', '--way', 'local', '--way', 'unpacked', '--way', 'embedded');
    // A machine without such a server says so.
    if (code !== 0) {
      expect(stderr).toContain('CT6022');
      return;
    }
    expect((await stat(place.file('main', 'data'))).uid).toBe(user.uid);
    expect((await place.cli('apply', '--yes')).code).toBe(0);
    expect((await place.cli('plan', '--detailed-exitcode')).code).toBe(0);
    expect((await place.cli('logs', 'main')).stdout).not.toBe('');
    const engine = await loadEngine(id);
    const tells = (await engine?.local?.runtime())?.linesOf !== undefined;
    const ofApp = await place.cli('logs', 'shop');
    expect([ofApp.code, ofApp.stderr]).toEqual(tells ? [0, ''] : [1, expect.stringMatching(/CT6027[^]*cotenant logs main/)]);
  });
});
