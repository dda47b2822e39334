import { chmod, mkdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runCli } from '../support/cli.ts';
import { everyEngine, renderPlace } from './kit.ts';

test('a second render changes nothing, and another app touches no file of the apps that are there', async () => {
  await using place = await renderPlace(everyEngine);
  await place.render();
  const first = await place.all();
  expect(first.size).toBeGreaterThan(15);
  const written = (await stat(join(place.out, 'compose.yaml'))).mtimeMs;
  expect(await place.states({ check: true })).toEqual({});
  expect(await place.states()).toEqual({});
  expect([...(await place.all())]).toEqual([...first]);
  expect((await stat(join(place.out, 'compose.yaml'))).mtimeMs).toBe(written);
  await place.write(`${everyEngine}  fourth: { uses: { main: {} } }\n`);
  expect(await place.states()).toEqual({
    'compose.yaml': 'stale',
    'cotenant.yaml': 'stale',
    '.env.example': 'stale',
    'main/pg_hba.conf': 'stale',
    'apps/fourth/compose.yaml': 'missing',
    'apps/fourth/.env.example': 'missing',
  });
  const second = await place.all();
  for (const [path, text] of first) if (path.startsWith('apps/') || path.startsWith('secrets/')) expect(second.get(path)).toBe(text);
});

test('what a person changed, and what is of somebody else, is told and stays; what is no longer made is told', async () => {
  await using place = await renderPlace(everyEngine);
  await mkdir(join(place.out, 'apps/shop'), { recursive: true });
  await writeFile(join(place.out, 'apps/shop/compose.yaml'), 'services: {}\n');
  await place.render();
  const changed = `${await place.read('compose.yaml')}# mine\n`;
  await writeFile(join(place.out, 'compose.yaml'), changed);
  await place.write(everyEngine.replace(/ {2}plain: .*\n/, ''));
  const expected = {
    'compose.yaml': 'edited',
    'apps/shop/compose.yaml': 'foreign',
    'cotenant.yaml': 'stale',
    '.env.example': 'stale',
    'apps/plain/compose.yaml': 'left',
    'apps/plain/.env.example': 'left',
    'apps/plain/.env': 'left',
  };
  const checked = await place.render({ check: true });
  expect(Object.fromEntries(checked.files.filter(({ state }) => state !== 'same').map(({ path, state }) => [path, state]))).toEqual(
    expected,
  );
  expect(checked.files.find(({ path }) => path === 'compose.yaml')?.difference).toContain('\n-# mine');
  expect(await place.states()).toEqual(expected);
  expect(await place.read('compose.yaml')).toBe(changed);
  expect(await place.read('apps/shop/compose.yaml')).toBe('services: {}\n');
  expect(await place.read('apps/plain/compose.yaml')).toContain('plain');
});

test('secrets are for their owner alone, are made once, and are closed where others could read them', async () => {
  await using place = await renderPlace(everyEngine);
  await place.render();
  const mode = async (path: string): Promise<number> => (await stat(join(place.out, path))).mode & 0o777;
  expect([await mode('secrets'), await mode('secrets/main-admin'), await mode('secrets/cache-users')]).toEqual([0o700, 0o600, 0o600]);
  const password = await place.read('secrets/main-admin');
  expect(password).toMatch(/^[\w-]{43}$/);
  expect(await place.read('secrets/graph-auth')).toBe(`neo4j/${await place.read('secrets/graph-admin')}`);
  for (const [path, text] of await place.all()) if (!path.startsWith('secrets/')) expect(text).not.toContain(password);
  expect(await place.read('.gitignore')).toMatch(/^secrets\/$[^]*^\.env$/m);
  await chmod(join(place.out, 'secrets/main-admin'), 0o644);
  expect(await place.states({ check: true })).toEqual({ 'secrets/main-admin': 'exposed' });
  expect(await mode('secrets/main-admin')).toBe(0o644);
  await place.render();
  expect([await mode('secrets/main-admin'), await place.read('secrets/main-admin')]).toEqual([0o600, password]);
});

test.each(['compose.yaml', 'secrets', 'apps/shop', 'main/pg_hba.conf'])(
  'a symbolic link at %s ends the render before anything is written',
  async (path) => {
    await using place = await renderPlace(everyEngine);
    await place.render();
    const elsewhere = join(place.folder, 'elsewhere');
    await rename(join(place.out, path), elsewhere);
    await symlink(elsewhere, join(place.out, path));
    await rm(join(place.out, 'cotenant.yaml'));
    await expect(place.render()).rejects.toMatchObject({ diagnostics: [{ code: 'CT4703' }] });
    await expect(place.read('cotenant.yaml')).rejects.toThrow('ENOENT');
  },
);

test('exit codes: 2 where a check finds a difference, 3 where something of a person stays, and JSON says which', async () => {
  await using place = await renderPlace(everyEngine);
  const cli = async (...args: readonly string[]) => await runCli(['render', ...args], { cwd: place.folder });
  expect(await cli('--check')).toMatchObject({ code: 2, stdout: expect.stringContaining('missing  deploy/compose.yaml') as unknown });
  await expect(readFile(join(place.out, 'compose.yaml'))).rejects.toThrow('ENOENT');
  expect(await cli()).toMatchObject({ code: 0 });
  expect(await cli('--check')).toMatchObject({ code: 0 });
  await writeFile(join(place.out, 'compose.yaml'), 'name: mine\n');
  expect(await cli()).toMatchObject({ code: 3, stderr: expect.stringMatching(/CT4701[^]*deploy\/compose\.yaml/) as unknown });
  const { code, stdout } = await cli('--json', '--check', '--target', 'compose');
  const said = JSON.parse(stdout) as { files: readonly { path: string; state: string }[] };
  expect(code).toBe(2);
  expect(said.files.filter(({ state }) => state !== 'same')).toMatchObject([{ path: 'compose.yaml', state: 'foreign' }]);
  expect(await cli('--out', '.')).toMatchObject({ code: 1, stderr: expect.stringContaining('CT4704') as unknown });
});
