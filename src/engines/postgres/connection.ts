import pg from 'pg';
import { parse } from 'pg-connection-string';
import type { SessionContext } from '../../engine/index.ts';
import { DiagnosticError, fail } from '../../model/index.ts';
import type { Config } from './config.ts';
import { cacheScramKeys } from './scram-cache.ts';

/** Where and as whom; the password is never part of anything that is printed. */
export interface Target {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  readonly ssl: pg.ClientConfig['ssl'];
}

export async function targetOf(config: Config, context: SessionContext): Promise<Target> {
  if (config.url === undefined) {
    throw fail('CT3005', `instance "${context.instance}" has no url`, {
      instance: context.instance,
      path: ['instances', context.instance],
      hint: 'add url: postgres://admin@host:5432/postgres',
    });
  }
  const url = parse(config.url);
  const password = config.password ? await context.reveal(config.password) : (process.env['PGPASSWORD'] ?? '');
  return {
    host: url.host || 'localhost',
    port: Number(url.port ?? 5432),
    user: url.user ?? 'postgres',
    password,
    database: url.database || 'postgres',
    ssl: sslOf(config.sslmode ?? 'disable'),
  };
}

function sslOf(mode: NonNullable<Config['sslmode']>): pg.ClientConfig['ssl'] {
  if (mode === 'disable') return false;
  return { rejectUnauthorized: mode !== 'require', ...(mode === 'verify-ca' ? { checkServerIdentity: () => undefined } : {}) };
}

/** One connection of the operator. Its search path is pinned before the server reads a single setting that a tenant could have planted. */
export class Connection implements AsyncDisposable {
  readonly #client: pg.Client;
  readonly #parameters = new Map<string, string>();
  readonly #lost: Promise<never>;
  /** How many statements of the last message the server finished: says which one failed. */
  completed = 0;

  private constructor(client: pg.Client) {
    this.#client = client;
    this.#lost = new Promise((_, reject) => {
      client.on('error', reject);
      client.on('end', () => reject(new Error('the connection was closed')));
    });
    this.#lost.catch(() => undefined);
    client.connection.on('commandComplete', () => {
      this.completed += 1;
    });
    client.connection.on('parameterStatus', (message: { parameterName: string; parameterValue: string }) => {
      this.#parameters.set(message.parameterName, message.parameterValue);
    });
  }

  static async open(
    target: Target,
    database: string,
    name: string,
    context: Pick<SessionContext, 'deadline' | 'instance'>,
  ): Promise<Connection> {
    cacheScramKeys();
    const client = new pg.Client({
      ...target,
      database,
      application_name: name,
      connectionTimeoutMillis: context.deadline,
      options:
        '-c search_path=pg_catalog -c statement_timeout=0 -c lock_timeout=30s -c idle_in_transaction_session_timeout=0 -c default_transaction_read_only=off -c client_min_messages=warning',
    });
    const connection = new Connection(client);
    try {
      await client.connect();
    } catch (error) {
      client.end().catch(() => undefined);
      throw connectTrouble(error, target, database, context.instance);
    }
    return connection;
  }

  /** As `180004`. */
  get version(): number {
    const [major = 0, minor = 0] = (this.#parameters.get('server_version') ?? '').split(/[. ]/, 2).map(Number);
    return (major || 0) * 10000 + (minor || 0);
  }

  get superuser(): boolean {
    return this.#parameters.get('is_superuser') === 'on';
  }

  /** Sends one or more statements in one message. Gives the rows of each, as arrays of values. */
  async rows(text: string): Promise<readonly (readonly unknown[][])[]> {
    this.completed = 0;
    const result = await Promise.race([this.#client.query({ text, rowMode: 'array' }), this.#lost]);
    const results: readonly pg.QueryArrayResult[] = Array.isArray(result) ? result : [result];
    return results.map((one) => one.rows);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.end().catch(() => undefined);
  }
}

function connectTrouble(error: unknown, target: Target, database: string, instance: string): DiagnosticError {
  const code = errorCode(error);
  const where = `${target.host}:${target.port}`;
  const path = ['instances', instance];
  if (code === '28P01' || code === '28000') {
    return fail('CT3002', `"${instance}" at ${where} refused the login "${target.user}" for database "${database}"`, {
      instance,
      path,
      hint: 'check the user in `url` and what `password` points at',
    });
  }
  const why = error instanceof Error ? error.message || code : code;
  return fail('CT3001', `"${instance}" at ${where} (database "${database}") cannot be reached: ${why}`, {
    instance,
    path,
    hint: 'is the server up, and is the address right from here?',
  });
}

/** The SQLSTATE, or the system's error code, or ''. */
export function errorCode(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string' ? error.code : '';
}
