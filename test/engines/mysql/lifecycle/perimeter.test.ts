import { expect, it } from 'vitest';
import { describeEachMysql } from '../../../support/engines-mysql.ts';
import { ask } from '../../../../src/engines/mysql/local/client.ts';
import { fixPlan } from '../../../../src/app/fix.ts';
import { verifyProject } from '../../../../src/app/verify.ts';
import { errorNumber } from '../../../../src/engines/mysql/connect/trouble.ts';
import { manifestOf, session, loginOf, twoApps, wipe, workplace } from './harness.ts';

const codeOf = async (work: Promise<unknown>): Promise<number> => errorNumber(await work.catch((error: unknown) => error));

describeEachMysql('doors that old servers leave open', { versions: 'all' }, (server) => {
  it('are closed, with consent, and what went through them ends', { timeout: 120_000 }, async () => {
    await ask(server(), "CREATE USER ''@'%'");
    if (server().flavor === 'mariadb') {
      await ask(server(), 'CREATE DATABASE test');
      await ask(server(), 'GRANT ALL ON `test`.* TO PUBLIC');
      await ask(server(), 'GRANT ALL ON `test\\_%`.* TO PUBLIC');
    }
    const nobody = { ...server(), user: 'nobody', password: '' };
    await ask(nobody, 'SELECT 1');
    await using intruder = await session({ ...nobody, database: 'information_schema' });
    await using place = await workplace(server(), twoApps);
    const { plan } = await place.plan();
    const closing = plan.steps.filter((step) => step.address.kind === 'perimeter');
    expect(closing.map((step) => step.risk)).toEqual(['access-reducing']);
    expect((await place.apply()).ending).toBe('done');
    expect(await intruder.isOpen()).toBe(false);
    expect(await codeOf(ask(nobody, 'SELECT 1'))).toBe(1045);
    if (server().flavor === 'mariadb') {
      expect(await codeOf(place.as('shop', 'CREATE TABLE test.loot (x INT)'))).toBe(1142);
      expect(await ask(server(), "SHOW DATABASES LIKE 'test'")).toHaveLength(1);
    }
    expect((await place.plan()).plan.steps).toEqual([]);
    await wipe(server());
  });

  it('whoever works behind one is ended by the next apply, where a run was cut short before that', { timeout: 120_000 }, async () => {
    expect(server().flavor).toMatch(/^(mariadb|mysql)$/);
    // MySQL has no PUBLIC.
    if (server().flavor === 'mysql') return;
    await ask(server(), 'CREATE DATABASE IF NOT EXISTS test');
    await ask(server(), 'GRANT ALL ON `test`.* TO PUBLIC');
    await using place = await workplace(server(), twoApps);
    const { plan } = await place.plan();
    const [closing] = plan.steps.filter((step) => step.address.kind === 'perimeter' && step.risk === 'access-reducing');
    // It is written down before anything is taken.
    const noted = `["database","test"]`;
    expect(closing?.commands[0]?.text).toContain(noted);
    await place.apply();
    expect((await place.plan()).plan.steps).toEqual([]);
    const [kind] = plan.steps.flatMap(({ commands }) => commands).filter(({ text }) => text.includes(noted));
    await ask(server(), "CREATE USER 'worker'@'%' IDENTIFIED BY 'x'");
    await ask(server(), "GRANT SELECT ON test.* TO 'worker'@'%'");
    await using worker = await session({ ...server(), user: 'worker', password: 'x', database: 'test' });
    await ask(server(), String(kind?.text));
    expect((await place.plan()).plan.steps.map(({ address, cause }) => `${cause} ${address.kind} ${address.name}`)).toEqual([
      'intended sessions the server',
    ]);
    expect((await place.apply()).ending).toBe('done');
    expect(await worker.isOpen()).toBe(false);
    expect((await place.plan()).plan.steps).toEqual([]);
    await ask(server(), "DROP USER 'worker'@'%'");
    await wipe(server());
  });

  it('are named, and left, where the manifest says so', { timeout: 120_000 }, async () => {
    await ask(server(), "CREATE USER ''@'localhost'");
    await using place = await workplace(server(), manifestOf('apps: { shop: { uses: { main: {} } } }\n', '    perimeter: warn\n'));
    const { ending, diagnostics } = await place.apply();
    expect(ending).toBe('done');
    expect(diagnostics.map(({ code }) => code)).toEqual(['CT2012']);
    expect(await ask(server(), "SELECT 1 FROM mysql.user WHERE User = '' AND Host = 'localhost'")).toHaveLength(1);
    await wipe(server());
  });

  it('are left by a proof as by a plan: accepted where they lead to no app, and never closed by a fix', { timeout: 120_000 }, async () => {
    const isMaria = server().flavor === 'mariadb';
    await ask(server(), "CREATE USER ''@'%'");
    await ask(server(), 'CREATE DATABASE test');
    if (isMaria) await ask(server(), 'GRANT ALL ON `test`.* TO PUBLIC');
    await using place = await workplace(server(), manifestOf('apps: { shop: { uses: { main: {} } } }\n', '    perimeter: warn\n'));
    expect((await place.apply()).ending).toBe('done');
    const proof = async () => {
      const { report } = await verifyProject(await place.open(), { seed: 7 });
      return {
        left: report.residual.filter(({ what }) => what.includes('`perimeter: warn` leaves it open')),
        doors: report.findings.filter(({ statement }) =>
          /^(the account ''@|PUBLIC on|rows of mysql|log in as nobody|SELECT 1 FROM test)/.test(statement),
        ),
        fixes: fixPlan(await place.open(), report).steps.flatMap(({ commands }) => commands.map(({ text }) => text)),
      };
    };
    const open = await proof();
    expect(open.left.length).toBeGreaterThan(0);
    expect(open.doors).toEqual([]);
    expect(open.fixes.filter((text) => /''@|PUBLIC/.test(text))).toEqual([]);
    // What leads to an app is a breach, and still nothing that a fix ends where no apply does.
    await ask(server(), isMaria ? 'GRANT SELECT ON shop.* TO PUBLIC' : "GRANT SELECT ON shop.* TO ''@'%'");
    const breach = await proof();
    expect(breach.doors.filter(({ verdict }) => verdict === 'BREACH').length).toBeGreaterThan(0);
    expect(breach.fixes.filter((text) => /''@|PUBLIC/.test(text))).toEqual([]);
    expect((await place.plan()).plan.steps).toEqual([]);
    await ask(server(), 'DROP DATABASE test');
    if (isMaria) await ask(server(), 'REVOKE ALL ON `test`.* FROM PUBLIC');
    await wipe(server());
  });
});

