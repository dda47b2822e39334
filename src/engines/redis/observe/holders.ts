import type { Observation } from '../../../engine/index.ts';
import { factsOf } from './server.ts';
import { startsWith } from '../glob.ts';
import type { Mark } from '../marks/mark.ts';
import { DEFAULT_USER } from '../names.ts';
import { canHold, canSee, type Grant, type KeyRange, writesEverywhere } from '../rights.ts';
import { isSeen } from '../spec.ts';

/** A user of the server, as far as it matters whose keys there may be. */
export interface Principal {
  readonly name: string;
  readonly enabled: boolean;
  readonly mark: Mark | null;
  readonly grants: readonly Grant[];
}

/** Somebody who may have keys in a range. */
export interface Holder {
  readonly user: string;
  /** As people know it: `app "eu" of project "other"`, `user "legacy"`. */
  readonly who: string;
  /** It may write any key whatever, so that this range is nothing of its own. */
  readonly everywhere: boolean;
}

/** Where the keys of an app lie, as its mark says; null: it has none, or the mark does not say. */
export function rangeOf({ access = 'prefix', prefix = '', database = -1 }: Pick<Mark, 'access' | 'prefix' | 'database'>): KeyRange | null {
  if (access === 'prefix') return prefix === '' ? null : { prefix, database: 0 };
  if (access === 'database') return database < 0 ? null : { prefix: '', database };
  return access === 'instance' ? { prefix: '', database: null } : null;
}

/** The marks that a delete of a retired app's keys is about. */
export function isTombstoneOf(project: string, app: string): (mark: Mark) => boolean {
  return (mark) => mark.project === project && mark.app === app && mark.retired !== undefined;
}

export function rangeText({ prefix, database }: KeyRange): string {
  if (prefix !== '') return `keys ${startsWith(prefix)}`;
  return database === null ? 'the whole server' : `database ${database}`;
}

/** True where one key can lie in both. */
export function rangesMeet(one: KeyRange, other: KeyRange): boolean {
  const inOne = one.database === null || other.database === null || one.database === other.database;
  return inOne && (one.prefix.startsWith(other.prefix) || other.prefix.startsWith(one.prefix));
}

/** Everybody but `owner` and the operator who may have keys in the range: by a mark, or by the rules that the server has for them. */
export function holdersIn(range: KeyRange, principals: readonly Principal[], owner: (mark: Mark) => boolean): readonly Holder[] {
  return principals.flatMap(({ name, enabled, mark, grants }): Holder[] => {
    if (mark && owner(mark)) return [];
    const place = mark ? rangeOf(mark) : null;
    const everywhere = writesEverywhere(grants);
    const placed = place !== null && rangesMeet(place, range);
    // Who is switched off may have left keys under a pattern of its own; where it could write all, the pattern tells nothing.
    const reaches = canHold(grants, range) && (enabled || (!everywhere && name !== DEFAULT_USER));
    return placed || reaches ? [{ user: name, who: whoIs(name, mark), everywhere: everywhere && !placed }] : [];
  });
}

/** Everybody else who can look at the keys in the range and has none there: they see them no more where they are deleted. */
export function readersIn(range: KeyRange, principals: readonly Principal[], owner: (mark: Mark) => boolean): readonly Principal[] {
  const holding = new Set(holdersIn(range, principals, owner).map(({ user }) => user));
  return principals.filter(({ name, enabled, mark, grants }) => {
    return enabled && !(mark && owner(mark)) && !holding.has(name) && canSee(grants, range);
  });
}

function whoIs(name: string, mark: Mark | null): string {
  if (!mark) return name === DEFAULT_USER ? 'whoever connects without a login (user "default")' : `user "${name}"`;
  return appOfMark(mark);
}

export function appOfMark({ retired, app, project }: Mark): string {
  return `${retired === undefined ? '' : 'the retired '}app "${app}" of project "${project}"`;
}

const known = new WeakMap<Observation, readonly Principal[]>();

/** Every user of the server but the one that cotenant is logged in as. */
export function principalsOf(observation: Observation): readonly Principal[] {
  const before = known.get(observation);
  if (before) return before;
  const fresh = observation.resources.flatMap((one): Principal[] => {
    const { name } = one.address;
    if (isSeen(one, 'user')) return [{ name, enabled: one.spec.enabled, mark: one.spec.mark, grants: one.spec.grants }];
    if (isSeen(one, 'default-user')) {
      const isOperator = factsOf(observation.server).user === name;
      return isOperator ? [] : [{ name, enabled: one.spec.enabled, mark: null, grants: one.spec.grants }];
    }
    return isSeen(one, 'retired') ? [{ name, enabled: one.spec.enabled, mark: one.spec.mark, grants: one.spec.grants }] : [];
  });
  known.set(observation, fresh);
  return fresh;
}
