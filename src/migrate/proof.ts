import type { CatalogObject } from '../engine/index.ts';

/** What a run of a tool has done, seen from outside. */
export interface Proof {
  /** What it must not have done, object by object. */
  readonly violations: readonly string[];
  /** What somebody else seems to have done meanwhile. */
  readonly meanwhile: readonly string[];
  /** Objects of the app that it made, changed or dropped. */
  readonly changed: readonly string[];
}

const keyOf = ({ kind, name }: CatalogObject): string => `${kind} ${name}`;

/** By its place and its owner: what nobody of the app can act on is none of its doing, also in its own database. */
const isApps = ({ inside, own, reachable }: CatalogObject): boolean => inside && (own || reachable);

/** Compares the catalog before and after. */
export function prove(before: readonly CatalogObject[], after: readonly CatalogObject[]): Proof {
  const was = new Map(before.map((one) => [keyOf(one), one]));
  const is = new Map(after.map((one) => [keyOf(one), one]));
  const violations: string[] = [];
  const meanwhile: string[] = [];
  const changed: string[] = [];
  const outside = (one: CatalogObject, what: string): void => {
    // Whoever may act as its owner can have done it; nobody else of the app can.
    if (one.reachable || one.own) violations.push(`${keyOf(one)} of ${one.owner}, which is not the app's, ${what}`);
    else meanwhile.push(`${keyOf(one)} of ${one.owner} ${what}`);
  };
  for (const [key, now] of is) {
    const old = was.get(key);
    if (!isApps(now)) {
      if (old?.digest === now.digest) continue;
      if (old) outside(old, 'has changed');
      else if (now.own) violations.push(`${key} is new and lies outside of the app's place`);
      else outside(now, 'is new');
      continue;
    }
    if (!old) {
      changed.push(`${key} is new`);
      if (!now.own) violations.push(`${key} is new and belongs to ${now.owner}`);
    } else if (old.digest !== now.digest) changed.push(`${key} has changed`);
    if (old && old.owner !== now.owner) violations.push(`${key} belongs to ${now.owner} now`);
    if (old && (old.wall ?? null) !== (now.wall ?? null)) violations.push(`${key} has not the wall around its rows any more that it had`);
    const known = new Set(old?.strangers);
    for (const one of now.strangers) if (!known.has(one)) violations.push(`${key} is open to somebody else: ${one}`);
    if (now.broken !== null) violations.push(`${key}: ${now.broken}`);
  }
  for (const [key, old] of was) {
    if (is.has(key)) continue;
    if (isApps(old)) changed.push(`${key} is gone`);
    else outside(old, 'is gone');
  }
  return { violations, meanwhile, changed };
}
