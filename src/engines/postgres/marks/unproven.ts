import type { Diagnostic, Resource } from '../../../model/index.ts';
import { parseAcl } from '../acl.ts';
import { ledgerName } from './ledger.ts';
import { type Mark, readMark, textOf } from './mark.ts';
import { commentStatement } from './statement.ts';
import type { Input } from '../compile/draft.ts';
import { retiredName, usualRoles } from '../names.ts';
import { ident } from '../quote.ts';
import { append } from '../../../util/append.ts';
import { isKind } from '../spec.ts';
import { isPutAsideAs, PutAside } from './put-aside.ts';

type Membership = readonly [
  group: string,
  member: string,
  admin: boolean,
  inherit: boolean,
  set: boolean,
  giver: string,
  ...rest: readonly unknown[],
];

export interface MarkedRole {
  readonly name: string;
  readonly login: boolean;
  readonly comment: string | null;
  /** What the server keeps of its password; left out: that cannot be read. */
  readonly verifier?: string | null;
}

/** What decides, from either reading of the shared catalogs. */
export interface MarkedObjects {
  readonly roles: readonly MarkedRole[];
  readonly members: readonly Membership[];
  /** This admin, and who is a superuser. */
  readonly operators: ReadonlySet<string>;
  readonly databases: readonly {
    readonly name: string;
    readonly owner: string;
    readonly comment: string | null;
    readonly acl: readonly string[] | null;
  }[];
}

export interface Evidence extends Pick<Input, 'project' | 'known' | 'operators'> {
  readonly desired: readonly Resource[];
  /** The secret store has a password of this login. */
  readonly hasSecret: (login: string) => boolean;
  /** What the secret store says to be the verifiers of that password on the server. */
  readonly verifiers?: (login: string) => readonly string[];
}

/** A mark that somebody else could have written there. */
export interface Unproven {
  readonly kind: 'role' | 'database';
  readonly name: string;
  readonly comment: string | null;
  readonly mark: Mark;
  /** Of a database that is not the operator's. */
  readonly owner: string | null;
  /** Of a database of the operator that was put aside and has another name now: the one that makes it count again. */
  readonly aside: string | null;
}

/**
 * Marks of this project that prove nothing. Whoever owns a database writes its comment, a role with ADMIN OPTION that of its
 * members, a restored dump brings one along. An app that the manifest names is known by its names; one that left, by what only an
 * operator could have given it: memberships with other roles of it, a password in the secret store. A retired name is nobody's proof:
 * anybody who makes a role may call it so.
 */
export function unprovenMarks(all: MarkedObjects, evidence: Evidence): readonly Unproven[] {
  const proof = new Proof(all, evidence);
  const roles = all.roles.flatMap(({ name, login, comment }): readonly Unproven[] => {
    const mark = proof.roles.get(name);
    return mark === undefined || proof.ofRole(name, login, mark) ? [] : [{ kind: 'role', name, comment, mark, owner: null, aside: null }];
  });
  const taken = new Set(all.databases.map(({ name }) => name));
  const databases = all.databases.flatMap(({ name, comment, owner }): readonly Unproven[] => {
    const mark = readMark(comment);
    const isOperators = proof.operators.has(owner);
    if (mark?.project !== evidence.project || proof.ofDatabase(name, mark, isOperators)) return [];
    const { was, retired } = mark;
    const aside = isOperators && was !== undefined && retired !== undefined ? retiredName(was, retired) : null;
    return [{ kind: 'database', name, comment, mark, owner: isOperators ? null : owner, aside: taken.has(aside ?? name) ? null : aside }];
  });
  return [...roles, ...databases];
}

export interface Tie {
  readonly other: string;
  /** The other one is the member. */
  readonly isMember: boolean;
}

/** Whether a role, or a database, of this name is among them. */
export function among(unproven: readonly Unproven[], kind: Unproven['kind']): (name: string) => boolean {
  const names = new Set(unproven.flatMap((one) => (one.kind === kind ? [one.name] : [])));
  return (name) => names.has(name);
}

