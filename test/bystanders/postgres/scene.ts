import type { Client } from 'pg';
import type { PostgresServer } from '../../engines/postgres/runtime.ts';
import { envOfApp } from '../../../src/app/env.ts';
import { testProject, type TestProject } from '../../support/project.ts';
import { appsOf } from '../edit.ts';
import type { Context, Document, Held, Scene, Survey, Variables } from '../frame.ts';
import { actsOfApp, settleApp } from './apps.ts';
import { connect, type Login, send } from './session.ts';
import { type Asked, askedBy, Standing } from './standing.ts';
import { homeOf, loginsOf, ofLogin } from './owners.ts';
import { survey } from './survey.ts';
import { type Bystander, type Builder, type Line, passwordOf, type Piece, type Table } from './world.ts';

export interface Settled extends Table {
  readonly app: string;
}

const MARK = `SELECT concat_ws(' ', pg_snapshot_xmax(pg_current_snapshot()), (SELECT string_agg(slot_name, ',') FROM pg_replication_slots),
  (SELECT string_agg(gid, ',') FROM pg_prepared_xacts)) AS mark`;

/** A fresh server with everybody on it. */
export class PostgresScene implements Scene {
  readonly server: PostgresServer;
  readonly #pieces: readonly Piece[];
  readonly #builders: Readonly<Record<string, Builder>>;
  readonly #lines: Line[] = [];
  readonly bystanders: Bystander[] = [];
  readonly settled: Settled[] = [];
  /** Apps with rows among those of others, and where. */
  readonly rows = new Map<string, string>();
  /** Other projects of cotenant on the server, by name. */
  readonly projects = new Map<string, TestProject>();
  readonly #projects = new AsyncDisposableStack();
  readonly #passwords = new Map<string, string>();
  /** Databases that were seen, by name: what is in them is found again under another name. */
  readonly databases = new Map<string, string>();
  readonly standing: Standing;
  #operator: Promise<Client> | null = null;

  private constructor(server: PostgresServer, pieces: readonly Piece[], builders: Readonly<Record<string, Builder>>) {
    [this.server, this.#pieces, this.#builders] = [server, pieces, builders];
    this.standing = new Standing(server);
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

  /** It moves with every transaction that changed anything (ALTER SYSTEM apart): nothing works here on its own. Slots and prepared transactions go without one. */
  async mark(): Promise<string> {
    const operator = await this.operator();
    const { rows } = await operator.query<{ mark: string }>(MARK);
    return String(rows[0]?.mark);
  }

  async hold(context: Context): Promise<Held> {
    const open = await this.standing.only(this.sessions(context));
    return {
      ended: async () => (await this.standing.ended(open)).map(({ user }) => ({ who: user, of: ofLogin(context, user) })),
      // They stay: whoever was there before a move is there before the next one.
      [Symbol.asyncDispose]: async () => await Promise.resolve(),
    };
  }

  /** The operator's own session in the maintenance database, where nobody minds it. */
  async operator(): Promise<Client> {
    this.#operator ??= connect(this.server, this.login('postgres'));
    return await this.#operator;
  }

  async asked(): Promise<Asked> {
    return await askedBy(await this.operator());
  }

  async settle(app: string, variables: Variables, document: Document): Promise<void> {
    const { tables, lines, rows } = await settleApp(this.server, app, variables, document);
    if (rows !== undefined) this.rows.set(app, rows);
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
    await this.standing[Symbol.asyncDispose]();
    await (await this.#operator)?.end().catch(() => undefined);
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

  /** One session for each login and database; they all end with it. */
  async #run(lines: readonly Line[]): Promise<void> {
    const clients = new Map<string, Client>();
    try {
      for (const [database, sql, user] of lines) {
        const login = this.login(database, user);
        const key = JSON.stringify([database, login.user]);
        const client = clients.get(key) ?? (await connect(this.server, login));
        // The line before may have been another role.
        if (clients.has(key)) await client.query('RESET ROLE; RESET ALL');
        clients.set(key, client);
        await send(client, login, sql);
      }
    } finally {
      await Promise.all([...clients.values()].map(async (client) => await client.end()));
    }
    this.#lines.push(...lines);
  }

  /** That bystanders have open all the time. */
  sessions({ document, variables }: Context): readonly Login[] {
    const strangers = this.bystanders.flatMap(({ sessions = [] }) => sessions.map(([user, database]) => this.login(database, user)));
    const apps = appsOf(document).flatMap((app) => loginsOf(variables.get(app)));
    return [...strangers, ...apps];
  }
}
