import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { adoptMigrations } from '../../src/app/migrate/adopt.ts';
import { assertReady, ready } from '../../src/app/migrate/ready.ts';
import { renderMigrations } from '../../src/app/migrate/render.ts';
import { openProject } from '../../src/app/project.ts';
import { manifestOf, urlOf, wipe, workplace, type Workplace } from '../engines/postgres/lifecycle/harness.ts';
import { describeEachPostgres } from '../support/engines.ts';
import { query } from '../support/query.ts';
import { alembicProject } from './alembic.ts';
import { toolAt } from './tools.ts';
import { down, files, rows, up } from './ways.ts';

const alembic = toolAt('alembic');

const manifest = (requires = ''): string =>
  manifestOf(`apps:
  shop: { uses: { main: { isolation: schema, database: shared } }, migrations: { tool: alembic, directory: shop }${requires} }
  wiki: { uses: { main: { isolation: schema, database: shared } }, migrations: { tool: sql, directory: wiki } }
`);

describeEachPostgres('migrate plan, down, adopt, and ready', { versions: 'ends' }, (server) => {
  describe.skipIf(alembic === null)('with Alembic and plain files', () => {
    let place: Workplace;
    const path = { PATH: `${dirname(alembic ?? '/bin')}:/usr/bin:/bin` };

    beforeEach(async () => {
      await wipe(server().url);
      place = await workplace(server(), manifest(), path);
      await alembicProject(join(place.folder, 'shop'), [
        { id: 'a1', up: 'CREATE TABLE people (id int PRIMARY KEY, age int)', down: 'DROP TABLE people' },
        { id: 'b2', up: 'ALTER TABLE people ADD name text', down: 'ALTER TABLE people DROP COLUMN name' },
        { id: 'c3', up: 'CREATE INDEX people_age ON people (age)', down: 'DROP INDEX people_age' },
      ]);
      await files(place, 'wiki', {
        '1_first.sql': 'CREATE TABLE pages (id int)',
        '1_first.down.sql': '-- everything\nDROP TABLE pages',
        '2_index.sql': '-- cotenant: no transaction\nCREATE INDEX CONCURRENTLY pages_id ON pages (id)',
      });
      await place.apply();
      return async () => await place[Symbol.asyncDispose]();
    });

    test('plan renders what is pending, revision by revision, with its transactions', async () => {
      const { migrations, diagnostics } = await renderMigrations(await place.open());
      expect(diagnostics).toEqual([]);
      expect(migrations.map(({ app, revision, transaction }) => [app, revision, transaction])).toEqual([
        ['shop', 'a1', true],
        ['shop', 'b2', true],
        ['shop', 'c3', true],
        ['wiki', '1_first', true],
        ['wiki', '2_index', false],
      ]);
      expect(migrations[1]).toMatchObject({
        file: expect.stringContaining('b2_x.py') as unknown,
        sql: expect.stringMatching(/^ALTER TABLE people ADD name text;/) as unknown,
      });
      await up(place, { apps: ['shop'], to: 'b2' });
      expect((await renderMigrations(await place.open(), ['shop'])).migrations.map(({ revision }) => revision)).toEqual(['c3']);
      const { stdout } = await place.cli('migrate', 'plan', 'shop');
      expect(stdout).toMatch(/-- shop c3: .*c3_x\.py\nCREATE INDEX people_age[\s\S]*-- 1 revision: nothing found\./);
    });

    test('down says what it loses, wants the name of the app for that, and proves the way back', async () => {
      await up(place);
      expect(await down(place, 'shop', { steps: 1 })).toMatchObject({ ending: 'done', loses: '', steps: ['shop done'] });
      const refused = await down(place, 'shop', { steps: 1 });
      expect(refused).toMatchObject({ ending: 'refused', loses: 'column name of people', steps: [] });
      expect(refused.diagnostics.join()).toContain('CT4004');
      expect(await down(place, 'shop', { steps: 1 }, { confirm: ['shop'] })).toMatchObject({ ending: 'done' });
      expect((await rows(place))['shop']).toMatchObject({ current: ['a1'], pending: ['b2', 'c3'], drift: [] });
      await up(place);
      const whole = await down(place, 'shop', { to: 'a1' }, { confirm: ['shop'] });
      expect(whole).toMatchObject({ ending: 'done', loses: 'column name of people' });
      expect((await down(place, 'shop', { to: 'a1' })).ending).toBe('nothing-to-do');
      await expect(down(place, 'shop', { steps: 2 })).rejects.toMatchObject({ diagnostics: [{ code: 'CT4112' }] });
      // A file without its way back: nobody can tell, and nothing is taken.
      const lost = await down(place, 'wiki', { steps: 1 }, { confirm: ['wiki'] });
      expect(lost).toMatchObject({ ending: 'failed', loses: 'nobody can tell what' });
      await files(place, 'wiki', { '2_index.down.sql': 'DROP INDEX pages_id' });
      expect(await down(place, 'wiki', { steps: 2 }, { confirm: ['wiki'] })).toMatchObject({ ending: 'done', loses: 'table pages' });
      const cli = await place.cli('migrate', 'down', 'shop', '--steps', '1', '--no-input');
      expect(cli.code).toBe(7);
      expect(cli.stdout + cli.stderr).toMatch(/loses table people/);
    });

    test('ready: exactly what is missing, with what brings it about; before, behind, at head', async () => {
      await place.write(manifest(', requires: { tables: [people, orders], columns: { people: [id, mail] }, extensions: [citext] }'));
      const first = await ready(await place.open(), { app: 'shop' });
      expect(first.missing).toEqual([
        { what: '3 pending: a1, b2, c3', command: 'cotenant migrate up shop' },
        { what: 'table "people" is missing', command: 'cotenant migrate up shop' },
        { what: 'table "orders" is missing', command: 'cotenant migrate up shop' },
        { what: 'column "id" of "people" is missing', command: 'cotenant migrate up shop' },
        { what: 'column "mail" of "people" is missing', command: 'cotenant migrate up shop' },
        { what: 'extension "citext" is missing', command: 'cotenant apply' },
      ]);
      await expect(assertReady(await place.open(), 'shop')).rejects.toThrow(/CT4114: "shop" is not ready: 3 pending/);
      await up(place, { apps: ['shop'], to: 'b2' });
      await place.write(manifest(', requires: { tables: [people], revision: b2 }'));
      expect(await ready(await place.open(), { app: 'shop' })).toMatchObject({ ready: true, missing: [] });
      await place.write(manifest(', requires: { tables: [people], revision: c3 }'));
      expect((await ready(await place.open(), { app: 'shop' })).missing.map(({ what }) => what)).toEqual(['revision c3 is not applied']);
      await place.write(manifest(', requires: { revision: c4 }'));
      expect((await ready(await place.open(), { app: 'shop' })).missing.map(({ what }) => what)).toEqual(['revision c4 has no file']);
      await place.write(manifest(', requires: { tables: [people], revision: c3 }'));
      const cli = await place.cli('ready', 'shop', '--json');
      expect(cli.code).toBe(1);
      expect(JSON.parse(cli.stdout)).toMatchObject({ ready: false, missing: [{ command: 'cotenant migrate up shop' }] });
      const waiting = ready(await place.open(), { app: 'shop', wait: 60_000 });
      await up(place);
      expect((await waiting).ready).toBe(true);
      await assertReady(await place.open(), 'shop');
    });

    test('ready in a container: no secret store and no admin, only the app’s variables', async () => {
      await up(place);
      const elsewhere = await mkdtemp(join(tmpdir(), 'cotenant-ready-'));
      await writeFile(join(elsewhere, 'cotenant.yaml'), manifest().replaceAll('directory: ', `directory: ${place.folder}/`));
      const env = { ...place.env, ...(await place.reveal('shop')), ADMIN_PASSWORD: '' };
      expect(await ready(await openProject({ cwd: elsewhere, env }), { app: 'shop' })).toMatchObject({ ready: true });
      const none = await ready(await openProject({ cwd: elsewhere, env: place.env }), { app: 'shop' });
      expect(none.diagnostics.map(({ code }) => code)).toEqual(['CT5007']);
      await rm(elsewhere, { recursive: true });
    });

    test('adopt: a ledger that is right is taken as it is, and everything else is named', async () => {
      const shop = await urlOf(place, 'shop');
      await query(shop, 'CREATE TABLE people (id int)');
      expect(await adoptMigrations(await place.open(), 'shop')).toMatchObject({
        adopted: false,
        wrong: ['it has no ledger, and 1 table: table shop.people of shop_owner'],
      });
      await query(shop, 'CREATE TABLE alembic_version (version_num text)');
      expect(await adoptMigrations(await place.open(), 'shop')).toMatchObject({
        adopted: false,
        wrong: ['its ledger is empty, and 1 table: table shop.people of shop_owner'],
      });
      await query(shop, 'ALTER TABLE people RENAME TO elsewhere; DROP TABLE elsewhere');
      expect(await adoptMigrations(await place.open(), 'shop')).toMatchObject({ adopted: true, current: [], wrong: [] });
      await query(shop, `CREATE TABLE people (id int); INSERT INTO alembic_version VALUES ('a1')`);
      expect(await adoptMigrations(await place.open(), 'shop')).toEqual({
        app: 'shop',
        adopted: true,
        current: ['a1'],
        pending: ['b2', 'c3'],
        wrong: [],
      });
      await query(server().url.replace(/\/postgres(?=$|\?)/, '/shared'), 'CREATE TABLE shop.foreign_one (id int)');
      await query(shop, `UPDATE alembic_version SET version_num = 'zz'`);
      const { code, stdout } = await place.cli('migrate', 'adopt', 'shop');
      expect(code).toBe(1);
      expect(stdout).toMatch(
        /zz is in the ledger and has no file[\s\S]*1 object does not belong to the app: table shop\.foreign_one of postgres/,
      );
    });
  });
});
