import type { ImportDatabase } from './evidence.ts';
import { ident } from '../quote.ts';
import type { SharedRows } from '../queries/shared.ts';

/** What the one who imports can take over: all of it as a superuser, else what belongs to roles that it administers. */
export class Admin {
  readonly name: string;
  readonly #superuser: boolean;
  readonly #version: number;
  readonly #superusers: ReadonlySet<string>;
  /** Roles that it may grant to itself. */
  readonly #administered: ReadonlySet<string>;

  constructor(rows: SharedRows) {
    const [name = '', superuser = false, , , version = 0] = rows.server[0] ?? [];
    this.name = name;
    this.#superuser = superuser;
    this.#version = version;
    this.#superusers = new Set(rows.roles.filter((row) => row[3]).map(([role]) => role));
    this.#administered = new Set(rows.members.filter(([, member, admin]) => member === name && admin).map(([group]) => group));
  }

  actsFor(role: string): boolean {
    if (this.#superuser || role === this.name) return true;
    if (this.#superusers.has(role)) return false;
    // Before 16, CREATEROLE reaches every role that is no superuser.
    return this.#version < 160000 || this.#administered.has(role);
  }

  hint(role: string): string {
    return `import as a superuser, or have one run GRANT ${ident(role)} TO ${ident(this.name)} WITH ADMIN OPTION`;
  }

  /** Why a database cannot be taken over as a whole; null: it can. */
  cannotTake({ row, rows }: ImportDatabase): string | null {
    if (this.#superuser || rows === null) return null;
    const owners = new Set([
      row[1],
      ...rows.schemas.filter(([name, owner]) => name !== 'public' && owner !== 'pg_database_owner').map(([, owner]) => owner),
      ...rows.relations.map(([, , owner]) => owner),
      ...rows.functions.map(([, , , owner]) => owner),
      ...rows.types.map(([, , owner]) => owner),
    ]);
    const beyond = [...owners].filter((owner) => !this.actsFor(owner)).sort();
    const [first] = beyond;
    if (first === undefined) return null;
    const names = beyond.map((owner) => `"${owner}"`).join(', ');
    const way = this.#superusers.has(first) ? 'import as a superuser' : this.hint(first);
    return `${names} ${beyond.length > 1 ? 'own' : 'owns'} objects in it, and this admin is not a member of such a role: ${way}`;
  }
}
