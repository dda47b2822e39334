import pg from 'pg';
import {
  type Access,
  accessOf,
  isLoopback,
  type LoginAt,
  loginAt,
  lostConnection,
  nodeTls,
  type SessionContext,
  tlsFiles,
} from '../../../engine/index.ts';
import { DiagnosticError } from '../../../model/index.ts';
import { requireBinding } from './binding.ts';
import type { Config } from '../config.ts';
import { openQuietly, type Quiet } from './quiet.ts';
import { connectWithKeys } from './scram-cache.ts';
import { connectTrouble, IN_CLEAR, pooler } from './connect-trouble.ts';
import { expected } from './trouble.ts';
import { urlForm } from './url-form.ts';

/** Milliseconds for a goodbye: a server that is gone does not answer it. */
const GOODBYE = 2000;
/** How many times the deadline for opening a connection a reading may take. More than a wait for a lock, by default. */
const READING = 6;

/** Where and as whom; the password is never part of anything that is printed. */
export interface Target extends LoginAt {
  readonly database: string;
  readonly ssl: pg.ClientConfig['ssl'];
  /** The login has to be bound to the TLS of the connection (SCRAM-SHA-256-PLUS), as `channel_binding=require` has it. */
  readonly enableChannelBinding?: boolean;
}

export async function targetOf(config: Config, context: SessionContext): Promise<Target> {
  return await targetAt(await accessOf(config, context, urlForm), context);
}

/** Throws CT3012 where a file for TLS cannot be used. */
export async function targetAt(access: Access, context: SessionContext): Promise<Target> {
  const files = await tlsFiles(access.tls, context);
  const { database, said } = access.url;
  return {
    ...loginAt(access, 'postgres'),
    database: database ?? 'postgres',
    ssl: files ? nodeTls(files) : false,
    ...(said.channelBinding ? { enableChannelBinding: true } : {}),
  };
}

export interface Opening {
  readonly database: string;
  /** How the server's own lists show the connection. */
  readonly name: string;
  /** True where it is only read on: an answer that does not come counts as a lost connection. */
  readonly reading?: boolean;
  /** An app's own session, with its own search path and settings, as its tools have it. */
  readonly plain?: true;
}

/** aclitem[], which the driver leaves as text. */
const ACCESS_LIST = 1034;
const parserOf: (type: number, format?: 'text' | 'binary') => (text: string) => unknown = pg.types.getTypeParser;
const textArray = parserOf(1009) as (text: string) => string[];
const lists = new Map<string, readonly string[]>();

/** Objects that are alike have equal access lists: each is taken apart once. */
function accessList(text: string): readonly string[] {
  const known = lists.get(text);
  if (known) return known;
  const parsed: readonly string[] = Object.freeze(textArray(text));
  if (lists.size >= 10_000) lists.clear();
  lists.set(text, parsed);
  return parsed;
}

const types: NonNullable<pg.ClientConfig['types']> = {
  getTypeParser: (type: number, format?: 'text' | 'binary') => (type === ACCESS_LIST ? accessList : parserOf(type, format)),
};

/** How long a statement of the operator waits for a lock. */
export const LOCK_TIMEOUT = '30s';

/**
 * One connection of the operator. Its search path is pinned before the server reads a single setting that a tenant could have
 * planted, and event triggers are off where that can be.
 */
export class Connection implements AsyncDisposable {
  readonly #client: pg.Client;
  readonly #parameters = new Map<string, string>();
  readonly #lost: Promise<never>;
  readonly #instance: string;
  /** The process that the server named when it let us in. */
  #announced: number | null = null;
  #open = true;
  /** How many statements of the last message the server finished: says which one failed. */
  completed = 0;
  /** What of event triggers runs here. */
  readonly quiet: Quiet;
  /** What the server warned of in the last message, as a REVOKE that revoked nothing. */
  readonly warnings: string[] = [];

