import { expect, it } from 'vitest';
import { describeEachMysql } from '../../../support/engines-mysql.ts';
import { errorNumber } from '../../../../src/engines/mysql/connect/trouble.ts';
import { twoApps, workplace } from './harness.ts';

describeEachMysql('from nothing to two apps', { versions: 'all' }, (server) => {
  it('plans, applies, is silent the second time, and the apps work', { timeout: 120_000 }, async () => {
    await using place = await workplace(server(), twoApps);
    const before = await place.plan();
    expect(before.plan.diagnostics.filter((one) => one.severity === 'error')).toEqual([]);
    expect(before.plan.steps.length).toBeGreaterThan(5);
    expect(before.plan.steps.every((step) => step.risk === 'safe')).toBe(true);

    const first = await place.apply();
    expect(first).toEqual({ ending: 'done', diagnostics: [] });
    expect((await place.apply()).ending).toBe('nothing-to-do');

    for (const app of ['shop', 'digi_core']) {
      const [row] = await place.as(app, 'SELECT CURRENT_USER() AS me, DATABASE() AS db');
      expect(row).toEqual({ me: `${app}_user@%`, db: app });
      await place.as(app, 'CREATE TABLE notes (id INT PRIMARY KEY, note TEXT)');
      await place.as(app, "INSERT INTO notes VALUES (1, 'mine')");
    }
    expect(await place.as('lens', 'SELECT note FROM digi_core.notes')).toHaveLength(1);
    for (const sql of [
      'SELECT * FROM digi_core.notes',
      'CREATE DATABASE digiXcore',
      'DROP DATABASE digi_core',
      'SELECT * FROM cotenant.ledger',
    ]) {
      const refused: unknown = await place.as('shop', sql).catch((error: unknown) => error);
      expect([1044, 1142], sql).toContain(errorNumber(refused));
    }
    const refused: unknown = await place.as('lens', "INSERT INTO shop.notes VALUES (2, 'x')").catch((error: unknown) => error);
    expect(errorNumber(refused)).toBe(1142);

    const { placements } = await place.status();
    expect(placements.map(({ app, state, connectionLimit, pending }) => ({ app, state, connectionLimit, pending }))).toEqual([
      { app: 'shop', state: 'ready', connectionLimit: 5, pending: 0 },
      { app: 'digi_core', state: 'ready', connectionLimit: 5, pending: 0 },
    ]);
    expect(placements.every(({ size }) => (size ?? 0) >= 65536)).toBe(true);
  });
});
