import { placementOf } from '../../../engine/index.ts';
import type { Diagnostic } from '../../../model/index.ts';
import { principalsOf, rangeOf, rangesMeet, rangeText } from '../observe/holders.ts';
import { type KeysThere, keysThereIn } from '../observe/keys-there.ts';
import type { Context } from '../steps/draft-steps.ts';

type Found = Omit<Diagnostic, 'instance'>;

/** Keys that a new app would find where it is to have its own: it could read and write them, and they would go with it. */
export function keysOfOthers(context: Context): readonly Found[] {
  const { input, observation } = context;
  return keysThereIn(observation).flatMap((one): readonly Found[] => {
    const placed = placementOf(input, one.app);
    // Where a mark says whose they are, that is told.
    if (!placed || isTold(one, context)) return [];
    return [{ ...judged(one, placed.placement, input.name), path: placed.path }];
  });
}

function judged(one: KeysThere, { adopt, isolation }: { adopt: boolean; isolation: string }, instance: string): Found {
  const { app, range, hadUser } = one;
  const other = isolation === 'instance' ? 'place it on another instance' : `give the app another ${isolation}`;
  const base = { code: 'CT2005', severity: 'warning' } as const;
  if (one.keys === 0) {
    const message = `app "${app}" is new on "${instance}", and the server has too many keys to look through all of them: some may be there already under ${rangeText(range)}`;
    return { ...base, message, hint: `where that can be, ${other}: the app could read, change and delete them` };
  }
  const keys = counted(one);
  const lie = one.keys === 1 ? 'lies' : 'lie';
  const where = `on "${instance}" (${rangeText(range)})`;
  if (adopt)
    return {
      ...base,
      severity: 'info',
      message: `app "${app}" takes over ${keys} that ${lie} ${where}: from now on that is the app's, and goes with it`,
    };
  if (hadUser) {
    const message = `app "${app}" has no user on the server, and ${keys} ${lie} ${where}: that is taken for its own, for this project has set a password for its user before`;
    return { ...base, message, hint: `where it is somebody else's, ${other} before you apply` };
  }
  const message = `app "${app}" is new, and ${keys} not known to cotenant ${lie} ${where}: it could read, change and delete what is there`;
  const hint = `if that is the app's, add \`adopt: true\` to its placement; else ${other}, or remove the keys first`;
  return { ...base, severity: 'error', message, hint };
}

function counted({ keys, how }: KeysThere): string {
  const number = keys.toLocaleString('en');
  const some = how === 'exactly' ? number : how === 'about' ? `about ${number}` : `at least ${number}`;
  return `${some} ${keys === 1 ? 'key' : 'keys'}`;
}

/** A retired app of this project, or an app of another one, has its place there. */
function isTold({ range }: KeysThere, { input, observation }: Context): boolean {
  return principalsOf(observation).some(({ mark }) => {
    const place = mark && (mark.project !== input.project || mark.retired !== undefined) ? rangeOf(mark) : null;
    return place !== null && rangesMeet(place, range);
  });
}