  private constructor(client: pg.Client, instance: string, quiet: Quiet) {
    this.#client = client;
    this.#instance = instance;
    this.quiet = quiet;
    this.#lost = new Promise((_, reject) => {
      const lost = (error: Error): void => {
        this.#open = false;
        reject(error);
      };
      client.on('error', lost);
      client.on('end', () => lost(new Error('the connection was closed')));
    });
    this.#lost.catch(() => undefined);
    client.connection.on('commandComplete', () => {
      this.completed += 1;
    });
    client.on('notice', ({ severity, message }) => {
      if (severity === 'WARNING' && message !== undefined) this.warnings.push(message);
    });
    client.connection.on('backendKeyData', ({ processID }: { processID: number }) => {
      this.#announced = processID;
    });
    client.connection.on('parameterStatus', (message: { parameterName: string; parameterValue: string }) => {
      this.#parameters.set(message.parameterName, message.parameterValue);
    });
  }

  static async open(target: Target, opening: Opening, context: Pick<SessionContext, 'deadline' | 'instance'>): Promise<Connection> {
    const { host, port, user } = target;
    if (opening.plain) {
      const connection = new Connection(Connection.#clientOf(target, opening, '', context.deadline), context.instance, 'all');
      try {
        await connection.#connect(target);
      } catch (error) {
        throw await connectTrouble(error, target, { database: opening.database, instance: context.instance, deadline: context.deadline });
      }
      return connection;
    }
    try {
      return await openQuietly(JSON.stringify([host, port, user]), async (quiet, options) => {
        const client = Connection.#clientOf(target, opening, options, context.deadline);
        const connection = new Connection(client, context.instance, quiet);
        await connection.#connect(target);
        return connection;
      });
    } catch (error) {
      throw await connectTrouble(error, target, { database: opening.database, instance: context.instance, deadline: context.deadline });
    }
  }

  static #clientOf(target: Target, { database, name, reading = false, plain }: Opening, options: string, deadline: number): pg.Client {
    const client = new pg.Client({
      ...target,
      // Not as a text: where there is none, the driver would take one from the environment or a file, and try it on any server.
      password: () => target.password,
      database,
      application_name: name,
      connectionTimeoutMillis: target.connectTimeout ?? deadline,
      keepAlive: true,
      types,
      keepAliveInitialDelayMillis: 10_000,
      ...(reading ? { query_timeout: READING * deadline } : {}),
      ...(plain
        ? {}
        : {
            options: `-c search_path=pg_catalog -c statement_timeout=0 -c lock_timeout=${LOCK_TIMEOUT} -c idle_in_transaction_session_timeout=0 -c idle_session_timeout=0 -c default_transaction_read_only=off -c client_min_messages=warning${options}`,
          }),
    });
    client.connection.on('authenticationCleartextPassword', () => {
      if (target.ssl === false && !isLoopback(target.host)) client.connection.stream.destroy(new Error(IN_CLEAR));
    });
    if (target.enableChannelBinding) requireBinding(client.connection);
    return client;
  }

  async #connect(target: Target): Promise<void> {
    try {
      await connectWithKeys(this.#client, target);
    } catch (error) {
      this.#client.end().catch(() => undefined);
      throw error;
    }
  }

  /** The server's process behind it. */
  get pid(): number {
    return this.#announced ?? 0;
  }

  /** As `180004`. */
  get version(): number {
    const [major = 0, minor = 0] = (this.#parameters.get('server_version') ?? '').split(/[. ]/, 2).map(Number);
    return (major || 0) * 10000 + (minor || 0);
  }

  get superuser(): boolean {
    return this.#parameters.get('is_superuser') === 'on';
  }

  /** True where the server only follows another one: nothing can be written on it. */
  get standby(): boolean {
    return this.#parameters.get('in_hot_standby') === 'on';
  }

  /**
   * Whether the server itself is at the other end, so that what a session holds ends with its connection. A pooler makes up
   * the process that it names, for its own cancel requests.
   */
  async isDirect(): Promise<boolean> {
    const [rows] = await this.rows('SELECT pg_backend_pid()');
    return rows?.[0]?.[0] === this.#announced;
  }

  /** False once the server or the line has ended it. */
  get alive(): boolean {
    return this.#open;
  }

  /**
   * Sends one or more statements in one message. Gives the rows of each, as arrays of values. Throws the driver's
   * DatabaseError where the server refuses, a DiagnosticError CT3004 where the connection is lost.
   */
  async rows(text: string): Promise<readonly (readonly unknown[][])[]> {
    this.completed = 0;
    this.warnings.length = 0;
    const result = await Promise.race([this.#client.query({ text, rowMode: 'array' }), this.#lost]).catch((error: unknown) => {
      if (error instanceof pg.DatabaseError && !error.code?.startsWith('57P')) throw error;
      throw new DiagnosticError([lostConnection(error instanceof Error ? error.message : String(error), this.#instance)]);
    });
    const results: readonly pg.QueryArrayResult[] = Array.isArray(result) ? result : [result];
    return results.map((one) => one.rows);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const goodbye = setTimeout(() => this.#client.connection.stream.destroy(), GOODBYE);
    await this.#client.end().catch(() => undefined);
    clearTimeout(goodbye);
  }
}

/** The first connection to a server: refuses a pooler (CT3010). */
export async function openDirect(target: Target, opening: Opening, context: SessionContext): Promise<Connection> {
  const connection = await Connection.open(target, opening, context);
  const direct = await connection.isDirect().catch(async (error: unknown) => {
    await connection[Symbol.asyncDispose]();
    throw expected(error, context.instance);
  });
  if (direct) return connection;
  await connection[Symbol.asyncDispose]();
  throw pooler(target, context.instance, 'the session behind this connection has changed');
}
