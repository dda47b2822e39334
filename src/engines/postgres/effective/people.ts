import type { Observation } from '../../../engine/index.ts';
import { lookUp } from '../../../util/record.ts';
import { type Acl, parseAcl } from '../acl.ts';
import type { AcceptedRoles } from '../judge/accepted-roles.ts';
import type { Named } from '../observe/adopted.ts';
import type { ByOwnership } from '../observe/by-ownership.ts';
import type { Carrier, Space, Whole } from '../observe/carriers.ts';
import type { AdmissionRow } from '../queries/admission.ts';
import type { RoleRow, SharedRows } from '../queries/shared.ts';
import type { Link } from '../retire/remains-spec.ts';
import { parseSettings } from '../settings.ts';
import { Closure, type Edge } from './closure.ts';
import type { Guarded } from './letters.ts';

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

/** What depends on somebody, as far as it was looked at. */
type Hanging = Partial<Pick<People, 'named' | 'byOwnership' | 'links' | 'carriers' | 'spaces' | 'whole' | 'admissions'>>;

/** Everybody on the server, with what decides who may do what: from one look at the shared catalogs. */
export class People {
  readonly #rows: SharedRows;
  readonly roles: ReadonlyMap<string, RoleRow>;
  /** Whose rights stay as they are. */
  readonly accepted: AcceptedRoles;
  /** What logins that are adopted have by name, and will not have. */
  readonly named: readonly Named[];
  /** What goes with the ownership of a database. */
  readonly byOwnership: readonly ByOwnership[];
  #closure: Closure | null = null;
  #doors: ReadonlyMap<string, Guarded> | null = null;
  #logins: readonly string[] | null = null;
  #standing: readonly string[] | null = null;

  /** What leads to this server; [] where nothing is taken from anybody. */
  readonly links: readonly Link[];
  /** What runs with somebody's rights in the databases of ours; [] as well. */
  readonly carriers: readonly Carrier[];
  /** Schemas of those databases, by `database/schema`. */
  readonly spaces: ReadonlyMap<string, Space>;
  /** What the carriers can need there. */
  readonly whole: Whole;
  /** Lines of pg_hba.conf that let somebody in; null: this admin may not read them. */
  readonly admissions: readonly AdmissionRow[] | null;

  constructor(rows: SharedRows, accepted: AcceptedRoles, more: Hanging = {}) {
    this.#rows = rows;
    this.accepted = accepted;
    this.named = more.named ?? [];
    this.byOwnership = more.byOwnership ?? [];
    this.links = more.links ?? [];
    this.carriers = more.carriers ?? [];
    this.spaces = more.spaces ?? new Map();
    this.whole = more.whole ?? new Map();
    this.admissions = more.admissions ?? null;
    this.roles = new Map(rows.roles.map((row) => [row[0], row]));
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
    this.#logins ??= [...this.roles.keys()].filter((name) => this.isLogin(name));
    return this.#logins;
  }

  /** Roles that the manifest names and as which nobody logs in: what they own runs with their rights, whoever uses it. */
  get standing(): readonly string[] {
    this.#standing ??= this.accepted.named.filter((name) => this.isOnlyOwner(name));
    return this.#standing;
  }

  /** Others of that sort, whose code or foreign keys lie in the database. What a view needs is no right on a schema or database. */
  ownersIn(database: string): readonly string[] {
    const found = this.carriers.filter((one) => one.database === database && one.kind !== 'view' && one.kind !== 'rule');
    return [...new Set(found.map(({ owner }) => owner))].filter((name) => this.isOnlyOwner(name)).sort();
  }

  /** A role as which nobody logs in. */
  isOnlyOwner(name: string): boolean {
    const row = this.roles.get(name);
    return row?.[1] === false && !row[3] && !name.startsWith('pg_');
  }

  /** Others than the admin that have every right themselves, and not what runs with the rights of others. */
  get superusers(): readonly string[] {
    return [...this.roles.values()].filter((row) => row[1] && row[3] && row[0] !== this.#rows.server[0]?.[0]).map(([name]) => name);
  }

  isLogin(name: string): boolean {
    const row = this.roles.get(name);
    return row?.[1] === true && !row[3];
  }

  /** A database as it is now. null: it is not there. */
  door(database: string): Guarded | null {
    this.#doors ??= new Map(
      this.#rows.databases.map(([name, owner, , , , , , , items]) => [
        name,
        { owner, acl: items === null ? { '': 'Tc' } : parseAcl(items) },
      ]),
    );
    return this.#doors.get(database) ?? null;
  }

  /** False where nobody can connect to it, whatever their rights. */
  isOpen(database: string): boolean {
    return this.#rows.databases.some(([name, , , , , , allows]) => name === database && allows);
  }

  /** Names of all databases. */
  get databases(): readonly string[] {
    return this.#rows.databases.map(([name]) => name);
  }

  /** The schema `public` of the database that the admin is connected to. */
  get publicSchema(): Acl {
    return parseAcl(this.#rows.publicSchema[0]?.[1] ?? []);
  }

  /** Who may do what with each parameter. The list names no owner. */
  get parameters(): readonly (readonly [name: string, guarded: Guarded])[] {
    return this.#rows.parameters.map(([name, items]) => [name, { owner: '', acl: parseAcl(items) }]);
  }

  /** What limits the sessions of somebody for whom nothing is set, by setting. */
  get limits(): ReadonlyMap<string, string> {
    const all = this.#rows.settings.filter(([database, role]) => database === '' && role === '');
    return new Map([...this.#rows.limits, ...all.flatMap(([, , config]) => Object.entries(parseSettings(config)))]);
  }

  /** What is set for the login itself, in this database or everywhere; null: nothing. */
  setting(login: string, database: string, name: string): string | null {
    const of = (where: string): string | null => {
      const row = this.#rows.settings.find(([place, role]) => place === where && role === login);
      return row ? (lookUp(parseSettings(row[2]), name) ?? null) : null;
    };
    return of(database) ?? of('');
  }

  /** Where sessions are set to begin as a role: whose, '' for everybody's, and in which database, '' for all. */
  beginningAs(role: string): readonly (readonly [login: string, database: string])[] {
    return this.#rows.settings
      .filter(([, , config]) => lookUp(parseSettings(config), 'role') === role)
      .map(([database, login]) => [login, database]);
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
