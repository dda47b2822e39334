import { databaseOf, GLOBAL, keyOf, targetOf } from '../grants.ts';
import { type RowRule, rowsFor } from '../observe/row-order.ts';
import type { Made } from '../observe/made.ts';
import { patternReaches } from '../quote.ts';
import type { Census, Grants, Holder } from '../spec.ts';
import { type OnDatabase, onDatabase, reachedByPatterns, type Sources } from './by-database.ts';
import { type Counting, OtherHosts } from './other-hosts.ts';
import { add, Collected, opens, remove, type Rights, setsOf } from './rights.ts';

/** Whose grants they are, and the databases that there are. */
type Whose = Pick<Census, 'accounts' | 'databases' | 'everybody' | 'mandatory'>;

interface Mutable {
  readonly holder: Holder;
  grants: Map<string, Set<string>>;
  roles: readonly string[];
  proxies: readonly string[];
  locked: boolean;
  gone: boolean;
}

/** What a step does to the server's tables of grants. */
export type Effect =
  | {
      readonly is: 'account';
      readonly key: string;
      readonly grants: Grants;
      readonly locked: boolean;
      /** Left out: as they are. */
      readonly roles?: readonly string[];
      readonly proxies?: readonly string[];
    }
  | { readonly is: 'grant'; readonly key: string; readonly target: string; readonly privileges: string }
  | { readonly is: 'revoke'; readonly key: string; readonly target: string; readonly privileges: string }
  | { readonly is: 'leave'; readonly key: string; readonly of: string }
  | { readonly is: 'gone'; readonly key: string }
  | { readonly is: 'rows'; readonly grants: Grants }
  | { readonly is: 'dropped'; readonly database: string }
  /** Something that runs as its definer goes. */
  | { readonly is: 'object'; readonly made: Made };

/** The server's tables of grants, on which the effects of steps are tried before anything is sent. */
export class GrantTables {
  readonly #holders = new Map<string, Mutable>();
  /** Grants of rows without a user, by their host. */
  readonly #everybody: ReadonlyMap<string, Map<string, Set<string>>>;
  readonly #mandatory: readonly string[];
  readonly #rule: Omit<RowRule, 'withRoles'>;
  readonly #databases: readonly string[];
  readonly #dropped = new Set<string>();
  readonly #hosts: OtherHosts<Mutable>;

  constructor({ accounts, databases, everybody, mandatory }: Whose, { flavor, literalNames }: Omit<RowRule, 'withRoles'>) {
    for (const holder of accounts) {
      const { grants, roles, proxies, locked } = holder;
      this.#holders.set(holder.key, { holder, grants: setsOf(grants), roles, proxies, locked, gone: false });
    }
    this.#everybody = new Map(Object.entries(everybody).map(([host, grants]) => [host, setsOf(grants)]));
    this.#mandatory = mandatory;
    this.#rule = { flavor, literalNames };
    this.#hosts = new OtherHosts(this.#holders.values(), this.#rule);
    this.#databases = databases;
  }

