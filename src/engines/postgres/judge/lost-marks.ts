import { candidatesOf, type SecretSource } from '../../../engine/index.ts';
import type { Resource } from '../../../model/index.ts';
import { type Acl, parseAcl } from '../acl.ts';
import { lookUp } from '../../../util/record.ts';
import { MAINTENANCE } from '../compile/compile.ts';
import type { Input } from '../compile/draft.ts';
import { secretName } from '../compile/roles.ts';
import { tenantsRole } from '../compile/spaces.ts';
import { type Mark, readMark } from '../marks/mark.ts';
import { baseName, roleNames, usualRoles } from '../names.ts';
import type { DatabaseRow, RoleRow, SharedRows } from '../queries/shared.ts';

/** A role or database that bears no mark, and by all that is left was one of this project's. */
export interface LostMark {
  readonly kind: 'role' | 'database';
  readonly name: string;
  /** What stands in its comment now. */
  readonly comment: string | null;
  /** The one that it had. */
  readonly mark: Mark;
  /** It can be nobody else's: it is treated as if it bore the mark. Otherwise people are told. */
  readonly proven: boolean;
  /** All that speaks for it is that it is called as something retired: anybody may call theirs so. */
  readonly byName?: true;
}

type Rows = Pick<SharedRows, 'server' | 'roles' | 'members' | 'databases'>;
type Edges = ReadonlyMap<string, ReadonlySet<string>>;

/** As `retiredName` writes it. */
const RETIRED = /^(.+)__gone_(\d{4})(\d{2})(\d{2})(?:_\d+)?$/s;

/**
 * Somebody's COMMENT takes a mark away. What is left tells whose the object was: its name, marked roles of the app that it shares
 * memberships or an access list with, and a password of it in the secret store.
 */
export function lostMarks(input: Input, rows: Rows, desired: readonly Resource[], secrets: SecretSource): readonly LostMark[] {
  const evidence = new Evidence(input, rows, desired, secrets);
  // What is proven proves more: an app may have lost several.
  for (;;) {
    const found = [
      ...rows.roles.flatMap((row) => evidence.role(row) ?? []),
      ...rows.databases.flatMap((row) => evidence.database(row) ?? []),
    ];
    if (!evidence.learn(found)) return found;
  }
}

class Evidence {
  readonly #project: string;
  readonly #rows: Rows;
  /** Of roles and of databases: those that they bear, and those that are proven. */
  readonly #marks = new Map<string, Mark>();
  readonly #databases = new Map<string, Mark>();
  /** The databases in whose access list each role is named. */
  readonly #doors: Edges;
  readonly #groups: Edges;
  readonly #members: Edges;
  readonly #wanted: ReadonlyMap<string, string | null>;
  /** Logins that are nobody's app by the manifest, and the admin. */
  readonly #accepted: ReadonlySet<string>;
  /** The apps that each name is usual for: of those in use, and of those that are retired and have left it. */
  readonly #usual = new Map<string, string>();
  readonly #former = new Map<string, string>();
  /** Those of apps in use that their marks name. */
  readonly #listed = new Map<string, string>();
  /** Apps whose groups have names of their own: one of the usual name is not known to be theirs. */
  readonly #renamed = new Set<string>();
  readonly #hasSecret: (login: string) => boolean;
  /** This admin sees verifiers. */
  readonly #isReadable: boolean;
  readonly #isSent: (row: RoleRow) => boolean;

