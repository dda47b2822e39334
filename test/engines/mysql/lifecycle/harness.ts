import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type CliResult, type RunningCli, runCli, startCli } from '../../../support/cli.ts';
import { cache } from '../../../support/places.ts';
import { tempDir } from '../../../support/temp-dir.ts';
import { applyProject } from '../../../../src/app/apply.ts';
import { envOfApp } from '../../../../src/app/env.ts';
import { planProject } from '../../../../src/app/plan.ts';
import { openProject } from '../../../../src/app/project.ts';
import { restoreApp } from '../../../../src/app/restore.ts';
import { statusProject } from '../../../../src/app/status.ts';
import type { EventBody, RunOptions, Ending, PlanOutcome, StatusOutcome } from '../../../../src/app/types.ts';
import { type Diagnostic, type Plan, lossesToConfirm } from '../../../../src/model/index.ts';
import { openDriver, type Row } from '../../../../src/engines/mysql/connection.ts';
import type { MysqlServer } from '../../../../src/engines/mysql/local/runtime.ts';
import { ask } from '../../../../src/engines/mysql/local/client.ts';

/** Two apps and a reader of both. */
export const twoApps = manifestOf(`apps:
  shop: { uses: { main: { connections: 5 } } }
  digi_core: { uses: { main: { connections: 5 } } }
readers:
  lens: { reads: [shop, digi_core] }
`);

/** A manifest for the server that the environment of the workplace names. */
export function manifestOf(rest: string, instance = ''): string {
  return `cotenant: 1
project: life
instances:
  main:
    engine: mysql
    url: mysql://root@\${MYHOST}:\${MYPORT}
    password: { env: ADMIN_PASSWORD }
${instance}${rest}`;
}

/** What an apply in this process came to. */
export interface Applied {
  readonly ending: Ending | null;
  readonly diagnostics: readonly Diagnostic[];
}

/** A folder with a manifest, from which the CLI is run as a process, or the same use cases in this one, which is faster. */
export interface Workplace extends AsyncDisposable {
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  readonly server: MysqlServer;
  write(manifest: string): Promise<void>;
  cli(...args: readonly string[]): Promise<CliResult>;
  start(...args: readonly string[]): RunningCli;
  /** With every consent; destructive steps only on these names. */
  apply(confirm?: readonly string[], consent?: () => Promise<boolean>): Promise<Applied>;
  restore(app: string): Promise<Applied>;
  plan(): Promise<PlanOutcome>;
  status(): Promise<StatusOutcome>;
  /** What `env --reveal` gives. */
  reveal(app: string): Promise<Readonly<Record<string, string>>>;
  /** One statement as the operator. */
  root(sql: string): Promise<readonly Row[]>;
  /** One statement as the app. */
  as(app: string, sql: string): Promise<readonly Row[]>;
}

export async function workplace(server: MysqlServer, manifest: string): Promise<Workplace> {
  const folder = await tempDir();
  const env = { MYHOST: server.host, MYPORT: String(server.port), ADMIN_PASSWORD: server.password, XDG_CACHE_HOME: cache };
  const write = async (text: string): Promise<void> => await writeFile(join(folder.path, 'cotenant.yaml'), text);
  const open = () => openProject({ cwd: folder.path, env });
  await write(manifest);
  const reveal = async (app: string): Promise<Readonly<Record<string, string>>> => {
    const { variables } = await envOfApp(await open(), app);
    return Object.fromEntries(variables.map(({ name, value }) => [name, value]));
  };
  return {
    folder: folder.path,
    env,
    server,
    write,
    cli: (...args) => runCli(args, { cwd: folder.path, env }),
    start: (...args) => startCli(args, { cwd: folder.path, env }),
    apply: async (confirm = [], consent) =>
      await outcomeOf(applyProject(await open(), { ...consenting(confirm), ...(consent ? { consent } : {}) })),
    restore: async (app) => await outcomeOf(restoreApp(await open(), app, consenting([]))),
    plan: async () => await planProject(await open()),
    status: async () => await statusProject(await open()),
    reveal,
    root: (sql) => ask(server, sql),
    as: async (app, sql) => await ask(loginOf(await reveal(app)), sql),
    [Symbol.asyncDispose]: async () => await folder[Symbol.asyncDispose](),
  };
}

/** Agrees to everything but the end of data, losses of strangers included. */
function consenting(names: readonly string[]): RunOptions {
  const confirm = [...names];
  const consent = (plan: Plan): Promise<boolean> => {
    confirm.push(...lossesToConfirm(plan).keys());
    return Promise.resolve(true);
  };
  return { lockTimeout: 60_000, consent, confirm };
}

async function outcomeOf(events: AsyncIterable<EventBody>): Promise<Applied> {
  let ending: Ending | null = null;
  const diagnostics: Diagnostic[] = [];
  for await (const event of events) {
    if (event.type === 'planned') diagnostics.push(...event.outcome.plan.diagnostics);
    if (event.type === 'diagnostic') diagnostics.push(event.diagnostic);
    if (event.type === 'step' && event.result.diagnostic) diagnostics.push(event.result.diagnostic);
    if (event.type === 'result') ending = event.ending;
  }
  return { ending, diagnostics };
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