  get keys(): readonly string[] {
    return [...this.#holders.keys()];
  }

  canLogIn(key: string): boolean {
    const found = this.#holders.get(key);
    return found !== undefined && !found.holder.isRole && !found.locked && !found.gone;
  }

  apply(effect: Effect): void {
    if (effect.is === 'dropped') {
      this.#dropped.add(effect.database);
      return;
    }
    if (effect.is === 'object') return;
    if (effect.is === 'rows') {
      for (const [target, privileges] of Object.entries(effect.grants))
        for (const grants of this.#everybody.values()) remove(grants, target, privileges);
      return;
    }
    const found = this.#holders.get(effect.key);
    if (!found) return;
    if (effect.is === 'gone') {
      found.gone = true;
      // Its rows on databases counted for everybody who comes from there.
      if (isNobody(found.holder)) this.#everybody.get(found.holder.host)?.clear();
    } else if (effect.is === 'leave') {
      found.roles = found.roles.filter((one) => one !== effect.of);
      found.proxies = found.proxies.filter((one) => one !== effect.of);
    } else if (effect.is === 'revoke') remove(found.grants, effect.target, effect.privileges);
    else if (effect.is === 'grant') add(found.grants, effect.target, effect.privileges);
    else {
      found.grants = setsOf(effect.grants);
      found.roles = effect.roles ?? found.roles;
      found.proxies = effect.proxies ?? found.proxies;
      found.locked = effect.locked;
    }
  }

  /** Whose rights an effect can change: the account itself, whoever has it as a role or may act as it, or everybody. */
  touched(effect: Effect): readonly string[] {
    if (effect.is === 'object') return [];
    if (effect.is === 'dropped' || effect.is === 'rows') return this.keys;
    const holder = this.#holders.get(effect.key)?.holder;
    if (this.#isForAll(effect.key) || (effect.is === 'gone' && holder && isNobody(holder))) return this.keys;
    const out = new Set([effect.key, ...(holder ? this.#hosts.nearerThan(holder) : [])]);
    for (let size = 0; size < out.size; ) {
      size = out.size;
      for (const [key, { roles, proxies }] of this.#holders)
        if ([...roles, ...proxies].some((one) => out.has(this.#roleKey(one)))) out.add(key);
    }
    return [...out];
  }

  /** Everything that an account can do, by its own rights, by roles of roles, as somebody else, and as everybody. */
  of(key: string): Rights {
    return this.#collect(key, true);
  }

  /**
   * The same without what it can do as somebody else, for each kind of session that it can have. On MySQL neither rows without a
   * user nor those of the same user for more hosts count where a role is active, and without one no role's do.
   */
  sessionsOf(key: string): readonly Rights[] {
    if (this.#rule.flavor === 'mariadb') return [this.#collect(key, false)];
    const plain = this.#collect(key, false, 'none');
    return [plain, this.#rolesOf(key).length === 0 ? plain : this.#collect(key, false, 'roles')];
  }

  #collect(key: string, withProxies: boolean, session: 'any' | 'roles' | 'none' = 'any'): Rights {
    const out = new Collected();
    const seen = new Set<string>();
    const roles = session === 'none' ? [] : [...this.#mandatory, 'PUBLIC'];
    const waiting = [key, ...roles].map((one) => this.#roleKey(one));
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const found = this.#holders.get(next);
      if (!found || found.gone || seen.has(next)) continue;
      seen.add(next);
      out.add(found.grants, found.holder.restrictions);
      if (session !== 'roles') out.add(this.#hosts.lentTo(found));
      const more = [...(session === 'none' ? [] : found.roles), ...(withProxies ? found.proxies : [])];
      waiting.push(...more.map((one) => this.#roleKey(one)));
    }
    if (session !== 'roles') for (const grants of this.#everybody.values()) out.add(grants);
    for (const target of out.on.keys()) if (this.#dropped.has(databaseOf(targetOf(target)) ?? '')) out.on.delete(target);
    return out;
  }

  /** Accounts to which those of the same user for more hosts may give something. */
  get borrowers(): readonly string[] {
    return [...this.#holders.values()].flatMap(({ holder }) => (this.#hosts.furtherThan(holder).length > 0 ? [holder.key] : []));
  }

  /** Of these databases those in which an account may have something by rows for more hosts. */
  lendableTo(key: string, databases: readonly string[]): readonly string[] {
    const found = this.#holders.get(key);
    return !found || found.gone ? [] : this.#hosts.lendableTo(found, databases).filter((name) => !this.#dropped.has(name));
  }

  /** What counts for an account in a database: of its own rows and of those of the same user for more hosts the nearest ones. */
  countingIn(key: string, database: string): readonly Counting[] {
    const found = this.#holders.get(key);
    return !found || found.gone ? [] : this.#hosts.countingIn(found, database);
  }

  isDropped(database: string): boolean {
    return this.#dropped.has(database);
  }

  /** True where these rights are on anything in that database. */
  reaches(rights: Rights, database: string): boolean {
    if (this.#dropped.has(database)) return false;
    return opens(rights, database) || [...rights.on.keys()].some((target) => target !== GLOBAL && this.#isAbout(target, database));
  }

  /** Who has this account as a role. */
  membersOf(key: string): readonly string[] {
    return [...this.#holders].flatMap(([member, { roles }]) => (roles.some((one) => this.#roleKey(one) === key) ? [member] : []));
  }

  /** True where what the rights say covers this privilege on this target, by a wider one as well. */
  covers(rights: Rights, target: string, privilege: string): boolean {
    const leftOut = rights.but.get(privilege);
    return [...rights.on].some(([other, privileges]) => privileges.has(privilege) && this.#contains(targetOf(other), target, leftOut));
  }

  /** Databases that a grant on a pattern opens to an account: where it has a nearer row of its own, the server looks at that. */
  openedBy(key: string, target: string): readonly string[] {
    const [kind, pattern = ''] = targetOf(target);
    if (kind !== 'pattern') return [];
    const own = [...(this.#holders.get(key)?.grants.keys() ?? [])];
    const rule = { ...this.#rule, withRoles: false };
    const isFirst = (name: string): boolean => !own.includes(target) || rowsFor(own, name, rule)[0] === target;
    return this.#databases.filter((name) => patternReaches(pattern, name, rule.literalNames) && isFirst(name));
  }

  /** Databases that somebody may reach by patterns. */
  byPatterns(key: string): readonly string[] {
    return reachedByPatterns(this.#sourcesOf(key), this.#databases, this.#rule.literalNames).filter((name) => !this.#dropped.has(name));
  }

  onDatabase(key: string, database: string): OnDatabase {
    return onDatabase(this.#sourcesOf(key), database, this.#rule);
  }

  #sourcesOf(key: string): Sources {
    const found = this.#holders.get(key);
    const own = !found || found.gone ? [] : [found, ...this.#hosts.furtherThan(found.holder)].map(({ grants }) => grants);
    const roles = this.#rolesOf(key).map((role) => [...this.#withRolesOf([role])].map((one) => one.grants));
    return { own, roles, everybody: [...this.#everybody.values()] };
  }

  /** Roles that it can take on, those of everybody included. */
  #rolesOf(key: string): readonly string[] {
    const all = [...(this.#holders.get(key)?.roles ?? []), ...this.#mandatory, 'PUBLIC'].map((one) => this.#roleKey(one));
    return all.filter((one) => this.#holders.has(one));
  }

  /** These roles, and all that they have. */
  #withRolesOf(keys: readonly string[]): ReadonlySet<Mutable> {
    const out = new Set<Mutable>();
    const waiting = [...keys];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const found = this.#holders.get(next);
      if (!found || found.gone || out.has(found)) continue;
      out.add(found);
      waiting.push(...found.roles.map((one) => this.#roleKey(one)));
    }
    return out;
  }

  /** Of these databases those in which some of these privileges are not there. */
  missing(rights: Rights, databases: readonly string[], privileges: readonly string[]): readonly string[] {
    return databases.filter((name) => !privileges.every((one) => this.covers(rights, keyOf(['database', name]), one)));
  }

  #contains(wide: ReturnType<typeof targetOf>, target: string, leftOut: ReadonlySet<string> | undefined): boolean {
    if (keyOf(wide) === target) return true;
    const narrow = targetOf(target);
    if (wide[0] === 'global') return !leftOut || (narrow[0] !== 'pattern' && !leftOut.has(databaseOf(narrow) ?? ''));
    const database = narrow[0] === 'pattern' ? null : databaseOf(narrow);
    if (database === null) return false;
    if (wide[0] === 'pattern') return patternReaches(wide[1], database, this.#rule.literalNames);
    if (wide[0] === 'database') return wide[1] === database;
    return wide[0] === 'table' && narrow[0] === 'column' && wide[1] === database && wide[2] === narrow[2];
  }

  #isAbout(target: string, database: string): boolean {
    if (target === GLOBAL) return true;
    const found = targetOf(target);
    return found[0] === 'pattern' ? patternReaches(found[1], database, this.#rule.literalNames) : databaseOf(found) === database;
  }

  /** True for PUBLIC, mandatory roles, and every role that one of these has. */
  #isForAll(key: string): boolean {
    const roles = [...this.#mandatory, 'PUBLIC'].map((one) => this.#roleKey(one));
    return [...this.#withRolesOf(roles)].some(({ holder }) => holder.key === key);
  }

  /** A role of MariaDB has no host. */
  #roleKey(name: string): string {
    return this.#holders.has(name) ? name : this.#holders.has(`${name}@`) ? `${name}@` : `${name}@%`;
  }
}

const isNobody = ({ user, isRole }: Holder): boolean => user === '' && !isRole;