  constructor(input: Input, rows: Rows, desired: readonly Resource[], secrets: SecretSource) {
    this.#project = input.project;
    this.#rows = rows;
    for (const row of rows.roles) {
      const mark = readMark(row[10]);
      if (mark?.project === input.project) this.#marks.set(row[0], mark);
    }
    for (const row of rows.databases) {
      const mark = readMark(row[9]);
      if (mark?.project === input.project) this.#databases.set(row[0], mark);
    }
    this.#doors = edges(
      rows.databases.flatMap(([name, , , , , , , , items]) => Object.keys(parseAcl(items ?? [])).map((role) => [role, name] as const)),
    );
    this.#groups = edges(rows.members.map(([group, member]) => [member, group]));
    this.#members = edges(rows.members.map(([group, member]) => [group, member]));
    for (const [name, { app, retired }] of this.#marks)
      if (app !== null && retired === undefined && this.#members.has(name) && !groupNames(app).includes(name)) this.#renamed.add(app);
    this.#wanted = new Map(desired.map((one) => [`${one.address.kind}/${one.address.name}`, one.app]));
    this.#accepted = new Set([
      ...input.operators.map(({ name }) => name),
      ...input.known.map(({ user }) => user),
      ...(rows.server[0] ? [rows.server[0][0]] : []),
    ]);
    for (const mark of this.#marks.values()) this.#learnNames(mark);
    const ref = (login: string) => ({ secret: secretName(input.name, login) });
    this.#isReadable = rows.server[0]?.[1] === true;
    this.#hasSecret = (login) => candidatesOf(secrets, ref(login)).length > 0;
    this.#isSent = ([name, , , , , , , , , , , verifier]) =>
      !this.#isReadable || (verifier !== null && candidatesOf(secrets, ref(name)).some(({ derived }) => derived === verifier));
  }

