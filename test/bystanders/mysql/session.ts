import { connect as dial } from 'node:net';
import { type Connection, createConnection } from 'mysql2/promise';
import { type Login, passwordOf } from './world.ts';

export interface Point {
  readonly host: string;
  readonly port: number;
}

export interface Answer {
  readonly works: boolean;
  readonly answer: string;
}

export type Rows = readonly Readonly<Record<string, unknown>>[];

/** A connection of somebody's own. Throws where the server does not let them in. */
export async function connect({ host, port }: Point, login: Login): Promise<Connection> {
  const { user, from, gives = user } = login;
  const client = await createConnection({
    host,
    port,
    user: gives,
    password: passwordOf(login),
    ...(from === undefined ? {} : { stream: () => dial({ host, port, localAddress: from }) }),
    connectTimeout: 30_000,
    disableEval: true,
    dateStrings: true,
    supportBigNumbers: true,
    bigNumberStrings: true,
  });
  client.on('error', () => undefined);
  return client;
}

export async function rows(client: Connection, sql: string): Promise<Rows> {
  const [found] = await client.query(sql);
  return Array.isArray(found) ? (found as Rows) : [];
}

/** The account that let it in, which need not be the one that it asked for. */
export async function nameOf(client: Connection): Promise<string> {
  return String((await rows(client, 'SELECT CURRENT_USER() AS me'))[0]?.['me']);
}

/** The statements, in a transaction that is rolled back; the rows of the last one. */
export async function attempt(client: Connection, statements: readonly string[]): Promise<Answer> {
  try {
    await client.query('START TRANSACTION');
    let last: Rows = [];
    for (const sql of statements) last = await rows(client, sql);
    return { works: true, answer: JSON.stringify(last) };
  } catch (error) {
    return { works: false, answer: refusalOf(error) };
  } finally {
    await client.query('ROLLBACK').catch(() => undefined);
  }
}

export function refusalOf(error: unknown): string {
  const { errno, code, message } = error as { readonly errno?: number; readonly code?: string; readonly message: string };
  return `${errno ?? code ?? ''} ${message}`;
}

export async function isOpen(client: Connection): Promise<boolean> {
  return await client.query('SELECT 1').then(
    () => true,
    () => false,
  );
}

/** Settings of the whole server, those left out that move by themselves. */
export async function settings(client: Connection): Promise<Rows> {
  return (await rows(client, 'SHOW GLOBAL VARIABLES')).filter(
    (row) => !/gtid|^timestamp$|_pos$|binlog_state/i.test(String(row['Variable_name'])),
  );
}