class Proof {
  readonly roles: ReadonlyMap<string, Mark>;
  /** Whose acts prove something: those of whoever runs the server, and of operators of the manifest. */
  readonly operators: ReadonlySet<string>;
  readonly #all: MarkedObjects;
  readonly #evidence: Evidence;
  readonly #wanted: ReadonlyMap<string, string | null>;
  readonly #apps = new Map<string, boolean>();
  /** Whom the manifest names as somebody else's: no mark makes one an app's. */
  readonly #accepted: ReadonlySet<string>;
  readonly #members: ReadonlyMap<string, readonly Membership[]>;
  readonly #putAside: PutAside;
  /** Those that serve several apps. */
  readonly #serving = new Set<string>();

  constructor(all: MarkedObjects, evidence: Evidence) {
    this.#all = all;
    this.#evidence = evidence;
    this.operators = new Set([...all.operators, ...evidence.operators.map(({ name }) => name)]);
    this.#accepted = new Set([...evidence.known.map(({ user }) => user), ...evidence.operators.map(({ name }) => name)]);
    this.#wanted = new Map(
      evidence.desired.flatMap((one) =>
        isKind(one, 'role') || isKind(one, 'database') ? [[`${one.address.kind} ${one.address.name}`, one.app] as const] : [],
      ),
    );
    this.roles = new Map(
      all.roles.flatMap(({ name, comment }) => {
        const mark = readMark(comment);
        return mark?.project === evidence.project ? [[name, mark] as const] : [];
      }),
    );
    this.#members = byRole(all.members);
    const shared = [...this.roles].filter(([name, { app, retired }]) => app === null && retired === undefined && !this.#accepted.has(name));
    for (const [name] of shared) if (this.#isServing(name)) this.#serving.add(name);
    for (const [name] of shared) if (evidence.hasSecret(name) && this.#tiesOf(name, null).length > 0) this.#serving.add(name);
    this.#putAside = new PutAside(all.roles, this.roles, evidence, {
      of: (name, app) => this.#tiesOf(name, app),
      areOnly: (name, app) => !this.#hasOthers(name, app),
    });
  }

