import type { PlacementStatus } from '../../../model/index.ts';
import { accountKey, type LedgerRow } from './catalog.ts';
import { Moment, readSessions } from './census.ts';
import { compile } from '../compile/compile.ts';
import type { Connection } from '../connect/connection.ts';
import type { Input } from '../compile/draft.ts';
import { loginsOf } from '../compile/logins.ts';
import { namesOf } from '../names.ts';
import { ledgerForm, ledgerRows } from './ledger.ts';
import { readServer } from './read-catalog.ts';
import { bytesByDatabase } from '../local/file-name.ts';
import { isKind } from '../spec.ts';

/** One row for each placement: where it lives, how big it is on disk, how many sessions it has open. */
export async function usage(input: Input, connection: Connection): Promise<readonly PlacementStatus[]> {
  const server = await readServer(connection);
  const { sessions: count } = new Moment(await readSessions(connection));
  const databases = new Set(
    (await connection.rows('SELECT SCHEMA_NAME AS name FROM information_schema.SCHEMATA')).map((row) => String(row['name'])),
  );
  const sizes = await sizesOf(connection, server.flavor, [...databases]);
  const limits = new Map(
    (await connection.rows('SELECT User AS user_, Host AS host_, max_user_connections AS n FROM mysql.user')).map((row) => [
      accountKey({ user: String(row['user_']), host: String(row['host_']) }),
      Number(row['n']),
    ]),
  );
  const book = bookOf((await ledgerRows(connection, await ledgerForm(connection))) ?? [], input.project);
  const row = (
    app: string,
    placement: { readonly names: { readonly database: string; readonly logins: readonly string[] }; readonly limit: number | null },
  ): PlacementStatus => {
    const { database, logins } = placement.names;
    const there = databases.has(database);
    return {
      app,
      instance: input.name,
      engine: 'mysql',
      isolation: 'database',
      location: `database ${database}`,
      size: there && sizes.get(database) !== null ? (sizes.get(database) ?? 0) : null,
      connections: logins.reduce((sum, login) => sum + (count.get(login) ?? 0), 0),
      connectionLimit: placement.limit,
      state: !there ? 'absent' : book.applied.has(app) ? 'ready' : 'incomplete',
    };
  };
  const active = input.placements.map(({ app, placement }) => {
    const names = { database: namesOf(app, placement).database, logins: loginsOf(app, placement).flatMap(({ slots }) => slots) };
    return row(app, { names, limit: limitOf(input, app, limits) });
  });
  const named = new Set(input.placements.map(({ app }) => app));
  const retired = book.retired
    .filter(({ app }) => !named.has(app))
    .map(({ app, database, day }): PlacementStatus => {
      const names = { database, logins: [] };
      return { ...row(app, { names, limit: 0 }), connections: 0, connectionLimit: 0, state: 'retired', retired: `${day} (${database})` };
    });
  return [...active, ...retired];
}

/** What the server allows all accounts of the live logins together, whatever the manifest says; null: one has no limit, or there is none. */
function limitOf(input: Input, app: string, limits: ReadonlyMap<string, number>): number | null {
  const live = compile(input).resources.flatMap((one) => (one.app === app && isKind(one, 'account') && !one.spec.locked ? [one.spec] : []));
  const found = live.flatMap((account) => limits.get(accountKey(account)) ?? []);
  return found.length === 0 || found.includes(0) ? null : found.reduce((sum, limit) => sum + limit, 0);
}

/**
 * Bytes of the files of each database's tables. What the server's own statistics say can be far from it for minutes. MariaDB
 * tells the names of files, MySQL those of databases and tables with a slash in between, which may stand in either.
 */
export async function sizesOf(
  connection: Connection,
  flavor: 'mysql' | 'mariadb',
  databases: readonly string[],
): Promise<ReadonlyMap<string, number | null>> {
  const table = flavor === 'mariadb' ? 'INNODB_SYS_TABLESPACES' : 'INNODB_TABLESPACES';
  const whole = flavor === 'mysql' && databases.some((name) => name.includes('/'));
  const folder = whole ? 'NAME' : "SUBSTRING_INDEX(NAME, '/', 1)";
  const rows = await connection.rows(
    `SELECT ${folder} AS folder, SUM(FILE_SIZE) AS size FROM information_schema.${table} WHERE NAME LIKE '%/%' GROUP BY 1`,
  );
  const found = rows.map((row): readonly [string, number] => [String(row['folder']), Number(row['size'])]);
  if (!whole) return flavor === 'mariadb' ? bytesByDatabase(new Map(found), databases) : new Map(found);
  const longest = databases.toSorted((one, other) => other.length - one.length);
  const sizes = new Map<string, number>();
  for (const [path, size] of found) {
    const name = longest.find((one) => path.startsWith(`${one}/`));
    if (name !== undefined) sizes.set(name, (sizes.get(name) ?? 0) + size);
  }
  return sizes;
}

interface Book {
  readonly applied: ReadonlySet<string>;
  readonly retired: readonly { readonly app: string; readonly database: string; readonly day: string }[];
}

function bookOf(rows: readonly LedgerRow[], project: string): Book {
  const mine = rows.filter((row) => row.project === project);
  return {
    applied: new Set(mine.flatMap((row) => (row.kind === 'app' && row.applied !== null && row.retired === null ? [row.app ?? ''] : []))),
    retired: mine.flatMap((row) =>
      row.kind === 'database' && row.retired !== null ? [{ app: row.app ?? '', database: row.name, day: row.retired }] : [],
    ),
  };
}
