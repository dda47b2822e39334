import { field, type Planned, type StepDraft } from '../../../engine/index.ts';
import type { Diagnostic, Loss, Observed } from '../../../model/index.ts';
import { addressIn, type Context, step } from '../steps/draft-steps.ts';
import { fileTrouble } from '../observe/file-trouble.ts';
import { type Holder, holdersIn, isTombstoneOf, principalsOf, rangeOf, rangeText, readersIn } from '../observe/holders.ts';
import { unsavedStatement } from '../marks/ledger.ts';
import { allOf, loss, named } from '../losses.ts';
import { bearer, type Mark, markRule } from '../marks/mark.ts';
import { retiredUser } from '../names.ts';
import { channelPrefix } from '../compile/places.ts';
import type { KeyRange } from '../rights.ts';
import { isSeen, type RetiredSeen, type UserSeen } from '../spec.ts';
import { passwordsOf } from '../connect/passwords.ts';
import { endSessions, saveStep } from '../steps/save.ts';
import { sweepCommand } from './sweep.ts';
import { command } from '../words.ts';
import { factsOf } from '../observe/server.ts';

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
  const refused = drops.flatMap((one) => refusal(one, context));
  return {
    steps: [
      ...gone.map((one) => retireUser(one, one.app, context)),
      ...retiredUsers(context)
        .filter((one) => !drops.includes(one))
        .flatMap((one) => closeAgain(one, context)),
      ...drops.flatMap((one) => dropStep(one, context)),
    ],
    diagnostics: refused.map((one) => ({ ...one, severity: 'error', instance: input.name })),
  };
}

/** What is retired stays closed, whoever opens it by hand. */
function closeAgain({ address, app, spec }: Retired, { input, observation }: Context): readonly StepDraft[] {
  const { name } = address;
  const open = spec.enabled || spec.grants.some(({ commands, keys, channels }) => commands !== '' && keys.length + channels.length > 0);
  if (!open) return [];
  const is = (what: 'keys' | 'channels'): string => spec.grants.flatMap((grant) => grant[what]).join(' ');
  const fields = [
    ...(spec.enabled ? [field('enabled', true, false)] : []),
    ...(['keys', 'channels'] as const).flatMap((what) => (is(what) === '' ? [] : [field(what, is(what), null)])),
  ];
  const rules = ['off', 'resetkeys', 'resetchannels', '-@all', 'clearselectors', markRule(spec.mark)];
  return [
    step({
      address,
      app,
      part: 'close',
      action: 'update',
      title: 'close a retired app again',
      facts: { app, user: name },
      fields,
      cause: 'drift',
      losses: spec.enabled ? loss({ who: name, of: app }, allOf('connect', spec.grants), observation) : [],
      commands: [unsavedStatement(input.project), command('ACL', 'SETUSER', name, ...rules), endSessions(name)],
      risk: 'access-reducing',
    }),
  ];
}

/** A delete ends what is provably the app's own: where somebody else may have keys, nobody can tell whose they are. */
function refusal(one: Retired, context: Context): readonly Omit<Diagnostic, 'severity' | 'instance'>[] {
  const range = rangeOf(one.spec);
  if (range === null) return [];
  const left = `what the retired app "${one.app}" left in ${rangeText(range)} is not dropped`;
  const placed = livesOn(one, context) ? ['an app of this manifest that is in use'] : [];
  const others = othersIn(one, range, context).flatMap(({ who, accepted }) => (accepted ? [] : [who]));
  const who = [...new Set([...placed, ...others])];
  if (who.length === 0) return [];
  const hint = `delete the keys of "${one.app}" by hand, or take the keys there out of the reach of the other; \`removal: retain\` leaves them`;
  return [{ code: 'CT2006', message: `${left}: keys of ${who.join(', ')} may be among them`, hint }];
}

