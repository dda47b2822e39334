import type { Observation } from '../../../engine/index.ts';
import { type Acl, parseAcl } from '../acl.ts';
import type { SharedRows } from '../queries/shared.ts';
import { Closure, type Edge } from './closure.ts';

/** Memberships as the server counts them. Before 16 a member's own INHERIT decides. */
export function edgesOf(rows: SharedRows): readonly Edge[] {
  const version = rows.server[0]?.[4] ?? 0;
  const inherits = new Map(rows.roles.map((row) => [row[0], row[2]]));
  return rows.members.map(([group, member, admin, inherit, set]) => ({
    group,
    member,
    admin,
    inherit: version >= 160000 ? inherit : (inherits.get(member) ?? true),
    set,
  }));
}

interface Somebody {
  readonly login: boolean;
  readonly superuser: boolean;
}

interface Door {
  readonly owner: string;
  readonly acl: Acl;
}

/** Everybody on the server, with what decides who may do what: from one look at the shared catalogs. */
export class People {
  readonly #rows: SharedRows;
  readonly roles: ReadonlyMap<string, Somebody>;
  #closure: Closure | null = null;
  #doors: ReadonlyMap<string, Door> | null = null;

  constructor(rows: SharedRows) {
    this.#rows = rows;
    this.roles = new Map(rows.roles.map(([name, login, , superuser]) => [name, { login, superuser }]));
  }

  get edges(): readonly Edge[] {
    return edgesOf(this.#rows);
  }

  /** Memberships as they are now. */
  get closure(): Closure {
    this.#closure ??= new Closure(this.edges);
    return this.#closure;
  }

  /** Logins to which a right can be lost: a superuser has all of them. */
  get logins(): readonly string[] {
    return [...this.roles].filter(([, { login, superuser }]) => login && !superuser).map(([name]) => name);
  }

  door(database: string): Door | null {
    this.#doors ??= new Map(
      this.#rows.databases.map(([name, owner, , , , , , , items]) => [
        name,
        { owner, acl: items === null ? { '': 'Tc' } : parseAcl(items) },
      ]),
    );
    return this.#doors.get(database) ?? null;
  }

  /** Open sessions, in one database or in all of them. */
  sessions(login: string, database?: string): number {
    const mine = this.#rows.sessions.filter(([who, where]) => who === login && (database === undefined || where === database));
    return mine.reduce((sum, [, , count]) => sum + count, 0);
  }
}

/** null: an observation that was made by hand. */
export function peopleOf(observation: Observation): People | null {
  return observation.facts instanceof People ? observation.facts : null;
}
