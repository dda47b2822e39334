import type { Change } from '../../../engine/index.ts';
import { compile } from '../compile/compile.ts';
import { type Context, factsOf } from '../steps/draft-steps.ts';
import { peopleOf } from '../effective/people.ts';
import { partOf } from '../part-name.ts';
import { differing } from '../kinds/objects.ts';
import { oncePer } from '../../../util/once.ts';
import { readMark } from '../marks/mark.ts';
import { qualified } from '../quote.ts';
import { workOn } from './work.ts';
import { isKind } from '../spec.ts';

/** What an app shares and has not made yet, as `orders` or `orders.total`. */
export function waitingOf(app: string, { input, observation }: Context): readonly string[] {
  if (!input.shares.some(({ from }) => from === app)) return [];
  const found = observation.resources.find((one) => isKind(one, 'objects') && one.app === app && one.spec.shares !== undefined);
  if (found && isKind(found, 'objects')) return found.spec.absent ?? [];
  const names = compile(input).resources.flatMap((one) =>
    isKind(one, 'objects') && one.app === app ? (one.spec.shares ?? []).map(({ table }) => table) : [],
  );
  return [...new Set(names)].sort();
}

/** The same at the end of the last apply, as its mark says. */
export function waitedFor(app: string, { input, observation }: Context): readonly string[] {
  return waitsIn(observation).get(keyOf(input.project, app)) ?? [];
}

/** The first mark of an app that says so is taken. One look at all marks: each app is asked for, and each has several roles. */
const waitsIn = oncePer((observation: Context['observation']): ReadonlyMap<string, readonly string[]> => {
  const waits = new Map<string, readonly string[]>();
  for (const row of peopleOf(observation)?.roles.values() ?? []) {
    const mark = readMark(row[10]);
    if (!mark?.waits || mark.app === null) continue;
    const key = keyOf(mark.project, mark.app);
    if (!waits.has(key)) waits.set(key, mark.waits);
  }
  return waits;
});

const keyOf = (project: string, app: string): string => JSON.stringify([project, app]);

/** True where a step does nothing but open what an app has made since, and shares: that is nobody's drift. */
export function opensWhatCame({ desired, observed, fields }: Change, context: Context): boolean {
  if (!desired || !observed) return false;
  if (isKind(desired, 'objects') && isKind(observed, 'objects')) {
    if (desired.app === null || desired.spec.shares === undefined) return false;
    const waited = waitedFor(desired.app, context);
    const came = new Set(
      desired.spec.shares.filter(({ table }) => isAmong(waited, table)).map(({ schema, table }) => qualified(schema, table)),
    );
    const all = differing(desired.spec, observed.spec, factsOf(context).version);
    return all.length > 0 && all.every(({ gives, found }) => gives && found.names.every((name) => came.has(name)));
  }
  if (!isKind(desired, 'share') || !isKind(observed, 'share') || !observed.spec.found) return false;
  const waited = waitedFor(desired.spec.from, context);
  const [, name] = partOf(desired.address.name);
  const work = workOn(name, desired.spec, observed.spec.found).filter((one) => one.what !== null);
  // Nothing of the way to them is another.
  return fields.length === work.length && work.length > 0 && work.every(({ what, table }) => what === 'missing' && isAmong(waited, table));
}

function isAmong(waited: readonly string[], table: string): boolean {
  return waited.some((one) => one === table || one.startsWith(`${table}.`));
}
