import { field, sql } from '../../../engine/index.ts';
import { LEDGER } from '../names.ts';
import { exactly, literal } from '../quote.ts';
import type { LedgerSpec } from '../spec.ts';
import type { Command } from '../../../model/index.ts';
import type { Kind } from './kind.ts';

export const TABLE = `${LEDGER}.ledger`;
export const COLLATION = 'utf8mb4_bin';

/** Of the table, as the server tells them: name, type, whether in the key, whether never empty. */
export const COLUMNS = [
  ['kind', 'varchar(16)', true, true],
  ['name', 'varchar(255)', true, true],
  ['project', 'varchar(255)', false, true],
  ['app', 'varchar(255)', false, false],
  ['applied', 'varchar(64)', false, false],
  ['retired', 'date', false, false],
] as const;
const SHAPE = COLUMNS.map(([name, type, , isNeeded]) => `${name} ${type.toUpperCase()}${isNeeded ? ' NOT NULL' : ''}`).join(', ');

/** What a plan calls the row of an account or a database. */
export const ENTRY = 'in the ledger';

/**
 * The ledger is a database of the operator that no app can see. Each statement is true already or makes itself true. The row of
 * kind `secret` names the lock of an apply: whoever could guess it could hold every apply up.
 */
export const ledger: Kind<LedgerSpec> = {
  diff: (desired, observed) => (desired.complete === observed.complete ? [] : [field('complete', observed.complete, desired.complete)]),
  statements: () => ({
    grants: [
      sql(`CREATE DATABASE IF NOT EXISTS ${LEDGER} CHARACTER SET utf8mb4 COLLATE ${COLLATION}`),
      sql(
        `CREATE TABLE IF NOT EXISTS ${TABLE} (${SHAPE}, PRIMARY KEY (kind, name)) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE ${COLLATION}`,
      ),
      sql(
        `INSERT INTO ${TABLE} (kind, name, project) SELECT 'secret', HEX(RANDOM_BYTES(16)), '' FROM (SELECT COUNT(*) AS n FROM ${TABLE} WHERE kind = 'secret') AS there WHERE n = 0`,
      ),
    ],
    revokes: [],
  }),
};

/** Writes down whose an account or a database is. */
export function note(kind: 'account' | 'database', name: string, project: string, app: string): Command {
  const [k, n, p, a] = [kind, name, project, app].map(literal);
  return sql(
    `INSERT INTO ${TABLE} (kind, name, project, app) VALUES (${k}, ${n}, ${p}, ${a}) ON DUPLICATE KEY UPDATE project = ${p}, app = ${a}, applied = NULL, retired = NULL`,
  );
}

/** Writes down that all that was asked for an app ('' : for several) is done. */
export function noteApplied(project: string, app: string, applied: string): Command {
  const [n, p, a, h] = [`${project}/${app}`, project, app, applied].map(literal);
  return sql(
    `INSERT INTO ${TABLE} (kind, name, project, app, applied) VALUES ('app', ${n}, ${p}, ${a}, ${h}) ON DUPLICATE KEY UPDATE applied = ${h}, retired = NULL`,
  );
}

/** A digest of what the server keeps of the password of a row's account: one that is made anew has another. */
const PASSWORD = `(SELECT SHA2(u.authentication_string, 256) FROM mysql.user AS u WHERE ${exactly("CONCAT(u.User, '@', u.Host)")} = ledger.name LIMIT 1)`;

/** Writes down that an app is retired, or no longer: all of its lines. `day` null: in use again. */
export function noteRetired(project: string, app: string, day: string | null): Command {
  const what =
    day === null ? 'retired = NULL, applied = NULL' : `retired = ${literal(day)}, applied = IF(kind = 'account', ${PASSWORD}, applied)`;
  return sql(`UPDATE ${TABLE} SET ${what} WHERE project = ${literal(project)} AND app = ${literal(app)}`);
}

/** Writes down that the account of a retired app is the one that is there now. */
export function vouch(name: string): Command {
  return sql(`UPDATE ${TABLE} SET applied = ${PASSWORD} WHERE kind = 'account' AND name = ${literal(name)}`);
}

/**
 * Sessions of these users are to be ended; '' stands for those without an account. Written before something is taken and struck
 * out when they are gone: a run that is cut short in between is finished by the next one.
 `places`: keys of what everybody had, where whoever works is to be ended.
 */
export function noteEnding({ users, places }: Ending, project: string, app: string | null): Command {
  const row = (kind: string, name: string): string =>
    `('${kind}', ${literal(name)}, ${literal(project)}, ${app === null ? 'NULL' : literal(app)})`;
  const rows = [...users.map((user) => row('ending', user)), ...places.map((place) => row('ending-in', place))];
  return sql(`INSERT IGNORE INTO ${TABLE} (kind, name, project, app) VALUES ${rows.join(', ')}`);
}

export function noteEnded({ users, places }: Ending): Command {
  const named = (kind: string, names: readonly string[]): readonly string[] =>
    names.length === 0 ? [] : [`kind = '${kind}' AND name IN (${names.map(literal).join(', ')})`];
  return sql(`DELETE FROM ${TABLE} WHERE ${[...named('ending', users), ...named('ending-in', places)].join(' OR ')}`);
}

export interface Ending {
  readonly users: readonly string[];
  readonly places: readonly string[];
}

export function forget(project: string, app: string): Command {
  return sql(`DELETE FROM ${TABLE} WHERE project = ${literal(project)} AND app = ${literal(app)}`);
}
