import type { Connection } from './connection.ts';
import { LEDGER, SERVER_DATABASES } from './names.ts';

/** Something that runs with the rights of its definer. */
export interface Made {
  readonly database: string;
  readonly name: string;
  /** As `VIEW`, ready for DROP. */
  readonly what: string;
  /** As `user@host`. */
  readonly definer: string;
}

/** Of the server's own tables where it has them: the views that it makes of them look into every routine. */
export async function readMade(connection: Connection, flavor: 'mysql' | 'mariadb'): Promise<readonly Made[]> {
  const routines =
    flavor === 'mariadb'
      ? "SELECT db AS d, name AS n, type AS t, definer AS who FROM mysql.proc WHERE security_type = 'DEFINER'"
      : "SELECT ROUTINE_SCHEMA AS d, ROUTINE_NAME AS n, ROUTINE_TYPE AS t, DEFINER AS who FROM information_schema.ROUTINES WHERE SECURITY_TYPE = 'DEFINER'";
  const events =
    flavor === 'mariadb'
      ? "SELECT db AS d, name AS n, 'EVENT' AS t, definer AS who FROM mysql.event"
      : "SELECT EVENT_SCHEMA AS d, EVENT_NAME AS n, 'EVENT' AS t, DEFINER AS who FROM information_schema.EVENTS";
  const views =
    "SELECT TABLE_SCHEMA AS d, TABLE_NAME AS n, 'VIEW' AS t, DEFINER AS who FROM information_schema.VIEWS WHERE SECURITY_TYPE = 'DEFINER' AND TABLE_SCHEMA NOT IN ('sys', 'mysql')";
  const triggers = "SELECT TRIGGER_SCHEMA AS d, TRIGGER_NAME AS n, 'TRIGGER' AS t, DEFINER AS who FROM information_schema.TRIGGERS";
  const out: Made[] = [];
  for (const question of [routines, events, views, triggers]) {
    for (const row of await connection.rows(question)) {
      const database = String(row['d']);
      if (SERVER_DATABASES.includes(database) || database === LEDGER) continue;
      out.push({ database, name: String(row['n']), what: String(row['t']), definer: String(row['who']) });
    }
  }
  return out;
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
