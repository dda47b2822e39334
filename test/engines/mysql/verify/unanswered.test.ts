import { expect, it } from 'vitest';
import { describeEachMysql } from '../../../support/engines-mysql.ts';
import { openDriver } from '../../../../src/engines/mysql/connect/connection.ts';
import { ask } from '../../../../src/engines/mysql/local/client.ts';
import { TenantSession, outcomeOf } from '../../../../src/engines/mysql/verify/tenant-session.ts';
import { openProject } from '../../../../src/app/project.ts';
import { verifyProject } from '../../../../src/app/verify.ts';
import { manifestOf, wipe, workplace } from '../lifecycle/harness.ts';

const shop = 'apps:\n  shop: { uses: { main: { connections: 5 } } }\n  blog: { uses: { main: { connections: 5 } } }\n';

describeEachMysql('a server that says neither yes nor no', { versions: 'all' }, (server) => {
  it('because it has no connection left is no wall', { timeout: 120_000 }, async () => {
    await ask(server(), "CREATE USER 'some'@'%' IDENTIFIED BY 'x' WITH MAX_QUERIES_PER_HOUR 6");
    const place = { host: server().host, port: server().port, ssl: null };
    const outcome = async (password: string): Promise<string> => {
      const entered = await TenantSession.enter(place, 'some', password, 5000);
      if (!(entered instanceof TenantSession)) return outcomeOf(entered);
      await entered[Symbol.asyncDispose]();
      return 'in';
    };
    expect(await outcome('wrong')).toBe('denied');
    const driver = await openDriver({ ...server(), ssl: null }, 'admin', 5000);
    const [rows] = await driver.query('SELECT @@GLOBAL.max_connections AS n');
    await driver.query('SET GLOBAL max_connections = 10');
    await using open = new AsyncDisposableStack();
    // One more than the limit is let in where it may do everything.
    for (let count = 0; count < 10; count++) {
      const one = await openDriver({ ...server(), ssl: null }, 'admin', 5000);
      open.defer(async () => await one.end());
    }
    await expect.poll(() => outcome('wrong')).toBe('broken');
    await driver.query(`SET GLOBAL max_connections = ${String((rows as unknown as readonly { n: unknown }[])[0]?.n)}`);
    await driver.end();
    await using spent = (await TenantSession.enter(place, 'some', 'x', 5000)) as TenantSession;
    for (let count = 0; count < 6; count++) await spent.ask('SELECT 1');
    // Its limit is reached: that says nothing of its rights.
    expect(outcomeOf(await spent.attempt('SELECT 1 FROM mysql.user'))).toBe('broken');
    await wipe(server());
  });

  it('because it takes no writes, or lacks a database, is no breach', { timeout: 120_000 }, async () => {
    await using at = await workplace(server(), manifestOf(shop));
    expect((await at.apply()).ending).toBe('done');
    const breaches = async (): Promise<readonly string[]> => {
      const { report } = await verifyProject(await openProject({ cwd: at.folder, env: at.env }), { seed: 3 });
      const found = report.findings.filter(({ verdict, half }) => verdict === 'BREACH' || half === 'disagreement');
      return found.map(({ probe, statement, answer }) => `${probe} ${statement}: ${answer}`);
    };
    await ask(server(), 'SET GLOBAL read_only = 1');
    expect(await breaches()).toEqual([]);
    await ask(server(), 'SET GLOBAL read_only = 0');
    await ask(server(), 'DROP DATABASE blog');
    expect(await breaches()).toEqual([]);
    await wipe(server());
  });
});
