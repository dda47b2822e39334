import { expect, it } from 'vitest';
import { describeEachRedis } from '../../../support/engines-redis.ts';
import { manifestOf, wipe, workplace } from './harness.ts';

const both = manifestOf('apps:\n  shop: { uses: { main: {} } }\n  blog: { uses: { main: {} } }\n');
const alone = manifestOf('apps:\n  blog: { uses: { main: {} } }\n');

const TAKEN = [
  [['on', '>word', '~theirs:*', '+get'], 'CT2005 .*the user "shop" exists again, and is not cotenant\'s'],
  [
    ['on', '>word', '(~cotenant:project=others:app=shop:access=prefix:prefix=theirs%3A)'],
    'CT2006 .*the user "shop" exists again, and belongs to project "others"',
  ],
] as const;

describeEachRedis('a name that somebody has taken since', {}, (server) => {
  it.each(TAKEN)('is not brought back over it: %s', async (rules, said) => {
    await wipe(server());
    await using place = await workplace(server(), both);
    expect((await place.apply()).ending).toBe('done');
    await place.as('shop', 'SET', 'shop:1', 'old');
    await place.write(alone);
    expect((await place.apply()).ending).toBe('done');
    await place.admin('ACL', 'SETUSER', 'shop', ...rules);
    const before = await place.admin('ACL', 'LIST');
    const { ending, diagnostics } = await place.restore('shop');
    expect(ending).toBe('failed');
    expect(diagnostics.map(({ code, message }) => `${code} ${message}`)).toContainEqual(expect.stringMatching(said));
    expect(await place.admin('ACL', 'LIST')).toEqual(before);
    await place.admin('ACL', 'DELUSER', 'shop');
    expect((await place.restore('shop')).ending).toBe('done');
    await place.write(both);
    expect((await place.apply()).ending).toBe('done');
    expect(await place.as('shop', 'GET', 'shop:1')).toBe('old');
  });
});
