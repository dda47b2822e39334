import { connect, type Socket } from 'node:net';
import type { RedisServer } from '../../engines/redis/runtime.ts';
import type { Login } from './owners.ts';
import { NOBODY, wordsOf } from './world.ts';

/** What can be seen of a session from outside. */
interface State {
  readonly id: string;
  /** Channels and patterns that it listens to. */
  readonly listens: number;
  /** It watches every command, is told of keys, or waits for something. */
  readonly flags: readonly string[];
}

/** A session that is in the middle of something, over a socket of its own: nothing reads it, and nothing connects it again. */
export class HeldSession {
  readonly user: string;
  readonly #socket: Socket;
  #before: State | null = null;

  private constructor(user: string, socket: Socket) {
    [this.user, this.#socket] = [user, socket];
  }

  /** null: it is not let in. `command`: what it begins, '' for nothing. */
  static async open({ host, port }: RedisServer, { user, password, database }: Login, command: string): Promise<HeldSession | null> {
    const socket = connect({ host, port });
    socket.on('error', () => undefined);
    const login = user === NOBODY ? [] : ['AUTH', user, password];
    const first = await said(socket, ['HELLO', '3', ...login]);
    if (first.startsWith('-')) {
      socket.destroy();
      return null;
    }
    if (database !== 0) await said(socket, ['SELECT', String(database)]);
    if (command !== '') await said(socket, wordsOf(command), /^(?:BL|BR)|BLOCK/.test(command) ? 15 : 2000);
    return new HeldSession(user, socket);
  }

  /** The address that CLIENT LIST shows. */
  get port(): number {
    return this.#socket.localPort ?? 0;
  }

  note(list: string): void {
    this.#before = stateIn(list, this.port);
  }

  isAsBefore(list: string): boolean {
    const [before, now] = [this.#before, stateIn(list, this.port)];
    if (before === null) return true;
    return now !== null && now.id === before.id && now.listens >= before.listens && before.flags.every((flag) => now.flags.includes(flag));
  }

  close(): void {
    this.#socket.destroy();
  }
}

/** The first piece of the answer; '' where there is none in time. */
async function said(socket: Socket, words: readonly string[], patience = 5000): Promise<string> {
  return await new Promise((resolve) => {
    const end = (text: string): void => {
      clearTimeout(timer);
      socket.off('data', hear).off('close', gone);
      resolve(text);
    };
    const hear = (data: Buffer): void => end(data.toString());
    const gone = (): void => end('-closed');
    const timer = setTimeout(() => end(''), patience);
    socket.on('data', hear).on('close', gone);
    socket.write(`*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`);
  });
}

const WATCHED = 'OtBb';

function stateIn(list: string, port: number): State | null {
  const line = list.split('\n').find((one) => new RegExp(` addr=\\S+:${port} `).test(one));
  if (line === undefined) return null;
  const field = (name: string): string => new RegExp(`(?:^| )${name}=(\\S*)`).exec(line)?.[1] ?? '';
  return {
    id: field('id'),
    listens: Number(field('sub')) + Number(field('psub')),
    flags: [...field('flags')].filter((flag) => WATCHED.includes(flag)),
  };
}
