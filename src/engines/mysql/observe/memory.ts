import { lookUp } from '../../../util/record.ts';
import type { Connection, Row } from '../connect/connection.ts';
import { GLOBAL, keyOf, type Target } from '../grants.ts';
import { nameOfPattern } from '../quote.ts';
import { accountKey, type ServerFacts } from './catalog.ts';

/** One privilege that the running server gives, whatever its tables say. */
export interface LiveGrant {
  /** As `accountKey`. */
  readonly account: string;
  readonly user: string;
  readonly host: string;
  /** As in `Grants`. */
  readonly key: string;
  readonly privilege: string;
}

const WHOLE = 'SELECT GRANTEE AS who, NULL AS db, NULL AS tab, NULL AS col, PRIVILEGE_TYPE AS priv FROM information_schema.USER_PRIVILEGES';
const PARTS = [
  'SELECT GRANTEE, TABLE_SCHEMA, NULL, NULL, PRIVILEGE_TYPE FROM information_schema.SCHEMA_PRIVILEGES',
  'SELECT GRANTEE, TABLE_SCHEMA, TABLE_NAME, NULL, PRIVILEGE_TYPE FROM information_schema.TABLE_PRIVILEGES',
  'SELECT GRANTEE, TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME, PRIVILEGE_TYPE FROM information_schema.COLUMN_PRIVILEGES',
];

/**
 * What the server goes by: it reads its tables of grants when it starts and at FLUSH PRIVILEGES, and these views show what it has
 * read. A row that somebody deleted by hand is there still.
 */
export async function readLiveGrants(connection: Connection, { literalNames }: ServerFacts): Promise<readonly LiveGrant[]> {
  const rows = await connection.rows([WHOLE, ...PARTS].join(' UNION ALL '));
  return rows.flatMap((row) => {
    const who = whoOf(String(row['who']));
    const [db, table, column] = ['db', 'tab', 'col'].map((name) => textIn(row, name));
    const privilege = String(row['priv']);
    return who === null
      ? []
      : [{ ...who, account: accountKey(who), key: keyIn(db ?? null, table ?? null, column ?? null, literalNames), privilege }];
  });
}

const textIn = (row: Row, name: string): string | null => {
  const value = lookUp(row, name);
  return typeof value === 'string' ? value : null;
};

/** `'user'@'host'`, nothing in it escaped. */
function whoOf(grantee: string): Pick<LiveGrant, 'user' | 'host'> | null {
  const at = grantee.lastIndexOf("'@'");
  return at < 1 ? null : { user: grantee.slice(1, at), host: grantee.slice(at + 3, -1) };
}

function keyIn(db: string | null, table: string | null, column: string | null, literalNames: boolean): string {
  if (db === null) return GLOBAL;
  if (table !== null) return keyOf(column === null ? ['table', db, table] : ['column', db, table, column]);
  const name = nameOfPattern(db, literalNames);
  const target: Target = name === null ? ['pattern', db] : ['database', name];
  return keyOf(target);
}

/** A setting as it is, and as it is after the next start. */
export interface WaitingSetting {
  readonly name: string;
  readonly now: string;
  readonly later: string;
}

/** What `mysqld-auto.cnf` says otherwise than the server has it. MariaDB has no such file; null: this admin may not read it. */
export async function readWaiting(connection: Connection, { flavor }: ServerFacts): Promise<readonly WaitingSetting[] | null> {
  if (flavor === 'mariadb') return [];
  const rows = await connection
    .rows(
      `SELECT p.VARIABLE_NAME AS name, g.VARIABLE_VALUE AS now_, p.VARIABLE_VALUE AS then_
       FROM performance_schema.persisted_variables p JOIN performance_schema.global_variables g ON g.VARIABLE_NAME = p.VARIABLE_NAME
       WHERE p.VARIABLE_VALUE <> g.VARIABLE_VALUE`,
    )
    .catch(() => null);
  return rows?.map((row) => ({ name: String(row['name']), now: String(row['now_']), later: String(row['then_']) })) ?? null;
}
