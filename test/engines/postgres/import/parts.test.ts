import { describe, expect, test } from 'vitest';
import { FreshServerNames } from '../../../../src/engines/postgres/import/names.ts';
import { importSettings } from '../../../../src/engines/postgres/import/settings.ts';

describe('names of apps', () => {
  test('are plain, short and one for each, whatever their case', () => {
    const names = new FreshServerNames([]);
    const wishes = ['shop', 'Shop', 'sh-op', 'sh_op', 'été', '7', '', 'toString', 'x'.repeat(60), 'x'.repeat(61), '日本'];
    expect(wishes.map((wish) => names.app(wish))).toEqual([
      'shop',
      'Shop_2',
      'sh-op',
      'sh_op_2',
      'ete',
      'app_2',
      'app_3',
      'toString_2',
      'x'.repeat(40),
      `${'x'.repeat(35)}_2`,
      'app_4',
    ]);
    expect(names.app('shop', 'hub_shop')).toBe('hub_shop');
  });

  test('of roles are none that is there', () => {
    const names = new FreshServerNames(['a_owner', 'a_owner_new']);
    expect([names.role('a_owner'), names.role('a_owner'), names.role('b_owner')]).toEqual(['a_owner_3', 'a_owner_4', 'b_owner']);
    expect(Buffer.byteLength(names.role(`${'é'.repeat(40)}_owner`))).toBeLessThanOrEqual(63);
  });
});

describe('settings', () => {
  test.each([
    ['30000', '30000ms'],
    ['5 s', '5s'],
    ['1min', '1min'],
    ['0', '0ms'],
    ['1.5h', null],
  ])('statement_timeout %s', (value, expected) => {
    const { fields, comments } = importSettings('shop', [{ statement_timeout: value }]);
    expect(fields).toEqual(expected === null ? {} : { statementTimeout: expected });
    expect(comments).toHaveLength(expected === null ? 1 : 0);
  });

  test('go from the weakest to the strongest, and secrets are only pointed at', () => {
    const { fields, variables, searchPath } = importSettings('my-shop', [
      { timezone: 'UTC', search_path: '"a"' },
      { timezone: 'CET', 'app.api_key': 'hush', role: 'x' },
      { search_path: '"b", "we""ird"' },
    ]);
    expect(fields).toEqual({ settings: { timezone: 'CET', 'app.api_key': '${MY_SHOP_APP_API_KEY}' } });
    expect(variables).toEqual({ MY_SHOP_APP_API_KEY: 'app.api_key' });
    expect(searchPath).toEqual(['b', 'we"ird']);
  });

  test('without a limit on temporary files are a relaxation', () => {
    expect(importSettings('shop', [{ temp_file_limit: '-1' }]).fields).toEqual({ relax: { unlimitedTempFiles: true } });
    expect(importSettings('shop', [{ temp_file_limit: '1048576' }]).fields).toEqual({ tempFileLimit: '1048576kB' });
  });
});
