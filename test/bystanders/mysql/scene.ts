import type { Connection } from 'mysql2/promise';
import { envOfApp } from '../../../src/app/env.ts';
import type { MysqlServer } from '../../engines/mysql/runtime.ts';
import { testProject, type TestProject } from '../../support/project.ts';
import { appsOf, valueAt } from '../edit.ts';
import type { Context, Document, Held, Scene, Survey, Variables } from '../frame.ts';
import { actsOfApp, settleApp } from './apps.ts';
import { loginsOf, ofAccount, residentOf, tenantOf } from './owners.ts';
import { cleaned } from './reset.ts';
import type { Right } from './rights.ts';
import { attempt, connect, isOpen, nameOf, rows, settings } from './session.ts';
import { foreignTables, survey } from './survey.ts';
import { type Builder, type Bystander, keyOf, type Line, type Login, type Piece, text } from './world.ts';

/** A server with everybody on it. It is one for many worlds, and is made new after each. */
export class MysqlScene implements Scene {
  readonly server: MysqlServer;
  readonly root: Connection;
  readonly flavor: 'mysql' | 'mariadb';
  readonly #pieces: readonly Piece[];
  readonly #builders: Readonly<Record<string, Builder>>;
  readonly #lines: Line[] = [];
  readonly bystanders: Bystander[] = [];
  /** Tables that somebody has. */
  readonly tables: { readonly database: string; readonly name: string }[] = [];
  readonly projects = new Map<string, TestProject>();
  readonly #projects = new AsyncDisposableStack();
  /** Sessions that are open all the time. */
  readonly #held = new Map<string, { readonly login: Login; readonly me: string; readonly client: Connection }>();
  /** Every right that somebody ever had here, by its words. */
  readonly rights = new Map<string, { readonly key: string; readonly right: Right }>();
  /** Rights of tenants that no manifest explains, which were seen already. */
  readonly beyond = new Set<string>();
  looked = false;
  /** Mandatory roles, as `name@host`. */
  mandatory: readonly string[] = [];
  /** What everybody has by rows without a user. */
  everybody: readonly Right[] = [];

