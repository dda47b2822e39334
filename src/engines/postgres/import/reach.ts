import type { ImportDatabase } from './evidence.ts';
import type { LoginLevel } from '../../../engine/index.ts';
import { lettersOf, type ReachRow } from '../queries/import.ts';

/** A level below the owner at which a login can do what it can do now. */
export interface Fit {
  readonly as: Exclude<LoginLevel, 'owner'>;
  /** It may empty tables or set sequences too. */
  readonly truncate: boolean;
}

export interface Ground {
  readonly database: ImportDatabase;
  /** null: the whole database. */
  readonly schema: string | null;
  /** Roles whose things become the owner role's. */
  readonly owners: ReadonlySet<string>;
  /** The logins that act as the owner. */
  readonly acting: readonly string[];
  /** Groups that stay what they are: what they have, their members keep. */
  readonly keepsGroups: boolean;
}

const DATA = ['r', 'a', 'w', 'd'] as const;
const WRITES = /[awdD]/;

/** Everything of `wanted` is in `letters`. */
function hasAll(letters: string, wanted: readonly string[]): boolean {
  return wanted.every((letter) => letters.includes(letter));
}

function rowsOf({ database, schema }: Pick<Ground, 'database' | 'schema'>, login: string): readonly ReachRow[] {
  return (database.reach?.reach ?? []).filter(([who, where]) => who === login && (schema === null || where === schema));
}

/** Tables on which row level security is on. */
export function isSecured({ database, schema }: Pick<Ground, 'database' | 'schema'>): boolean {
  return (database.reach?.reach ?? []).some(([, where, , , secured]) => secured && (schema === null || where === schema));
}

/** True where the login reads and writes every table that there is. */
export function worksWithAll(ground: Pick<Ground, 'database' | 'schema'>, login: string): boolean {
  const tables = rowsOf(ground, login).filter(([, , kind]) => kind === 'r' || kind === 'p');
  return tables.every(([, , , , , letters]) => hasAll(letters, DATA));
}

/**
 * The level at which the login loses nothing and gains nothing; null: there is none. What is not handed to the owner role
 * stays as it is, with the rights that are there by name; a membership in a group of others ends.
 */
export function fitOf(ground: Ground, login: string): Fit | null {
  const rows = rowsOf(ground, login);
  if (!rows.some(([, , kind, , , letters]) => kind !== 'S' && letters !== '')) return null;
  const handed = handedOver(ground, login);
  for (const as of ['rw', 'read'] as const) {
    const exact = rows.every((row) => (handed(row) ? fits(as, row) : ground.keepsGroups || isByName(row))) && callsFit(ground, login, as);
    if (exact && (as === 'read' || rows.some((row) => row[2] !== 'S' && WRITES.test(row[5]))))
      return {
        as,
        truncate: as === 'rw' && rows.some((row) => handed(row) && (row[2] === 'S' ? row[5].includes('w') : row[5].includes('D'))),
      };
  }
  return null;
}

/** What becomes the owner role's: its own things, and plain data with which a login of the app can do all. */
function handedOver(ground: Ground, login: string): (row: ReachRow) => boolean {
  const used = new Set(
    ground.acting.flatMap((owner) =>
      rowsOf(ground, owner).flatMap(([, schema, , , , letters, , names]) =>
        hasAll(letters, DATA) ? names.map((name) => `${schema}.${name}`) : [],
      ),
    ),
  );
  return ([, schema, kind, owner, secured, letters, , names]) => {
    if (ground.owners.has(owner)) return true;
    if (secured) return false;
    if (kind === 'S') return letters.includes('U');
    if (kind === 'v' || kind === 'm') return letters.includes('r');
    return hasAll(letters, DATA) || (login !== '' && names.every((name) => used.has(`${schema}.${name}`)));
  };
}

function fits(as: Fit['as'], [, , kind, , , letters]: ReachRow): boolean {
  if (kind === 'S') return as === 'rw' || !/[Uw]/.test(letters);
  if (as === 'read') return letters.includes('r') && !WRITES.test(letters);
  return kind === 'r' || kind === 'p' ? hasAll(letters, DATA) : letters.includes('r');
}

function isByName([, , , , , letters, words]: ReachRow): boolean {
  return hasAll(lettersOf(words), [...letters]);
}

/** At `rw` every function of the app can be called, at `read` none. */
function callsFit({ database, schema, owners }: Ground, login: string, as: Fit['as']): boolean {
  const calls = (database.reach?.calls ?? []).filter(
    ([who, where, owner]) => who === login && owners.has(owner) && (schema === null || where === schema),
  );
  return calls.every(([, , , definer, may]) => (as === 'rw' ? may || !definer : !may));
}

/** Why a login cannot act as the owner: who it is decides what it sees. null: nothing is against it. */
export function whoMatters(
  database: ImportDatabase,
  login: string,
  groups: ReadonlySet<string>,
  owners: ReadonlySet<string>,
): string | null {
  const { policies = [], sources = [], mappings = [] } = database.reach ?? {};
  const mapped = mappings.find(([who]) => who === login);
  if (mapped)
    return `it has ${mapped[2] === 'mapping' ? 'a user mapping for' : 'rights on'} the foreign server "${mapped[1]}", which ${mapped[2] === 'mapping' ? 'counts' : 'count'} for that login only`;
  for (const [schema, table, owner, forced, roles, text] of policies) {
    if (owners.has(owner) && !forced) continue;
    const named = roles.find((role) => role === login || groups.has(role));
    if (named !== undefined) return `a policy of the table ${schema}.${table} is for "${named}"`;
    if (asksWho(text)) return `a policy of the table ${schema}.${table} asks who the current user is`;
    const [source] = sources.find(([, , , , , asks]) => asks) ?? [];
    if (source !== undefined) return `row level security holds it, and the function ${source} asks who the current user is`;
  }
  return null;
}

/** `current_user` and its kin in an expression, as the server writes it. */
function asksWho(text: string): boolean {
  const bare = text.replaceAll(/'(?:[^']|'')*'/g, '').replaceAll(/"(?:[^"]|"")*"/g, '');
  return /\b(current_user|current_role|user)\b/i.test(bare);
}
