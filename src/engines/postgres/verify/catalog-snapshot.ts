import { hashesOf } from '../../../engine/index.ts';
import type { Resource } from '../../../model/index.ts';
import type { Acl } from '../acl.ts';
import { compile, MAINTENANCE } from '../compile/compile.ts';
import type { Input } from '../compile/draft.ts';
import { copiesAmong, withoutMark } from '../marks/copies.ts';
import { partName, partOf } from '../part-name.ts';
import { type Mark, readMark } from '../marks/mark.ts';
import type { ShareSpec } from '../shares/spec.ts';
import type { Reach } from '../shares/text.ts';
import { ownDatabaseNames, schemaNames, type Space, spacesOf } from '../compile/spaces.ts';
import { keepingLimit } from '../kinds/limits.ts';
import { type DatabaseSpec, isKind, type RoleSpec } from '../spec.ts';
import type { ServerRow, SharedCatalog } from './catalog-shared.ts';
import { AdminLimits } from './admin-limits.ts';
import type { Followers } from './followers.ts';
import { Memberships } from './memberships.ts';
import { Opened } from './opened.ts';
import { aclOf } from './rights.ts';
import { declaredPrincipals, operatorPrincipals, otherPrincipals, type Principal, type Role, rolesOf } from './principals.ts';
import { append } from '../../../util/append.ts';

/** A database and who belongs there. */
export interface Place {
  readonly database: string;
  /** `app`: of one app. `space`: shared by apps. `retired`: of an app that is gone. `other`: of nobody here. */
  readonly kind: 'app' | 'space' | 'maintenance' | 'retired' | 'other';
  readonly app: string | null;
  readonly space: Space | null;
  /** What findings call it. */
  readonly target: string;
  readonly owner: string;
  readonly allows: boolean;
  readonly template: boolean;
  readonly acl: readonly string[] | null;
  readonly comment: string | null;
  readonly mark: Mark | null;
  /** Made or adopted by this project, which its mark says, or an apply of this manifest that came to its end. */
  readonly ours: boolean;
  readonly connectionLimit: number;
}

/** One who has the rights of a role. */
export interface Holder {
  readonly principal: Principal;
  /** True where a role that can log in leads there. */
  readonly live: boolean;
  /** True where it has the rights without a SET ROLE, and so also when it connects. */
  readonly enters: boolean;
}

/** Everything that both tiers of the analysis ask: who is who, who can become what, whose database is which. */
export class CatalogSnapshot {
  readonly input: Input;
  readonly shared: SharedCatalog;
  readonly server: ServerRow;
  readonly roles: ReadonlyMap<string, Role>;
  readonly memberships: Memberships;
  readonly principals: readonly Principal[];
  readonly places: readonly Place[];
  /** Roles that are the operator's: superusers, the admin, and groups whose rights the admin has. */
  readonly operators: ReadonlySet<string>;
  /** Shares from one database to another. */
  readonly shares: readonly Resource<ShareSpec>[];
  /** What shares open on purpose. */
  readonly opened: Opened;
  /** What this admin cannot close. */
  readonly limits: AdminLimits;
  /** Who comes in as somebody else, and what runs with the rights of others: looked at where a fix takes something. */
  followers: Followers | null = null;
  readonly #principalOf = new Map<string, Principal>();
  readonly #byPlace = new Map<string, Principal[]>();
  readonly #intact = new Set<string>();
  readonly #appOf = new Map<string, string>();
  readonly #closed = new Set<string>();
  readonly #limits = new Map<string, DatabaseSpec>();
  readonly #byDatabase: ReadonlyMap<string, Place>;
  readonly #byName: ReadonlyMap<string, Principal>;
  readonly #holders = new Map<string, Holder[]>();

