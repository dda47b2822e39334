import { otherProjects, type Theirs } from '../../../engine/index.ts';
import type { Diagnostic, Resource } from '../../../model/index.ts';
import { apartFrom } from './apart.ts';
import { compile } from './compile.ts';
import { keysOfOthers } from './keys-of-others.ts';
import type { Context } from '../steps/draft-steps.ts';
import { meetings } from '../observe/neighbours.ts';
import { livesOn, placeOf, retiredUsers } from '../retire/retire.ts';
import { rulesOf } from './rules.ts';
import { factsOf } from '../observe/server.ts';
import { isSeen, isWanted, type UserSpec } from '../spec.ts';

type Found = Omit<Diagnostic, 'severity' | 'instance'> & Partial<Pick<Diagnostic, 'severity'>>;

/** What stands in the way: users of others under our names, retired apps, placements that moved. Errors stop the apply before its first command. */
export function conflicts(context: Context): readonly Diagnostic[] {
  const { input } = context;
  const users = compile(input).resources.filter((one): one is Resource<UserSpec> => isWanted(one, 'user'));
  const theirs = new Map(users.flatMap((one) => theirsOf(one, context)));
  const found = [
    ...users.flatMap((one) => [...claims(one, context), ...moves(one, context)]),
    // Where the other project has the very user, that says it all.
    ...users.filter(({ address }) => !theirs.has(address.name)).flatMap((one) => meetings(one, context)),
    ...tombstones(context),
    ...keysOfOthers(context),
  ];
  return [
    ...otherProjects([...theirs.values()], { instance: input.name, rename: 'rename the apps of this project, or set another `user`' }),
    ...found.map((one) => ({ severity: 'error' as const, ...one, instance: input.name })),
  ];
}

/** The user that it wants, where another project has it. */
function theirsOf(
  { address: { name }, path }: Resource<UserSpec>,
  { input, observation }: Context,
): readonly (readonly [string, Theirs])[] {
  const { user, replicaUsers } = factsOf(observation.server);
  const there = observation.resources.find((one) => one.address.name === name && isSeen(one, 'user'));
  const mark = there && isSeen(there, 'user') ? there.spec.mark : null;
  if (!mark || mark.project === input.project || name === user || replicaUsers.includes(name)) return [];
  return [[name, { project: mark.project, what: `user "${name}"`, path }]];
}

function claims(desired: Resource<UserSpec>, context: Context): readonly Found[] {
  const { address, app, spec, path } = desired;
  const { input, observation } = context;
  const what = `user "${address.name}" on "${input.name}"`;
  const at = path ? { path } : {};
  if (address.name === factsOf(observation.server).user) {
    const message = `${what} is the user that cotenant itself logs in as: it would lock itself out`;
    return [{ code: 'CT2041', message, hint: 'set another `user` in the placement', ...at }];
  }
  if (factsOf(observation.server).replicaUsers.includes(address.name)) {
    const message = `${what} is the user that a replica is logged in as: as an app's user it could no longer replicate`;
    return [{ code: 'CT2041', message, hint: 'set another `user` in the placement', ...at }];
  }
  const there = observation.resources.find((one) => one.address.name === address.name && (isSeen(one, 'user') || isSeen(one, 'retired')));
  if (!there) return [];
  const mark = isSeen(there, 'user') ? there.spec.mark : null;
  if (mark && mark.project !== input.project) return [];
  if (there.address.kind === 'retired' || (mark && mark.app !== app)) {
    const whose = `app "${mark?.app ?? there.app ?? ''}"`;
    return [{ code: 'CT2006', message: `${what} belongs to ${whose}`, hint: 'set another `user` for this app', ...at }];
  }
  if (there.owned) return [];
  if (spec.adopt) {
    const apart = isSeen(there, 'user') ? apartFrom(input, desired, there.spec, rulesOf(desired, observation)) : null;
    if (apart === null) return [];
    return [{ code: 'CT2005', message: `${what} exists and may be somebody else's: ${apart.why}`, hint: apart.hint, ...at }];
  }
  const hint = 'add `adopt: true` to the placement to adopt it, or set another `user` for the app';
  return [{ code: 'CT2005', message: `${what} exists and is not cotenant's`, hint, ...at }];
}

/** The mark says where an app had its keys before. */
function moves(desired: Resource<UserSpec>, context: Context): readonly Found[] {
  const { input, observation } = context;
  const { app, spec, path } = desired;
  const rules = rulesOf(desired, observation);
  return observation.resources.flatMap((one): Found[] => {
    const mark = isSeen(one, 'user') && one.owned && one.app === app ? one.spec.mark : null;
    if (mark?.access === undefined) return [];
    const { access, prefix = '', database } = mark;
    // A login that only reads says nothing of where the keys are.
    if (access.endsWith('reader') || spec.access.endsWith('reader')) return [];
    const stays =
      access === spec.access && prefix === spec.prefix && (access !== 'database' || database === undefined || database === rules.database);
    if (stays) return [];
    const place = placeOf({ access, prefix, database: database ?? 0 });
    const message = `app "${app}" has its data in ${place} on "${input.name}", which is not its placement`;
    return [
      {
        code: 'CT2010',
        message,
        hint: `apply does not move data: put the old placement back (${place}), or move the keys yourself first`,
        ...(path ? { path } : {}),
      },
    ];
  });
}

/** An app in the place of a tombstone would have its keys. */
function tombstones(context: Context): readonly Found[] {
  const { input, observation } = context;
  const active = new Set(observation.marks.filter((mark) => mark.retired === null).map((mark) => mark.app));
  const stones = retiredUsers(context);
  const byApp = new Map(stones.map((one) => [one.app, one]));
  const wanted = [
    ...input.placements.map(({ app, path }) => ({ app, path })),
    ...input.readers.map(({ name, path }) => ({ app: name, path })),
  ];
  const named = wanted.flatMap(({ app, path }): Found[] => {
    const stone = byApp.get(app);
    if (!stone || active.has(app)) return [];
    const message = `app "${app}" was retired on ${stone.spec.day} and its data is still on "${input.name}"`;
    return [{ code: 'CT2007', message, hint: `cotenant restore-app ${app} brings it back; or choose another name for this app`, path }];
  });
  const names = new Set(wanted.map(({ app }) => app));
  const others = input.removal === 'delete' ? [] : stones.filter((one) => !names.has(one.app) && livesOn(one, context));
  return [
    ...named,
    ...others.map((one): Found => {
      const message = `an app of the manifest has its place in ${placeOf(one.spec)} on "${input.name}", where the data of the retired app "${one.app}" still lies`;
      return { code: 'CT2007', message, hint: `cotenant restore-app ${one.app} brings it back; or give the other one another prefix` };
    }),
  ];
}
