import type { Client } from 'pg';
import type { PostgresServer } from '../../../src/engines/postgres/runtime.ts';
import { envOfApp } from '../../../src/app/env.ts';
import { testProject, type TestProject } from '../../support/project.ts';
import { changeMark } from '../../support/query.ts';
import { appsOf } from '../edit.ts';
import type { Context, Document, Held, Scene, Survey, Variables } from '../frame.ts';
import { actsOfApp, settleApp } from './apps.ts';
import { connect, type Login, run } from './session.ts';
import { homeOf, loginsOf, ofLogin } from './owners.ts';
import { survey } from './survey.ts';
import { type Bystander, type Builder, type Line, passwordOf, type Piece, type Table } from './world.ts';

export interface Settled extends Table {
  readonly app: string;
}

/** A fresh server with everybody on it. */
export class PostgresScene implements Scene {
  readonly server: PostgresServer;
  readonly #pieces: readonly Piece[];
  readonly #builders: Readonly<Record<string, Builder>>;
  readonly #lines: Line[] = [];
  readonly bystanders: Bystander[] = [];
  readonly settled: Settled[] = [];
  /** Other projects of cotenant on the server, by name. */
  readonly projects = new Map<string, TestProject>();
  readonly #projects = new AsyncDisposableStack();
  readonly #passwords = new Map<string, string>();
  /** Databases that were seen, by name: what is in them is found again under another name. */
  readonly databases = new Map<string, string>();

  private constructor(server: PostgresServer, pieces: readonly Piece[], builders: Readonly<Record<string, Builder>>) {
    [this.server, this.#pieces, this.#builders] = [server, pieces, builders];
  }

  static async build(
    server: PostgresServer,
    pieces: readonly Piece[],
    builders: Readonly<Record<string, Builder>>,
  ): Promise<PostgresScene> {
    const scene = new PostgresScene(server, pieces, builders);
    for (const piece of pieces) if (piece.late !== true) await scene.#add(piece);
    return scene;
  }

  get instance(): Scene['instance'] {
    const { host, port } = this.server;
    return { engine: 'postgres', url: `postgres://postgres@${host}:${port}/postgres`, password: { env: 'ADMIN_PASSWORD' } };
  }

  get env(): Readonly<Record<string, string>> {
    return { ADMIN_PASSWORD: this.server.password };
  }

  get url(): string {
    return this.server.url;
  }

  async survey(context: Context): Promise<Survey> {
    return await survey(this, context);
  }

  async mark(): Promise<string> {
    return await changeMark(this.url);
  }

  async hold(context: Context): Promise<Held> {
    const held = await Promise.all(this.#sessions(context).map(async (login) => await this.#open(login)));
    const open = held.filter((one) => one !== null);
    return {
      ended: async () => {
        const gone = await Promise.all(open.map(async ({ user, client }) => ((await isOpen(client)) ? [] : [user])));
        return gone.flat().map((who) => ({ who, of: ofLogin(context, who) }));
      },
      [Symbol.asyncDispose]: async () =>
        void (await Promise.all(open.map(async ({ client }) => await client.end().catch(() => undefined)))),
    };
  }

  async settle(app: string, variables: Variables, document: Document): Promise<void> {
    const { tables, lines } = await settleApp(this.server, app, variables, document);
    this.settled.push(...tables.map((table) => ({ ...table, app })));
    this.#lines.push(...lines);
  }

  async hand(what: string): Promise<void> {
    const [verb = '', database = '', ...rest] = what.split(':');
    const piece = this.#pieces.find(({ id }) => id === database);
    if (verb === 'build' && piece) await this.#add(piece);
    if (verb === 'sql') await this.#run([[database, rest.join(':')]]);
  }

  script(): string {
    return this.#lines.map(([database, sql, login]) => `\\c ${database} ${login ?? 'postgres'}\n${sql};`).join('\n');
  }

  /** With the operator's own login, or somebody's whose password the world knows. */
  login(database: string, user: string = 'postgres'): Login {
    return { user, database, password: user === 'postgres' ? this.server.password : (this.#passwords.get(user) ?? passwordOf(user)) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#projects.disposeAsync();
    await this.server.stop();
  }

  async #add(piece: Piece): Promise<void> {
    const builder = this.#builders[piece.kind];
    if (!builder) throw new Error(`no bystander of the kind ${piece.kind}`);
    const bystander = builder(piece);
    await this.#run(bystander.script);
    this.bystanders.push(bystander);
    if (bystander.project) await this.#addProject(piece.id, bystander.project);
  }

  /** Another project of cotenant: what its apps do is done, and it must never find anything to do. */
  async #addProject(name: string, document: Document): Promise<void> {
    const other = this.#projects.use(
      await testProject(JSON.stringify({ cotenant: 1, project: name, ...document, instances: { main: this.instance } }), this.env),
    );
    const applied = await other.apply({ confirm: 'strangers' });
    if (applied.ending !== 'done') throw new Error(`the project ${name}: ${applied.trouble}`);
    for (const app of appsOf(document)) {
      const { variables } = await envOfApp(await other.open(), app);
      const own = Object.fromEntries(variables.map((one) => [one.name, one.value]));
      const { tables } = await settleApp(this.server, app, own, document);
      const acts = loginsOf(own).flatMap(({ user, password, database }) => {
        this.#passwords.set(user, password);
        return actsOfApp(homeOf(document, app).level, app).map(([does, sql]) => ({ login: user, database, does, sql }));
      });
      const foreign = tables.map((table) => ({ ...table, login: `${app}_user` }));
      this.bystanders.push({
        script: [],
        acts,
        things: [],
        tables: foreign,
        sessions: acts.slice(0, 1).map(({ login, database }) => [login, database]),
      });
    }
    this.projects.set(name, other);
  }

  async #run(lines: readonly Line[]): Promise<void> {
    for (const [database, sql, user] of lines) await run(this.server, this.login(database, user), sql);
    this.#lines.push(...lines);
  }

  #sessions({ document, variables }: Context): readonly Login[] {
    const strangers = this.bystanders.flatMap(({ sessions = [] }) => sessions.map(([user, database]) => this.login(database, user)));
    const apps = appsOf(document).flatMap((app) => loginsOf(variables.get(app)));
    return [...strangers, ...apps];
  }

  async #open(login: Login): Promise<{ readonly user: string; readonly client: Client } | null> {
    const client = await connect(this.server, login).catch(() => null);
    return client === null ? null : { user: login.user, client };
  }
}

async function isOpen(client: Client): Promise<boolean> {
  return await client.query('SELECT 1').then(
    () => true,
    () => false,
  );
}
