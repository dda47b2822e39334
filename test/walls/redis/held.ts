import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import type { Mutation } from './mutations.ts';

/** A connection that began something while its user might, and is still there. */
export interface Held {
  readonly user: string;
  /** What it says after its login. */
  readonly begin: readonly string[];
  /** Commands of the operator afterwards. */
  readonly after: readonly (readonly string[])[];
}

const give = (user: string, ...words: readonly string[]): readonly string[] => ['ACL', 'SETUSER', user, 'on', '>judge', ...words];
const take = (user: string, ...words: readonly string[]): readonly string[] => ['ACL', 'SETUSER', user, ...words];

/** The server looks at a user's rights at each command, at its switch when it comes in, and at what is begun never again. */
export const held: readonly Mutation[] = ['web', 'fresh'].flatMap((user): readonly Mutation[] => [
  {
    id: `a MONITOR of ${user} that may not any more`,
    commands: [give(user, '+monitor')],
    held: { user, begin: ['MONITOR'], after: [take(user, '-monitor')] },
  },
  {
    id: `a MONITOR of ${user}, which is switched off`,
    commands: [give(user, '+monitor')],
    held: { user, begin: ['MONITOR'], after: [take(user, 'off')] },
  },
  {
    id: `a session of ${user}, which is switched off`,
    commands: [give(user, '~r_b:*', '+get')],
    held: { user, begin: ['PING'], after: [take(user, 'off')] },
  },
  {
    id: `a session of ${user} with everything, which is switched off`,
    commands: [give(user, 'allkeys', '+@all')],
    held: { user, begin: ['PING'], after: [take(user, 'off')] },
  },
  {
    id: `a session of ${user} with nothing, which is switched off`,
    commands: [give(user, '+ping')],
    held: { user, begin: ['PING'], after: [take(user, 'off')] },
  },
]);

/** The bare socket of such a connection: what the server says on it is looked through as it is. */
export class HeldSession {
  readonly #socket: Socket;
  #heard = '';

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => (this.#heard += text));
    socket.on('error', () => undefined);
  }

  static async open({ host, port }: { readonly host: string; readonly port: number }, { user, begin }: Held): Promise<HeldSession> {
    const socket = connect(port, host);
    await once(socket, 'connect');
    const session = new HeldSession(socket);
    await session.#say(['AUTH', user, 'judge']);
    await session.#say(begin);
    return session;
  }

  /** What it hears of the victim, by a command of its own or by one of the victim's. */
  async hears(victims: () => Promise<void>): Promise<boolean> {
    this.#heard = '';
    await victims();
    await this.#say(['GET', 'r_b:secret']).catch(() => undefined);
    return this.#heard.includes('canary-r_b');
  }

  end(): void {
    this.#socket.destroy();
  }

  async #say(words: readonly string[]): Promise<void> {
    if (this.#socket.destroyed) return;
    const answered = once(this.#socket, 'data', { signal: AbortSignal.timeout(1000) }).catch(() => undefined);
    this.#socket.write(`*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`);
    await answered;
  }
}
