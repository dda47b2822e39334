import { afterEach, beforeEach, expect, it } from 'vitest';
import { describeEachRedis } from '../../support/engines-redis.ts';
import { manifestOf, wipe, type Workplace, workplace } from './lifecycle/harness.ts';

const manifest = (fields = '', login = ''): string =>
  manifestOf(`apps:\n  shop: { uses: { main: { adopt: true${fields}, logins: { app: owner, reports: { as: read${login} } } } } }\n`);

describeEachRedis('adoption of users under names that nobody wrote down', {}, (server) => {
  let place: Workplace;
  beforeEach(async () => {
    await wipe(server());
    place = await workplace(server(), manifest());
    await place.admin('ACL', 'SETUSER', 'shop', 'on', '>theirs', '~shop:*', '&shop:*', '+@read', '+@write');
  });
  afterEach(async () => await place[Symbol.asyncDispose]());
  const refusals = async (): Promise<readonly string[]> =>
    (await place.plan()).plan.diagnostics.flatMap(({ code, severity, message, hint }) =>
      severity === 'error' ? [`${code} ${message} | ${hint}`] : [],
    );

  it.each([
    [
      'with keys elsewhere',
      'shop_reports',
      ['~shop:*', '~own:*', '+get'],
      /reports" .*it has keys own:\* \| .*reports: \{ as: read, user: shop_reports \}/,
    ],
    ['with keys around', 'shop_reports', ['~shop*', '+get'], /it has keys shop\*/],
    ['with keys elsewhere by a selector', 'shop_reports', ['~shop:*', '+get', '(~own:* +get)'], /it has keys own:\*/],
    ['with channels elsewhere', 'shop_reports', ['~shop:*', '&own:*', '+get', '+subscribe'], /it has channels own:\*/],
    ['with nothing', 'shop_reports', ['+ping'], /nothing on the server says that it is app "shop"’s/],
    ['who is switched off', 'shop_reports', ['~shop:*', '+get', 'off'], /it is switched off/],
    ['called as the app', 'shop', ['~own:*'], /"shop" .*it has keys own:\* \| .*`user: shop`/],
  ])('takes nobody else’s: %s', async (_who, name, rules, why) => {
    await place.admin('ACL', 'SETUSER', name, 'on', '>theirs', ...rules);
    const before = await place.admin('ACL', 'LIST');
    expect(await refusals()).toEqual([expect.stringMatching(why)]);
    expect((await place.apply()).ending).toBe('failed');
    expect(await place.admin('ACL', 'LIST')).toEqual(before);
  });

  it('takes who has keys there only, and what the manifest names', async () => {
    await place.admin('ACL', 'SETUSER', 'shop_reports', 'on', '>theirs', '~shop:eu:*', '+get', '+ping');
    expect(await refusals()).toEqual([]);
    await place.admin('ACL', 'SETUSER', 'shop_reports', '~own:*');
    await place.admin('ACL', 'SETUSER', 'shop', '~own:*');
    await place.write(manifest(', user: shop', ', user: shop_reports'));
    expect(await refusals()).toEqual([]);
    expect((await place.apply({ confirm: ['shop', 'shop_reports'] })).ending).toBe('done');
    expect((await place.plan()).plan.steps).toEqual([]);
  });
});
