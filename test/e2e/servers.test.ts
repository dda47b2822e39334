import { createServer } from 'node:net';
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { describe, expect, it } from 'vitest';
import { ownServers, runs } from '../support/own-servers.ts';
import { query } from '../support/query.ts';
import { thorough } from '../support/thorough.ts';
import { manifest, until, up, urlOf } from './own-server-steps.ts';

describe('the servers of a manifest without urls', () => {
  it('are started, used by every command, stopped, and come back as they were', async () => {
    await using place = await ownServers(manifest);
    expect(await place.cli('plan')).toMatchObject({ code: 5, stderr: expect.stringContaining('CT3007') as unknown });
    const first = await place.cli('up');
    expect(first).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^main +started +127\.0\.0\.1:\d+ +(local|unpacked|embedded) /m) as unknown,
    });
    expect(first.stderr).toMatch(/^main: \w+\n {2}not container: /m);
    expect((await place.cli('apply', '--yes')).code).toBe(0);
    const url = await urlOf(place, 'shop');
    await query(url, `CREATE TABLE kept AS SELECT 'yes' AS was`);
    const status = await place.cli('status');
    expect(status.stdout).toMatch(/\nmain +running +127\.0\.0\.1:\d+ /);
    expect((await place.cli('verify', '--exhaustive')).code).toBe(0);

    const before = await place.supervisor('main');
    expect(await up(place)).toMatch(/^main +runs already /m);
    expect(await place.supervisor('main')).toEqual(before);

    expect(await place.cli('down')).toMatchObject({ code: 0, stdout: 'main: stopped\n' });
    expect([before?.pid, before?.server?.pid].filter((pid) => runs(pid ?? 0))).toEqual([]);
    expect(await readFile(place.file('main', 'server.log'), 'utf8')).toContain('database system is shut down');
    expect(await place.cli('status')).toMatchObject({ code: 5, stdout: expect.stringMatching(/\nmain +stopped /) as unknown });
    expect((await place.cli('plan')).stderr).toContain('cotenant up');
    expect(await place.cli('down')).toMatchObject({ code: 0, stdout: 'main: was not running\n' });

    await up(place);
    expect(await query(url, 'SELECT was FROM kept')).toEqual([{ was: 'yes' }]);
    expect((await place.cli('plan', '--detailed-exitcode')).code).toBe(0);
  });

  it.runIf(thorough)('are started once by two runs at the same time', async () => {
    await using place = await ownServers(manifest);
    const both = await Promise.all([up(place), up(place), up(place)]);
    expect(both.filter((text) => / started /.test(text))).toHaveLength(1);
    expect(both.filter((text) => / runs already /.test(text))).toHaveLength(2);
    const [one, two] = await Promise.all([place.cli('down'), place.cli('down')]);
    expect([one.code, two.code]).toEqual([0, 0]);
  });

  it('are readable by their owner only, and nothing of them holds a secret', async () => {
    await using place = await ownServers(manifest);
    await up(place);
    const secrets = JSON.parse(await readFile(join(place.folder, '.cotenant/secrets.json'), 'utf8')) as { secrets: { value: string }[] };
    const [admin] = secrets.secrets;
    const said = await place.supervisor('main');
    const folder = join(place.folder, '.cotenant/servers/main');
    expect((await stat(folder)).mode & 0o077).toBe(0);
    for (const name of await readdir(folder)) {
      // The programs are here where the servers do not run as another user; nobody else gets to them.
      if (name === 'data' || name === 'programs') continue;
      expect([name, (await stat(join(folder, name))).mode & 0o077]).toEqual([name, 0]);
      expect(await readFile(join(folder, name), 'utf8')).not.toContain(admin?.value);
    }
    const { run } = await place.state('main');
    expect((await stat(run.data)).mode & 0o077).toBe(0);
    for (const pid of [said?.pid, said?.server?.pid])
      for (const file of ['cmdline', 'environ']) expect(await readFile(`/proc/${pid}/${file}`, 'utf8')).not.toContain(admin?.value);
  });
});

