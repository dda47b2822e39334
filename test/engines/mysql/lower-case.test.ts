import { beforeEach, expect, it } from 'vitest';
import { describeEachMysql } from '../../support/engines-mysql.ts';
import { ask } from '../../../src/engines/mysql/local/client.ts';
import { manifestOf, wipe, type Workplace, workplace } from './lifecycle/harness.ts';

const shop = (more = ''): string => manifestOf(`apps:\n  shop: { uses: { main: { connections: 5${more} } } }\n`);

describeEachMysql(
  'a server that stores names in lower case',
  { versions: 'kinds', settings: { 'lower-case-table-names': 1 } },
  (server) => {
    let place: Workplace;
    const alice = async (): Promise<string> =>
      await ask({ ...server(), user: 'alice', password: 'x' }, 'SHOW TABLES FROM shop').then(
        () => 'in',
        () => 'refused',
      );

    beforeEach(async () => {
      await wipe(server());
      await ask(server(), "DROP USER IF EXISTS alice@'%'");
      await ask(server(), "CREATE USER alice@'%' IDENTIFIED BY 'x'");
    });

    it('refuses a database in upper case, before anything is sent', async () => {
      place = await workplace(server(), shop(', database: Shop'));
      const { plan } = await place.plan();
      expect(plan.diagnostics.map(({ code, message }) => [code, message])).toEqual([
        ['CT2003', 'database "Shop": this server stores database names in lower case (lower_case_table_names)'],
      ]);
      expect((await place.apply()).ending).toBe('failed');
      expect(await ask(server(), "SHOW DATABASES LIKE 'shop'")).toEqual([]);
    });

    it.each(['SHOP', 'Sh%'])('refuses a row for %s that was written past GRANT, and says how it is put right', async (written) => {
      await ask(server(), `INSERT INTO mysql.db (Host, Db, User, Select_priv) VALUES ('%', '${written}', 'alice', 'Y')`);
      await ask(server(), 'FLUSH PRIVILEGES');
      place = await workplace(server(), shop());
      const told = (await place.plan()).plan.diagnostics.filter(({ code }) => code === 'CT2072');
      expect(told).toMatchObject([{ severity: 'error', message: expect.stringContaining(`gives "alice@%" rights on ${written}`) }]);
      expect((await place.apply(['alice@%'])).ending).toBe('failed');
      for (const sql of String(told[0]?.hint).split('; ')) await ask(server(), sql);
      expect((await place.plan()).plan.steps.flatMap(({ losses = [] }) => losses.map(({ who }) => who))).toEqual(['alice@%']);
      expect((await place.apply(['alice@%'])).ending).toBe('done');
      expect(await alice()).toBe('refused');
      expect((await place.plan()).plan.steps).toEqual([]);
    });

    it('makes one row of two where both spellings stand, and of what is on a table in upper case', async () => {
      await ask(server(), 'CREATE DATABASE shop');
      await ask(server(), 'CREATE TABLE shop.orders (n int)');
      const columns = 'Host, Db, User, Table_name';
      for (const sql of [
        "INSERT INTO mysql.db (Host, Db, User, Select_priv, Drop_priv) VALUES ('%', 'shop', 'alice', 'Y', 'N'), ('%', 'SHOP', 'alice', 'N', 'Y'), ('%', 'Shop', 'alice', 'Y', 'N')",
        `INSERT INTO mysql.tables_priv (${columns}, Table_priv, Column_priv) VALUES ('%', 'shop', 'alice', 'ORDERS', 'Select', 'Select,Insert'), ('%', 'shop', 'alice', 'orders', 'Delete', 'Update')`,
        `INSERT INTO mysql.columns_priv (${columns}, Column_name, Column_priv) VALUES ('%', 'shop', 'alice', 'Orders', 'n', 'Select,Insert'), ('%', 'shop', 'alice', 'orders', 'n', 'Update')`,
        `INSERT INTO mysql.tables_priv (${columns}, Table_priv) VALUES ('%', 'SHOP', 'alice', 'Others', 'Select'), ('%', 'SHOP', 'alice', 'others', 'Insert')`,
        'FLUSH PRIVILEGES',
      ])
        await ask(server(), sql);
      place = await workplace(server(), shop(', adopt: true'));
      const told = async () => (await place.plan()).plan.diagnostics.filter(({ code }) => code === 'CT2072');
      const names = (await told()).map(({ message }) => /mysql\.(\w+) .* rights on (\S+),/.exec(message)?.slice(1).join(' '));
      expect(names.length).toBe(4);
      expect(names).toEqual(expect.arrayContaining(['tables_priv shop.ORDERS', 'columns_priv shop.Orders']));
      for (let round = 0; round < 3; round++)
        for (const { hint } of await told()) for (const sql of String(hint).split('; ')) await ask(server(), sql);
      expect(await told()).toEqual([]);
      const rows = async (sql: string): Promise<unknown> => JSON.parse(JSON.stringify(await ask(server(), sql)));
      expect(await rows("SELECT Db, Select_priv, Drop_priv FROM mysql.db WHERE User = 'alice'")).toEqual([
        { Db: 'shop', Select_priv: 'Y', Drop_priv: 'Y' },
      ]);
      const text = "CONCAT(Db, '.', Table_name, ' ', Table_priv, ' ', Column_priv) AS t";
      expect(await rows(`SELECT ${text} FROM mysql.tables_priv WHERE User = 'alice' ORDER BY Table_name`)).toEqual([
        { t: 'shop.orders Select,Delete Select,Insert,Update' },
        { t: 'shop.others Select,Insert ' },
      ]);
      expect(await rows("SELECT Table_name AS t, Column_priv AS p FROM mysql.columns_priv WHERE User = 'alice'")).toEqual([
        { t: 'orders', p: 'Select,Insert,Update' },
      ]);
      expect((await place.apply(['alice@%'])).ending).toBe('done');
      expect(await alice()).toBe('refused');
    });

    it.each(['SHOP', 'SH%', 'Sho_'])('takes a stranger’s grant on %s, and says so', async (written) => {
      await ask(server(), `GRANT SELECT ON \`${written}\`.* TO alice@'%'`);
      place = await workplace(server(), shop());
      const { plan } = await place.plan();
      expect(plan.steps.flatMap(({ losses = [] }) => losses.map(({ who, of }) => [who, of]))).toEqual([['alice@%', null]]);
      expect((await place.apply(['alice@%'])).ending).toBe('done');
      expect(await alice()).toBe('refused');
      expect((await place.plan()).plan.steps).toEqual([]);
    });

    it('adopts what was granted in mixed case, and its retirement closes it', async () => {
      await ask(server(), 'CREATE DATABASE Shop');
      await ask(server(), "GRANT ALL ON `Shop`.* TO alice@'%'");
      place = await workplace(server(), shop(', adopt: true, names: { login: alice }'));
      expect((await place.apply()).ending).toBe('done');
      expect(await alice()).toBe('in');
      expect((await place.plan()).plan.steps).toEqual([]);
      await place.write(manifestOf('apps: {}\n'));
      expect((await place.apply()).ending).toBe('done');
      expect(await alice()).toBe('refused');
    });
  },
);
