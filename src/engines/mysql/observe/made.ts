import type { Catalog } from './catalog.ts';
import type { Connection } from '../connect/connection.ts';
import { databasesCalled, type Mention, mentionsIn } from './mentions.ts';
import { LEDGER, SERVER_DATABASES } from '../names.ts';
import { needlessIn } from './needless.ts';

/** Something that runs with the rights of its definer. */
export interface Made {
  readonly database: string;
  readonly name: string;
  /** As `VIEW`, ready for DROP. */
  readonly what: string;
  /** As `user@host`. */
  readonly definer: string;
  /** False: it runs with the rights of whoever calls it. */
  readonly asDefiner: boolean;
  /** Of a trigger: whose rows, and what is done to them, as `INSERT`. */
  readonly on?: { readonly table: string; readonly when: readonly string[] };
  /** What its text names in other databases. */
  readonly mentions: readonly Mention[];
  /** What it names with a database before it, in its own one. */
  readonly within: readonly Mention[];
  /** It puts statements together when it runs: what they name does not stand in its text. */
  readonly builds: boolean;
  /** Privileges of its definer that it cannot need; [] where nobody can tell. */
  readonly needless: readonly string[];
}

/** A table as what others may use, and that goes. */
export const tableNamed = (database: string, name: string): Made => ({
  database,
  name,
  what: 'TABLE',
  definer: '',
  asDefiner: false,
  mentions: [],
  within: [],
  builds: false,
  needless: [],
});

const BUILDS = /\b(?:PREPARE|EXECUTE\s+IMMEDIATE)\b/i;

/** Of the server's own tables where it has them: the views that it makes of them look into every routine. */
function questions(flavor: 'mysql' | 'mariadb'): readonly string[] {
  const [routines, events] =
    flavor === 'mariadb'
      ? [
          'SELECT db AS d, name AS n, type AS t, definer AS who, security_type AS s, body_utf8 AS body FROM mysql.proc',
          "SELECT db AS d, name AS n, 'EVENT' AS t, definer AS who, 'DEFINER' AS s, body_utf8 AS body FROM mysql.event",
        ]
      : [
          'SELECT ROUTINE_SCHEMA AS d, ROUTINE_NAME AS n, ROUTINE_TYPE AS t, DEFINER AS who, SECURITY_TYPE AS s, ROUTINE_DEFINITION AS body FROM information_schema.ROUTINES',
          "SELECT EVENT_SCHEMA AS d, EVENT_NAME AS n, 'EVENT' AS t, DEFINER AS who, 'DEFINER' AS s, EVENT_DEFINITION AS body FROM information_schema.EVENTS",
        ];
  return [
    routines,
    events,
    "SELECT TABLE_SCHEMA AS d, TABLE_NAME AS n, 'VIEW' AS t, DEFINER AS who, SECURITY_TYPE AS s, VIEW_DEFINITION AS body FROM information_schema.VIEWS WHERE TABLE_SCHEMA NOT IN ('sys', 'mysql')",
    "SELECT TRIGGER_SCHEMA AS d, TRIGGER_NAME AS n, 'TRIGGER' AS t, DEFINER AS who, 'DEFINER' AS s, ACTION_STATEMENT AS body, EVENT_OBJECT_TABLE AS tab, EVENT_MANIPULATION AS does FROM information_schema.TRIGGERS",
  ];
}

/** Views, routines, triggers and events of all databases but the server's own and ours. */
export async function readMade(
  connection: Connection,
  { server, databases }: Pick<Catalog, 'server' | 'databases'>,
): Promise<readonly Made[]> {
  const lowerCaseNames = Number(server.variables.get('lower_case_table_names') ?? 0);
  const names = databasesCalled(
    databases.map(({ name }) => name).filter((name) => !SERVER_DATABASES.includes(name)),
    lowerCaseNames,
  );
  const out: Made[] = [];
  for (const question of questions(server.flavor)) {
    for (const row of await connection.rows(question)) {
      const database = String(row['d']);
      if (SERVER_DATABASES.includes(database) || database === LEDGER) continue;
      const body = textOf(row['body']);
      const mentions = mentionsIn(body, names);
      out.push({
        database,
        name: String(row['n']),
        what: String(row['t']),
        definer: String(row['who']),
        asDefiner: row['s'] === 'DEFINER',
        ...(row['does'] === undefined ? {} : { on: { table: textOf(row['tab']), when: textOf(row['does']).split(',') } }),
        mentions: mentions.filter((one) => one.database !== database),
        within: mentions.filter((one) => one.database === database),
        builds: BUILDS.test(body),
        needless: needlessIn(String(row['t']), body),
      });
    }
  }
  return out;
}

function textOf(value: unknown): string {
  return Buffer.isBuffer(value) ? value.toString('utf8') : typeof value === 'string' ? value : '';
}

/** For people: `view shop.recent`. */
export function calledMade({ what, database, name }: Made): string {
  return `${what.toLowerCase()} ${database}.${name}`;
}

const SHOWN = 5;

/** A list for one line of a plan: the first few, and how many more. */
export function listed(names: readonly string[]): string {
  const rest = names.length - SHOWN;
  return rest > 0 ? `${names.slice(0, SHOWN).join(', ')} and ${rest} more` : names.join(', ');
}
