import type { Diagnostic, Resource } from '../../../model/index.ts';
import { parseAcl } from '../acl.ts';
import { ledgerName } from './ledger.ts';
import { type Mark, readMark, textOf } from './mark.ts';
import { commentStatement } from './statement.ts';
import type { Input } from '../compile/draft.ts';
import { retiredName, usualRoles } from '../names.ts';
import { ident } from '../quote.ts';
import { isKind } from '../spec.ts';

type Membership = readonly [
  group: string,
  member: string,
  admin: boolean,
  inherit: boolean,
  set: boolean,
  giver: string,
  ...rest: readonly unknown[],
];

/** What decides, from either reading of the shared catalogs. */
export interface MarkedObjects {
  readonly roles: readonly { readonly name: string; readonly login: boolean; readonly comment: string | null }[];
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

/** As `retiredName` writes it. */
const RETIRED = /__gone_(\d{4})(\d{2})(\d{2})(?:_\d+)?$/;

/**
 * Marks of this project that prove nothing. Whoever owns a database writes its comment, a role with ADMIN OPTION that of its
 * members, a restored dump brings one along. An app that the manifest names is known by its names; one that left, by what only an
 * operator could have given it: memberships with other roles of it, a password in the secret store, a retired name.
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
  }

  ofRole(name: string, login: boolean, mark: Mark): boolean {
    const { app, retired, share } = mark;
    if (this.#wanted.get(`role ${name}`) === app) return true;
    if (this.#accepted.has(name)) return false;
    if (retired !== undefined) return isPutAsideAs(name, mark) || this.#isTied(name, app);
    if (share !== undefined) return /_(?:reads|from)_/.test(name) || this.#evidence.hasSecret(name) || this.#enters(name);
    // Nothing is taken from a role that serves several apps, but its login.
    if (app === null) return !login || name === ledgerName(this.#evidence.project) || this.#isTied(name, app);
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
      mine.some(([name, mark]) => isPutAsideAs(name, mark) || this.#evidence.hasSecret(name) || this.#isTied(name, app, usual.has(name))) ||
      this.#all.roles.some(({ name }) => (usual.has(name) || (listed.has(name) && isTheirs(name))) && this.#evidence.hasSecret(name));
    this.#apps.set(app, isProven);
    return isProven;
  }

  /** A membership with a role of the same app or one that serves several; `any`: of another app as well. */
  #isTied(name: string, app: string | null, any = false): boolean {
    return this.#all.members.some(([group, member, admin, inherit, set, giver]) => {
      // Whoever may make roles ties those that they have made, and so does, from 16 on, the server itself, in nobody's name but its own.
      if (!this.operators.has(giver) || (admin && !inherit && !set)) return false;
      const other = group === name ? member : member === name ? group : null;
      const mark = other === null ? undefined : this.roles.get(other);
      return mark !== undefined && other !== name && (any || mark.app === app || mark.app === null);
    });
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

/** True for a name that was given on this day to something that was put aside. */
function isRetiredName(name: string, day: string): boolean {
  const [, year = '', month = '', date = ''] = RETIRED.exec(name) ?? [];
  return `${year}-${month}-${date}` === day;
}

/** And from the name that the mark has for it. Marks of older versions have none. */
export function isPutAsideAs(name: string, { retired, was }: Mark): boolean {
  if (retired === undefined || !isRetiredName(name, retired)) return false;
  return was === undefined || name === retiredName(was, retired, Number(/__gone_\d{8}_(\d+)$/.exec(name)?.[1] ?? 1));
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