/** Who else may have keys there. An administrator that the manifest accepts may write anywhere: it is told, and loses what it has put there. */
function othersIn(one: Retired, range: KeyRange, context: Context): readonly (Holder & { readonly accepted: boolean })[] {
  const known = new Set(context.input.known.map(({ user }) => user));
  const found = holdersIn(range, principalsOf(context.observation), isTombstoneOf(context.input.project, one.app));
  return found.map((holder) => ({ ...holder, accepted: holder.everywhere && known.has(holder.user) }));
}

/** Where the keys of a tombstone lie, in words. */
export function placeOf(spec: Pick<RetiredSeen, 'access' | 'prefix' | 'database'>): string {
  const range = rangeOf(spec);
  return range === null ? 'no keys' : rangeText(range);
}

/** True where an app of the manifest has its place in the place of a tombstone, or around it. */
export function livesOn({ spec }: Observed<RetiredSeen>, { input, observation }: Pick<Context, 'input' | 'observation'>): boolean {
  if (spec.access.endsWith('reader')) return false;
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
    ...bearer(app, user),
    access,
    ...(prefix === undefined ? {} : { prefix }),
    ...(database === undefined ? {} : { database }),
  };
  const stone = { ...kept, retired: today, was: user };
  const next = freeName(user, stone, context);
  return step({
    address: addressIn(context, 'app', app),
    app,
    part: `retire:${user}`,
    action: 'update',
    title: 'close app that left the manifest',
    facts: { app, user, restore: `cotenant restore-app ${app}` },
    losses: loss({ who: user, of: app }, allOf('connect', one.spec.enabled ? one.spec.grants : []), context.observation),
    commands: [
      unsavedStatement(input.project),
      command('ACL', 'SETUSER', next, 'reset', 'resetchannels', passwordsOf(user), markRule(stone)),
      command('ACL', 'DELUSER', user),
    ],
    reverse: [
      command('ACL', 'SETUSER', user, 'reset', 'resetchannels', passwordsOf(next), markRule(kept)),
      command('ACL', 'DELUSER', next),
    ],
    risk: 'access-reducing',
  });
}

/** A name that nobody has, or that this very user has left as a tombstone: SETUSER would make somebody else's user one. */
function freeName(user: string, mark: Mark, { observation, today }: Context): string {
  const taken = new Map<string, Observed | null>(observation.resources.map((one) => [one.address.name, one]));
  taken.set(factsOf(observation.server).user, null);
  const name = retiredUser(user, today);
  for (let count = 2, free = name; ; count++) {
    const there = taken.get(free);
    if (there === undefined || (there && isSeen(there, 'retired') && isSame(there.spec, mark))) return free;
    free = `${name}_${count}`;
  }
}

function isSame({ mark, was }: RetiredSeen, { project, app, was: user, prefix, database }: Mark): boolean {
  return mark.project === project && mark.app === app && was === user && mark.prefix === prefix && mark.database === database;
}

/** The way back: the user under its old name, still switched off. The next apply opens it again. */
export function restoreSteps(app: string, context: Context): Planned {
  const { observation } = context;
  const mine = retiredUsers(context).filter((one) => one.app === app);
  const admin = factsOf(observation.server).user;
  const taken = mine.filter(
    ({ spec: { was } }) => was === admin || observation.resources.some((other) => isSeen(other, 'user') && other.address.name === was),
  );
  if (taken.length > 0) {
    return { steps: [], diagnostics: taken.map((one) => inTheWay(app, one.spec.was, context)) };
  }
  // An app can have been retired more than once: the latest of each user counts.
  const latest = new Map<string, Retired>();
  for (const one of mine) if ((latest.get(one.spec.was)?.spec.day ?? '') <= one.spec.day) latest.set(one.spec.was, one);
  const steps = [...latest.values()].map((one) => restoreStep(one, context));
  if (steps.length === 0) return { steps: [], diagnostics: [] };
  return { steps: [...steps, ...saveStep(context)], diagnostics: fileTrouble(context, true) };
}

