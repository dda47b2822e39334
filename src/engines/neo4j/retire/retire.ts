import type { Planned, StepDraft } from '../../../engine/index.ts';
import type { Diagnostic, Loss } from '../../../model/index.ts';
import { writeMark } from '../marks/mark.ts';
import {
  addressIn,
  type Context,
  dropUser,
  graphOf,
  type Ledger,
  ledgersOf,
  loginLost,
  lossOf,
  markCommands,
  ownLedgers,
  step,
  userNamed,
} from '../steps/draft-steps.ts';
import { factsOf } from '../observe/server.ts';
import { isSeen } from '../spec.ts';
import { emptyGraph, endSessions } from '../words.ts';

/** Apps that the manifest no longer names lose their user. What they have in the database stays. */
export function retireSteps(context: Context): Planned {
  const { input } = context;
  const named = new Set(input.placements.map(({ app }) => app));
  const gone = ownLedgers(context).filter(({ mark }) => mark.app !== '' && !named.has(mark.app));
  const live = gone.filter(({ mark }) => mark.retired === undefined);
  const drops = input.removal === 'delete' ? gone.filter(({ mark }) => mark.retired !== undefined) : [];
  const neighbours = drops.length === 0 ? [] : othersHere(context);
  const refused = drops.map((one) => refusal(one, neighbours, context)).filter((one) => one !== null);
  return {
    steps: [...live.map((one) => retireStep(one, context)), ...(neighbours.length > 0 ? [] : drops.map((one) => dropStep(one, context)))],
    diagnostics: refused,
  };
}

function retireStep({ mark, name }: Ledger, context: Context): StepDraft {
  const { app, user = app } = mark;
  const { applied: _, ...kept } = mark;
  const stone = { ...kept, retired: context.today };
  const there = ownLedgers(context).some((one) => one.name === writeMark(stone));
  const mine = userNamed(user, context)?.owned === true;
  return step({
    address: addressIn(context, 'app', app),
    app,
    part: `retire:${user}`,
    action: 'update',
    title: 'close app that left the manifest',
    facts: { app, user, restore: `cotenant restore-app ${app}` },
    losses: mine ? [loginLost(user, app, context)] : [],
    // A user cannot be switched off on Community: without a user there is nothing to log in as.
    commands: [...(there ? [dropUser(name)] : markCommands(name, stone)), ...(mine ? [dropUser(user), endSessions(user)] : [])],
    reverse: markCommands(writeMark(stone), kept),
    risk: 'access-reducing',
  });
}

/** Everybody that the plan knows of: as whom cotenant is logged in, and whoever else is no mark. */
function usersIn({ observation }: Context): readonly string[] {
  const seen = observation.resources.flatMap((one) => (isSeen(one, 'user') ? [one.address.name] : []));
  return [factsOf(observation).user, ...seen].sort();
}

/** Apps of other projects that say they live here. */
function othersHere(context: Context): readonly string[] {
  const others = ledgersOf(context).filter(({ mark }) => mark.project !== context.input.project && mark.app !== '');
  return others.map(({ mark }) => `app "${mark.app}" of project "${mark.project}"`);
}

function refusal({ mark }: Ledger, neighbours: readonly string[], { input }: Context): Diagnostic | null {
  if (neighbours.length === 0) return null;
  const message = `what the retired app "${mark.app}" left on "${input.name}" is not deleted: ${neighbours.join(', ')} may have data there, and nobody can tell whose is whose`;
  return { code: 'CT2006', severity: 'error', message, hint: '`removal: retain` leaves it', instance: input.name };
}

