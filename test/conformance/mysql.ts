import { mysqlWay } from '../engines/mysql/harness.ts';
import { ask } from '../../src/engines/mysql/local/client.ts';
import type { MysqlServer } from '../engines/mysql/runtime.ts';
import type { Version } from '../../src/engines/mysql/local/find.ts';
import { localMachine } from '../../src/runtime/index.ts';
import { cache } from '../support/places.ts';
import { versionsFor } from '../support/engines-mysql.ts';
import type { Subject, SubjectServer, Variables } from './subject.ts';

/** One or two day by day, more with VERSIONS=turn, as in CI, all with VERSIONS=all. */
export const subjects: readonly Subject[] = versionsFor({ versions: 'all', whole: 'moments' }, 'conformance').map(subjectOf);

function subjectOf(version: Version): Subject {
  const way = mysqlWay(localMachine(), { cache, env: process.env }, version);
  return { engine: 'mysql', version, start: way ? async () => serverOf(await way.start()) : null };
}

/** Counters of statements that change something. */
const changing = /^Com_(alter|assign|call|create|delete|drop|grant|insert|load|rename|replace|revoke|set_password|truncate|update)/;

function serverOf(server: MysqlServer): SubjectServer {
  const { host, port, password } = server;
  const root = async (sql: string) => await ask(server, sql);
  return {
    host,
    port,
    password,
    instance: (on) => ({ url: `mysql://root@${host}:${on}`, password: { env: 'ADMIN_PASSWORD' } }),
    mark: async () => {
      const rows = await root(`SHOW GLOBAL STATUS LIKE 'Com\\_%'`);
      const counts = rows.map((row) => Object.values(row).map(String)).filter(([name = '']) => changing.test(name));
      return JSON.stringify(counts);
    },
    drift: async (app) => void (await root(`ALTER USER '${app}_user'@'%' WITH MAX_USER_CONNECTIONS 3`)),
    breach: async (from, to) => void (await root(`GRANT SELECT ON \`${to}\`.* TO '${from}_user'@'%'`)),
    put: async (variables, text) => {
      await as(variables, 'CREATE TABLE IF NOT EXISTS kept (what text)');
      await as(variables, 'DELETE FROM kept');
      await as(variables, `INSERT INTO kept VALUES ('${text}')`);
    },
    get: async (variables) => {
      const there = await as(variables, `SHOW TABLES LIKE 'kept'`);
      if (there.length === 0) return null;
      const [row] = await as(variables, 'SELECT what FROM kept');
      return typeof row?.['what'] === 'string' ? row['what'] : null;
    },
    handMade: async () => {
      await root(`CREATE DATABASE legacy`);
      await root(`CREATE USER 'legacy'@'%' IDENTIFIED BY 'of old'`);
      await root(`GRANT ALL ON legacy.* TO 'legacy'@'%'`);
      return `mysql://root@${host}:${port}`;
    },
    stop: async () => await server.stop(),
    crash: async () => {
      await server.kill();
      await server.restart();
    },
    [Symbol.asyncDispose]: async () => await server.stop(),
  };
}

async function as(variables: Variables, sql: string): ReturnType<typeof ask> {
  const {
    MYSQL_HOST: host = '',
    MYSQL_PORT: port,
    MYSQL_USER: user = '',
    MYSQL_PASSWORD: password = '',
    MYSQL_DATABASE: database = '',
  } = variables;
  return await ask({ host, port: Number(port), user, password, database }, sql);
}