  ofRole(name: string, login: boolean, mark: Mark): boolean {
    const { app, retired, share } = mark;
    if (this.#wanted.get(`role ${name}`) === app) return true;
    if (this.#accepted.has(name)) return false;
    if (retired !== undefined) return app !== null && this.#putAside.isProven(name);
    if (share !== undefined) return /_(?:reads|from)_/.test(name) || this.#evidence.hasSecret(name) || this.#enters(name);
    // One that migrates several apps' tables logs in, and is a member of their owner. A ledger that somebody has opened is closed again.
    if (app === null && name === ledgerName(this.#evidence.project)) return true;
    if (app === null) return this.#serving.has(name) && (!login || this.#evidence.hasSecret(name));
    return this.#ofApp(app);
  }

  ofDatabase(name: string, mark: Mark, isOperators: boolean): boolean {
    const { app, retired, was } = mark;
    const isWanted = this.#wanted.get(`database ${name}`) === app;
    if (!isOperators) return isWanted && (app === null || this.#ofApp(app));
    if (isWanted || app === null) return true;
    // A dump that is restored under a name of its own brings the mark of what was put aside along.
    return retired !== undefined && name !== was ? isPutAsideAs(name, mark) : this.#ofApp(app);
  }

  /** Worked out once for each app: there may be thousands. */
  #ofApp(app: string): boolean {
    const known = this.#apps.get(app);
    if (known !== undefined) return known;
    const usual = new Set(usualRoles(app));
    const mine = [...this.roles].filter(([name, mark]) => mark.app === app && mark.share === undefined && !this.#accepted.has(name));
    const listed = new Set(mine.flatMap(([, { roles = [] }]) => roles));
    const isTheirs = (name: string): boolean => {
      const whose = [this.roles.get(name)?.app, this.#wanted.get(`role ${name}`)];
      return whose.every((one) => one === undefined || one === app);
    };
    const isProven =
      this.#evidence.desired.some((one) => one.app === app && isKind(one, 'role') && this.roles.get(one.address.name)?.app === app) ||
      mine.some(([name, { retired }]) =>
        retired === undefined ? this.#evidence.hasSecret(name) || this.#isTied(name, app, usual.has(name)) : this.#putAside.isProven(name),
      ) ||
      this.#all.roles.some(({ name }) => (usual.has(name) || (listed.has(name) && isTheirs(name))) && this.#evidence.hasSecret(name));
    this.#apps.set(app, isProven);
    return isProven;
  }

  /** A membership with a role of the same app or one that serves several; `any`: of another app as well. */
  #isTied(name: string, app: string, any = false): boolean {
    return this.#tiesOf(name, app, any).length > 0;
  }

  /** The same: of which role, and whether that is the member. */
  #tiesOf(name: string, app: string | null, any = false): readonly Tie[] {
    return (this.#members.get(name) ?? []).flatMap(([group, member, admin, inherit, set, giver]): readonly Tie[] => {
      // Whoever may make roles ties those that they have made, and so does, from 16 on, the server itself, in nobody's name but its own.
      if (!this.operators.has(giver) || (admin && !inherit && !set)) return [];
      const other = group === name ? member : member === name ? group : null;
      const mark = other === null ? undefined : this.roles.get(other);
      if (other === null || mark === undefined || other === name) return [];
      const isOurs = mark.app === null ? this.#serving.has(other) : any || mark.app === app;
      return isOurs ? [{ other, isMember: other === member }] : [];
    });
  }

  /** Owns a database of somebody, or is tied to one that is neither of this app nor accepted. */
  #hasOthers(name: string, app: string): boolean {
    const isOwn = (other: string): boolean => this.roles.get(other)?.app === app || this.operators.has(other) || this.#accepted.has(other);
    return (
      this.#all.databases.some(({ owner, comment }) => owner === name && readMark(comment)?.app !== app) ||
      (this.#members.get(name) ?? []).some(([group, member]) => !isOwn(group === name ? member : group))
    );
  }

  /** The ledger, what the manifest asks for, and whoever an operator has let into a database that serves several apps. */
  #isServing(name: string): boolean {
    return name === ledgerName(this.#evidence.project) || this.#wanted.get(`role ${name}`) === null || this.#enters(name);
  }

  /** Named in the access list of a database of this project that is the operator's. */
  #enters(name: string): boolean {
    return this.#all.databases.some(
      ({ owner, comment, acl }) =>
        this.operators.has(owner) &&
        readMark(comment)?.project === this.#evidence.project &&
        Object.keys(parseAcl(acl ?? [])).includes(name),
    );
  }
}

/** Memberships by the group, and by the member. */
function byRole(members: readonly Membership[]): ReadonlyMap<string, readonly Membership[]> {
  const out = new Map<string, Membership[]>();
  for (const one of members) for (const name of new Set(one.slice(0, 2) as string[])) append(out, name, one);
  return out;
}

export function toldOfUnproven(unproven: readonly Unproven[], instance: string, admin: string): readonly Diagnostic[] {
  return unproven.map(({ kind, name, comment, mark: { app }, owner, aside }) => {
    const whose = app === null ? 'of what serves several apps' : `of app "${app}"`;
    const why = owner === null ? 'nothing else shows that it is one' : `belongs to "${owner}", who could have written it`;
    const off = `${commentStatement(kind, name, textOf(comment).text)} takes the mark off`;
    const renamed = aside === null ? off : `if it is the app's, ALTER DATABASE ${ident(name)} RENAME TO ${ident(aside)}; if not, ${off}`;
    return {
      code: 'CT2071',
      severity: 'warning',
      message: `${kind} "${name}" on "${instance}" bears the mark ${whose}, but ${why}: it is taken for nobody's of this project, and left as it is`,
      hint:
        owner === null
          ? renamed
          : `${off}; if it is the app's, ALTER DATABASE ${ident(name)} OWNER TO ${ident(admin)}, or name "${owner}" under \`operators\``,
      instance,
    };
  });
}