describeEachMysql('a grant on a name with a wildcard', { versions: 'all' }, (server) => {
  it('is on that name alone, before and after partial_revokes', { timeout: 120_000 }, async () => {
    await ask(server(), 'CREATE DATABASE digiXcore');
    await ask(server(), 'CREATE TABLE digiXcore.t (x INT)');
    await using place = await workplace(server(), manifestOf('apps: { digi_core: { uses: { main: {} } } }\n'));
    const isWall = async (): Promise<void> => {
      expect((await place.apply()).ending).not.toBe('failed');
      expect(await codeOf(place.as('digi_core', 'SELECT * FROM digiXcore.t'))).toBe(1142);
      await place.as('digi_core', 'CREATE TABLE IF NOT EXISTS digi_core.t (x INT)');
      expect((await place.plan()).plan.steps).toEqual([]);
    };
    await isWall();
    if (server().flavor === 'mysql') {
      await ask(server(), 'SET GLOBAL partial_revokes = ON');
      const { plan } = await place.plan();
      expect(plan.steps.length).toBeGreaterThan(0);
      await isWall();
      await ask(server(), 'SET GLOBAL partial_revokes = OFF');
      await isWall();
    }
    await wipe(server());
  });
});

describeEachMysql('sessions', { versions: 'kinds' }, (server) => {
  it('end when something is taken from their login, and only theirs', { timeout: 120_000 }, async () => {
    await using place = await workplace(server(), twoApps);
    await place.apply();
    await using shop = await session(loginOf(await place.reveal('shop')));
    await using other = await session(loginOf(await place.reveal('digi_core')));
    await place.root("GRANT SELECT ON digi_core.* TO 'shop_user'@'%'");
    expect((await place.apply()).ending).toBe('done');
    expect(await shop.isOpen()).toBe(false);
    expect(await other.isOpen()).toBe(true);
    await place.root("ALTER USER 'digi_core_user'@'%' WITH MAX_USER_CONNECTIONS 50");
    expect((await place.apply()).ending).toBe('done');
    expect(await other.isOpen()).toBe(true);
    await place.write(manifestOf('apps: { shop: { uses: { main: { connections: 5 } } } }\n'));
    expect((await place.apply()).ending).toBe('done');
    expect(await other.isOpen()).toBe(false);
    await wipe(server());
  });

  it('of a login with rights that belong to no account are its own, whatever the database is called', { timeout: 120_000 }, async () => {
    await using place = await workplace(server(), twoApps);
    await place.apply();
    await place.root("INSERT INTO mysql.db (Host, Db, User, Select_priv) VALUES ('10.9.9.9', 'orders on hold', 'shop_user', 'Y')");
    await place.root('FLUSH PRIVILEGES');
    const { steps } = (await place.plan()).plan;
    const ending = steps.filter(({ address }) => address.kind === 'sessions');
    expect(ending.map(({ facts }) => facts)).toEqual([{ of: 'shop_user' }]);
    expect(JSON.stringify(ending.map(({ commands }) => commands))).toContain("'shop_user@10.9.9.9'");
    expect((await place.apply()).ending).toBe('done');
    expect((await place.plan()).plan.steps).toEqual([]);
    await wipe(server());
  });
});