  constructor(input: Input, shared: SharedCatalog) {
    const [server] = shared.server;
    if (!server) throw new Error('the server does not know its own session');
    this.input = input;
    this.shared = shared;
    this.server = server;
    this.opened = new Opened(input);
    this.shares = input.shares.length === 0 ? [] : compile(input).resources.filter((one) => isKind(one, 'share'));
    this.roles = rolesOf(shared.roles, input);
    this.memberships = new Memberships(shared.members);
    this.limits = new AdminLimits(input, shared, this.memberships);
    const declared = [...declaredPrincipals(input), ...operatorPrincipals(input, this.roles)];
    this.operators = this.#findOperators(new Set(declared.flatMap((one) => one.roles)));
    this.principals = [...declared, ...otherPrincipals(input, this.roles, declared, new Set([...this.operators, ...this.#findAccepted()]))];
    this.#byName = new Map(this.principals.map((one) => [one.name, one]));
    for (const one of this.principals) for (const role of one.roles) this.#principalOf.set(role, one);
    for (const one of this.principals) for (const database of one.databases) append(this.#byPlace, database, one);
    this.#readDesired();
    this.#fillHolders();
    this.places = this.#findPlaces();
    this.#byDatabase = new Map(this.places.map((one) => [one.database, one]));
  }

  get version(): number {
    return this.server[6];
  }

  desired(role: string): RoleSpec | null {
    return this.roles.get(role)?.desired ?? null;
  }

  /** True where a share from one database to another begins or ends. */
  isLinked(database: string): boolean {
    return this.shares.some(({ address, spec }) => spec.database === database || partOf(address.name)[0] === database);
  }

  /** Where the server reaches itself. */
  get reach(): Reach {
    return { port: Number(this.setting('port') ?? 5432), listens: this.setting('listen_addresses') ?? '*' };
  }

  /** null: the operator's, the server's own, or gone. */
  principalOf(role: string): Principal | null {
    return this.#principalOf.get(role) ?? null;
  }

  named(name: string | null): Principal | null {
    return name === null ? null : (this.#byName.get(name) ?? null);
  }

  /** Everybody who has the rights of this role; the operator is left out. */
  holders(role: string): readonly Holder[] {
    return this.#holders.get(role) ?? [];
  }

  /** True for a role that this project made or adopted, a retired one included. */
  isOurs(name: string): boolean {
    const role = this.roles.get(name);
    if (role?.mark) return role.mark.project === this.input.project;
    return role?.desired !== undefined && role.desired !== null && this.#isIntact(this.#appOf.get(name) ?? null);
  }

  /** True where the manifest is that of the last complete apply of the app, so that what lost its mark is its still. */
  #isIntact(app: string | null): boolean {
    return app !== null && this.#intact.has(app);
  }

  setting(name: string): string | null {
    return this.shared.values.find(([key]) => key === name)?.[1] ?? null;
  }

  place(database: string): Place | null {
    return this.#byDatabase.get(database) ?? null;
  }

  #findOperators(declared: ReadonlySet<string>): ReadonlySet<string> {
    const [me] = this.server;
    // From 16 on the admin is a member, with ADMIN, of every role that it makes: that makes none of them the operator's. Nor is
    // a login that the operator can become: somebody else logs in with it.
    const groups = [...this.memberships.reach(me).usable].filter((name) => this.roles.get(name)?.login === false);
    const mine = [me, ...groups];
    const all = [...[...this.roles.values()].filter((role) => role.superuser).map((role) => role.name), ...mine];
    return new Set(
      all.filter((name) => !declared.has(name) && this.roles.get(name)?.mark?.project !== this.input.project && !name.startsWith('pg_')),
    );
  }

  /** Known strangers, and groups without a login that these and the operators are in: their other members are spoken of by themselves. */
  #findAccepted(): readonly string[] {
    const known = this.input.known.map(({ user }) => user);
    const groups = [...known, ...this.input.operators.map(({ name }) => name)].flatMap((name) => [
      ...this.memberships.reach(name).ways.keys(),
    ]);
    return [...known, ...groups.filter((name) => this.roles.get(name)?.login === false)];
  }

  #readDesired(): void {
    const { resources } = compile(this.input);
    const hashes = hashesOf(resources, this.input);
    for (const { mark } of this.roles.values()) {
      if (mark?.project !== this.input.project || mark.retired !== undefined) continue;
      if (mark.app !== null && mark.applied !== undefined && mark.applied === hashes.get(mark.app)) this.#intact.add(mark.app);
      if (mark.shared !== undefined && mark.shared === hashes.get('')) this.#intact.add('');
    }
    for (const one of resources) {
      if (isKind(one, 'role')) this.#appOf.set(one.address.name, one.app ?? '');
      if (isKind(one, 'builtin') && !one.spec.publicExecute) this.#closed.add(one.address.name);
      if (isKind(one, 'database') && one.spec.connectionLimit >= 0) this.#limits.set(one.address.name, one.spec);
    }
  }

  #fillHolders(): void {
    for (const principal of this.principals) {
      const found = new Map<string, { live: boolean; enters: boolean }>();
      for (const name of principal.roles) {
        const role = this.roles.get(name);
        if (!role) continue;
        const live = role.login && !role.expired;
        const { usable, inherited } = this.memberships.reach(name);
        for (const reached of [name, ...usable]) {
          const known = found.get(reached);
          const enters = live && (reached === name || inherited.has(reached));
          found.set(reached, { live: live || known?.live === true, enters: enters || known?.enters === true });
        }
      }
      for (const [name, holder] of found) append(this.#holders, name, { principal, ...holder });
    }
  }

  #findPlaces(): readonly Place[] {
    const apps = new Map(
      this.input.placements.flatMap(({ app, placement }) =>
        placement.isolation === 'database' ? [[ownDatabaseNames(app, placement).database, app] as const] : [],
      ),
    );
    const spaces = new Map(spacesOf(this.input).map((space) => [space.database, space]));
    const copies = copiesAmong(
      this.shared.databases.map(([name, , , , acl, comment, , age]) => ({ name, comment, age, acl })),
      { project: this.input.project, isWanted: (name) => apps.has(name) || spaces.has(name) },
    );
    return this.shared.databases.map(([database, owner, allows, template, acl, said, connectionLimit]): Place => {
      const comment = copies.has(database) ? withoutMark(said) : said;
      const mark = readMark(comment);
      const app = apps.get(database) ?? null;
      const space = spaces.get(database) ?? null;
      const gone = mark?.project === this.input.project && mark.retired !== undefined;
      const ours =
        mark?.project === this.input.project || (mark === null && (this.#isIntact(app) || (space !== null && this.#isIntact(''))));
      const kind = app !== null ? 'app' : space ? 'space' : MAINTENANCE.includes(database) ? 'maintenance' : gone ? 'retired' : 'other';
      return { database, kind, app, space, target: app ?? database, owner, allows, template, acl, comment, mark, ours, connectionLimit };
    });
  }

  /** True for a login that could open a session in the database; `inherited`: if it had the rights of these. */
  enters(login: string, database: string, inherited: ReadonlySet<string> = this.memberships.reach(login).inherited): boolean {
    const place = this.place(database);
    if (!place) return false;
    const mine = new Set(['', login, ...inherited]);
    if (mine.has(place.owner) || [...mine].some((one) => this.roles.get(one)?.superuser)) return true;
    return Object.entries(accessOf(place)).some(([grantee, letters]) => mine.has(grantee) && letters.includes('c'));
  }

  /** Logins of somebody that can open a session in the database today. */
  entrants({ roles }: Principal, database: string): readonly string[] {
    return roles.filter((name) => this.isLive(name) && this.enters(name, database));
  }

  /** True for a role that can log in. */
  isLive(name: string): boolean {
    const role = this.roles.get(name);
    return role?.login === true && !role.expired;
  }

  /** Logins of whomever, but for superusers and this admin. */
  get logins(): readonly string[] {
    return [...this.roles.values()].flatMap(({ name, login, superuser }) => (login && !superuser && name !== this.server[0] ? [name] : []));
  }

  /** Accepted roles without a login that an accepted login can act as in the database: in such a session only their rights count. */
  actedAs(database: string | null): ReadonlySet<string> {
    const isAccepted = (name: string): boolean => ['operator', undefined].includes(this.principalOf(name)?.kind);
    const logins = this.logins.filter((name) => isAccepted(name) && (database === null || this.enters(name, database)));
    const roles = logins.flatMap((name) => [...this.memberships.reach(name).becomes]);
    return new Set(roles.filter((name) => this.roles.get(name)?.login === false && isAccepted(name) && !name.startsWith('pg_')));
  }

  /** Logins of nobody here, of the operator, and known ones, that may connect to the database. */
  othersIn(database: string): readonly string[] {
    return this.logins.filter(
      (name) => ['foreign', 'operator', undefined].includes(this.principalOf(name)?.kind) && this.enters(name, database),
    );
  }

  /** True where the manifest leaves this family of functions to PUBLIC in the database. */
  leavesOpen(database: string, family: string): boolean {
    return !this.#closed.has(partName(database, family));
  }

  /** The connection limit that the manifest comes to for a database with this one; null: none. */
  limitOf(database: string, connectionLimit: number): number | null {
    const desired = this.#limits.get(database);
    const limit = desired === undefined ? -1 : keepingLimit(desired, { settings: {}, connectionLimit }).connectionLimit;
    return limit < 0 ? null : limit;
  }

  /** Who may connect to the database on purpose. */
  principalsOf(database: string): readonly Principal[] {
    return this.#byPlace.get(database) ?? [];
  }

  /** App of a schema of a database that is shared by schemas. */
  schemaApps(space: Space): ReadonlyMap<string, string> {
    return new Map(space.apps.map(({ app, placement }) => [schemaNames(app, placement).schema, app]));
  }
}

/** An access list that was never touched is the built-in one: every login may connect. */
export function accessOf(place: Place): Acl {
  return aclOf(place.acl, { '': 'Tc' });
}
