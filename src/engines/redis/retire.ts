import type { Planned, StepDraft } from '../../engine/index.ts';
import type { Diagnostic, Observed, Statement } from '../../model/index.ts';
import { addressIn, type Context, step } from './draft-steps.ts';
import { startsWith } from './glob.ts';
import { markRule } from './mark.ts';
import { retiredUser } from './names.ts';
import { channelPrefix } from './places.ts';
import { isSeen, type RetiredSeen, type UserSeen } from './spec.ts';
import { saveStep } from './save.ts';
import { commandText } from './words.ts';

type Retired = Observed<RetiredSeen> & { readonly app: string };

/** Tombstones of this project. */
export function retiredUsers({ observation }: Pick<Context, 'observation'>): readonly Retired[] {
  return observation.resources.filter((one): one is Retired => isSeen(one, 'retired') && one.app !== null);
}

/** Apps that the manifest no longer names become tombstones: no login, a name with the day in it. Their keys stay where they are. */
export function retireSteps(context: Context): Planned {
  const { input, observation } = context;
  const named = new Set([...input.placements.map((one) => one.app), ...input.readers.map((one) => one.name)]);
  const gone = observation.resources.filter((one): one is Observed<UserSeen> & { readonly app: string } => {
    return isSeen(one, 'user') && one.owned && one.app !== null && !named.has(one.app);
  });
  const drops = input.removal === 'delete' ? retiredUsers(context).filter((one) => !named.has(one.app)) : [];
  const inUse = drops.filter((one) => livesOn(one, context));
  return {
    steps: [
      ...gone.map((one) => retireUser(one, one.app, context)),
      ...drops.filter((one) => !inUse.includes(one)).flatMap((one) => dropStep(one)),
    ],
    diagnostics: inUse.map((one): Diagnostic => {
      const message = `what the retired app "${one.app}" left in ${placeOf(one.spec)} is not dropped: an app that is in use has its keys there`;
      return { code: 'CT2006', severity: 'error', message, instance: input.name };
    }),
  };
}

/** Where the keys of a tombstone lie, in words. */
export function placeOf({ access, prefix, database }: RetiredSeen): string {
  return access === 'prefix' ? `keys ${startsWith(prefix)}` : access === 'database' ? `database ${database}` : 'the whole server';
}

/** True where an app of the manifest has its place in the place of a tombstone, or around it. */
export function livesOn({ spec }: Observed<RetiredSeen>, { input, observation }: Pick<Context, 'input' | 'observation'>): boolean {
  if (spec.access === 'reader') return false;
  if (spec.access === 'instance') return input.placements.length > 0;
  if (spec.access === 'database') {
    return (
      input.placements.some(({ placement }) => {
        const zero = placement.isolation === 'prefix' && spec.database === 0;
        return zero || placement.isolation === 'instance' || placement.database === spec.database;
      }) || markedDatabases(observation).has(spec.database)
    );
  }
  return input.placements.some((placed) => {
    const { isolation } = placed.placement;
    const prefix = channelPrefix(placed);
    return isolation === 'instance' || (isolation === 'prefix' && (prefix.startsWith(spec.prefix) || spec.prefix.startsWith(prefix)));
  });
}

function markedDatabases(observation: Context['observation']): ReadonlySet<number> {
  return new Set(
    observation.resources.flatMap((one) => (isSeen(one, 'user') && one.spec.mark?.database !== undefined ? [one.spec.mark.database] : [])),
  );
}

