import { Client, DatabaseError } from 'pg';
import { errorCode } from '../../../util/system.ts';

export interface LoginPoint {
  readonly host: string;
  readonly port: number;
  readonly password: string;
}

/** Runs one statement as `postgres` in the database `postgres`, on a connection of its own. */
export async function asPostgres(point: LoginPoint, sql: string): Promise<Rows> {
  const { host, port, password } = point;
  return await once(
    new Client({ host, port, password, user: 'postgres', database: 'postgres', connectionTimeoutMillis: 10_000, ssl: false }),
    sql,
    [],
  );
}

/** Runs one statement as the URL says, on a connection of its own. */
export async function asUrl(url: string, sql: string, params: readonly unknown[] = []): Promise<Rows> {
  return await once(new Client({ connectionString: url, connectionTimeoutMillis: 10_000 }), sql, params);
}

export type Rows = readonly Readonly<Record<string, unknown>>[];

async function once(client: Client, sql: string, params: readonly unknown[]): Promise<Rows> {
  // An idle connection that breaks must not end the process.
  client.on('error', () => undefined);
  await client.connect();
  try {
    const { rows } = await client.query<Record<string, unknown>>(sql, [...params]);
    return rows;
  } finally {
    await client.end();
  }
}

/** True where the server does not take sessions yet, or no longer: nobody listens, or it is starting up or shutting down. */
export function isNotServing(error: unknown): boolean {
  if (error instanceof DatabaseError) return error.code === '57P03';
  if (error instanceof AggregateError) return error.errors.every(isNotServing);
  return ['ECONNREFUSED', 'ECONNRESET'].includes(errorCode(error));
}

/** True where the server answered and did not take the login. */
export function isRefused(error: unknown): boolean {
  return error instanceof DatabaseError && (error.code === '28P01' || error.code === '28000');
}
