import type { FoundLogin } from './found.ts';
import { type ImportDatabase, LEVEL } from './evidence.ts';
import type { LoginLevel } from '../../../engine/index.ts';
import { readMark } from '../marks/mark.ts';
import { nameTrouble } from '../names.ts';
import type { RoleRow, SharedRows } from '../queries/shared.ts';

/** Roles without login that an app can take for its groups. */
export interface KeptGroups {
  readonly owner: string | null;
  readonly readWrite: string | null;
  readonly readOnly: string | null;
}

export const NO_GROUPS: KeptGroups = { owner: null, readWrite: null, readOnly: null };

/** Finds groups that stay what they are: used in one database only, with the logins of one level for members. */
export class GroupFinder {
  readonly #databases: readonly ImportDatabase[];
  readonly #roles: ReadonlyMap<string, RoleRow>;
  readonly #groups: ReadonlyMap<string, ReadonlySet<string>>;

  constructor(rows: SharedRows, databases: readonly ImportDatabase[], groups: ReadonlyMap<string, ReadonlySet<string>>) {
    this.#databases = databases;
    this.#roles = new Map(rows.roles.map((row) => [row[0], row]));
    this.#groups = groups;
  }

  kept(database: ImportDatabase, logins: readonly FoundLogin[]): KeptGroups {
    const of = (...levels: readonly LoginLevel[]): readonly string[] =>
      logins.filter(({ as }) => levels.includes(as)).map(({ row }) => row[0]);
    const owner = this.#one(database, of('owner'), (level) => level === LEVEL.owns, []);
    const taken = owner === null ? [] : [owner];
    const readWrite = this.#one(database, of('rw'), (level) => level >= LEVEL.reads, taken);
    const readOnly = this.#one(database, of('read'), (level) => level >= LEVEL.reads, [
      ...taken,
      ...(readWrite === null ? [] : [readWrite]),
    ]);
    return { owner, readWrite, readOnly };
  }

  /** The group through which all of these own what they own; null: there is none. */
  sharedOwner(database: ImportDatabase, logins: readonly string[]): string | null {
    const alone = logins.every((login) => (database.holdings.get(login)?.level ?? LEVEL.none) < LEVEL.owns);
    return alone ? this.#one(database, logins, (level) => level === LEVEL.owns, []) : null;
  }

  /** True where the groups of a login are its level's alone, so that it can stay in them. */
  isBound(database: ImportDatabase, login: string): boolean {
    const groups = [...(this.#groups.get(login) ?? [])].filter((name) => database.holdings.has(name));
    return groups.length === 1 && groups.every((name) => this.#isFree(database, name, [login]));
  }

  #one(database: ImportDatabase, logins: readonly string[], fits: (level: number) => boolean, taken: readonly string[]): string | null {
    const [first] = logins;
    if (first === undefined) return null;
    const found = [...(this.#groups.get(first) ?? [])].filter(
      (name) => !taken.includes(name) && this.#isFree(database, name, logins) && fits(database.holdings.get(name)?.level ?? LEVEL.none),
    );
    return found.length === 1 ? (found[0] ?? null) : null;
  }

  #isFree(database: ImportDatabase, name: string, logins: readonly string[]): boolean {
    const row = this.#roles.get(name);
    if (!row || row[1] || row[3] || readMark(row[10]) || nameTrouble(name)) return false;
    if (this.#databases.some((other) => other !== database && other.holdings.has(name))) return false;
    const members = [...this.#groups].filter(([, groups]) => groups.has(name)).map(([member]) => member);
    return members.length === logins.length && members.every((member) => logins.includes(member));
  }
}
