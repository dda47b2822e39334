import { expect, it } from 'vitest';
import { describeEachMysql } from '../../../support/engines-mysql.ts';
import { manifestOf, twoApps, wipe, workplace } from './harness.ts';

const without = manifestOf('apps:\n  shop: { uses: { main: { connections: 5 } } }\nreaders:\n  lens: { reads: [shop] }\n');

describeEachMysql('a plan that retires an app', { versions: 'kinds' }, (server) => {
  it('says what of others would be in the way of a later delete, and only there', { timeout: 120_000 }, async () => {
    await wipe(server());
    await using place = await workplace(server(), twoApps);
    expect((await place.apply()).ending).toBe('done');
    await place.as('digi_core', 'CREATE TABLE kept (what TEXT)');
    await place.root('CREATE DATABASE ops');
    await place.root('CREATE VIEW ops.seen AS SELECT * FROM digi_core.kept');
    const advice = async () => (await place.plan()).plan.diagnostics.filter(({ code }) => code === 'CT2062');
    expect(await advice()).toEqual([]);
    await place.write(without);
    expect(await advice()).toMatchObject([
      { severity: 'info', message: expect.stringMatching(/app "digi_core" is retired .*ops.seen.* on digi_core.kept/) as unknown },
    ]);
    expect((await place.apply()).ending).toBe('done');
    expect(await advice()).toEqual([]);
    await place.write(`${without}removal: delete\n`);
    expect(await advice()).toMatchObject([{ severity: 'error' }]);
    await place.root('DROP DATABASE ops');
  });
});