/** Who has the name of a user that was retired. */
function inTheWay(app: string, user: string, { input, observation }: Context): Diagnostic {
  const found = observation.resources.find((other) => other.address.name === user);
  const mark = found && isSeen(found, 'user') ? found.spec.mark : null;
  const gone = { severity: 'error', instance: input.name } as const;
  const there = `app "${app}" cannot be restored on "${input.name}": the user "${user}" exists again`;
  if (mark?.project === input.project)
    return { code: 'CT2006', ...gone, message: `${there}, for app "${mark.app}"`, hint: 'rename the app in the manifest first' };
  const hint = `agree with its owner on another name for one of the two, then run cotenant restore-app ${app} again; the retired app is left unchanged`;
  if (mark) return { code: 'CT2006', ...gone, message: `${there}, and belongs to project "${mark.project}"`, hint };
  const whose = user === factsOf(observation.server).user ? 'is the user that cotenant itself logs in as' : "is not cotenant's";
  return { code: 'CT2005', ...gone, message: `${there}, and ${whose}`, hint };
}

function restoreStep({ address, app, spec }: Retired, context: Context): StepDraft {
  const { was, access, prefix, database } = spec;
  const mark = {
    project: context.input.project,
    app,
    ...bearer(app, was),
    access,
    ...(prefix === '' ? {} : { prefix }),
    ...(access.startsWith('database') && database >= 0 ? { database } : {}),
  };
  return step({
    address,
    app,
    part: 'restore',
    action: 'update',
    title: 'restore user',
    facts: { app, user: was },
    commands: [
      unsavedStatement(context.input.project),
      command('ACL', 'SETUSER', was, 'reset', 'resetchannels', passwordsOf(address.name), markRule(mark)),
      command('ACL', 'DELUSER', address.name),
    ],
    risk: 'safe',
  });
}

/** What others lose with the keys of a retired app: what an accepted administrator has put among them, and the sight of them. */
function lossesOfDrop(one: Retired, range: KeyRange, context: Context): readonly Loss[] {
  const { input, observation } = context;
  const accepted = othersIn(one, range, context).filter((other) => other.accepted);
  const readers = readersIn(range, principalsOf(observation), isTombstoneOf(input.project, one.app));
  const whose = (user: string, mark: Mark | null): Pick<Loss, 'of' | 'confirm'> =>
    named(input, user, true) ?? { of: mark?.project === input.project ? mark.app : null };
  return [
    ...accepted.flatMap(({ user }) =>
      loss({ who: user, ...whose(user, null) }, [`${placeOf(one.spec)}, where it has put any`], observation),
    ),
    ...readers.flatMap(({ name, mark }) =>
      loss({ who: name, ...whose(name, mark) }, [`${placeOf(one.spec)}, which it can read`], observation),
    ),
  ];
}

/** With `removal: delete`: a second, confirmed act that ends the data of apps that were retired before. */
function dropStep(one: Retired, context: Context): readonly StepDraft[] {
  const { address, app, spec } = one;
  const { input, observation } = context;
  const base = {
    address,
    app,
    action: 'delete',
    facts: { app, what: placeOf(spec), retired: spec.day },
    risk: 'destructive',
    confirm: app,
  } as const;
  const range = rangeOf(spec);
  const holds = spec.holds === null ? {} : { keys: spec.holds.keys, bytes: spec.holds.bytes };
  const statements = range === null ? [] : [sweepCommand(range)];
  const data = statements.map((statement) =>
    step({
      ...base,
      part: 'unlink',
      title: 'delete the keys of a retired app',
      facts: { ...base.facts, ...holds },
      losses: range === null ? [] : lossesOfDrop(one, range, context),
      commands: [statement],
    }),
  );
  // A run that is cut short leaves the tombstone, and with it what is left to be done.
  const user = step({
    ...base,
    part: 'drop',
    title: 'drop user',
    // Somebody may have opened it again by hand.
    losses: spec.enabled ? loss({ who: address.name, of: app }, allOf('connect', spec.grants), observation) : [],
    commands: [unsavedStatement(input.project), command('ACL', 'DELUSER', address.name)],
    needs: data.map(({ id }) => id),
  });
  return [...data, user];
}
