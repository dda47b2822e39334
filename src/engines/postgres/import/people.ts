import { lookUp } from '../../../util/record.ts';
import { parseAcl } from '../acl.ts';
import { effective, type ImportDatabase, LEVEL } from './evidence.ts';
import type { FoundApps } from './found.ts';
import { readMark } from '../marks/mark.ts';
import type { RoleRow, SharedRows } from '../queries/shared.ts';

/** What the server's own groups stand for, in words of `operators`. */
const WORDS: Readonly<Record<string, string>> = { pg_monitor: 'monitor', pg_read_all_data: 'read-all' };

/** Logins that belong to no app, as the manifest is to name them. */
export interface FoundPeople {
  readonly operators: Readonly<Record<string, readonly string[]>>;
  readonly known: readonly { readonly user: string; readonly why: string }[];
}

/** What a login has that is no app's business: words of `operators`, and whether that is all. */
export interface Helper {
  readonly words: readonly string[];
  /** It has nothing else. */
  readonly only: boolean;
}

/** Tells backups, monitors, poolers and the like from logins of apps. */
export class People {
  readonly #databases: readonly ImportDatabase[];
  readonly #groups: ReadonlyMap<string, ReadonlySet<string>>;
  readonly #predefined = new Map<string, Set<string>>();

  constructor(rows: SharedRows, databases: readonly ImportDatabase[], groups: ReadonlyMap<string, ReadonlySet<string>>) {
    this.#databases = databases;
    this.#groups = groups;
    for (const [group, member] of rows.members) {
      if (!group.startsWith('pg_')) continue;
      this.#predefined.set(member, (this.#predefined.get(member) ?? new Set()).add(group));
    }
  }

  helper([name, , , , createRole, createDatabase, replication, bypassRls]: RoleRow): Helper {
    const mine = [name, ...(this.#groups.get(name) ?? [])];
    const predefined = new Set(mine.flatMap((role) => [...(this.#predefined.get(role) ?? [])]));
    const words = new Set([...predefined].flatMap((group) => lookUp(WORDS, group) ?? []));
    if (replication) words.add('replication');
    if (bypassRls) words.add('bypass-rls');
    const looksUp = this.#databases.filter((database) => isLookup(database, name));
    if (looksUp.length > 0) words.add('auth-query');
    const strange = [...predefined].some((group) => lookUp(WORDS, group) === undefined);
    const more = this.#databases.some((database) => this.#holdsMore(database, name, looksUp.includes(database)));
    if (words.size === 0 && this.#databases.some(({ holdings }) => (holdings.get(name)?.database ?? '').includes('c')))
      words.add('connect');
    return { words: [...words].sort(), only: !(strange || createRole || createDatabase || more) };
  }

  /** Rights inside a database beyond those of a pooler's lookup; or it is closed to everybody and not to others. */
  #holdsMore(database: ImportDatabase, name: string, looksUp: boolean): boolean {
    const { level, database: letters } = effective(database.holdings, name, this.#groups.get(name));
    const closed = database.row[8] !== null && lookUp(parseAcl(database.row[8]), '') === undefined;
    return (
      level > (looksUp ? LEVEL.reads : LEVEL.enters) || letters.includes('C') || letters.includes('T') || (closed && !letters.includes('c'))
    );
  }

  /** True where a table belongs to the login, by itself or through a group. */
  ownsTables(name: string): boolean {
    const mine = new Set([name, ...(this.#groups.get(name) ?? [])]);
    return this.#databases.some(({ reach }) =>
      (reach?.reach ?? []).some(([who, , kind, owner]) => who === name && kind !== 'S' && mine.has(owner)),
    );
  }

  /**
   * Everybody who is left: operators where their words say all, known strangers else. `makers`: roles without login that own
   * something there. `adopted`: databases of the apps.
   */
  sort(logins: readonly RoleRow[], makers: readonly RoleRow[], adopted: ReadonlySet<ImportDatabase>): FoundPeople {
    const operators: [string, readonly string[]][] = [];
    const known: { user: string; why: string }[] = [];
    for (const row of logins) {
      const { words, only } = this.helper(row);
      if (words.length > 0 && only) operators.push([row[0], words]);
      else known.push({ user: row[0], why: this.#why(row[0], adopted) });
    }
    for (const [name] of makers) {
      const at = [...adopted].filter(({ holdings }) => holdings.get(name)?.level === LEVEL.owns).map(({ row }) => `"${row[0]}"`);
      known.push({ user: name, why: `found by the import; views and functions of others in ${at.join(' and ')} run with its rights` });
    }
    return { operators: Object.fromEntries(operators), known };
  }

  /** Superusers besides the admin and the server's first one: no words of `operators` say that. Of a service's its admin says nothing. */
  superusers(roles: readonly RoleRow[], admin: string, used: ReadonlySet<string>): FoundPeople['known'] {
    const [me] = roles.filter(([name]) => name === admin);
    const others = roles.filter((row) => row[1] && row[3] && !used.has(row[0]) && row[0] !== admin && row[0] !== 'postgres');
    return (me?.[3] === true ? others : []).map(([user]) => ({ user, why: 'found by the import; a superuser' }));
  }

  #why(name: string, adopted: ReadonlySet<ImportDatabase>): string {
    const at = this.#databases.filter(({ holdings }) => effective(holdings, name, this.#groups.get(name)).level > LEVEL.none);
    const shown = at.map((one) => `"${one.row[0]}"${adopted.has(one) ? '' : ', which is left out'}`);
    return shown.length === 0 ? 'found by the import; connects, as everybody could' : `found by the import; uses ${shown.join(' and ')}`;
  }
}

/** A SECURITY DEFINER function that reads passwords, which the login may execute by its name or find by the name of its schema. */
function isLookup({ reach }: ImportDatabase, login: string): boolean {
  return (reach?.sources ?? []).some(([, , items, space, passwords]) => {
    if (!passwords) return false;
    const [acl, schema] = [items === null ? { '': 'X' } : parseAcl(items), parseAcl(space ?? [])];
    return lookUp(acl, login) !== undefined || (lookUp(acl, '') !== undefined && lookUp(schema, login) !== undefined);
  });
}

/** Logins that bear a mark of cotenant, and are no app's here. Those of the very project that the manifest is to have it knows by itself. */
export function markedLogins(roles: readonly RoleRow[], project: string): Pick<FoundApps, 'left'> & Pick<FoundPeople, 'known'> {
  const marked = roles.flatMap((row) => {
    const mark = readMark(row[10]);
    return mark && row[1] ? [{ user: row[0], project: mark.project }] : [];
  });
  const [own, others] = [marked.filter((one) => one.project === project), marked.filter((one) => one.project !== project)];
  return {
    known: others.map((one) => ({ user: one.user, why: `found by the import; bears the mark of the cotenant project "${one.project}"` })),
    left: own.map(({ user }) => ({ kind: 'role', name: user, why: 'it bears the mark of this very project' })),
  };
}
