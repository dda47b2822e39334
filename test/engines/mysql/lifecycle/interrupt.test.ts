import { expect, it } from 'vitest';
import { describeEachMysql } from '../../../support/engines-mysql.ts';
import { ask } from '../../../../src/engines/mysql/local/client.ts';
import { manifestOf, session, wipe, workplace } from './harness.ts';

const many = manifestOf(
  `apps:\n${Array.from({ length: 12 }, (_, at) => `  app_${at}: { uses: { main: { connections: 2 } } }\n`).join('')}`,
);

describeEachMysql('an apply that is cut short', { versions: 'kinds' }, (server) => {
  it('because the server dies is finished by the next one', { timeout: 180_000 }, async () => {
    await using place = await workplace(server(), many);
    const running = place.start('apply', '--yes');
    // As soon as the first app is there, and long before the last one.
    for (;;) {
      const rows = await ask(server(), "SELECT COUNT(*) AS n FROM mysql.user WHERE User LIKE 'app%'");
      if (Number(rows[0]?.['n']) >= 4) break;
    }
    await server().kill();
    const { code, stderr } = await running.done;
    expect(code).not.toBe(0);
    expect(stderr).toMatch(/CT3004|CT3001|lost|not executed/);
    await server().restart();
    expect((await place.apply()).ending).toBe('done');
    expect((await place.plan()).plan.steps).toEqual([]);
    for (const app of ['app_0', 'app_11']) await place.as(app, 'CREATE TABLE t (x INT)');
    await wipe(server());
  });

  it('because somebody ends its connection says so, and is finished by the next one', { timeout: 180_000 }, async () => {
    await using place = await workplace(server(), many);
    await using root = await session({ ...server(), database: 'mysql' });
    const running = place.start('apply', '--yes');
    for (;;) {
      const rows = await root.query("SELECT COUNT(*) AS n FROM mysql.user WHERE User LIKE 'app%'");
      if (Number(rows[0]?.['n']) >= 4) break;
    }
    const own = await root.query("SELECT ID AS id FROM information_schema.PROCESSLIST WHERE USER = 'root' AND ID <> CONNECTION_ID()");
    for (const { id } of own) await root.query(`KILL CONNECTION ${String(id)}`).catch(() => undefined);
    const { code, stderr } = await running.done;
    expect(code).not.toBe(0);
    expect(stderr).toMatch(/CT3004|lost/);
    expect((await place.apply()).ending).toBe('done');
    expect((await place.plan()).plan.steps).toEqual([]);
    await wipe(server());
  });
});
