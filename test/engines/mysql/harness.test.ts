import { expect, it } from 'vitest';
import { describeEachMysql } from '../../support/engines-mysql.ts';
import { ask } from '../../../src/engines/mysql/local/client.ts';
import { errorNumber } from '../../../src/engines/mysql/connect/trouble.ts';

describeEachMysql('a server of our own', { versions: 'all' }, (server, version) => {
  it('is of the version that its name says, and lets root in with its password only', async () => {
    const [row] = await ask(server(), 'SELECT VERSION() AS v, CURRENT_USER() AS me, @@socket AS socket, @@local_infile AS files');
    expect(String(row?.['v'])).toMatch({ mariadb10: /^10\.11\..*MariaDB/, mariadb11: /^11\.8\..*MariaDB/, mysql9: /^9\./ }[version]);
    expect(row?.['me']).toBe('root@127.0.0.1');
    expect(row?.['socket']).toBe('');
    expect(Number(row?.['files'])).toBe(0);
    for (const password of ['', 'wrong']) {
      const refused: unknown = await ask({ ...server(), password }, 'SELECT 1').catch((error: unknown) => error);
      expect(errorNumber(refused)).toBe(1045);
    }
  });

  it('has one login, and no anonymous account', async () => {
    const rows = await ask(server(), "SELECT User AS u, Host AS h FROM mysql.user WHERE User NOT LIKE '%.%' AND User <> 'PUBLIC'");
    expect(rows.map((row) => `${String(row['u'])}@${String(row['h'])}`)).toEqual(['root@127.0.0.1']);
  });

  it('is there with its data after a crash', { timeout: 120_000 }, async () => {
    await ask(server(), 'CREATE DATABASE survivor');
    await server().kill();
    await server().restart();
    expect(await ask(server(), "SHOW DATABASES LIKE 'survivor'")).toHaveLength(1);
  });
});