  /** True where there was something new among these that is proven. */
  learn(found: readonly LostMark[]): boolean {
    const fresh = found.filter(({ kind, name, proven }) => proven && !(kind === 'role' ? this.#marks : this.#databases).has(name));
    for (const { kind, name, mark } of fresh) {
      (kind === 'role' ? this.#marks : this.#databases).set(name, mark);
      if (kind === 'role') this.#learnNames(mark);
    }
    return fresh.length > 0;
  }

  #learnNames({ app, retired, roles = [] }: Mark): void {
    if (app === null) return;
    const names = retired === undefined ? this.#usual : this.#former;
    for (const name of usualRoles(app)) names.set(name, app);
    if (retired === undefined) for (const name of roles) this.#listed.set(name, app);
  }

  role(row: RoleRow): LostMark | null {
    const [name, login, , superuser, , , , , , , comment] = row;
    if (superuser || this.#accepted.has(name) || readMark(comment) !== null) return null;
    const lost = (mark: Omit<Mark, 'project'>, proven: boolean): LostMark => {
      return { kind: 'role', name, comment, mark: { project: this.#project, ...mark }, proven };
    };
    const peers = this.#peers(name);
    const put = this.#retired(name, peers);
    if (put) return { ...lost(put, false), ...(peers.length === 0 && !this.#hasSecret(name) ? { byName: true } : {}) };
    const ties = appsOf(peers);
    const hasSecret = login && this.#hasSecret(name);
    // A name proves nothing: somebody may have made it since. What counts is a password that was set from here, or that there is none yet.
    const owned = !login || (hasSecret && (row[11] === null || this.#isSent(row)));
    const wanted = this.#wanted.get(`role/${name}`);
    if (wanted === null) return !login && peers.length > 0 && this.#isAmongOurs(name) ? lost({ app: null }, true) : null;
    const listed = this.#listed.get(name);
    const usual = listed ?? this.#usual.get(name);
    // While an app is in use nobody else can have made something under its names, unless its groups have others.
    if (wanted !== undefined) {
      const tied = ties.has(wanted) || (usual === wanted && peers.length > 0);
      return tied && owned && this.#isAmongOurs(name) ? lost({ app: wanted }, true) : null;
    }
    const isSure = owned && this.#isAmongOurs(name);
    if (usual !== undefined && (peers.length > 0 || hasSecret))
      return lost({ app: usual }, isSure && (login || listed !== undefined || !this.#renamed.has(usual)));
    // A name that an app has left is anybody's.
    if (!hasSecret || !this.#isSent(row)) return null;
    const former = this.#former.get(name);
    if (former !== undefined) return lost({ app: former }, isSure && this.#isReadable);
    // Where nothing of the app bears a mark any more, the password that was set from here says that it is the project's.
    const [app] = ties;
    const [, called] = /^(.+)_user$/s.exec(name) ?? [];
    return lost({ app: called ?? app ?? name }, false);
  }

  database(row: DatabaseRow): LostMark | null {
    const [name, , , , , , , template, items, comment] = row;
    if (template || items === null || MAINTENANCE.includes(name) || readMark(comment) !== null) return null;
    const acl = parseAcl(items);
    const lost = (mark: Omit<Mark, 'project'>, proven: boolean): LostMark => {
      return { kind: 'database', name, comment, mark: { project: this.#project, ...mark }, proven };
    };
    const marks = this.#marks;
    const named = Object.keys(acl).flatMap((grantee) => marks.get(grantee) ?? []);
    const put = this.#retired(name, named);
    if (put) return lost(put, false);
    if (isShared(name, acl, marks)) return lost({ app: null, name }, true);
    const [app, ...more] = appsOf(named);
    const wanted = this.#wanted.get(`database/${name}`);
    if (app === undefined || (wanted !== undefined && wanted !== app)) return null;
    const bearing = this.#rows.databases.filter((other) => {
      const mark = readMark(other[9]);
      return mark?.project === this.#project && mark.app === app && mark.retired === undefined;
    });
    // Of two the older one is the app's, and the other one a copy of it.
    if (bearing.some((other) => other[11] < row[11])) return null;
    if (more.length === 0 && isOwn(acl, app, marks)) return lost({ app }, true);
    return bearing.length === 0 && name === baseName(app) ? lost({ app }, false) : null;
  }

  /** Marks of the roles that it is a member of, or that are its members, and of the databases in whose access list it is named. */
  #peers(name: string): readonly Mark[] {
    const roles = [...(this.#groups.get(name) ?? []), ...(this.#members.get(name) ?? [])].flatMap((other) => this.#marks.get(other) ?? []);
    return [...roles, ...[...(this.#doors.get(name) ?? [])].flatMap((database) => this.#databases.get(database) ?? [])];
  }

  /** Nobody from outside is a member. */
  #isAmongOurs(name: string): boolean {
    return [...(this.#members.get(name) ?? [])].every(
      (member) =>
        this.#marks.has(member) ||
        this.#accepted.has(member) ||
        this.#usual.has(member) ||
        this.#listed.has(member) ||
        this.#wanted.has(`role/${member}`),
    );
  }

  #retired(name: string, peers: readonly Mark[]): Omit<Mark, 'project'> | null {
    const match = RETIRED.exec(name);
    const app = peers.find((peer) => peer.app !== null && peer.retired !== undefined)?.app ?? this.#former.get(match?.[1] ?? '');
    if (!match || app === undefined) return null;
    const [, was = '', year = '', month = '', day = ''] = match;
    return { app, retired: `${year}-${month}-${day}`, was };
  }
}

function groupNames(app: string): readonly string[] {
  const { owner, readWrite, readOnly } = roleNames(baseName(app));
  return [owner, readWrite, readOnly];
}

/** Apps in use that these marks name. */
function appsOf(marks: readonly Mark[]): ReadonlySet<string> {
  return new Set(marks.flatMap(({ app, retired, share }) => (app === null || retired !== undefined || share !== undefined ? [] : [app])));
}

/** Its access list is the one that an app's own database gets: its three roles, each with its rights, and nothing for everybody. */
function isOwn(acl: Acl, app: string, marks: ReadonlyMap<string, Mark>): boolean {
  const { readOnly } = roleNames(baseName(app));
  const isOurs = (role: string): boolean => marks.get(role)?.app === app;
  const has = (letters: string, which: (role: string) => boolean): boolean =>
    Object.entries(acl).some(([role, seen]) => seen === letters && which(role));
  return lookUp(acl, '') === undefined && has('CTc', isOurs) && has('Tc', isOurs) && has('c', (role) => role === readOnly || isOurs(role));
}

/** The same of a database that several apps share: the roles that are called after it. */
function isShared(name: string, acl: Acl, marks: ReadonlyMap<string, Mark>): boolean {
  if (lookUp(acl, '') !== undefined) return false;
  const isOurs = (role: string): boolean => marks.get(role)?.app === null && lookUp(acl, role)?.includes('c') === true;
  return isOurs(tenantsRole(name)) || (isOurs(`${name}_owner`) && isOurs(`${name}_rw`));
}

function edges(pairs: readonly (readonly [string, string])[]): Edges {
  const out = new Map<string, Set<string>>();
  for (const [from, to] of pairs) {
    const all = out.get(from) ?? new Set();
    out.set(from, all.add(to));
  }
  return out;
}
