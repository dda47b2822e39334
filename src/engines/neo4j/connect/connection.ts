import { type Access, accessOf, loginAt, lostConnection, type SessionContext, tlsFiles } from '../../../engine/index.ts';
import { DiagnosticError } from '../../../model/index.ts';
import type { Config } from '../config.ts';
import { FIRST_USER } from '../names.ts';
import { Client, type Open, type Query, type Row, type RunOptions, type Target } from './client.ts';
import { connectTrouble } from './connect-trouble.ts';
import { errorCode } from './trouble.ts';
import { UNCHECKED, urlForm } from './url-form.ts';

export type { Row, Target };

/** How many times the deadline for opening a connection an answer may take. */
const READING = 6;

type Context = Pick<SessionContext, 'deadline' | 'instance'>;

export async function targetOf(config: Config, context: SessionContext): Promise<Target> {
  return await targetAt(await accessOf(config, context, urlForm), context);
}

/** Throws CT3012 where a file for TLS cannot be used. */
async function targetAt(access: Access, context: SessionContext): Promise<Target> {
  const login = loginAt(access, FIRST_USER);
  if (UNCHECKED.includes(access.url.scheme)) return { ...login, tls: { mode: 'require', ca: null } };
  const files = await tlsFiles(access.tls, context);
  const ca = access.tls?.ca ?? null;
  const path = ca === null ? null : (context.file?.(ca).path ?? ('file' in ca ? ca.file : null));
  return { ...login, tls: files === null ? null : { mode: files.mode, ca: path } };
}

/** Connections of the operator. */
export class Connection implements AsyncDisposable {
  readonly #client: Client;
  readonly #context: Context;

  private constructor(client: Client, context: Context) {
    this.#client = client;
    this.#context = context;
  }

  /** Throws CT3001, CT3002 and their kin. */
  static async open(target: Target, context: Context): Promise<Connection> {
    const client = new Client(target, context.deadline);
    try {
      await within(client.verify(), (target.connectTimeout ?? context.deadline) * 1.5, 'no answer');
      // An expired password is let in, and sees nothing.
      await within(client.run({ text: 'SHOW CURRENT USER' }), context.deadline, 'no answer');
      return new Connection(client, context);
    } catch (error) {
      await client.close();
      throw await connectTrouble(error, target, context);
    }
  }

  /** Throws the server's refusal as it is, CT3004 where the connection is lost. */
  async run(query: Query, options?: RunOptions): Promise<readonly Row[]> {
    return await this.#answer(this.#client.run(query, options), options?.timeout === 0);
  }

  /** All of them or none, on `system`. */
  async together(queries: readonly Query[]): Promise<void> {
    await this.#answer(this.#client.together(queries));
  }

  async begin(metadata: Readonly<Record<string, string>>, timeout: number): Promise<Open> {
    return await this.#answer(this.#client.begin(metadata, timeout));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.close();
  }

  async #answer<T>(work: Promise<T>, patient = false): Promise<T> {
    const { deadline, instance } = this.#context;
    try {
      return await (patient ? work : within(work, READING * deadline, 'no answer in time'));
    } catch (error) {
      if (errorCode(error) !== '') throw error;
      throw new DiagnosticError([lostConnection(error instanceof Error ? error.message : String(error), instance)]);
    }
  }
}

export async function within<T>(work: Promise<T>, milliseconds: number, why: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(why)), milliseconds);
  });
  work.catch(() => undefined);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