describe('a server that is started', { timeout: 900_000 }, () => {
  it('is brought back after a crash, on its port and with its data', async () => {
    await using place = await ownServers(manifest);
    await up(place);
    await place.cli('apply', '--yes');
    const url = await urlOf(place, 'shop');
    await query(url, `CREATE TABLE kept AS SELECT 'yes' AS was`);
    for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
      const before = await place.supervisor('main');
      process.kill(before?.server?.pid ?? 0, signal);
      await until(async () => {
        const now = await place.supervisor('main');
        return now?.server !== null && now?.server.pid !== before?.server?.pid;
      });
      expect((await place.supervisor('main'))?.pid).toBe(before?.pid);
      expect(await up(place)).toMatch(/ runs already /);
      expect(await query(url, 'SELECT was FROM kept')).toEqual([{ was: 'yes' }]);
    }
    expect((await place.cli('status', '--json')).stdout).toMatch(/"ends": 2,/);
  });

  it('goes with its supervisor when that is killed, and the next up brings both back', async () => {
    await using place = await ownServers(manifest);
    await up(place);
    const before = await place.supervisor('main');
    const { port } = await place.state('main');
    process.kill(before?.pid ?? 0, 'SIGKILL');
    expect(await up(place)).toMatch(/ started /);
    expect(runs(before?.server?.pid ?? 0)).toBe(false);
    expect((await place.state('main')).port).toBe(port);
  });

  it.runIf(thorough)('is started where `up` was killed before, at whatever moment', async () => {
    await using place = await ownServers(manifest);
    const moments = ['start.lock', 'data', 'state.json', 'supervisor.json'];
    for (const signal of ['SIGKILL', 'SIGINT'] as const) {
      for (const moment of moments) {
        const running = place.start('up');
        const there = async (): Promise<boolean> =>
          (await stat(place.file('main', moment)).catch(() => null)) !== null ||
          (moment === 'data' && (await readdir(join(place.folder, 'servers')).catch(() => [])).length > 0);
        await Promise.race([until(there), running.done]);
        running.kill(signal);
        const { code } = await running.done;
        expect([null, 130, 0]).toContain(code);
        expect(await up(place)).toMatch(/^main +(started|runs already) /m);
        expect((await place.cli('down', '--volumes', '--confirm', 'main')).code).toBe(0);
      }
    }
  });

  it('is ready only when its admin is let in', async () => {
    await using place = await ownServers(manifest);
    await up(place);
    const secrets = JSON.parse(await readFile(join(place.folder, '.cotenant/secrets.json'), 'utf8')) as { secrets: { value: string }[] };
    const { port } = await place.state('main');
    const client = new Client({
      host: '127.0.0.1',
      port,
      user: 'postgres',
      database: 'postgres',
      password: secrets.secrets[0]?.value ?? '',
    });
    await client.connect();
    await client.query(`ALTER ROLE postgres PASSWORD 'by hand'`);
    await client.end();
    expect(await place.cli('up')).toMatchObject({ code: 4, stderr: expect.stringContaining('CT3002') as unknown });
    await place.cli('down');
    await rm(join(place.folder, '.cotenant/secrets.json'));
    const { code, stderr } = await place.cli('up');
    expect([code, stderr]).toEqual([1, expect.stringContaining('CT6021')]);
    expect(stderr).not.toContain('--volumes');
  });

  it('of a project that got another name is named as what it is, and nobody is told to end it', async () => {
    await using place = await ownServers(manifest);
    await up(place);
    await place.write(manifest.replace('project: own', 'project: renamed'));
    for (const command of [['plan'], ['up'], ['status'], ['apply', '--yes']]) {
      const { code, stdout, stderr } = await place.cli(...command);
      expect([command, code === 0]).toEqual([command, false]);
      expect(stderr).toContain('belongs to project "own"');
      expect(stdout + stderr).not.toContain('--volumes');
    }
    await place.write(manifest);
    expect(await up(place)).toMatch(/^main +runs already /m);
  });

  it.runIf(thorough)('that cannot come up is told with its own words, and not tried for ever', async () => {
    await using place = await ownServers(manifest);
    await up(place);
    await place.cli('down');
    const { run } = await place.state('main');
    const file = join(run.data, 'postgresql.conf');
    const before = await readFile(file, 'utf8');
    await writeFile(file, `${before}nonsense_of_a_test = 1\n`);
    const failed = await place.cli('up');
    expect([failed.code, failed.stderr]).toEqual([1, expect.stringMatching(/CT6001[^]*nonsense_of_a_test/)]);
    expect(runs((await place.supervisor('main'))?.pid ?? 0)).toBe(false);
    await writeFile(file, before);
    expect(await up(place)).toMatch(/ started /);
  });

  it('is not started elsewhere when its port is taken', async () => {
    await using place = await ownServers(manifest);
    await up(place);
    const { port } = await place.state('main');
    await place.cli('down');
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(port, '127.0.0.1', resolve));
    expect(await place.cli('up')).toMatchObject({ code: 1, stderr: expect.stringContaining(`Port ${port}`) as unknown });
    await new Promise((resolve) => other.close(resolve));
    await up(place);
  });
});

describe('down --volumes', () => {
  it('names what dies, and wants each name', async () => {
    await using place = await ownServers(manifest.replace('apps:', '  second: { engine: postgres }\napps:'));
    await up(place);
    const refused = await place.cli('down', '--volumes', '--confirm', 'second');
    expect(refused).toMatchObject({ code: 7, stdout: '' });
    expect(refused.stderr).toMatch(/CT4004[^]*"main" \(PostgreSQL; shop, blog\)[^]*--confirm=main/);
    expect(await up(place)).toMatch(/^main +runs already .*\nsecond +runs already /m);
    const { run } = await place.state('main');
    expect(await place.cli('down', 'main', '--volumes', '--confirm', 'main')).toMatchObject({
      code: 0,
      stdout: 'main: stopped, data deleted\n',
    });
    expect((await readdir(place.file('main', '.'))).sort()).toEqual(['start.lock', 'supervisor.lock']);
    await expect(stat(run.data)).rejects.toThrow('ENOENT');
    expect(await up(place)).toMatch(/^main +started .*\nsecond +runs already /m);
  });
});
