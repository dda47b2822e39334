import { retiredName, usualLogins, usualRoles } from '../names.ts';
import type { Mark } from './mark.ts';
import type { Evidence, MarkedRole, Tie } from './unproven.ts';

/** As `retiredName` writes it. */
const RETIRED = /__gone_(\d{4})(\d{2})(\d{2})(?:_\d+)?$/;

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

type Proofs = Pick<Evidence, 'hasSecret' | 'verifiers'>;

/** Of a role: those of its app that an operator has tied it to, and whether it has anything to do with others. */
export interface Ties {
  of(name: string, app: string): readonly Tie[];
  areOnly(name: string, app: string): boolean;
}

/**
 * Roles with the mark of something retired. One was put aside from here where an operator has tied it to others of its app, or where
 * the server keeps the password of the login that it was. Groups that only read and logins that are in no group may have neither:
 * there its name says so, and that it is closed and has nothing and nobody that cotenant would not have left, or that it is the one
 * login of that name that was put aside on the same day as others of the app.
 */
export class PutAside {
  readonly #roles: ReadonlyMap<string, MarkedRole>;
  readonly #marks: ReadonlyMap<string, Mark>;
  /** Those that were put aside, by app. */
  readonly #retired: ReadonlyMap<string | null, readonly (readonly [name: string, mark: Mark])[]>;
  readonly #evidence: Proofs;
  readonly #ties: Ties;
  /** By app and day: what was put aside then that is proven by itself, as the names that it lists. */
  readonly #days = new Map<string, ReadonlyMap<string, ReadonlySet<string>>>();

  constructor(roles: readonly MarkedRole[], marks: ReadonlyMap<string, Mark>, evidence: Proofs, ties: Ties) {
    this.#roles = new Map(roles.map((role) => [role.name, role]));
    this.#marks = marks;
    this.#retired = Map.groupBy(
      [...marks].filter(([, { retired }]) => retired !== undefined),
      ([, { app }]) => app,
    );
    this.#evidence = evidence;
    this.#ties = ties;
  }

  isProven(name: string): boolean {
    const mark = this.#marks.get(name);
    if (mark?.retired === undefined || mark.app === null) return false;
    if (this.#isProvenAlone(name, mark.app, mark)) return true;
    const was = formerName(name, mark);
    const listed = this.#daysOf(mark.app).get(mark.retired);
    if (listed === undefined || !isPutAsideAs(name, mark)) return false;
    if (!this.#isClosed(name, mark.app)) return usualLogins(mark.app).includes(was) && this.#isOnly(was, mark);
    return listed.has(was) || usualRoles(mark.app).includes(was);
  }

  #isProvenAlone(name: string, app: string, mark: Mark): boolean {
    const was = formerName(name, mark);
    const isKnown = usualRoles(app).includes(was) || this.#evidence.hasSecret(was);
    // A stranger may have been given a role of the app: only one that others of it are members of can be called as it likes.
    if (this.#ties.of(name, app).some(({ isMember }) => isMember || isKnown)) return true;
    if (!isPutAsideAs(name, mark)) return false;
    if (this.#hasPassword(name, was)) return true;
    // The second login may never have had a password.
    const sent = isKnown && [was, ...usualLogins(app)].some((login) => this.#evidence.hasSecret(login));
    return sent && this.#isClosed(name, app);
  }

  #hasPassword(name: string, was: string): boolean {
    const verifier = this.#roles.get(name)?.verifier;
    return typeof verifier === 'string' && this.#evidence.verifiers?.(was).includes(verifier) === true;
  }

  #isClosed(name: string, app: string): boolean {
    return this.#roles.get(name)?.login === false && this.#ties.areOnly(name, app);
  }

  #isOnly(was: string, { app, retired }: Mark): boolean {
    const all = this.#retired.get(app) ?? [];
    return all.filter(([name, mark]) => mark.retired === retired && formerName(name, mark) === was).length === 1;
  }

  /** Worked out once for each app. */
  #daysOf(app: string): ReadonlyMap<string, ReadonlySet<string>> {
    const known = this.#days.get(app);
    if (known !== undefined) return known;
    const days = new Map<string, Set<string>>();
    for (const [name, mark] of this.#retired.get(app) ?? []) {
      if (mark.retired === undefined || !this.#isProvenAlone(name, app, mark)) continue;
      days.set(mark.retired, new Set([...(days.get(mark.retired) ?? []), ...(mark.roles ?? [])]));
    }
    this.#days.set(app, days);
    return days;
  }
}

/** What it was called before it was put aside, as far as that can be said. */
function formerName(name: string, { was, retired }: Mark): string {
  return was ?? (retired === undefined ? name : name.replace(RETIRED, ''));
}
