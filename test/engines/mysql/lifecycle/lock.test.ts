import { expect, it } from 'vitest';
import { describeEachMysql } from '../../../support/engines-mysql.ts';
import { ask } from '../../../../src/engines/mysql/local/client.ts';
import { loginOf, session, twoApps, wipe, workplace } from './harness.ts';

describeEachMysql('the lock of an apply', { versions: 'kinds' }, (server) => {
  it('says who holds it and since when, and ends with its holder', { timeout: 120_000 }, async () => {
    await using place = await workplace(server(), twoApps);
    await place.apply();
    const [row] = await place.root("SELECT name FROM cotenant.ledger WHERE kind = 'secret'");
    {
      await using holder = await session({ ...server(), database: 'mysql' });
      await holder.query(`SELECT GET_LOCK('cotenant ${String(row?.['name'])}', 0)`);
      const refused = await place.cli('apply', '--yes');
      expect(refused.code).not.toBe(0);
      expect(refused.stderr).toMatch(/held by (root from 127\.0\.0\.1|an app)/);
      expect(refused.stderr).toMatch(/\d{4}-\d\d-\d\dT\d\d:\d\d/);
    }
    expect((await place.cli('apply', '--yes', '--lock-timeout', '10s')).code).toBe(0);
    await wipe(server());
  });

  it('is also waited for under its first name: the run that creates the ledger holds no other', { timeout: 120_000 }, async () => {
    await using place = await workplace(server(), twoApps);
    await place.apply();
    {
      await using maker = await session({ ...server(), database: 'mysql' });
      await maker.query("SELECT GET_LOCK('cotenant first apply', 0)");
      const refused = await place.cli('apply', '--yes');
      expect(refused.code).not.toBe(0);
      expect(refused.stderr).toMatch(/held by (root from 127\.0\.0\.1|an app)/);
    }
    expect((await place.cli('apply', '--yes', '--lock-timeout', '10s')).code).toBe(0);
    await wipe(server());
  });

  it('ends with its connection, and with it all that was about to be done', { timeout: 120_000 }, async () => {
    await using place = await workplace(server(), twoApps);
    await place.apply();
    const [app = '', other = ''] = (await place.status()).placements.map((one) => one.app);
    await place.root(`DROP USER '${app}_user'@'%'`);
    // Something to ask about.
    await place.root(`GRANT PROCESS ON *.* TO '${other}_user'@'%'`);
    const [row] = await place.root("SELECT name FROM cotenant.ledger WHERE kind = 'secret'");
    const consent = async (): Promise<boolean> => {
      const [holder] = await place.root(`SELECT IS_USED_LOCK('cotenant ${String(row?.['name'])}') AS id`);
      await place.root(`KILL CONNECTION ${String(holder?.['id'])}`);
      return true;
    };
    const { ending, diagnostics } = await place.apply([], consent);
    expect({ ending, code: diagnostics.at(-1)?.code }).toEqual({ ending: 'failed', code: 'CT3004' });
    expect(await place.root(`SELECT 1 FROM mysql.user WHERE User = '${app}_user'`)).toEqual([]);
    expect((await place.apply()).ending).toBe('done');
    await wipe(server());
  });

  it('cannot be taken by an app, which cannot know its name', { timeout: 120_000 }, async () => {
    await using place = await workplace(server(), twoApps);
    await place.apply();
    await using shop = await session(loginOf(await place.reveal('shop')));
    await shop.query("SELECT GET_LOCK('cotenant first apply', 0), GET_LOCK('cotenant', 0)");
    await place.root("ALTER USER 'shop_user'@'%' WITH MAX_USER_CONNECTIONS 9");
    expect((await place.apply()).ending).toBe('done');
    await wipe(server());
  });
});

describeEachMysql('a second apply', { versions: 'kinds' }, (server) => {
  it('changes nothing on the server: counted there', { timeout: 120_000 }, async () => {
    await using place = await workplace(server(), twoApps);
    await place.apply();
    const count = async (): Promise<Readonly<Record<string, number>>> => {
      const rows = await ask(server(), "SHOW GLOBAL STATUS LIKE 'Com\\_%'");
      const all = rows.map((row) => Object.values(row).map(String)).map(([name = '', value]) => [name, Number(value)] as const);
      return Object.fromEntries(
        all.filter(([name]) => /^Com_(alter|create|delete|drop|grant|insert|kill|rename|replace|revoke|truncate|update|flush)/.test(name)),
      );
    };
    const before = await count();
    expect((await place.cli('apply', '--yes')).code).toBe(0);
    expect((await place.cli('status')).code).toBe(0);
    expect(await count()).toEqual(before);
    await wipe(server());
  });
});
