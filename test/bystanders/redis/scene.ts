import { createHash } from 'node:crypto';
import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Client, makeClient } from '../../../src/engines/redis/connect/client.ts';
import type { RedisServer } from '../../engines/redis/runtime.ts';
import type { Context, Document, Held, Scene, Survey, Variables } from '../frame.ts';
import { HeldSession } from './held.ts';
import { type Login, loginOf, loginsOf, ofLogin } from './owners.ts';
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
  /** Users that were given more in memory only. */
  readonly changed = new Set<string>();
  readonly #lines: string[] = [];
  #operator: Promise<Client> | null = null;

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
    return await this.in(0, ...words);
  }

  /** One connection of the operator for all: it is in another database only for one command. */
  async in(database: number, ...words: readonly string[]): Promise<unknown> {
    const client = await (this.#operator ??= this.#open({ user: 'admin', password: this.server.password }));
    if (database === 0) return await client.sendCommand([...words]);
    const [, answer] = await Promise.all([
      client.sendCommand(['SELECT', String(database)]),
      client.sendCommand([...words]),
      client.sendCommand(['SELECT', '0']),
    ]);
    return answer;
  }

  async survey(context: Context): Promise<Survey> {
    return await survey(this, context);
  }

  async mark(): Promise<string> {
    const info = String(await this.admin('INFO', 'everything'));
    const moves = info.match(/^(?:db\d+|rdb_changes_since_last_save|number_of_\w+):.*$/gm) ?? [];
    return createHash('sha256')
      .update(String(await this.admin('ACL', 'LIST')))
      .update(moves.join('\n'))
      .update(String(await this.admin('CONFIG', 'GET', 'max*')))
      .update(await readFile(this.file))
      .digest('hex');
  }

  /** Each login with a session that does nothing, and strangers in the middle of what they do. */
  async hold(context: Context): Promise<Held> {
    const strangers = this.pieces
      .filter((piece) => !isSwitchedOff(piece))
      .flatMap((piece) => ['', ...(piece.holds ?? [])].map((command) => ({ login: this.login(piece), command })));
    const apps = [...context.variables.values()].flatMap((own) => loginsOf(own).map((login) => ({ login, command: '' })));
    const opened = await Promise.all(
      [...strangers, ...apps].map(async ({ login, command }) => await HeldSession.open(this.server, login, command)),
    );
    const held = opened.filter((one) => one !== null);
    const list = String(await this.admin('CLIENT', 'LIST'));
    for (const one of held) one.note(list);
    return {
      ended: async () => {
        const now = String(await this.admin('CLIENT', 'LIST'));
        const gone = new Set(held.filter((one) => !one.isAsBefore(now)).map(({ user }) => user));
        return [...gone].map((who) => ({ who, of: ofLogin(context, who) }));
      },
      [Symbol.asyncDispose]: async () => {
        for (const one of held) one.close();
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

  /**
   * A command, after which the users are saved; `MEMORY` and one after which they are not; `FILE` and a line that somebody
   * writes into the file of users; `RESTART`.
   */
  async hand(what: string): Promise<void> {
    this.#lines.push(what);
    if (what === 'RESTART') {
      await this.admin('SAVE');
      (await this.#operator)?.destroy();
      this.#operator = null;
      await this.server.restart();
      // Redis 7.0 tells rules in other words after it has read them.
      await this.admin('ACL', 'SAVE');
    } else if (what.startsWith('FILE ')) await appendFile(this.file, `${what.slice('FILE '.length)}\n`);
    else if (what.startsWith('MEMORY ')) {
      const words = wordsOf(what.slice('MEMORY '.length));
      // What it has more by this a save makes last: a warning says so, and it is nobody's loss.
      if (words.some((word) => /^[+~&(%]/.test(word))) this.changed.add(words[2] ?? '');
      await this.admin(...words);
    } else {
      await this.admin(...wordsOf(what));
      if (what.startsWith('ACL ')) await this.admin('ACL', 'SAVE');
    }
  }

  /** Where the server keeps its users. */
  get file(): string {
    return join(this.server.dataDir, 'users.acl');
  }

  script(): string {
    return this.#lines.join('\n');
  }

  login(piece: Piece): Login {
    return { user: piece.user, password: passwordOf(piece.user), database: piece.database ?? 0 };
  }

  /** `default` comes without a login. */
  async connect({ user, password, database }: Login): Promise<Client> {
    const client = await this.#open(user === NOBODY ? null : { user, password });
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
    (await this.#operator)?.destroy();
    await this.server.stop();
  }

  async #open(login: { readonly user: string; readonly password: string } | null): Promise<Client> {
    const { host, port } = this.server;
    const client = makeClient(2, { host, port, tls: null, login, deadline: 10_000 });
    await client.connect();
    return client;
  }

  async #add(piece: Piece): Promise<void> {
    const { user, rules, project, keys, database = 0, made = [] } = piece;
    const state = isSwitchedOff(piece) ? [] : ['on'];
    const password = needsNoPassword(piece) ? [] : [`>${passwordOf(user)}`];
    const { marked = `access=prefix:prefix=${encodeURIComponent(`${user}:`)}` } = piece;
    const mark = project === undefined ? [] : [`(~cotenant:project=${project}:app=${user}:${marked})`];
    const words = ['ACL', 'SETUSER', user, 'reset', ...state, ...password, ...wordsOf(rules), ...mark];
    this.#lines.push(words.join(' '));
    await this.admin(...words);
    for (const key of keys) await this.in(database, 'SET', key, KEPT);
    for (const command of made) {
      this.#lines.push(command.join(' '));
      await this.in(database, ...command);
    }
  }
}
