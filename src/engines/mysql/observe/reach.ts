import type { Connection } from '../connect/connection.ts';
import { LEDGER, SERVER_DATABASES } from '../names.ts';
import { ident, qualified } from '../quote.ts';

/** Ways around grants: the server asks for no right, or asked for it once and never again. */
export interface Reach {
  /** Loadable functions: everybody can call them. */
  readonly functions: readonly string[];
  /** Connections to other servers, with their passwords. */
  readonly servers: readonly string[];
  readonly tables: readonly { readonly database: string; readonly name: string; readonly engine: string; readonly other: string | null }[];
  readonly foreignKeys: readonly {
    readonly database: string;
    readonly table: string;
    readonly constraint: string;
    readonly other: string;
  }[];
}

const ELSEWHERE = "'MRG_MYISAM', 'FEDERATED', 'CONNECT', 'SPIDER'";

export async function readReach(connection: Connection, databases: readonly string[]): Promise<Reach> {
  const names = async (question: string): Promise<readonly string[]> => (await connection.rows(question)).map((row) => String(row['n']));
  const tables = await connection.rows(
    `SELECT TABLE_SCHEMA AS d, TABLE_NAME AS n, ENGINE AS e FROM information_schema.TABLES WHERE ENGINE IN (${ELSEWHERE})`,
  );
  const keys = await connection.rows(
    'SELECT CONSTRAINT_SCHEMA AS d, TABLE_NAME AS t, CONSTRAINT_NAME AS c, UNIQUE_CONSTRAINT_SCHEMA AS o FROM information_schema.REFERENTIAL_CONSTRAINTS WHERE CONSTRAINT_SCHEMA <> UNIQUE_CONSTRAINT_SCHEMA',
  );
  const others = databases.filter((name) => !SERVER_DATABASES.includes(name) && name !== LEDGER);
  const found = await Promise.all(
    tables.map(async (row) => {
      const [database, name, engine] = [String(row['d']), String(row['n']), String(row['e'])];
      const [made] = await connection.rows(`SHOW CREATE TABLE ${qualified(database, name)}`);
      const definition = String(made?.['Create Table']);
      const other = others.find((one) => one !== database && definition.includes(`${ident(one)}.`)) ?? null;
      return { database, name, engine, other, isOwn: engine === 'MRG_MYISAM' && other === null };
    }),
  );
  return {
    functions: await names('SELECT name AS n FROM mysql.func'),
    servers: await names('SELECT Server_name AS n FROM mysql.servers'),
    tables: found.flatMap(({ isOwn, ...table }) => (isOwn ? [] : [table])),
    foreignKeys: keys.map((row) => ({
      database: String(row['d']),
      table: String(row['t']),
      constraint: String(row['c']),
      other: String(row['o']),
    })),
  };
}
