import { afterEach, beforeEach, expect, it } from 'vitest';
import { describeEachRedis } from '../../../support/engines-redis.ts';
import { manifestOf, wipe, type Workplace, workplace } from './harness.ts';

const manifest = manifestOf('apps:\n  shop: { uses: { main: {} } }\n');

describeEachRedis('a user of somebody else that is called as the one in which cotenant keeps its ledger', {}, (server) => {
  let place: Workplace;
  beforeEach(async () => {
    await wipe(server());
    place = await workplace(server(), manifest);
  });
  afterEach(async () => await place[Symbol.asyncDispose]());

  it.each([
    ['without a mark', []],
    ['with the mark of an app', ['(~cotenant:project=life:app=shop)']],
    ['with the mark of another project', ['(~cotenant:project=other:app=)']],
  ])('is refused before anything is touched: %s', async (_what, mark) => {
    await place.admin('ACL', 'SETUSER', 'cotenant:life', 'on', '>word', '~own:*', '+get', ...mark);
    const before = await place.admin('ACL', 'LIST');
    const { plan } = await place.plan();
    expect(plan.diagnostics.filter(({ severity }) => severity === 'error')).toEqual([
      expect.objectContaining({ code: 'CT2005', hint: expect.stringContaining('ACL DELUSER') as unknown }),
    ]);
    expect((await place.apply()).ending).toBe('failed');
    expect(await place.admin('ACL', 'LIST')).toEqual(before);
    await place.admin('ACL', 'DELUSER', 'cotenant:life');
    expect((await place.apply()).ending).toBe('done');
  });

  it('once it is the ledger, nothing is written over what somebody gave it', async () => {
    expect((await place.apply()).ending).toBe('done');
    await place.admin('ACL', 'SETUSER', 'cotenant:life', 'on', '>word', '~own:*', '+get');
    const before = await place.admin('ACL', 'GETUSER', 'cotenant:life');
    await place.write(manifestOf('apps:\n  shop: { uses: { main: {} } }\n  blog: { uses: { main: {} } }\n'));
    const { plan } = await place.plan();
    expect(plan.diagnostics.filter(({ severity }) => severity === 'error').map(({ code }) => code)).toEqual(['CT2005']);
    expect((await place.apply()).ending).toBe('failed');
    expect(await place.admin('ACL', 'GETUSER', 'cotenant:life')).toEqual(before);
  });
});
