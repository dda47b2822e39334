import { beforeEach, expect, test } from 'vitest';
import { manifestOf, wipe, workplace, type Workplace } from '../engines/postgres/lifecycle/harness.ts';
import { describeEachPostgres } from '../support/engines.ts';
import { query } from '../support/query.ts';
import { down, files, rows, up } from './ways.ts';

const manifest = manifestOf(`apps:
  shop: { uses: { main: { isolation: schema, database: shared } }, migrations: { tool: sql, directory: shop } }
`);
const VIEW = 'view books.taxes of bookkeeper';

describeEachPostgres('what of others goes with a CASCADE', { versions: 'ends' }, (server) => {
  let place: Workplace;
  const shared = (): string => server().url.replace(/\/postgres(?=$|\?)/, '/shared');

  beforeEach(async () => {
    await wipe(server().url);
    await query(server().url, 'DROP ROLE IF EXISTS bookkeeper; CREATE ROLE bookkeeper');
    place = await workplace(server(), manifest);
    await place.apply();
    await files(place, 'shop', {
      '1.sql': 'CREATE TABLE sold (id int UNIQUE, tax int REFERENCES sold (id) ON DELETE CASCADE)',
    });
    expect(await up(place)).toMatchObject({ ending: 'done', loses: '' });
    await query(
      shared(),
      'CREATE SCHEMA books AUTHORIZATION bookkeeper; GRANT USAGE ON SCHEMA shop TO bookkeeper; GRANT SELECT ON shop.sold TO bookkeeper; SET ROLE bookkeeper; CREATE VIEW books.taxes AS SELECT tax FROM shop.sold',
    );
    return async () => await place[Symbol.asyncDispose]();
  });

  test('is named before it, and wants the name of the app', async () => {
    await files(place, 'shop', { '2.sql': 'ALTER TABLE sold DROP COLUMN tax CASCADE', '2.down.sql': 'SELECT 1' });
    const asked: unknown[] = [];
    const planned = await up(
      place,
      {},
      { consent: async ({ steps }) => Promise.resolve(asked.push(steps.map(({ confirm }) => confirm)) > 1) },
    );
    expect(planned.loses).toBe(`by CASCADE perhaps ${VIEW}`);
    expect(asked).toEqual([['shop']]);
    const refused = await place.cli('migrate', 'up', '--no-input');
    expect([refused.code, refused.stdout + refused.stderr]).toEqual([7, expect.stringContaining('--confirm=shop')]);
    expect(await query(shared(), "SELECT to_regclass('books.taxes') IS NOT NULL AS there")).toEqual([{ there: true }]);
  });

  test('goes where its name is given', async () => {
    await files(place, 'shop', {
      '2.sql': 'ALTER TABLE sold ADD n int; COMMENT ON TABLE sold IS $$CASCADE$$; DROP TABLE IF EXISTS nobody CASCADE',
    });
    const came = await place.cli('migrate', 'up', '--confirm=shop');
    expect([came.code, came.stderr]).toEqual([0, expect.not.stringContaining('error')]);
    expect((await rows(place))['shop']).toMatchObject({ current: ['2'] });
  });

  test('fails the run that took it, up or down', async () => {
    await files(place, 'shop', { '2.sql': 'SELECT 1', '2.down.sql': 'DROP TABLE sold CASCADE' });
    expect(await up(place)).toMatchObject({ ending: 'done', loses: '' });
    const back = await down(place, 'shop', { steps: 1 }, { confirm: ['shop'] });
    expect(back.loses).toBe(`table sold, by CASCADE perhaps ${VIEW}`);
    expect(back.diagnostics.join('\n')).toMatch(/CT4103 shop: .*gone: view books\.taxes of bookkeeper/);
  });

  test('is missed after one that no text shows', async () => {
    await files(place, 'shop', { '2.sql': "DO $$BEGIN EXECUTE 'ALTER TABLE sold DROP COLUMN tax CAS' || 'CADE'; END$$" });
    const came = await up(place);
    expect(came.loses).toBe('');
    expect(came.diagnostics.join('\n')).toContain(`gone: ${VIEW}`);
  });
});
