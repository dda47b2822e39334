import type { Change } from '../../../engine/index.ts';
import { lookUp } from '../../../util/record.ts';
import { isKind } from '../spec.ts';
import { Closure, type Edge } from './closure.ts';
import { type Guarded, lettersOf, lettersWithout } from './letters.ts';
import type { People } from './people.ts';

/** What a login can do less in sessions in which it acts as a role: itself, or one that it became. */
export interface Lost {
  readonly login: string;
  readonly as: string;
  readonly letters: string;
}

/** Who has whose rights before a plan and after it. Pure. */
export class Shift {
  readonly people: People;
  readonly before: Closure;
  readonly after: Closure;
  /** Databases of the manifest that are not yet as it says. */
  readonly moved: ReadonlySet<string>;
  readonly #enters = new Map<string, boolean>();

  /** `edges`: memberships that are left, where no change says it. */
  constructor(people: People, changes: readonly Change[], edges: readonly Edge[] = edgesAfter(people.edges, changes)) {
    this.people = people;
    this.before = people.closure;
    this.after = new Closure(edges);
    this.moved = new Set(changes.flatMap(({ desired }) => (desired && isKind(desired, 'database') ? [desired.address.name] : [])));
  }

  /** True for a login that can open a session in the database now. What runs as a role without one is there already. */
  enters(login: string, database: string): boolean {
    if (this.people.standing.includes(login)) return true;
    const key = JSON.stringify([login, database]);
    const door = this.people.door(database);
    const known = this.#enters.get(key) ?? (door !== null && lettersOf(door, this.before.inherited(login), 'c').includes('c'));
    this.#enters.set(key, known);
    return known;
  }

  /** True where a membership was the way in, and goes. */
  closes(login: string, database: string): boolean {
    const door = this.people.door(database);
    return door !== null && this.enters(login, database) && !lettersOf(door, this.after.inherited(login), 'c').includes('c');
  }

  /**
   * Letters that each login had and has no more: as itself, and in sessions in which it became another role, where only that
   * one's rights count. CONNECT is the login's own: a SET ROLE comes too late for it.
   */
  lost(from: Guarded, to: Guarded, all: string): readonly Lost[] {
    return [...this.#touched(from, to)].sort().flatMap((login) =>
      this.#selves(login).flatMap((as): readonly Lost[] => {
        const had = lettersOf(from, this.before.inherited(as), all);
        const less = lettersWithout(had, lettersOf(to, this.after.inherited(as), all));
        const letters = as === login && this.people.isLogin(login) ? less : lettersWithout(less, 'c');
        return letters === '' ? [] : [{ login, as, letters }];
      }),
    );
  }

  /** Whom a login can act as, now and after the plan: itself first. Nobody becomes one of the server's own. */
  #selves(login: string): readonly string[] {
    const after = this.after.becomes(login);
    const others = [...this.before.becomes(login)].filter((role) => role !== login && after.has(role));
    return [login, ...others.filter((role) => this.people.roles.get(role)?.[3] === false)];
  }

  /** Logins that depend on somebody whose rights differ. */
  #touched(from: Guarded, to: Guarded): Iterable<string> {
    const changed = Object.keys(from.acl).filter((grantee) => lookUp(from.acl, grantee) !== lookUp(to.acl, grantee));
    if (changed.includes('')) return [...this.people.logins, ...this.people.standing];
    if (from.owner !== to.owner) changed.push(from.owner);
    return this.logins(changed);
  }

  /** Logins that depend on one of these roles now, superusers left out. */
  logins(roles: readonly string[]): Iterable<string> {
    const found = new Set(roles.flatMap((role) => [...this.before.below(role)]));
    return [...found].filter((name) => this.people.isLogin(name));
  }
}

/** Memberships as the plan leaves them. */
function edgesAfter(edges: readonly Edge[], changes: readonly Change[]): readonly Edge[] {
  const all = new Map(edges.map((edge) => [keyOf(edge.group, edge.member), edge]));
  for (const { desired, observed } of changes) {
    if (desired && observed && isKind(desired, 'operator'))
      for (const group of desired.spec.groups)
        all.set(keyOf(group, desired.address.name), { group, member: desired.address.name, inherit: true, set: true, admin: false });
    const has = observed && isKind(observed, 'role') ? observed.spec : null;
    if (has === null && !(desired && isKind(desired, 'role'))) continue;
    const { name } = desired?.address ?? observed?.address ?? { name: '' };
    const want = desired && isKind(desired, 'role') ? desired.spec : null;
    for (const group of Object.keys(has?.memberOf ?? {}))
      if (lookUp(want?.memberOf ?? {}, group) === undefined) all.delete(keyOf(group, name));
    for (const outsider of has?.outsiders ?? []) if (!want?.outsiders.includes(outsider)) all.delete(keyOf(name, outsider));
    for (const [group, options] of Object.entries(want?.memberOf ?? {}))
      all.set(keyOf(group, name), {
        group,
        member: name,
        inherit: options.includes('inherit'),
        set: options.includes('set'),
        admin: options.includes('admin'),
      });
  }
  return [...all.values()];
}

function keyOf(group: string, member: string): string {
  return JSON.stringify([group, member]);
}
