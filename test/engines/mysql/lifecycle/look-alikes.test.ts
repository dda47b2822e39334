import { beforeEach, expect, it } from 'vitest';
import { describeEachMysql } from '../../../support/engines-mysql.ts';
import { ask } from '../../../../src/engines/mysql/local/client.ts';
import { loginOf, manifestOf, type OpenSession, session, wipe, workplace } from './harness.ts';

const app = (name: string): string => `  ${name}: { uses: { main: { connections: 5 } } }\n`;
const known = (...users: readonly string[]): string =>
  users.length === 0 ? '' : `known: [${users.map((user) => `{ user: "${user}", on: main, why: tests }`).join(', ')}]\n`;

describeEachMysql('names that a collation takes for the same', { versions: 'all' }, (server) => {
  beforeEach(async () => await wipe(server()));

  const make = async (...statements: readonly string[]): Promise<void> => {
    for (const sql of statements) await ask(server(), sql);
  };
  const account = (name: string): string => `CREATE USER '${name}'@'%' IDENTIFIED BY 'x'`;
  const open = async (user: string, database: string): Promise<OpenSession> =>
    await session({ ...server(), user, password: 'x', database });
  const alive = async (sessions: Readonly<Record<string, OpenSession>>): Promise<readonly string[]> => {
    const out: string[] = [];
    for (const [name, one] of Object.entries(sessions)) if (await one.isOpen()) out.push(name);
    return out;
  };

  it('are not the user whose sessions are ended', { timeout: 120_000 }, async () => {
    await using place = await workplace(server(), manifestOf(`apps:\n${app('shop')}${app('blog')}`));
    await place.apply();
    await make('CREATE DATABASE own', account('aa'), account('AA'), account('áá'), "GRANT SELECT ON shop.* TO 'AA'@'%'");
    for (const user of ['aa', 'AA', 'áá', 'SHOP_USER', 'Shop_user_2', 'shóp_user']) {
      if (/^sh/i.test(user)) await make(account(user));
      await make(`GRANT ALL ON own.* TO '${user}'@'%'`);
    }
    await using loser = await open('AA', 'own');
    await using lower = await open('aa', 'own');
    await using accent = await open('áá', 'own');
    await using upper = await open('SHOP_USER', 'own');
    await using waiting = await open('Shop_user_2', 'own');
    await using accented = await open('shóp_user', 'own');
    await using shop = await session(loginOf(await place.reveal('shop')));
    const all = { loser, lower, accent, upper, waiting, accented, shop };
    const losses = (await place.plan()).plan.steps.flatMap((step) => step.losses ?? []);
    expect(losses.map(({ who, sessions }) => [who, sessions])).toEqual([['AA@%', 1]]);
    expect((await place.apply()).ending).toBe('done');
    expect(await alive(all)).toEqual(['lower', 'accent', 'upper', 'waiting', 'accented', 'shop']);
    const status = await place.cli('status', '--json');
    expect(status.stdout).toMatch(/"connections": 1\b/);
    await place.write(manifestOf(`apps:\n${app('blog')}`));
    expect((await place.apply()).ending).toBe('done');
    expect(await alive(all)).toEqual(['lower', 'accent', 'upper', 'waiting', 'accented']);
  });

  it('are another database, and another nobody, when the perimeter is closed', { timeout: 120_000 }, async () => {
    const isMaria = server().flavor === 'mariadb';
    await using place = await workplace(server(), manifestOf(`apps:\n${app('shop')}`));
    await place.apply();
    await make('CREATE DATABASE `Shop`', 'CREATE DATABASE `SHOP_dev`', account('p'), account('zoe'), account('Root'));
    for (const user of ['p', 'Root'])
      await make(`GRANT ALL ON \`Shop\`.* TO '${user}'@'%'`, `GRANT ALL ON \`SHOP\\_dev\`.* TO '${user}'@'%'`);
    if (isMaria) await make('GRANT SELECT ON shop.* TO PUBLIC', 'GRANT SELECT ON `shop%`.* TO PUBLIC');
    else
      await make(
        "INSERT INTO mysql.db (Host, Db, User, Select_priv) VALUES ('%', 'shop', '', 'Y'), ('%', 'shop%', '', 'Y')",
        'FLUSH PRIVILEGES',
      );
    await using other = await open('p', 'Shop');
    await using dev = await open('p', 'SHOP_dev');
    await using inside = await open('p', 'shop');
    await using alike = await open('Root', 'shop');
    // It stands before accounts for everywhere.
    await make("CREATE USER ''@'127.0.0.1'");
    await using nameless = await session({ ...server(), user: 'Zoe', password: '', database: 'information_schema' });
    expect((await place.apply()).ending).toBe('done');
    expect(await alive({ other, dev, inside, alike, nameless })).toEqual(['other', 'dev']);
    expect((await place.plan()).plan.steps).toEqual([]);
  });

  it('are no operator and nobody who is known; a host is whoever it is in any case', { timeout: 120_000 }, async () => {
    await using place = await workplace(server(), manifestOf(`apps:\n${app('shop')}${known('kim', 'lea@APP.example')}`));
    await place.apply();
    await make(account('kim'), account('KIM'), "CREATE USER 'lea'@'app.Example' IDENTIFIED BY 'x'");
    for (const who of ["'kim'@'%'", "'KIM'@'%'", "'lea'@'app.example'"]) await make(`GRANT SELECT ON shop.* TO ${who}`);
    const losses = (await place.plan()).plan.steps.flatMap((step) => step.losses ?? []);
    expect(losses.map(({ who }) => who)).toEqual(['KIM@%']);
  });

  it('are another database where one is deleted: what depends on it is seen, and nothing of the other is counted', {
    timeout: 120_000,
  }, async () => {
    await using place = await workplace(server(), manifestOf(`apps:\n${app('shop')}${app('blog')}`));
    await place.apply();
    await place.as('shop', 'CREATE TABLE orders (id INT PRIMARY KEY)');
    await make(
      'CREATE DATABASE `Shop`',
      'CREATE TABLE `Shop`.t1 (x INT)',
      'CREATE TABLE `Shop`.lines_ (id INT, FOREIGN KEY (id) REFERENCES shop.orders (id))',
      'CREATE DATABASE `SHOP`',
      'CREATE TABLE `SHOP`.t2 (x INT)',
      'CREATE DATABASE erp',
      'CREATE VIEW erp.v AS SELECT id FROM shop.orders',
      'CREATE VIEW erp.w AS SELECT x FROM `Shop`.t1',
    );
    await place.write(manifestOf(`apps:\n${app('blog')}`));
    await place.apply();
    await place.write(manifestOf(`apps:\n${app('blog')}removal: delete\n`));
    const errors = (await place.plan()).plan.diagnostics.filter(({ code }) => code === 'CT2062').map(({ message }) => message);
    expect(errors).toEqual([expect.stringMatching(/foreign key "\w+" of Shop\.lines_ on shop\.orders/)]);
    expect(errors.join()).toContain('view erp.v on shop.orders');
    expect(errors.join()).not.toContain('erp.w');
    await make('DROP TABLE `Shop`.lines_', 'DROP VIEW erp.v');
    const drop = (await place.plan()).plan.steps.find(({ title }) => title.startsWith('drop database'));
    expect(drop?.facts['tables']).toBe(1);
    expect((await place.apply(['shop'])).ending).toBe('done');
    expect(await ask(server(), 'SELECT * FROM `Shop`.t1')).toEqual([]);
  });
});