  private constructor(server: MysqlServer, root: Connection, pieces: readonly Piece[], builders: Readonly<Record<string, Builder>>) {
    [this.server, this.root, this.flavor, this.#pieces, this.#builders] = [server, root, server.flavor, pieces, builders];
  }

  static async build(server: MysqlServer, pieces: readonly Piece[], builders: Readonly<Record<string, Builder>>): Promise<MysqlScene> {
    const root = await connect(server, { user: 'root', host: '', password: server.password });
    const scene = new MysqlScene(server, root, pieces, builders);
    try {
      await cleaned(root, server.flavor);
      for (const piece of pieces) if (piece.late !== true) await scene.#add(piece);
      return scene;
    } catch (error) {
      await scene[Symbol.asyncDispose]();
      throw error;
    }
  }

  get instance(): Scene['instance'] {
    return { engine: 'mysql', url: `mysql://root@${this.server.host}:${this.server.port}`, password: { env: 'MYSQL_ROOT_PASSWORD' } };
  }

  get env(): Readonly<Record<string, string>> {
    return { MYSQL_ROOT_PASSWORD: this.server.password };
  }

  get url(): string {
    return `mysql://root@${this.server.host}:${this.server.port}`;
  }

  async survey(context: Context): Promise<Survey> {
    await this.#lookAround();
    return await survey(this, context);
  }

  /** Statements that change something, as the server counts them: those that were refused as well. */
  async mark(): Promise<string> {
    const counted = await rows(this.root, "SHOW GLOBAL STATUS LIKE 'Com\\_%'");
    const quiet = /^Com_(?:select|show_|set_option|begin|commit|rollback|change_db|stmt_|prepare|execute|dealloc|admin_|empty_query|xa_)/i;
    const set = [await settings(this.root), this.flavor === 'mariadb' ? await rows(this.root, 'SELECT default_role FROM mysql.user') : []];
    return JSON.stringify([counted.filter((row) => !quiet.test(String(row['Variable_name']))), set]);
  }

  async hold(context: Context): Promise<Held> {
    for (const login of this.#logins(context)) await this.#open(login);
    return {
      ended: async () => {
        const gone: { readonly login: Login; readonly me: string }[] = [];
        for (const [key, { login, me, client }] of this.#held) {
          if (await isOpen(client)) continue;
          this.#held.delete(key);
          gone.push({ login, me });
        }
        return gone.map(({ login, me }) => ({ who: me, of: tenantOf(context, login.user) ?? ofAccount(context, login) }));
      },
      [Symbol.asyncDispose]: async () => await Promise.resolve(),
    };
  }

  async settle(app: string, variables: Variables, document: Document): Promise<void> {
    const [login] = loginsOf(variables);
    // From here another account of an adopted login may fit better than the one that was made.
    const door = login ? await connect(this.server, login).catch(() => null) : null;
    door?.destroy();
    if (!login || !door) return;
    this.#lines.push(...(await settleApp(this.server, this.#operator, app, variables, document)));
    await this.#lookAround();
    // Somebody who was not there before has gained nothing that anybody could miss: what is others' is closed from the first day on.
    const client = await connect(this.server, login);
    const context: Context = { document, former: [], variables: new Map() };
    // What everybody has is left where the manifest says so, and told.
    const isWarned = valueAt(document, ['instances', 'main', 'perimeter']) === 'warn';
    // A database of nobody's app may be open to everybody.
    const names = foreignTables(this, context, app, (database) => residentOf(context, database) !== null);
    for (const name of names) {
      const { works } = await attempt(client, [`SELECT 1 FROM ${name} LIMIT 1`]);
      if (works && !isWarned) throw new Error(`the new app ${app} reads ${name}`);
    }
    client.destroy();
  }

  async hand(what: string): Promise<void> {
    const [verb = '', ...rest] = what.split(':');
    const piece = this.#pieces.find(({ id }) => id === rest[0]);
    if (verb === 'build' && piece) await this.#add(piece);
    if (verb === 'kill')
      for (const { ID } of await rows(this.root, `SELECT ID FROM information_schema.PROCESSLIST WHERE USER = ${text(rest[0] ?? '')}`))
        await this.root.query(`KILL ${String(ID)}`);
    if (verb === 'sql') for (const sql of rest.join(':').split(';; ')) await this.#run([[sql]]);
  }

  script(): string {
    return this.#lines.map(([sql, login]) => `${login ? `-- as ${keyOf(login)}\n` : ''}${sql};`).join('\n');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { client } of this.#held.values()) client.destroy();
    await this.#projects.disposeAsync();
    await cleaned(this.root, this.flavor);
    this.root.destroy();
  }

  get #operator(): Login {
    return { user: 'root', host: '', password: this.server.password };
  }

  async #lookAround(): Promise<void> {
    const found = await rows(
      this.root,
      "SELECT TABLE_SCHEMA AS d, TABLE_NAME AS n FROM information_schema.TABLES WHERE TABLE_SCHEMA NOT IN ('mysql', 'sys', 'information_schema', 'performance_schema', 'cotenant')",
    );
    this.tables.splice(0, this.tables.length, ...found.map((row) => ({ database: String(row['d']), name: String(row['n']) })));
    if (this.flavor === 'mysql') {
      const [named] = await rows(this.root, 'SELECT @@GLOBAL.mandatory_roles AS r');
      const list = named?.['r'];
      this.mandatory = (typeof list === 'string' ? list : '')
        .split(',')
        .flatMap((one) => (one === '' ? [] : [`${one.replaceAll(/[`'" ]/g, '').replace(/@%$/, '')}@%`]));
    }
    const open = await rows(this.root, "SELECT Db AS d, Select_priv AS s, Insert_priv AS i FROM mysql.db WHERE User = ''");
    this.everybody = open.flatMap((row) =>
      (['s', 'i'] as const)
        .filter((one) => row[one] === 'Y')
        .map((one) => ({ privilege: one === 's' ? 'SELECT' : 'INSERT', on: `\`${String(row['d'])}\`.*` })),
    );
  }

  async #add(piece: Piece): Promise<void> {
    const builder = this.#builders[piece.kind];
    if (!builder) throw new Error(`no bystander of the kind ${piece.kind}`);
    const bystander = builder(piece, { flavor: this.flavor });
    await this.#run(bystander.script);
    this.bystanders.push(bystander);
    if (bystander.project) await this.#addProject(piece.id, bystander.project);
  }

  /** Another project of cotenant: what its apps do is done, and it must never find anything to do. */
  async #addProject(name: string, document: Document): Promise<void> {
    const yaml = JSON.stringify({ cotenant: 1, project: name, ...document, instances: { main: this.instance } });
    const other = this.#projects.use(await testProject(yaml, this.env));
    const { ending, trouble } = await other.apply({ confirm: 'strangers' });
    if (ending !== 'done') throw new Error(`the project ${name}: ${trouble}`);
    for (const app of appsOf(document)) {
      const { variables } = await envOfApp(await other.open(), app);
      const own = Object.fromEntries(variables.map((one) => [one.name, one.value]));
      this.#lines.push(...(await settleApp(this.server, this.#operator, app, own, document)));
      const [login] = loginsOf(own);
      if (login) this.bystanders.push({ script: [], logins: [login], acts: actsOfApp(document, app, login) });
    }
    this.projects.set(name, other);
  }

  async #run(lines: readonly Line[]): Promise<void> {
    for (const [sql, login] of lines) {
      const client = login ? await connect(this.server, login) : this.root;
      try {
        await client.query(sql);
      } catch (error) {
        throw new Error(`${login ? keyOf(login) : 'root'}: ${sql}`, { cause: error });
      } finally {
        if (login) client.destroy();
      }
    }
    this.#lines.push(...lines);
  }

  #logins({ document, variables }: Context): readonly Login[] {
    const apps = appsOf(document).flatMap((app) => loginsOf(variables.get(app)).slice(0, 1));
    return [...this.bystanders.flatMap(({ logins }) => logins), ...apps];
  }

  async #open(login: Login): Promise<void> {
    const key = `${keyOf(login)} ${login.from ?? ''}`;
    const there = this.#held.get(key);
    if (there && (await isOpen(there.client))) return;
    this.#held.delete(key);
    const client = await connect(this.server, login).catch(() => null);
    // An app's login has an account for each host; a loss names the one that let it in.
    if (client) this.#held.set(key, { login, me: await nameOf(client), client });
  }
}