/** The server has no way to rename a user: one with the new name takes its place. Deleting a user ends its sessions. */
function retireUser(one: Observed<UserSeen>, app: string, context: Context): StepDraft {
  const { input, today } = context;
  const user = one.address.name;
  const { access = 'prefix', prefix, database } = one.spec.mark ?? {};
  const kept = {
    project: input.project,
    app,
    access,
    ...(prefix === undefined ? {} : { prefix }),
    ...(database === undefined ? {} : { database }),
  };
  const next = retiredUser(user, today);
  return step({
    address: addressIn(context, 'app', app),
    app,
    part: `retire:${user}`,
    action: 'update',
    title: 'close app that is no longer in the manifest',
    facts: { app, user, restore: `cotenant restore-app ${app}` },
    statements: [
      { text: commandText('ACL', 'SETUSER', next, 'reset', 'resetchannels', markRule({ ...kept, retired: today, was: user })) },
      { text: commandText('ACL', 'DELUSER', user) },
    ],
    reverse: [
      { text: commandText('ACL', 'SETUSER', user, 'reset', 'resetchannels', markRule(kept)) },
      { text: commandText('ACL', 'DELUSER', next) },
    ],
    risk: 'access-reducing',
  });
}

/** The way back: the user under its old name, still switched off. The next apply opens it again. */
export function restoreSteps(app: string, context: Context): Planned {
  const { input, observation } = context;
  const mine = retiredUsers(context).filter((one) => one.app === app);
  const taken = mine.filter((one) => observation.resources.some((other) => isSeen(other, 'user') && other.address.name === one.spec.was));
  if (taken.length > 0) {
    const message = `app "${app}" cannot come back on "${input.name}": the user "${taken[0]?.spec.was}" is there again`;
    const hint = 'rename the app in the manifest first';
    return { steps: [], diagnostics: [{ code: 'CT2006', severity: 'error', message, hint, instance: input.name }] };
  }
  // An app can have been retired more than once: the latest of each user counts.
  const latest = new Map<string, Retired>();
  for (const one of mine) if ((latest.get(one.spec.was)?.spec.day ?? '') <= one.spec.day) latest.set(one.spec.was, one);
  const steps = [...latest.values()].map((one) => restoreStep(one, context));
  return { steps: steps.length > 0 ? [...steps, ...saveStep(context)] : [], diagnostics: [] };
}

function restoreStep({ address, app, spec }: Retired, context: Context): StepDraft {
  const { was, access, prefix, database } = spec;
  const mark = {
    project: context.input.project,
    app,
    access,
    ...(prefix === '' ? {} : { prefix }),
    ...(access === 'database' ? { database } : {}),
  };
  return step({
    address,
    app,
    part: 'restore',
    action: 'update',
    title: 'restore user',
    facts: { app, user: was },
    statements: [
      { text: commandText('ACL', 'SETUSER', was, 'reset', 'resetchannels', markRule(mark)) },
      { text: commandText('ACL', 'DELUSER', address.name) },
    ],
    risk: 'safe',
  });
}

/** With `removal: delete`: a second, confirmed act that ends the data of apps that were retired before. */
function dropStep({ address, app, spec }: Retired): readonly StepDraft[] {
  const base = {
    address,
    app,
    action: 'delete',
    facts: { app, what: placeOf(spec), retired: spec.day },
    risk: 'destructive',
    confirm: app,
  } as const;
  const data = endOfData(spec).map((statement) =>
    step({ ...base, part: 'unlink', title: 'delete the keys of a retired app', statements: [statement] }),
  );
  // A run that is cut short leaves the tombstone, and with it what is left to be done.
  const user = step({
    ...base,
    part: 'drop',
    title: 'drop user',
    statements: [{ text: commandText('ACL', 'DELUSER', address.name) }],
    after: data.map(({ id }) => id),
  });
  return [...data, user];
}

/** The last word says what becomes of each key that is found: see `sweep`. */
function endOfData({ access, prefix, database }: RetiredSeen): readonly Statement[] {
  if (access === 'prefix') return [{ text: commandText('SCAN', '0', 'MATCH', startsWith(prefix), 'COUNT', '1000', '|', 'UNLINK') }];
  if (access === 'database') return [{ text: commandText('SCAN', '0', 'DB', String(database), 'COUNT', '1000', '|', 'UNLINK') }];
  return access === 'instance' ? [{ text: 'FLUSHALL ASYNC' }] : [];
}
