import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { describeEachMysql } from '../../support/engines-mysql.ts';
import { verifyProject } from '../../../src/app/verify.ts';
import { saidTwice } from '../../support/said.ts';
import { importServer } from '../../../src/app/import.ts';
import { wipe, type Workplace, workplace } from './lifecycle/harness.ts';
import type { MysqlServer } from './runtime.ts';
import { ask } from '../../../src/engines/mysql/local/client.ts';

interface Script {
  readonly what: string;
  /** Statements as people write them, parted by `;` at the end of a line. */
  readonly sql: string;
  /** What the manifest should say, as parts of it. */
  readonly says: readonly (string | RegExp)[];
  /** Logins that must work before, between and after. */
  readonly logins: readonly (readonly [user: string, password: string, statement: string])[];
}

const scripts: readonly Script[] = [
  {
    what: 'the usual three lines',
    sql: `CREATE DATABASE shop;
CREATE USER 'shop'@'%' IDENTIFIED BY 'pw';
GRANT ALL PRIVILEGES ON shop.* TO 'shop'@'%';
FLUSH PRIVILEGES;`,
    says: [/shop:\n\s+uses:\n\s+main:/, 'names:\n', 'login: shop\n', 'adopt: true'],
    logins: [['shop', 'pw', 'CREATE TABLE IF NOT EXISTS shop.t (x INT)']],
  },
  {
    what: 'a name with an underscore, not escaped',
    sql: `CREATE DATABASE digi_core CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
CREATE DATABASE digiXcore;
CREATE USER 'digi'@'%' IDENTIFIED BY 'pw';
GRANT ALL PRIVILEGES ON \`digi_core\`.* TO 'digi'@'%';`,
    says: ['digi_core:', 'login: digi\n'],
    logins: [['digi', 'pw', 'CREATE TABLE IF NOT EXISTS digi_core.t (x INT)']],
  },
  {
    what: 'several apps with several hosts and limits',
    sql: `CREATE DATABASE blog;
CREATE DATABASE wiki CHARACTER SET latin1;
CREATE USER 'blog_user'@'127.0.0.1' IDENTIFIED BY 'b' WITH MAX_USER_CONNECTIONS 7;
CREATE USER 'blog_user'@'10.0.0.%' IDENTIFIED BY 'b' WITH MAX_USER_CONNECTIONS 7;
CREATE USER 'wiki_user'@'%' IDENTIFIED BY 'w';
GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, INDEX, DROP ON blog.* TO 'blog_user'@'127.0.0.1', 'blog_user'@'10.0.0.%';
GRANT ALL ON wiki.* TO 'wiki_user'@'%';`,
    says: ['connections: 7', /hosts:\n\s+- 10\.0\.0\.%\n\s+- 127\.0\.0\.1/, 'charset: latin1'],
    logins: [
      ['blog_user', 'b', 'CREATE TABLE IF NOT EXISTS blog.t (x INT)'],
      ['wiki_user', 'w', 'CREATE TABLE IF NOT EXISTS wiki.t (x INT)'],
    ],
  },
  {
    what: 'one account for everything',
    sql: `CREATE DATABASE one;
CREATE DATABASE two;
CREATE USER 'app'@'%' IDENTIFIED BY 'pw';
GRANT ALL ON one.* TO 'app'@'%';
GRANT ALL ON two.* TO 'app'@'%';`,
    says: [/serves several databases/],
    logins: [
      ['app', 'pw', 'CREATE TABLE IF NOT EXISTS one.t (x INT)'],
      ['app', 'pw', 'CREATE TABLE IF NOT EXISTS two.t (x INT)'],
    ],
  },
  {
    what: 'readers, a backup, and somebody without rights',
    sql: `CREATE DATABASE shop;
CREATE USER 'shop'@'%' IDENTIFIED BY 'pw';
CREATE USER 'report'@'%' IDENTIFIED BY 'r';
CREATE USER 'nobody'@'%' IDENTIFIED BY 'n';
GRANT ALL ON shop.* TO 'shop'@'%';
GRANT SELECT ON shop.* TO 'report'@'%';`,
    says: [/report@% has rights on it as well/, /nobody@%/],
    logins: [
      ['shop', 'pw', 'CREATE TABLE IF NOT EXISTS shop.t (x INT)'],
      ['report', 'r', 'SELECT * FROM shop.t'],
      ['nobody', 'n', 'SELECT 1'],
    ],
  },
  {
    what: 'a database without an account, and one with events',
    sql: `CREATE DATABASE lonely;
CREATE DATABASE busy;
CREATE USER 'busy_user'@'%' IDENTIFIED BY 'pw';
GRANT ALL ON busy.* TO 'busy_user'@'%';
CREATE EVENT busy.tick ON SCHEDULE EVERY 1 DAY DO SELECT 1;`,
    says: [/no account of its own was found/, 'events: true'],
    logins: [['busy_user', 'pw', 'CREATE TABLE IF NOT EXISTS busy.t (x INT)']],
  },
  {
    what: 'logins that may do everything, a dump, an exporter and a replica',
    sql: `CREATE DATABASE shop;
CREATE TABLE shop.t (x INT);
CREATE USER 'shop'@'%' IDENTIFIED BY 'pw';
CREATE USER 'shop_2'@'%' IDENTIFIED BY 'two';
CREATE USER 'dba'@'%' IDENTIFIED BY 'd';
CREATE USER 'reads'@'%' IDENTIFIED BY 'd';
CREATE USER 'replica'@'%' IDENTIFIED BY 'd';
GRANT ALL PRIVILEGES ON shop.* TO 'shop'@'%';
GRANT SELECT, INSERT ON shop.* TO 'shop_2'@'%';
GRANT ALL PRIVILEGES ON *.* TO 'dba'@'%' WITH GRANT OPTION;
GRANT SELECT ON *.* TO 'reads'@'%';
GRANT REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO 'replica'@'%';`,
    says: [/dba@%.*ALL on \*\.\*/s, /replica@%.*may:.*replication/s, /reads@%/, 'standbyLogin: shop_3', 'events: true'],
    logins: [
      ['shop', 'pw', "CREATE EVENT IF NOT EXISTS shop.e ON SCHEDULE EVERY 1 DAY STARTS '2037-01-01' DO SELECT 1"],
      ['shop_2', 'two', 'INSERT INTO shop.t VALUES (1)'],
      ['dba', 'd', 'CREATE DATABASE IF NOT EXISTS made'],
      ['reads', 'd', 'SELECT * FROM shop.t'],
      ['replica', 'd', 'SELECT 1'],
    ],
  },
  {
    what: 'a login that makes no tables, and one with more than its database',
    sql: `CREATE DATABASE shop;
CREATE TABLE shop.t (x INT);
CREATE DATABASE blog;
CREATE TABLE blog.t (x INT);
CREATE USER 'shop'@'%' IDENTIFIED BY 'pw';
CREATE USER 'blog'@'%' IDENTIFIED BY 'b';
GRANT SELECT, INSERT, UPDATE, DELETE ON shop.* TO 'shop'@'%';
GRANT ALL ON blog.* TO 'blog'@'%';
GRANT SELECT ON shop.t TO 'blog'@'%';
GRANT PROCESS ON *.* TO 'blog'@'%';`,
    says: [/logins:\s+app: rw/, /database blog: its login blog has rights elsewhere/, /user: "?blog@%/],
    logins: [
      ['shop', 'pw', 'INSERT INTO shop.t VALUES (1)'],
      ['blog', 'b', 'CREATE TABLE IF NOT EXISTS blog.u (x INT)'],
      ['blog', 'b', 'SELECT * FROM shop.t'],
    ],
  },
];

describeEachMysql('the operator’s own accounts for other hosts', { versions: 'kinds' }, (server) => {
  it('stand under neither operators nor known, keep what they have, and are said', { timeout: 120_000 }, async () => {
    await ask(server(), "CREATE USER 'root'@'10.1.2.3' IDENTIFIED BY 'x'");
    await ask(server(), "GRANT ALL ON *.* TO 'root'@'10.1.2.3' WITH GRANT OPTION");
    await ask(server(), 'CREATE DATABASE shop');
    await ask(server(), "CREATE USER 'shop'@'%' IDENTIFIED BY 'pw'");
    await ask(server(), "GRANT ALL ON shop.* TO 'shop'@'%'");
    const grants = async () => await ask(server(), "SHOW GRANTS FOR 'root'@'10.1.2.3'");
    const before = await grants();
    await using place = await workplace(server(), 'cotenant: 1\n');
    const yaml = await imported(place, server());
    expect(yaml).not.toMatch(/user: root|^ +root@/m);
    expect(yaml).toContain("# account root@10.1.2.3: the operator's own, for another host; nothing is taken from it");
    expect((await place.apply()).ending).toBe('done');
    expect(await grants()).toEqual(before);
    const { report } = await verifyProject(await place.open(), { seed: 7 });
    expect(report.findings.filter(({ statement, from }) => `${statement} ${from ?? ''}`.includes('root@10.1.2.3'))).toEqual([]);
    await ask(server(), "DROP USER 'root'@'10.1.2.3'");
    await wipe(server());
  });
});

describeEachMysql('a server that was set up by hand', { versions: 'kinds' }, (server) => {
  describe.each(scripts)('by $what', ({ sql, says, logins }) => {
    it('is read, adopted with its passwords, and silent from then on', { timeout: 120_000 }, async () => {
      for (const statement of sql.split(/;\s*(?:\n|$)/).filter((text) => text.trim() !== '')) await ask(server(), statement);
      const work = async (): Promise<void> => {
        for (const [user, password, statement] of logins) await ask({ ...server(), user, password }, statement);
      };
      await work();
      await using place = await workplace(server(), 'cotenant: 1\n');
      const yaml = await imported(place, server());
      for (const part of says) {
        if (typeof part === 'string') expect(yaml).toContain(part);
        else expect(yaml).toMatch(part);
      }
      expect(yaml).not.toContain(server().password);
      const { plan } = await place.plan();
      expect(plan.diagnostics.filter((one) => one.severity === 'error')).toEqual([]);
      expect(plan.steps.some((step) => step.risk === 'destructive' || step.risk === 'blocking')).toBe(false);
      expect(saidTwice(plan)).toEqual([]);
      // Nobody who is not in the manifest loses anything.
      expect(plan.steps.flatMap(({ losses = [] }) => losses.filter(({ of }) => of === null))).toEqual([]);
      const { ending, diagnostics } = await place.apply();
      expect(diagnostics.filter((one) => one.severity === 'error')).toEqual([]);
      expect(ending).toBe('done');
      await work();
      expect((await place.plan()).plan.steps.map((step) => step.id)).toEqual([]);
      expect(await imported(place, server())).not.toContain('cotenant:\n');
      await wipe(server());
    });
  });
});

describeEachMysql('who can log in', { versions: 'newest' }, (server) => {
  it('is an app’s, an operator, known, or said to be left out, whatever it has', async () => {
    const accounts = ["'fake1'@'%'", "'no one'@'10.0.0.%'", "'constructor'@'%'", "'shut'@'%'", "'$sign'@'%'"];
    for (const account of accounts) await ask(server(), `CREATE USER ${account} IDENTIFIED BY 'pw'`);
    await ask(server(), "ALTER USER 'shut'@'%' ACCOUNT LOCK");
    await ask(server(), "CREATE USER 'boss'@'%' IDENTIFIED BY 'pw'");
    await ask(server(), "GRANT ALL ON *.* TO 'boss'@'%' WITH GRANT OPTION");
    const { host, port, password } = server();
    const { yaml } = await importServer({ url: `mysql://root@${host}:${port}`, password, env: {}, cwd: '/srv/life' });
    const { known, operators = {} } = parse(yaml) as Named;
    const named = [...known.map(({ user }) => user), ...Object.keys(operators)];
    for (const account of ['fake1@%', 'no one@10.0.0.%', 'constructor@%', 'shut@%', '$$sign@%', 'boss@%']) expect(named).toContain(account);
  });
});

interface Named {
  readonly known: readonly { readonly user: string }[];
  readonly operators?: Readonly<Record<string, unknown>>;
}

async function imported(place: Workplace, { host, port, password }: MysqlServer): Promise<string> {
  const { yaml } = await importServer({ url: `mysql://root@${host}:${port}`, password, env: {}, cwd: place.folder });
  await writeFile(join(place.folder, 'imported.yaml'), yaml);
  await place.write(yaml.replace('MYSQL_ROOT_PASSWORD', 'ADMIN_PASSWORD'));
  return await readFile(join(place.folder, 'imported.yaml'), 'utf8');
}
