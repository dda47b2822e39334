import type { ConnectionOptions } from 'node:tls';
import {
  type Access,
  accessOf,
  type LoginAt,
  loginAt,
  lostConnection,
  nodeTls,
  type SessionContext,
  tlsFiles,
} from '../../../engine/index.ts';
import { DiagnosticError } from '../../../model/index.ts';
import { AS_BYTES, type Client, EXACT, makeClient, type Word } from './client.ts';
import type { Config } from '../config.ts';
import { connectTrouble, noServer } from './connect-trouble.ts';
import { errorCode } from './trouble.ts';
import { urlForm } from './url-form.ts';

export interface Target extends LoginAt {
  /** null: no TLS. */
  readonly tls: ConnectionOptions | null;
}

/** How many times the deadline for opening a connection an answer may take. */
const READING = 6;

export async function targetOf(config: Config, context: SessionContext): Promise<Target> {
  return await targetAt(await accessOf(config, context, urlForm), context);
}

/** Throws CT3012 where a file for TLS cannot be used. */
export async function targetAt(access: Access, context: SessionContext): Promise<Target> {
  const files = await tlsFiles(access.tls, context);
  return { ...loginAt(access, 'default'), tls: files ? nodeTls(files) : null };
}

/** One answer of a server, as RESP2 has it; an error in a list of answers stands in its place. */
export type Reply = unknown;

/** The parts of an answer that is a list; [] where it is none. */
export function listOf(reply: Reply): readonly unknown[] {
  return Array.isArray(reply) ? reply : [];
}

/** One connection of the operator. It never comes back once it is lost. */
export class Connection implements AsyncDisposable {
  readonly #client: Client;
  readonly #context: Pick<SessionContext, 'deadline' | 'instance'>;
  readonly #lost: Promise<never>;

  private constructor(client: Client, context: Pick<SessionContext, 'deadline' | 'instance'>, lost: Promise<never>) {
    this.#client = client;
    this.#context = context;
    this.#lost = lost;
  }

  /** `name`: how CLIENT LIST shows it. Throws CT3001 or CT3002. */
  static async open(target: Target, name: string, context: Pick<SessionContext, 'deadline' | 'instance'>): Promise<Connection> {
    const { user, password } = target;
    const login = password === '' && user === 'default' ? null : { user, password };
    const client = makeClient(2, { ...target, login, name, deadline: context.deadline });
    const lost = new Promise<never>((_, reject) => {
      client.on('error', (error: Error) => reject(error));
      client.on('end', () => reject(new Error('the connection was closed')));
    });
    lost.catch(() => undefined);
    try {
      await within(client.connect(), context.deadline, 'no answer');
      return new Connection(client, context, lost);
    } catch (error) {
      if (client.isOpen) client.destroy();
      throw await connectTrouble(error, target, context);
    }
  }

  get alive(): boolean {
    return this.#client.isReady;
  }

  /** Sends one command. Throws the server's refusal as it is (an Error whose first word is its code), CT3004 where the connection is lost. */
  async send(...words: readonly string[]): Promise<Reply> {
    return await this.#answer(this.#client.sendCommand([...words]));
  }

  /** Sends many commands at once. Refusals stand as Errors in their places. */
  async pipeline(commands: readonly (readonly Word[])[], as: 'text' | 'bytes' | 'exact' = 'text'): Promise<readonly Reply[]> {
    const options = as === 'text' ? undefined : as === 'bytes' ? AS_BYTES : EXACT;
    const answers = commands.map((words) => this.#client.sendCommand([...words], options).catch(refusal));
    return await this.#answer(Promise.all(answers));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#client.isOpen) this.#client.destroy();
    await Promise.resolve();
  }

  async #answer<T>(work: Promise<T>): Promise<T> {
    const { deadline, instance } = this.#context;
    try {
      return await within(Promise.race([work, this.#lost]), READING * deadline, 'no answer in time');
    } catch (error) {
      if (errorCode(error) !== '') throw error;
      throw new DiagnosticError([lostConnection(error instanceof Error ? error.message : String(error), instance)]);
    }
  }
}

/** The first connection to a server. What repeats the words of its clients would pass for one (CT3015). */
export async function openServer(
  target: Target,
  name: string,
  context: Pick<SessionContext, 'deadline' | 'instance'>,
): Promise<Connection> {
  const connection = await Connection.open(target, name, context);
  const [answer] = await connection.pipeline([['PING']]);
  if (answer === 'PONG' || answer instanceof Error) return connection;
  await connection[Symbol.asyncDispose]();
  throw noServer(target, context.instance);
}

function refusal(error: unknown): Error {
  if (error instanceof Error && errorCode(error) !== '') return error;
  throw error;
}

async function within<T>(work: Promise<T>, milliseconds: number, why: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(why)), milliseconds);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
