import type { Progress } from '../../../util/progress.ts';
import {
  type CatalogObject,
  type LedgerTable,
  type LedgerWish,
  type Migrations,
  type MigrationWorker,
  placementOf,
} from '../../../engine/index.ts';
import type { Input } from '../compile/draft.ts';
import type { Connection, Row } from '../connect/connection.ts';
import { namesOf, SERVER_DATABASES } from '../names.ts';
import { loginsOf } from '../compile/logins.ts';
import { exactly, literal, patternReaches } from '../quote.ts';
import { fingerprint } from '../../../util/canonical.ts';
import { ledgersIn } from './ledgers.ts';

/** Reads as the operator what migration tools have done. */
export class Reader implements Migrations {
  readonly #input: Input;
  readonly #open: () => Promise<Connection>;

  constructor(input: Input, open: () => Promise<Connection>) {
    this.#input = input;
    this.#open = open;
  }

  async ledgers(wishes: readonly LedgerWish[], progress?: Progress): Promise<readonly LedgerTable[]> {
    await using connection = await this.#open();
    return await ledgersIn(connection, wishes, new Map(wishes.flatMap(({ app }) => this.#placed(app))), progress);
  }

  async absent(apps: readonly string[]): Promise<readonly string[]> {
    await using connection = await this.#open();
    const rows = await connection.rows('SELECT schema_name AS d FROM information_schema.schemata');
    const there = new Set(rows.map((row) => String(row['d'])));
    return apps.filter((app) => !this.#placed(app).some(([, database]) => there.has(database)));
  }

  /** Every object of every database. What belongs to nobody in particular here belongs to its database. */
  async catalog(app: string): Promise<readonly CatalogObject[]> {
    await using connection = await this.#open();
    const own = this.#placed(app)[0]?.[1] ?? '';
    const reach = await this.#reach(connection, app);
    const objects: CatalogObject[] = [];
    for (const [kind, query] of QUERIES) {
      const byName = Map.groupBy(await connection.rows(query), (row) => JSON.stringify([row['d'], row['n']]));
      for (const rows of byName.values()) objects.push(objectOf(kind, rows, own, reach));
    }
    return objects;
  }

  /** The server does not say which program a session belongs to: any session of the app's logins that works counts. */
  async workers(apps: readonly string[]): Promise<readonly MigrationWorker[]> {
    const logins = new Map(
      apps.flatMap((app) => {
        const placed = placementOf(this.#input, app);
        return placed
          ? loginsOf(app, placed.placement)
              .flatMap(({ slots }) => slots)
              .map((login) => [login, app] as const)
          : [];
      }),
    );
    if (logins.size === 0) return [];
    await using connection = await this.#open();
    const rows = await connection.rows(
      `SELECT user AS u, id AS i, time AS t FROM information_schema.processlist WHERE ${exactly('user')} IN (${[...logins.keys()].map(literal).join(', ')})
       AND info REGEXP '^[[:space:]]*(ALTER|CREATE|DROP|RENAME)[[:space:]]'`,
    );
    return rows.flatMap((row) => {
      const app = logins.get(String(row['u']));
      const since = new Date(Date.now() - Number(row['t']) * 1000).toISOString();
      return app === undefined ? [] : [{ app, since, id: `connection ${String(row['i'])}` }];
    });
  }

  /** Patterns of databases in which an account of the app has rights. */
  async #reach(connection: Connection, app: string): Promise<readonly string[]> {
    const placed = placementOf(this.#input, app);
    const names = placed ? loginsOf(app, placed.placement).flatMap(({ slots }) => slots) : [];
    const mine = names.map((name) => `grantee LIKE ${literal(`'${name.replaceAll(/[\\%_]/g, '\\$&')}'@%`)}`).join(' OR ') || 'FALSE';
    const rows = await connection.rows(`SELECT table_schema AS d FROM information_schema.schema_privileges WHERE ${mine}
      UNION SELECT table_schema FROM information_schema.table_privileges WHERE ${mine}
      UNION SELECT '%' FROM information_schema.user_privileges WHERE (${mine}) AND privilege_type <> 'USAGE'`);
    return rows.map((row) => String(row['d']));
  }

  #placed(app: string): readonly (readonly [string, string])[] {
    const placed = placementOf(this.#input, app);
    return placed ? [[app, namesOf(app, placed.placement).database]] : [];
  }
}

const OTHERS = (column: string): string => `${column} NOT IN (${SERVER_DATABASES.map(literal).join(', ')})`;

const QUERIES: readonly (readonly [kind: string, query: string])[] = [
  [
    'table',
    `SELECT table_schema AS d, table_name AS n, table_type, engine, table_collation FROM information_schema.tables WHERE ${OTHERS('table_schema')}`,
  ],
  [
    'columns of',
    `SELECT table_schema AS d, table_name AS n, column_name, ordinal_position, column_default, is_nullable, column_type, collation_name, extra, generation_expression FROM information_schema.columns WHERE ${OTHERS('table_schema')} ORDER BY ordinal_position`,
  ],
  [
    'indexes of',
    `SELECT table_schema AS d, table_name AS n, index_name, non_unique, seq_in_index, column_name, sub_part FROM information_schema.statistics WHERE ${OTHERS('table_schema')} ORDER BY index_name, seq_in_index`,
  ],
  [
    'constraints of',
    `SELECT table_schema AS d, table_name AS n, constraint_name, constraint_type FROM information_schema.table_constraints WHERE ${OTHERS('table_schema')} ORDER BY constraint_name, constraint_type`,
  ],
  [
    'view',
    `SELECT table_schema AS d, table_name AS n, SHA2(view_definition, 256) AS m, security_type, definer FROM information_schema.views WHERE ${OTHERS('table_schema')}`,
  ],
  [
    'routine',
    `SELECT routine_schema AS d, routine_name AS n, routine_type, SHA2(routine_definition, 256) AS m, security_type, definer FROM information_schema.routines WHERE ${OTHERS('routine_schema')}`,
  ],
  [
    'trigger',
    `SELECT trigger_schema AS d, trigger_name AS n, SHA2(action_statement, 256) AS m, event_object_table, event_manipulation, action_timing, definer FROM information_schema.triggers WHERE ${OTHERS('trigger_schema')}`,
  ],
  [
    'event',
    `SELECT event_schema AS d, event_name AS n, SHA2(event_definition, 256) AS m, status, definer FROM information_schema.events WHERE ${OTHERS('event_schema')}`,
  ],
  ['rights of', `SELECT table_schema AS d, grantee AS n, privilege_type FROM information_schema.schema_privileges ORDER BY privilege_type`],
  [
    'rights on a table of',
    `SELECT table_schema AS d, CONCAT(grantee, ' on ', table_name) AS n, privilege_type FROM information_schema.table_privileges ORDER BY privilege_type`,
  ],
  [
    'rights on a column of',
    `SELECT table_schema AS d, CONCAT(grantee, ' on ', table_name, '.', column_name) AS n, privilege_type FROM information_schema.column_privileges ORDER BY privilege_type`,
  ],
  [
    'rights on a routine of',
    `SELECT db AS d, CONCAT('''', user, '''@''', host, ''' on ', LOWER(routine_type), ' ', routine_name) AS n, CAST(proc_priv AS CHAR) AS p FROM mysql.procs_priv`,
  ],
];

function objectOf(kind: string, rows: readonly Row[], own: string, reach: readonly string[]): CatalogObject {
  const [first] = rows;
  const database = String(first?.['d']);
  const rights = kind.startsWith('rights');
  const inside = !rights && database === own;
  return {
    kind,
    name: `${database}.${String(first?.['n'])}`,
    inside,
    own: inside,
    owner: database,
    reachable: reach.some((pattern) => patternReaches(pattern, database, false)),
    digest: fingerprint(rows.map((row) => ({ ...row }))),
    strangers: [],
    broken: null,
  };
}
