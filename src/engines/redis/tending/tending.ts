import { endAll, type Gone, type ServerLog, type Slow, type SlowAsked, type Tending } from '../../../engine/index.ts';
import type { ServerSession } from '../../../model/index.ts';
import { compile } from '../compile/compile.ts';
import type { Input } from '../compile/draft.ts';
import { type Connection, listOf } from '../connect/connection.ts';
import { errorCode } from '../connect/trouble.ts';
import { RESERVED } from '../names.ts';
import { slow } from './slow.ts';

export class RedisTending implements Tending {
  readonly #input: Input;
  readonly #logins: ReadonlyMap<string, string>;
  readonly #readers: ReadonlySet<string>;
  readonly #connection: Connection;
  readonly #operator: string;

  constructor(input: Input, connection: Connection, operator: string) {
    this.#input = input;
    const users = compile(input).resources.filter(({ address }) => address.kind === 'user');
    this.#logins = new Map(users.flatMap(({ app, address }) => (app === null ? [] : [[address.name, app] as const])));
    this.#readers = new Set(input.readers.map(({ name }) => name));
    this.#connection = connection;
    this.#operator = operator;
  }

  async sessions(): Promise<readonly ServerSession[]> {
    const list = String(await this.#connection.send('CLIENT', 'LIST'));
    return list.split('\n').flatMap((line) => this.#session(line) ?? []);
  }

  async end(sessions: readonly ServerSession[]): Promise<readonly Gone[]> {
    return await endAll(
      sessions,
      async ({ id }) => {
        await this.#connection.send('CLIENT', 'KILL', 'ID', id);
      },
      (error) => errorCode(error) !== '',
      async () => await this.sessions(),
    );
  }

  async slow(asked: SlowAsked): Promise<Slow> {
    return await slow(this.#connection, this.#input, asked);
  }

  async log(): Promise<ServerLog> {
    const [, file] = listOf(await this.#connection.send('CONFIG', 'GET', 'logfile'));
    const where = typeof file === 'string' && file !== '' ? file : null;
    return { where, lines: null, why: 'the server gives no lines of it, and they do not say which app they are about' };
  }

  /** A name that an app gives its connection counts for nothing: ours are the operator's. */
  #session(line: string): ServerSession | null {
    const field = (name: string): string => new RegExp(`(?:^| )${name}=(\\S*)`).exec(line)?.[1] ?? '';
    const [id, login] = [field('id'), field('user')];
    if (id === '') return null;
    const app = this.#logins.get(login) ?? null;
    const isOurs = login === this.#operator && field('name').startsWith(RESERVED);
    const seconds = Number(field('idle'));
    const rests = seconds > 0 || field('flags').includes('b');
    return {
      id,
      started: '',
      app,
      kind: app === null ? (isOurs ? 'cotenant' : 'other') : this.#readers.has(app) ? 'reader' : 'app',
      login,
      database: field('db'),
      from: field('addr').replace(/:\d+$/, ''),
      state: Number(field('multi') || -1) >= 0 ? 'idle in transaction' : rests ? 'idle' : 'active',
      seconds,
      transaction: null,
      waitsFor: [],
    };
  }
}
