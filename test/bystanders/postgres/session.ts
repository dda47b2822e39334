import { Client, type QueryArrayResult, type QueryResult } from 'pg';
import { connectWithKeys } from '../../../src/engines/postgres/connect/scram-cache.ts';
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

type Rows = readonly Readonly<Record<string, unknown>>[];

/** Whose derived keys serve again: they are all this test's. */
const EVERYBODY = {};

/** A connection of somebody's own. Throws where the server does not let them in. */
export async function connect({ host, port }: Point, { user, password, database, replication }: Login): Promise<Client> {
  const more = replication ? { replication } : { pipeline: true };
  const client = new Client({
    host,
    port,
    user,
    password,
    database,
    connectionTimeoutMillis: 30_000,
    query_timeout: 120_000,
    ssl: false,
    ...more,
  });
  client.on('error', () => undefined);
  await connectWithKeys(client, EVERYBODY);
  return client;
}

/**
 * Each of them in a transaction of its own that is rolled back; the rows of the last statement of each. They are sent in one
 * go, and the server takes one after the other.
 */
export async function attempts(client: Client, statements: readonly string[]): Promise<readonly Answer[]> {
  if (statements.length === 0) return [];
  const answers = statements.map((sql) =>
    client.query(`ROLLBACK; BEGIN; ${sql}`).then(
      (result) => ({ works: true, answer: JSON.stringify(lastOf(result)) }),
      (error: unknown) => ({ works: false, answer: refusalOf(error) }),
    ),
  );
  const all = await Promise.all(answers);
  await client.query('ROLLBACK').catch(() => undefined);
  return all;
}

export function refusalOf(error: unknown): string {
  const { code, message } = error as { readonly code?: string; readonly message: string };
  return `${code ?? ''} ${message}`;
}

function lastOf(result: QueryResult | QueryArrayResult): Rows {
  const last: unknown = Array.isArray(result) ? result.at(-1) : result;
  return (last as { readonly rows: Rows }).rows;
}

/** Runs something to its end as the operator. */
export async function run(point: Point, login: Login, sql: string): Promise<Rows> {
  const client = await connect(point, login);
  try {
    return await send(client, login, sql);
  } finally {
    await client.end();
  }
}

export async function send(client: Client, { user, database }: Login, sql: string): Promise<Rows> {
  try {
    return lastOf(await client.query(sql));
  } catch (error) {
    throw new Error(`${user} in ${quoted(database)}: ${sql}`, { cause: error });
  }
}
