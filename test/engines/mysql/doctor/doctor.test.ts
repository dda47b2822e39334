import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { beforeAll, expect, it } from 'vitest';
import { checks } from '../../../../src/engines/mysql/doctor/checks.ts';
import { found, look } from '../../../support/doctor.ts';
import { describeEachMysql } from '../../../support/engines-mysql.ts';
import { loginOf, manifestOf, type OpenSession, session, type Workplace, workplace } from '../lifecycle/harness.ts';

const manifest = manifestOf('apps:\n  shop: { uses: { main: { connections: 5 } } }\n  blog: { uses: { main: { connections: 5 } } }\n');
/** No version of these tests was at its end then. */
const now = new Date('2026-01-01');

describeEachMysql('doctor', { versions: 'all', settings: { performance_schema: 'ON' } }, (server, version) => {
  const isMaria = version.startsWith('mariadb');
  let place: Workplace;

  beforeAll(async () => {
    place = await workplace(server(), manifest);
    expect((await place.apply()).ending).toBe('done');
    await place.as('shop', 'CREATE TABLE orders (id int PRIMARY KEY, n int)');
    await place.as('shop', 'INSERT INTO orders VALUES (1, 1), (2, 2)');
    return async () => await place[Symbol.asyncDispose]();
  });

  const open = async (app: string): Promise<OpenSession> => await session(loginOf(await place.reveal(app)));
  const until = async (sql: string): Promise<void> => {
    while ((await place.root(sql)).length === 0) await delay(20);
  };

  it('finds nothing on a server that nothing ails, with as many statements for two apps as for four', async () => {
    const { report } = await look(place, { now });
    expect(report).toMatchObject({ findings: [], blind: [] });
    expect(report.instances[0]?.checks).toEqual(checks.map(({ id }) => id).sort());
    const before = report.instances[0]?.statements;
    await place.write(`${manifest}  crm: { uses: { main: { connections: 2 } } }\n  erp: { uses: { main: { connections: 2 } } }\n`);
    expect((await place.apply()).ending).toBe('done');
    expect((await look(place, { now })).report.instances[0]?.statements).toBe(before);
  });

  it('who blocks whom in rows, a transaction that sleeps, and a long statement', async () => {
    await using holder = await open('shop');
    await holder.query('START TRANSACTION');
    await holder.query('UPDATE orders SET n = 3 WHERE id = 1');
    await using waiter = await open('shop');
    const wait = waiter.query('UPDATE orders SET n = 4 WHERE id = 1').catch(() => []);
    await until("SELECT 1 FROM information_schema.INNODB_TRX WHERE trx_state = 'LOCK WAIT'");
    const [finding, ...more] = await found(place, ['CT-D107'], { limits: { wait: 0 } });
    expect(more).toEqual([]);
    expect(finding).toMatchObject({ severity: 'warning', apps: ['shop'], evidence: { blocker: 'shop', waiting: 1 } });
    expect(finding?.what).toMatch(/^shop \(session \d+, idle in a transaction for \d+ s\) blocks 1 session of shop/);
    expect(await found(place, ['CT-D107'], { limits: { wait: 3600 } })).toEqual([]);
    const idle = await found(place, ['CT-D108', 'CT-D109', 'CT-D110'], { limits: { idle: 0, query: 3600 } });
    expect(idle).toMatchObject([{ id: 'CT-D108', apps: ['shop'], evidence: { sessions: 1 } }]);
    await place.root(finding?.remedy.at(-1)?.text ?? '');
    await wait;
    // The server keeps what it tells of transactions for a tenth of a second.
    while ((await found(place, ['CT-D107', 'CT-D108'], { limits: { wait: 0, idle: 0 } })).length > 0) await delay(50);
    const secret = `SELECT 'a row of shop', SLEEP(300)`;
    const sleep = waiter.query(secret).catch(() => []);
    await until("SELECT 1 FROM information_schema.PROCESSLIST WHERE STATE = 'User sleep'");
    const long = await found(place, ['CT-D110'], { limits: { query: 0 } });
    expect(long).toMatchObject([{ severity: 'info', apps: ['shop'] }]);
    expect(JSON.stringify(long)).not.toContain('a row of shop');
    await place.root(long[0]?.remedy.at(-1)?.text ?? '');
    await sleep;
  });

  it('who waits for a whole table', async () => {
    await using holder = await open('shop');
    await holder.query('START TRANSACTION');
    await holder.query('SELECT * FROM orders');
    await using waiter = await open('shop');
    const wait = waiter.query('ALTER TABLE orders ADD COLUMN more int').catch(() => []);
    await until("SELECT 1 FROM information_schema.PROCESSLIST WHERE STATE = 'Waiting for table metadata lock'");
    const [finding, ...more] = await found(place, ['CT-D107'], { limits: { wait: 0 } });
    expect(more).toEqual([]);
    expect(finding?.apps).toEqual(['shop']);
    expect(finding?.what).toMatch(
      isMaria ? /^(somebody|shop) \(.*\) blocks 1 session of shop/ : /^shop \(session \d+.*\) blocks 1 session of shop/,
    );
    await holder.query('COMMIT');
    await wait;
  });

  it('an app at its limit of connections, and a server that is nearly full', async () => {
    const sessions = await Promise.all(Array.from({ length: 4 }, () => open('blog')));
    const told = async (): Promise<unknown> =>
      (await found(place, ['CT-D103'])).map(({ severity, apps, evidence }) => [severity, apps, evidence]);
    expect(await told()).toEqual([['info', ['blog'], { open: 4, idle: 4, limit: 5 }]]);
    sessions.push(await open('blog'));
    expect(await told()).toEqual([['warning', ['blog'], { open: 5, idle: 5, limit: 5 }]]);
    expect((await found(place, ['CT-D104'], { limits: { full: 0.01 } }))[0]).toMatchObject({ evidence: { blog: 5 } });
    await Promise.all(sessions.map(async (one) => await one[Symbol.asyncDispose]()));
    await until("SELECT 1 FROM information_schema.PROCESSLIST HAVING SUM(USER = 'blog_user') = 0");
    expect(await told()).toEqual([]);
  });

  it('a prepared transaction that was left', async () => {
    await using left = await open('shop');
    for (const sql of [
      "XA START 'it''s', 'left'",
      'INSERT INTO orders (id) VALUES (7)',
      "XA END 'it''s', 'left'",
      "XA PREPARE 'it''s', 'left'",
    ])
      await left.query(sql);
    await left[Symbol.asyncDispose]();
    await until('SELECT 1 FROM information_schema.INNODB_TRX WHERE trx_mysql_thread_id = 0');
    expect(await found(place, ['CT-D111'])).toEqual([]);
    const [finding] = await found(place, ['CT-D111'], { limits: { prepared: 0 } });
    expect(finding).toMatchObject({ severity: 'warning', evidence: { count: 1 } });
    await place.root(finding?.remedy.at(-1)?.text ?? '');
    expect(await place.root('XA RECOVER')).toEqual([]);
  });

  it('counters, engines, and indexes of apps', async () => {
    for (const sql of [
      'CREATE TABLE small (id tinyint unsigned PRIMARY KEY AUTO_INCREMENT) AUTO_INCREMENT = 250',
      'CREATE TABLE large (id int PRIMARY KEY AUTO_INCREMENT) AUTO_INCREMENT = 1800000000',
      'CREATE TABLE fresh (id int PRIMARY KEY AUTO_INCREMENT)',
      'CREATE TABLE twice (id int PRIMARY KEY, a int, b varchar(20), KEY x (a, b), KEY y (a, b), KEY z (b(5)), KEY w (b), UNIQUE KEY u (a), KEY v (a))',
      'CREATE TABLE old (id int) ENGINE=MyISAM',
    ])
      await place.as('blog', sql);
    const counters = await found(place, ['CT-D112']);
    expect(counters.map(({ severity, apps, evidence }) => [severity, apps, evidence['table'], evidence['end']])).toEqual([
      ['error', ['blog'], '`blog`.`small`', 255],
      ['warning', ['blog'], '`blog`.`large`', 2147483647],
    ]);
    const [old] = await found(place, ['CT-D305']);
    expect(old).toMatchObject({ severity: 'warning', apps: ['blog'], remedy: [{ text: 'ALTER TABLE `blog`.`old` ENGINE=InnoDB;' }] });
    const [twice] = await found(place, ['CT-D306']);
    expect(twice?.remedy.map(({ text }) => text).sort()).toEqual([
      'ALTER TABLE `blog`.`twice` DROP INDEX `v`;',
      'ALTER TABLE `blog`.`twice` DROP INDEX `y`;',
    ]);
    const unused = await found(place, ['CT-D307'], { limits: { unused: 0 } });
    expect(unused.map(({ apps }) => apps)).toEqual([['blog']]);
    expect(await found(place, ['CT-D307'])).toEqual([]);
    expect(await found(place, ['CT-D112', 'CT-D305', 'CT-D306'], { apps: ['shop'] })).toEqual([]);
    for (const statement of [...(twice?.remedy ?? []), ...(old?.remedy ?? [])]) await place.as('blog', statement.text ?? '');
    await place.as('blog', 'DROP TABLE small, large');
    expect(await found(place, ['CT-D112', 'CT-D305', 'CT-D306'])).toEqual([]);
  });

  it('a table that the server cannot open', async () => {
    await place.as('blog', 'CREATE TABLE broken (id int PRIMARY KEY) ENGINE=MyISAM');
    await place.root('FLUSH TABLES blog.broken');
    await writeFile(join(server().dataDir, 'blog/broken.MYI'), 'damaged');
    const [damaged, ...more] = await found(place, ['CT-D304']);
    expect(more).toEqual([]);
    expect(damaged).toMatchObject({ severity: 'error', apps: ['blog'], evidence: { count: 1, 'object 1': '`blog`.`broken`' } });
    await place.root('DROP TABLE blog.broken').catch(() => undefined);
    await Promise.all(['MYI', 'MYD', 'frm'].map((end) => rm(join(server().dataDir, `blog/broken.${end}`), { force: true })));
  });

  it('an anonymous account, and what is gone', async () => {
    await place.root("CREATE USER ''@'localhost'");
    await place.root('DROP DATABASE shop');
    const all = await found(place, ['CT-D102', 'CT-D302']);
    expect(all.map(({ id, severity, what }) => [id, severity, what])).toEqual([
      ['CT-D102', 'error', 'shop lacks database "shop"'],
      ['CT-D302', 'error', "''@'localhost' stands before the logins of apps that come from there"],
    ]);
    await place.root(all[1]?.remedy.at(-1)?.text ?? '');
    expect((await place.apply()).ending).toBe('done');
    expect(await found(place, ['CT-D102', 'CT-D302'])).toEqual([]);
  });

  it('old versions of rows that pile up, and a log that nobody removes', async () => {
    expect(await found(place, ['CT-D301'], { limits: { history: 0 } })).toMatchObject([{ severity: 'warning', apps: [] }]);
    expect(await found(place, ['CT-D301', 'CT-D308'])).toEqual([]);
    if (isMaria) return;
    await place.root('SET GLOBAL binlog_expire_logs_seconds = 0');
    const [row] = await place.root("SHOW VARIABLES LIKE 'log_bin'");
    expect(await found(place, ['CT-D308'])).toHaveLength(row?.['Value'] === 'ON' ? 1 : 0);
    await place.root('SET GLOBAL binlog_expire_logs_seconds = 2592000');
  });

  it('names no secret', async () => {
    const { MYSQL_PASSWORD: secret = '' } = await place.reveal('blog');
    await using spy = await open('blog');
    const sleep = spy.query(`SELECT '${secret}', SLEEP(301)`).catch(() => []);
    await until("SELECT 1 FROM information_schema.PROCESSLIST WHERE STATE = 'User sleep'");
    const outcome = await look(place, { limits: { query: 0, full: 0.01, history: 0, unused: 0 } });
    expect(outcome.report.findings.length).toBeGreaterThan(1);
    expect(JSON.stringify(outcome)).not.toContain(secret);
    expect(JSON.stringify(outcome)).not.toContain(server().password);
    const [row] = await place.root("SELECT ID AS id FROM information_schema.PROCESSLIST WHERE STATE = 'User sleep'");
    await place.root(`KILL ${String(row?.['id'])}`);
    await sleep;
  });
});

describeEachMysql('doctor on a server that counts nothing', { versions: 'newest', settings: { performance_schema: 'OFF' } }, (server) => {
  it('says so, and looks at the rest', async () => {
    await using place = await workplace(server(), manifest);
    expect((await place.apply()).ending).toBe('done');
    const { report } = await look(place, { now });
    expect(report.findings).toMatchObject([{ id: 'CT-D303', severity: 'info' }]);
    expect(report.instances[0]?.checks).not.toContain('CT-D307');
  });
});
