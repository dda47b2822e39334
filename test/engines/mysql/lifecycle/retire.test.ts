import { expect, it } from 'vitest';
import { describeEachMysql } from '../../../support/engines-mysql.ts';
import { ask } from '../../../../src/engines/mysql/local/client.ts';
import { errorNumber } from '../../../../src/engines/mysql/connect/trouble.ts';
import { loginOf, manifestOf, twoApps, wipe, workplace } from './harness.ts';

const codeOf = async (work: Promise<unknown>): Promise<number> => errorNumber(await work.catch((error: unknown) => error));
const without = manifestOf('apps:\n  shop: { uses: { main: { connections: 5 } } }\nreaders:\n  lens: { reads: [shop] }\n');

describeEachMysql('an app that leaves the manifest', { versions: 'all' }, (server) => {
  it('is closed with its data kept, comes back as it was, and goes for good only by a second act', { timeout: 180_000 }, async () => {
    await using place = await workplace(server(), twoApps);
    await place.apply();
    await place.as('digi_core', 'CREATE TABLE kept (what TEXT)');
    await place.as('digi_core', "INSERT INTO kept VALUES ('old')");
    await place.as('digi_core', 'CREATE VIEW seen AS SELECT what FROM kept');
    const login = loginOf(await place.reveal('digi_core'));
    await place.write(without);
    const { plan } = await place.plan();
    expect(plan.steps.every((step) => step.risk !== 'destructive')).toBe(true);
    expect((await place.apply()).ending).toBe('done');
    expect([1045, 3118, 4151]).toContain(await codeOf(ask(login, 'SELECT 1')));
    expect(await codeOf(place.as('lens', 'SELECT * FROM digi_core.kept'))).toBe(1142);
    expect(await place.root('SELECT what FROM digi_core.kept')).toEqual([{ what: 'old' }]);
    const rights = await place.root("SELECT Db FROM mysql.db WHERE User IN ('digi_core_user', 'digi_core_user_2')");
    expect(rights).toEqual([]);
    expect((await place.plan()).plan.steps).toEqual([]);
    const gone = (await place.status()).placements.find(({ app }) => app === 'digi_core');
    expect(gone?.state).toBe('retired');
    expect(gone?.retired).toMatch(/^\d{4}-\d\d-\d\d \(digi_core\)$/);

    await place.write(twoApps);
    expect((await place.apply()).diagnostics.map(({ code }) => code)).toContain('CT2007');
    expect((await place.restore('digi_core')).ending).toBe('done');
    expect((await place.apply()).ending).toBe('done');
    expect(await ask(login, 'SELECT what FROM seen')).toEqual([{ what: 'old' }]);

    await place.write(`${without}removal: delete\n`);
    expect((await place.apply()).ending).toBe('done');
    expect((await place.apply()).diagnostics.map(({ code }) => code)).toContain('CT4004');
    expect(await place.root("SHOW DATABASES LIKE 'digi_core'")).toHaveLength(1);
    expect((await place.apply(['digi_core'])).ending).toBe('done');
    expect(await place.root("SHOW DATABASES LIKE 'digi_core'")).toEqual([]);
    expect(await place.root("SELECT 1 FROM mysql.user WHERE User LIKE 'digi%'")).toEqual([]);
    expect(await place.root("SELECT * FROM cotenant.ledger WHERE app = 'digi_core'")).toEqual([]);
    expect((await place.plan()).plan.steps).toEqual([]);
    await wipe(server());
  });
});
