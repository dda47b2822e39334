import { openDriver, type Row } from '../../../../src/engines/mysql/connect/connection.ts';
import { ask } from '../../../../src/engines/mysql/local/client.ts';
import type { MysqlServer } from '../runtime.ts';
import type { RunOptions } from '../../../../src/app/types.ts';
import { lossesToConfirm } from '../../../../src/model/index.ts';
import { type Applied, manifestFor, type Workplace as AnyWorkplace, workplaceIn } from '../../../support/workplace.ts';

/** Two apps and a reader of both. */
export const twoApps = manifestOf(`apps:
  shop: { uses: { main: { connections: 5 } } }
  digi_core: { uses: { main: { connections: 5 } } }
readers:
  lens: { reads: [shop, digi_core] }
`);

/** A manifest for the server that the environment of the workplace names. */
export function manifestOf(rest: string, instance = ''): string {
  return manifestFor('mysql', 'mysql://root@${MYHOST}:${MYPORT}', rest, instance);
}

export interface Workplace extends Omit<AnyWorkplace, 'apply'> {
  readonly server: MysqlServer;
  /** With every consent, losses of strangers included; destructive steps only on these names. */
  apply(confirm?: readonly string[], consent?: RunOptions['consent']): Promise<Applied>;
  /** One statement as the operator. */
  root(sql: string): Promise<readonly Row[]>;
  /** One statement as the app. */
  as(app: string, sql: string): Promise<readonly Row[]>;
}

export async function workplace(server: MysqlServer, manifest: string, more: Readonly<Record<string, string>> = {}): Promise<Workplace> {
  const place = await workplaceIn(
    manifest,
    { MYHOST: server.host, MYPORT: String(server.port), ADMIN_PASSWORD: server.password, ...more },
    (plan) => lossesToConfirm(plan).keys(),
  );
  return {
    ...place,
    server,
    apply: async (confirm = [], consent) => await place.apply({ confirm, ...(consent ? { consent } : {}) }),
    root: (sql) => ask(server, sql),
    as: async (app, sql) => await ask(loginOf(await place.reveal(app)), sql),
  };
}

export interface Login {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

export function loginOf(env: Readonly<Record<string, string>>): Login {
  const of = (name: string): string => {
    const value = env[`MYSQL_${name}`];
    if (value === undefined) throw new Error(`no MYSQL_${name}`);
    return value;
  };
  return { host: of('HOST'), port: Number(of('PORT')), user: of('USER'), password: of('PASSWORD'), database: of('DATABASE') };
}

export interface OpenSession extends AsyncDisposable {
  /** False where the server has ended it. */
  isOpen(): Promise<boolean>;
  query(sql: string): Promise<readonly Row[]>;
}

/** A session that stays open. */
export async function session(login: Login): Promise<OpenSession> {
  const driver = await openDriver({ ...login, ssl: null }, 'an app', 10_000);
  await driver.query(`USE \`${login.database.replaceAll('`', '``')}\``);
  return {
    isOpen: () =>
      driver.query('SELECT 1').then(
        () => true,
        () => false,
      ),
    query: async (sql) => {
      const [rows] = await driver.query(sql);
      return Array.isArray(rows) ? (rows as readonly Row[]) : [];
    },
    [Symbol.asyncDispose]: async () => await driver.end().catch(() => undefined),
  };
}

/** Brings a server back to where it was when it was new. */
export async function wipe(server: MysqlServer): Promise<void> {
  const databases = await ask(server, 'SELECT SCHEMA_NAME AS n FROM information_schema.SCHEMATA');
  for (const { n } of databases) {
    const name = String(n);
    if (!['mysql', 'sys', 'information_schema', 'performance_schema'].includes(name))
      await ask(server, `DROP DATABASE \`${name.replaceAll('`', '``')}\``);
  }
  const quote = (text: unknown): string => `'${String(text).replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
  const accounts = await ask(
    server,
    "SELECT User AS u, Host AS h FROM mysql.user WHERE User NOT LIKE '%.%' AND User NOT IN ('root', 'PUBLIC')",
  );
  for (const { u, h } of accounts) {
    await ask(server, server.flavor === 'mariadb' && h === '' ? `DROP ROLE ${quote(u)}` : `DROP USER ${quote(u)}@${quote(h)}`);
  }
}
