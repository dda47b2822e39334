import { Client, type Query, type Row, textIn } from '../connect/client.ts';
import { errorCode, UNAUTHORIZED } from '../connect/trouble.ts';

export interface LoginPoint {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
}

/** Runs one statement on a connection of its own. Default: on `system`. */
export async function ask(point: LoginPoint, query: Query, database = 'system'): Promise<readonly Row[]> {
  const client = new Client({ ...point, tls: null }, 10_000);
  try {
    return await client.run(query, { database });
  } finally {
    await client.close();
  }
}

/** The folder that the server at a place lives in; null: it does not serve yet. Throws where it refuses the login. */
export async function homeOf(point: LoginPoint): Promise<string | null> {
  try {
    const text = "SHOW SETTINGS YIELD name, value WHERE name = 'server.directories.neo4j_home' RETURN value";
    const [row] = await ask(point, { text });
    return textIn(row, 'value');
  } catch (error) {
    if (errorCode(error) === UNAUTHORIZED) throw error;
    return null;
  }
}
