import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { tempDir } from '../../support/temp-dir.ts';
import { initManifest } from '../../../src/app/init.ts';
import { openProject } from '../../../src/app/project.ts';
import { initial } from '../../../src/engines/postgres/env/initial.ts';

describe('a first manifest from the environment', () => {
  test('says nothing where the environment says nothing', () => {
    expect(initial({})).toEqual({ found: false, name: 'main', instance: {}, apps: {} });
    expect(initial({ POSTGRES_USER: '', POSTGRES_MULTIPLE_DATABASES: '', HOME: '/' }).found).toBe(false);
  });

  test.each([
    ['shop,blog', { shop: {}, blog: {} }],
    [' shop, blog ;crm\n', { shop: {}, blog: {}, crm: {} }],
    ['shop:shop_user,blog:writer', { shop: {}, blog: { names: { login: 'writer' } } }],
    ['shop:shopper:pa55word', { shop: { names: { login: 'shopper' } } }],
    ['shop:postgres,blog:same,crm:same', { shop: {}, blog: { names: { login: 'same' } }, crm: {} }],
    [
      'my-shop,my_shop,7up,shop,shop',
      { 'my-shop': { database: 'my-shop' }, my_shop_2: { database: 'my_shop' }, up: { database: '7up' }, shop: {} },
    ],
    ['postgres,template1,,pg_x,constructor', { constructor_2: { database: 'constructor' } }],
  ])('%s', (list, apps) => {
    const { found, apps: written } = initial({ POSTGRES_MULTIPLE_DATABASES: list });
    expect(found).toBe(true);
    // The script that reads the list has made them.
    const adopted = Object.entries(apps).map(([app, placement]) => [app, { ...placement, adopt: true }]);
    expect(written).toEqual(Object.fromEntries(adopted));
  });

  test('points at the variables', () => {
    const env = { POSTGRES_USER: 'digi', POSTGRES_HOST: 'db', POSTGRES_PASSWORD: 'pa55word' };
    expect(initial(env).instance).toEqual({
      url: 'postgres://${POSTGRES_USER:-postgres}@${POSTGRES_HOST:-127.0.0.1}:${POSTGRES_PORT:-5432}/postgres',
      password: { env: 'POSTGRES_PASSWORD' },
    });
    expect(initial({ POSTGRES_PASSWORD_FILE: '/run/secrets/pg' }).instance).toMatchObject({ password: { file: '/run/secrets/pg' } });
    expect(JSON.stringify(initial(env))).not.toContain('pa55word');
  });

  test('writes what a URL needs in another form as it is now', () => {
    const { instance } = initial({ POSTGRES_USER: 'a@b $x', POSTGRES_HOST: '::1' });
    expect(instance).toMatchObject({ url: 'postgres://a%40b%20%24x@[::1]:${POSTGRES_PORT:-5432}/postgres' });
  });

  test('is a manifest that can be read', async () => {
    await using folder = await tempDir();
    const env = {
      POSTGRES_USER: 'digi',
      POSTGRES_PASSWORD: 'pa55word',
      POSTGRES_MULTIPLE_DATABASES: 'digi_core,lernmi:lernmi_user,beep-boop:beep:pa55word,a,b',
    };
    expect(await initManifest({ cwd: folder.path, env, force: false })).toMatchObject({
      apps: ['digi_core', 'lernmi', 'beep-boop', 'a', 'b'],
    });
    const file = join(folder.path, 'cotenant.yaml');
    expect(await readFile(file, 'utf8')).not.toContain('pa55word');
    const { manifest } = await openProject({ cwd: folder.path, env });
    expect(manifest.instances[0]?.input.config).toMatchObject({ url: 'postgres://digi@127.0.0.1:5432/postgres' });
    expect(manifest.instances[0]?.input.placements.map(({ placement }) => placement)).toMatchObject([
      {},
      {},
      { database: 'beep-boop', names: { login: 'beep' } },
      {},
      {},
    ]);
  });
});
