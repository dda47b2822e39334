import { Client } from 'pg';
import { quoted } from './world.ts';

export interface Point {
  readonly host: string;
  readonly port: number;
}

export interface Login {
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** A walsender's connection. */
  readonly replication?: 'database' | 'true';
}

export interface Answer {
  readonly works: boolean;
  readonly answer: string;
}

/** A connection of somebody's own. Throws where the server does not let them in. */
export async function connect({ host, port }: Point, { user, password, database, replication }: Login): Promise<Client> {
  const more = replication ? { replication } : {};
  const client = new Client({ host, port, user, password, database, connectionTimeoutMillis: 30_000, ssl: false, ...more });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

/** The statements, in a transaction that is rolled back; the rows of the last one. */
export async function attempt(client: Client, sql: string): Promise<Answer> {
  try {
    await client.query('BEGIN');
    const result: unknown = await client.query(sql);
    const last: unknown = Array.isArray(result) ? result.at(-1) : result;
    return { works: true, answer: JSON.stringify((last as { readonly rows: unknown }).rows) };
  } catch (error) {
    return { works: false, answer: refusalOf(error) };
  } finally {
    await client.query('ROLLBACK').catch(() => undefined);
  }
}

export function refusalOf(error: unknown): string {
  const { code, message } = error as { readonly code?: string; readonly message: string };
  return `${code ?? ''} ${message}`;
}

/** Runs something to its end as the operator. */
export async function run(point: Point, login: Login, sql: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const client = await connect(point, login);
  try {
    const result: unknown = await client.query(sql);
    const last: unknown = Array.isArray(result) ? result.at(-1) : result;
    return (last as { readonly rows: readonly Readonly<Record<string, unknown>>[] }).rows;
  } catch (error) {
    throw new Error(`${login.user} in ${quoted(login.database)}: ${sql}`, { cause: error });
  } finally {
    await client.end();
  }
}
