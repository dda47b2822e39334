import type { Connection, Row } from '../connect/connection.ts';
import { exactly, ident, literal, qualified } from '../quote.ts';
import type { Content, Inventory } from '../spec.ts';

/** Engines whose tables show what lies somewhere else. */
const ELSEWHERE = ['MRG_MYISAM', 'FEDERATED', 'CONNECT', 'SPIDER'];

/** How much is in a database that is to be deleted. */
export async function readContent(connection: Connection, database: string, flavor: 'mysql' | 'mariadb'): Promise<Content> {
  const inventory = await readInventory(connection, database);
  // MySQL keeps what it once said for a day.
  if (flavor === 'mysql') await connection.run('SET SESSION information_schema_stats_expiry = 0');
  let [rows, bytes] = [0, 0];
  for (const name of inventory.names) {
    const [size] = await connection.rows(
      `SELECT TABLE_ROWS AS n, DATA_LENGTH + INDEX_LENGTH AS b FROM information_schema.TABLES WHERE TABLE_SCHEMA = ${literal(database)} AND TABLE_NAME = ${literal(name)}`,
    );
    rows += Number(size?.['n'] ?? 0);
    bytes += Number(size?.['b'] ?? 0);
  }
  return { ...inventory, rows, bytes };
}

/** What is in a database, and what of other databases depends on it. */
export async function readInventory(connection: Connection, database: string): Promise<Inventory> {
  const tables = await connection.rows(
    `SELECT TABLE_NAME AS t FROM information_schema.TABLES WHERE TABLE_SCHEMA = ${literal(database)} AND TABLE_TYPE NOT LIKE '%VIEW'`,
  );
  const links = [
    ...(await foreignKeys(connection, database)),
    ...(await tablesElsewhere(connection, database)),
    ...(await defaultsOn(connection, database)),
  ];
  return { names: tables.map(({ t }) => String(t)).sort(), links: links.sort() };
}

async function foreignKeys(connection: Connection, database: string): Promise<readonly string[]> {
  const rows = await connection.rows(
    `SELECT CONSTRAINT_SCHEMA AS d, TABLE_NAME AS t, CONSTRAINT_NAME AS n, REFERENCED_TABLE_NAME AS r FROM information_schema.REFERENTIAL_CONSTRAINTS WHERE ${exactly('UNIQUE_CONSTRAINT_SCHEMA')} = ${literal(database)} AND ${exactly('CONSTRAINT_SCHEMA')} <> ${literal(database)}`,
  );
  return rows.map((row) => `foreign key "${text(row['n'])}" of ${text(row['d'])}.${text(row['t'])} on ${database}.${text(row['r'])}`);
}

/** Columns of other databases whose default takes a number from a sequence of this one. */
async function defaultsOn(connection: Connection, database: string): Promise<readonly string[]> {
  const rows = await connection.rows(
    `SELECT TABLE_SCHEMA AS d, TABLE_NAME AS t, COLUMN_NAME AS c, COLUMN_DEFAULT AS v FROM information_schema.COLUMNS WHERE COLUMN_DEFAULT LIKE '%nextval(%' OR COLUMN_DEFAULT LIKE '%lastval(%' OR COLUMN_DEFAULT LIKE '%setval(%'`,
  );
  return rows
    .filter((row) => text(row['d']) !== database && text(row['v']).includes(`${ident(database)}.`))
    .map((row) => `default of ${text(row['d'])}.${text(row['t'])} (${text(row['c'])}) on a sequence of ${database}`);
}

/** Tables of other databases that show rows of this one: MERGE, FEDERATED and their like say so in their definition only. */
async function tablesElsewhere(connection: Connection, database: string): Promise<readonly string[]> {
  const engines = ELSEWHERE.map(literal).join(', ');
  const tables = await connection.rows(
    `SELECT TABLE_SCHEMA AS d, TABLE_NAME AS t, ENGINE AS e FROM information_schema.TABLES WHERE ENGINE IN (${engines}) AND ${exactly('TABLE_SCHEMA')} <> ${literal(database)}`,
  );
  const servers = await connection.rows(`SELECT Server_name AS n FROM mysql.servers WHERE Db = ${literal(database)}`).catch(() => []);
  const out: string[] = [];
  for (const { d, t, e } of tables) {
    const [made] = await connection.rows(`SHOW CREATE TABLE ${qualified(text(d), text(t))}`);
    const definition = text(made?.['Create Table']);
    const merged = definition.includes(`${ident(database)}.`);
    const connected = servers.some(({ n }) => new RegExp(`CONNECTION='${escaped(text(n))}['/]`).test(definition));
    const direct = new RegExp(`CONNECTION='[^']*/${escaped(database)}/`).test(definition);
    if (merged || connected || direct) out.push(`table ${text(d)}.${text(t)} (${text(e)}) on ${database}`);
  }
  return out;
}

function escaped(name: string): string {
  return name.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
}

function text(value: Row[string]): string {
  return Buffer.isBuffer(value) ? value.toString('utf8') : typeof value === 'string' ? value : '';
}
