import { type Change, appOf } from '../../../engine/index.ts';
import { addressKey, type Diagnostic } from '../../../model/index.ts';
import { compile } from './compile.ts';
import type { Context } from '../steps/draft-steps.ts';
import { isKind } from '../spec.ts';

/** What stands in the way: objects of others under our names, retired apps, placements that moved. Errors stop the apply before its first statement. */
export function conflicts(changes: readonly Change[], context: Context): readonly Diagnostic[] {
  const { input, observation } = context;
  const out: Diagnostic[] = [];
  const instance = input.name;
  const say = (code: string, message: string, hint: string, path: Diagnostic['path']): void =>
    void out.push({ code, severity: 'error', message, hint, instance, ...(path ? { path } : {}) });
  const retired = new Map(observation.marks.filter((mark) => mark.retired !== null).map((mark) => [mark.app, mark.retired]));
  // A reader that was taken out has no data: it just comes back.
  const readers = input.readers.filter(({ name }) => hasData(name, context));
  const users = [...input.placements, ...readers.map(({ name: app, path }) => ({ app, path }))];
  for (const { app, path } of users) {
    const day = retired.get(app);
    if (day === undefined) continue;
    const message = `app "${app}" was retired on ${day} and its data is still on "${instance}"`;
    say('CT2007', message, `cotenant restore-app ${app} brings it back; or choose another name for this app`, path);
  }
  for (const { desired, observed } of changes) {
    if (!desired || !observed || observed.owned || (desired.app !== null && retired.has(desired.app))) continue;
    if (!isKind(desired, 'account') && !isKind(desired, 'database')) continue;
    const noted = isKind(observed, desired.address.kind === 'account' ? 'account' : 'database') && observed.spec.noted;
    // What another app has is an error whether or not it differs: `judge` says so.
    if (!noted && !desired.spec.adopt) {
      const what = `${desired.address.kind} "${desired.address.name}"`;
      const hint = adopts(desired.app, context)
        ? `\`adopt\` takes over the login that is in use and the database, not this ${desired.address.kind}: set a different name for it`
        : 'add `adopt: true` to the placement to adopt it, or set a different name';
      say('CT2005', `${what} exists on "${instance}" and is not cotenant's`, hint, desired.path);
    }
  }
  const seen = new Map(observation.resources.map((one) => [addressKey(one.address), one]));
  // Whether or not it differs: when that app leaves, this one would lose it.
  for (const desired of compile(input).resources) {
    const observed = seen.get(addressKey(desired.address));
    if (observed?.owned === true && desired.app !== observed.app && observed.app !== null) {
      const what = `${desired.address.kind} "${desired.address.name}"`;
      say(
        'CT2006',
        `${what} on "${instance}" belongs to app "${observed.app}"`,
        'set a different name in this app’s placement',
        desired.path,
      );
    }
  }
  for (const change of changes) {
    const { desired, observed } = change;
    const app = appOf(change);
    const placed = input.placements.find((one) => one.app === app);
    if (desired || !observed || !placed || !isKind(observed, 'database')) continue;
    const message = `app "${app ?? ''}" has its data in database "${observed.address.name}" on "${instance}", which is not its placement`;
    const back = `apply does not move data: put the old placement back (database: ${observed.address.name}), or move the data yourself first`;
    say('CT2010', message, back, placed.path);
  }
  return out;
}

const adopts = (app: string | null, { input }: Context): boolean =>
  input.placements.find((one) => one.app === app)?.placement.adopt === true;

function hasData(app: string, { observation }: Context): boolean {
  return observation.resources.some((one) => isKind(one, 'retired') && one.app === app && one.address.name.startsWith('database/'));
}