/** Where another app has come after it, nothing of it was left when that one came. */
function dropStep({ mark, name }: Ledger, context: Context): StepDraft {
  const { app } = mark;
  const taken =
    context.input.placements.length > 0 || ownLedgers(context).some((one) => one.mark.app !== '' && one.mark.retired === undefined);
  const content = graphOf(context) ?? { nodes: 0, relationships: 0, constraints: 0, indexes: 0 };
  const base = { address: addressIn(context, 'app', app), app, part: `drop:${name}`, action: 'delete' as const };
  if (taken) return step({ ...base, title: 'forget retired app', facts: { app }, commands: [dropUser(name)], risk: 'safe' });
  return step({
    ...base,
    title: 'delete the graph of a retired app',
    facts: { app, ...content, database: context.input.config.database },
    commands: [emptyGraph(usersIn(context)), dropUser(name)],
    risk: 'destructive',
    confirm: app,
    losses: lossesOfOthers(context),
  });
}

/** Every other user may have put something there, and nobody can tell what. */
function lossesOfOthers(context: Context): readonly Loss[] {
  const { input, observation } = context;
  const known = new Set(input.known.map(({ user }) => user));
  const operators = new Set(input.operators.map(({ name }) => name));
  return observation.resources.flatMap((one): Loss[] => {
    if (!isSeen(one, 'user') || one.owned) return [];
    const { name } = one.address;
    const loss = lossOf(
      name,
      known.has(name) || operators.has(name) ? name : null,
      [`what it has in database "${input.config.database}"`],
      context,
    );
    return [known.has(name) ? { ...loss, confirm: name } : loss];
  });
}

/** The way back: the mark of an app in use. The next apply makes its user again. */
export function restoreSteps(app: string, context: Context): Planned {
  const { input } = context;
  const ours = ownLedgers(context).filter(({ mark }) => mark.app !== '');
  const stones = ours.filter(({ mark }) => mark.app === app && mark.retired !== undefined);
  const latest = stones.toSorted((a, b) => (a.mark.retired ?? '').localeCompare(b.mark.retired ?? '')).at(-1);
  if (!latest) return { steps: [], diagnostics: [] };
  const other = ours.find(({ mark }) => mark.retired === undefined);
  if (other) {
    const message = `app "${app}" cannot be restored on "${input.name}": app "${other.mark.app}" lives there now`;
    const hint = 'Neo4j Community has room for one app: retire the other one first';
    return { steps: [], diagnostics: [{ code: 'CT2007', severity: 'error', message, hint, instance: input.name }] };
  }
  const { retired, ...kept } = latest.mark;
  const inTheWay = [...remade(latest, context), ...othersLive(app, context)];
  if (inTheWay.length > 0) return { steps: [], diagnostics: inTheWay };
  const restored = step({
    address: addressIn(context, 'app', app),
    app,
    part: 'restore',
    action: 'update',
    title: 'bring retired app back',
    facts: { app, retired: retired ?? '' },
    commands: markCommands(latest.name, kept),
    reverse: markCommands(writeMark(kept), latest.mark),
    risk: 'safe',
  });
  return { steps: [restored], diagnostics: [] };
}

/** The app's user went with it: one of that name is somebody else's. */
function remade({ mark: { app, user = app } }: Ledger, context: Context): readonly Diagnostic[] {
  if (userNamed(user, context) === undefined) return [];
  const instance = context.input.name;
  const message = `app "${app}" cannot have the user "${user}" on "${instance}" again: it went with the app, and somebody has made one of that name since`;
  const hint = `agree with whoever made it on another name for it: RENAME USER \`${user}\` TO …`;
  return [{ code: 'CT2005', severity: 'error', message, hint, instance }];
}

function othersLive(app: string, context: Context): readonly Diagnostic[] {
  const live = ledgersOf(context).filter(
    ({ mark }) => mark.project !== context.input.project && mark.app !== '' && mark.retired === undefined,
  );
  const instance = context.input.name;
  return live.map(({ mark }) => ({
    code: 'CT2006',
    severity: 'error' as const,
    message: `app "${app}" cannot be restored on "${instance}": app "${mark.app}" of project "${mark.project}" lives there now`,
    hint: 'Neo4j Community has room for one app: the other project has to retire and delete its own first',
    instance,
  }));
}
