import { createHash } from 'node:crypto';
import { type Client, makeClient } from '../../../src/engines/redis/client.ts';
import { ask } from '../../../src/engines/redis/runtime-client.ts';
import type { RedisServer } from '../../../src/engines/redis/runtime.ts';
import type { Context, Document, Held, Scene, Survey, Variables } from '../frame.ts';
import { type Login, loginOf, ofLogin } from './owners.ts';
import { survey } from './survey.ts';
import { isSwitchedOff, KEPT, needsNoPassword, NOBODY, passwordOf, type Piece, wordsOf } from './world.ts';

/** Of an app that moved in: a key with a value. */
export interface Settled {
  readonly app: string;
  readonly key: string;
  readonly database: number;
}

/** A fresh server with everybody on it. */
export class RedisScene implements Scene {
  readonly server: RedisServer;
  readonly pieces: readonly Piece[];
  readonly settled: Settled[] = [];
  readonly #lines: string[] = [];

  private constructor(server: RedisServer, pieces: readonly Piece[]) {
    [this.server, this.pieces] = [server, pieces];
  }

  static async build(server: RedisServer, pieces: readonly Piece[]): Promise<RedisScene> {
    const scene = new RedisScene(server, pieces);
    for (const piece of pieces) await scene.#add(piece);
    if (pieces.length > 0) await scene.admin('ACL', 'SAVE');
    return scene;
  }

  get instance(): Scene['instance'] {
    return { engine: 'redis', url: `redis://admin@${this.server.host}:${this.server.port}`, password: { env: 'ADMIN_PASSWORD' } };
  }

  get env(): Readonly<Record<string, string>> {
    return { ADMIN_PASSWORD: this.server.password };
  }

  get url(): string {
    return this.server.url;
  }

  async admin(...words: readonly string[]): Promise<unknown> {
    return await ask(this.server, ...words);
  }

  async in(database: number, ...words: readonly string[]): Promise<unknown> {
    return await ask({ ...this.server, database }, ...words);
  }

  async survey(context: Context): Promise<Survey> {
    return await survey(this, context);
  }

  async mark(): Promise<string> {
    const info = String(await this.admin('INFO', 'keyspace'));
    return createHash('sha256')
      .update(String(await this.admin('ACL', 'LIST')))
      .update(info)
      .update(String(await this.admin('CONFIG', 'GET', 'max*')))
      .digest('hex');
  }

  async hold(context: Context): Promise<Held> {
    const strangers = this.pieces.filter((piece) => !isSwitchedOff(piece)).map((piece) => this.login(piece));
    const apps = [...context.variables.values()].map(loginOf);
    const held = await Promise.all(
      [...strangers, ...apps].map(async (login) => ({ login, client: await this.connect(login).catch(() => null) })),
    );
    const isOpen = async (client: Client): Promise<boolean> =>
      await client.sendCommand(['PING']).then(
        () => true,
        (error: unknown) => String(error).includes('NOPERM'),
      );
    return {
      ended: async () => {
        const gone = await Promise.all(
          held.map(async ({ login, client }) => (client === null || (await isOpen(client)) ? [] : [login.user])),
        );
        return gone.flat().map((who) => ({ who, of: ofLogin(context, who) }));
      },
      [Symbol.asyncDispose]: async () => {
        for (const { client } of held) if (client?.isOpen === true) client.destroy();
        await Promise.resolve();
      },
    };
  }

  async settle(app: string, variables: Variables, _document: Document): Promise<void> {
    const { database } = loginOf(variables);
    const key = `${variables['REDIS_KEY_PREFIX'] ?? ''}data`;
    await this.in(database, 'SET', key, `of ${app}`);
    this.settled.push({ app, key, database });
  }

  async hand(what: string): Promise<void> {
    this.#lines.push(what);
    await this.admin(...wordsOf(what));
  }

  script(): string {
    return this.#lines.join('\n');
  }

  login(piece: Piece): Login {
    return { user: piece.user, password: passwordOf(piece.user), database: piece.database ?? 0 };
  }

  /** `default` comes without a login. */
  async connect({ user, password, database }: Login): Promise<Client> {
    const { host, port } = this.server;
    const login = user === NOBODY ? null : { user, password };
    const client = makeClient(2, { host, port, tls: false, tlsVerify: true, login, deadline: 10_000 });
    await client.connect();
    // The server lets a socket in before it asks who it is.
    await client.sendCommand(['PING']).catch((error: unknown) => {
      if (!String(error).includes('NOAUTH')) return;
      client.destroy();
      throw error;
    });
    if (database !== 0) await client.sendCommand(['SELECT', String(database)]);
    return client;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.stop();
  }

  async #add(piece: Piece): Promise<void> {
    const { user, rules, project, keys, database = 0 } = piece;
    const state = isSwitchedOff(piece) ? [] : ['on'];
    const password = needsNoPassword(piece) ? [] : [`>${passwordOf(user)}`];
    const mark =
      project === undefined ? [] : [`(~cotenant:project=${project}:app=${user}:access=prefix:prefix=${encodeURIComponent(`${user}:`)})`];
    const words = ['ACL', 'SETUSER', user, 'reset', ...state, ...password, ...wordsOf(rules), ...mark];
    this.#lines.push(words.join(' '));
    await this.admin(...words);
    for (const key of keys) await this.in(database, 'SET', key, KEPT);
  }
}
