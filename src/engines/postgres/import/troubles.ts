import type { Admin } from './admin.ts';
import { effective, type ImportDatabase, LEVEL } from './evidence.ts';
import { whoMatters } from './reach.ts';
import { readMark } from '../marks/mark.ts';
import { nameTrouble } from '../names.ts';
import type { RoleRow, SharedRows } from '../queries/shared.ts';

/** Why a login cannot be one of an app without losing something; null: it can. */
export class Troubles {
  readonly #rows: SharedRows;
  readonly #databases: readonly ImportDatabase[];
  readonly #groups: ReadonlyMap<string, ReadonlySet<string>>;
  readonly #admin: Admin;
  readonly #inherits: ReadonlyMap<string, boolean>;

  constructor(rows: SharedRows, databases: readonly ImportDatabase[], groups: ReadonlyMap<string, ReadonlySet<string>>, admin: Admin) {
    this.#rows = rows;
    this.#databases = databases;
    this.#groups = groups;
    this.#admin = admin;
    this.#inherits = new Map(rows.roles.map((row) => [row[0], row[2]]));
  }

  /** Why no app can have the login. */
  ofLogin(row: RoleRow, here: ImportDatabase): string | null {
    const [name] = row;
    const mark = readMark(row[10]);
    if (mark) return `its login "${name}" belongs to the cotenant project "${mark.project}"`;
    if (!this.#admin.actsFor(name)) return `this admin may not change its login "${name}": ${this.#admin.hint(name)}`;
    const trouble = nameTrouble(name);
    if (trouble) return `its login cannot be kept: ${trouble.why}`;
    const elsewhere = this.#databases.filter(
      (other) => other !== here && effective(other.holdings, name, this.#groups.get(name)).level >= LEVEL.reads,
    );
    if (elsewhere.length > 0) {
      const names = elsewhere.map((other) => `"${other.row[0]}"`).join(', ');
      return `its login "${name}" also uses ${names}, and a login of an app has one place: give each database its own login, then import again`;
    }
    if (isDynamic(row))
      return `its login "${name}" looks like one that a secrets manager creates for a short time (it expires on ${row[9]})`;
    return null;
  }

  /** A session of an owner acts as the owner role. */
  ofOwner(row: RoleRow, database: ImportDatabase): string | null {
    const why = this.ofActing(row, database, new Set([row[0], ...(this.#groups.get(row[0]) ?? [])]));
    return why === null ? null : `its login "${row[0]}" cannot act as an owner role: ${why}`;
  }

  ofActing([name]: RoleRow, database: ImportDatabase, owners: ReadonlySet<string>): string | null {
    const groups = this.#groups.get(name) ?? new Set<string>();
    return whoMatters(database, name, groups, owners) ?? this.#becomes(name);
  }

  /** At `rw` and `read` a login stays who it is; what it becomes by SET ROLE ends. */
  ofMember([name]: RoleRow, { reach }: ImportDatabase): string | null {
    const mapped = (reach?.mappings ?? []).some(([who, , how]) => who === name && how === 'mapping');
    const why = mapped ? 'it has a user mapping for a foreign server' : this.#becomes(name);
    return why === null ? null : `its login "${name}" cannot be one of an app: ${why}`;
  }

  /** Before 16 who is NOINHERIT has the rights of a group after SET ROLE only; from 16 on each membership says so. */
  #becomes(name: string): string | null {
    const inherits = this.#inherits.get(name) ?? true;
    const version = this.#rows.server[0]?.[4] ?? 0;
    const bare = this.#rows.members.find(([group, member, , inherit]) => {
      const passes = version >= 160000 ? inherit : inherits;
      return member === name && !passes && !group.startsWith('pg_');
    });
    return bare ? `it becomes "${bare[0]}" by SET ROLE, and has the rights of that role no other way` : null;
  }
}

/** A login that a secret manager makes for a while: it has an end, and a name with random letters in it. */
function isDynamic([name, , , , , , , , , until]: RoleRow): boolean {
  return until !== null && until !== 'infinity' && /^v-.+-[A-Za-z0-9]{15,}/.test(name);
}
