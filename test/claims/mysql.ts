import { ask } from '../../src/engines/mysql/local/client.ts';
import { loginOf, wipe } from '../engines/mysql/lifecycle/harness.ts';
import type { MysqlServer } from '../engines/mysql/runtime.ts';
import type { Random } from '../support/random.ts';
import { drawPair } from './draw.ts';
import { answered, type Fields, type Ground, type Tenant } from './suite.ts';

/** One fits another as a pattern, and one is another's beginning. */
const NAMES = ['a', 'a_b', 'axb', 'c', 'd'] as const;
const LOGINS = ['a_user', 'a_user_2', 'a_b_user', 'c_user', 'lens_user', 'old'] as const;
const HOSTS = [['%'], ['127.0.0.%'], ['127.0.0.1', 'localhost'], ['10.0.0.0/255.255.255.0', '127.0.0.%']] as const;
const WORDS = ['connect', 'monitor', 'read-all', 'replication'] as const;

/** Claims on a server of databases: databases, logins by user and host, readers, operators. */
export function mysqlGround(server: () => MysqlServer): Ground {
  const root = async (sql: string): Promise<readonly unknown[]> => await ask(server(), sql);
  const as = async ({ variables }: Tenant, sql: string, database: string): Promise<string> =>
    await answered(ask({ ...loginOf(variables ?? {}), database }, sql));
  const databaseOf = ({ variables, app }: Tenant): string => variables?.['MYSQL_DATABASE'] ?? (app === 'old' ? 'old' : app);
  return {
    name: 'mysql',
    env: () => ({ HOST: server().host, PORT: String(server().port), ADMIN_PASSWORD: server().password }),
    instance: { engine: 'mysql', url: 'mysql://root@${HOST}:${PORT}', password: { env: 'ADMIN_PASSWORD' } },
    draw: (random) => drawPair(random, { names: NAMES, logins: LOGINS, words: WORDS, placement }),
    isOpen: () => false,
    begin: async () => {
      // Somebody made these by hand, before either of the projects was.
      await root('CREATE DATABASE old');
      await root('CREATE TABLE old.kept (x int)');
      await root("CREATE USER old@'%' IDENTIFIED BY 'Old-word-1'");
      await root("GRANT ALL ON old.* TO old@'%'");
    },
    async settle(tenant) {
      if (!tenant.variables) return;
      const database = databaseOf(tenant);
      await as(tenant, 'CREATE TABLE IF NOT EXISTS t (x varchar(20))', database);
      await as(tenant, `INSERT INTO t SELECT '${tenant.project}' FROM DUAL WHERE NOT EXISTS (SELECT 1 FROM t)`, database);
    },
    async forget(tenant, what) {
      const { MYSQL_USER: user = '' } = tenant.variables ?? {};
      const which = what === 'place' ? `kind = 'database' AND name = '${databaseOf(tenant)}'` : `kind = 'account' AND name LIKE '${user}%'`;
      await root(`DELETE FROM cotenant.ledger WHERE ${which}`);
    },
    async holdingsOf(tenant) {
      const database = databaseOf(tenant);
      const user = tenant.variables?.['MYSQL_USER'] ?? '';
      const rows = await answered(root(`SELECT * FROM \`${database}\`.t`));
      const accounts = (await root(`SELECT Host AS h FROM mysql.user WHERE User = '${user}' ORDER BY 1`)) as readonly {
        readonly h: string;
      }[];
      const grants = await Promise.all(accounts.map(({ h }) => answered(root(`SHOW GRANTS FOR '${user}'@'${h}'`))));
      // The hash of a password that is being set changes with its salt.
      return JSON.stringify([rows, tenant.retired ? [] : accounts, tenant.retired ? [] : grants]);
    },
    works: async (tenant) => (tenant.variables ? await as(tenant, 'SELECT * FROM t', databaseOf(tenant)) : ''),
    async reaches(attacker, victim) {
      if (!attacker.variables) return [];
      const database = databaseOf(victim);
      const found: string[] = [];
      for (const sql of [
        `SELECT * FROM \`${database}\`.t`,
        `INSERT INTO \`${database}\`.t VALUES ('planted')`,
        `CREATE TABLE \`${database}\`.planted (x int)`,
        `DELETE FROM \`${database}\`.t`,
        `DROP TABLE \`${database}\`.t`,
      ]) {
        const answer = await as(attacker, sql, databaseOf(attacker));
        if (!answer.startsWith('refused')) found.push(`does ${sql} (${answer})`);
      }
      return found;
    },
    wipe: async () => {
      await wipe(server());
    },
  };
}

function placement(random: Random, second: boolean): Fields {
  return {
    ...(random.chance(second ? 0.4 : 0.2) ? { database: random.pick([...NAMES, 'old']) } : {}),
    ...(random.chance(0.3) ? { names: { login: random.pick(LOGINS) } } : {}),
    ...(random.chance(0.4) ? { hosts: random.pick(HOSTS) } : {}),
    ...(random.chance(0.2) ? { logins: { main: { as: 'rw' }, look: { as: 'read', login: random.pick(LOGINS) } } } : {}),
    ...(random.chance(second ? 0.5 : 0.2) ? { adopt: true } : {}),
  };
}
