import { addressOf, type Change, draftStep, type StepDraft } from '../../../engine/index.ts';
import { addressKey, type Command, type Loss } from '../../../model/index.ts';
import type { Context } from './draft-steps.ts';
import { makeLedger } from './ledger-steps.ts';
import { peopleOf } from '../effective/people.ts';
import { shutsOut, tightens } from '../kinds/role.ts';
import { literal, nameArray } from '../quote.ts';
import { isKind } from '../spec.ts';
import { hasLedger, ledgerName } from '../marks/ledger.ts';
import { END, ended, type Note, noting } from '../connect/unended.ts';
import { SHARED } from '../connect/lanes.ts';
import { append } from '../../../util/append.ts';

/** Milliseconds that a session gets to end. */
const PATIENCE = 5000;

/** Ends the sessions of these roles, as far as this admin may. */
export function endRoles(roles: readonly string[]): Command {
  return {
    op: END,
    text: `SELECT a.pid, pg_catalog.pg_terminate_backend(a.pid, ${PATIENCE}) FROM pg_catalog.pg_stat_activity a WHERE a.usename = ANY (ARRAY[${roles.map(literal).join(', ')}]::pg_catalog.name[]) AND a.pid <> pg_catalog.pg_backend_pid() AND pg_catalog.pg_has_role(a.usesysid, 'USAGE')`,
  };
}

/** Ends the sessions in a database that could not open one now. `logins`: nobody else's. */
export function endStrangers(database: string, logins?: readonly string[]): Command {
  const whose = logins === undefined ? 'a.usesysid IS NOT NULL' : `a.usename = ANY (${nameArray(logins)})`;
  return {
    op: END,
    text: `SELECT a.pid, pg_catalog.pg_terminate_backend(a.pid, ${PATIENCE}) FROM pg_catalog.pg_stat_activity a WHERE a.datname = ${literal(database)} AND ${whose} AND NOT pg_catalog.has_database_privilege(a.usesysid, a.datid, 'CONNECT') AND pg_catalog.pg_has_role(a.usesysid, 'USAGE')`,
  };
}

export interface Endings {
  /** The drafts, those that take something with a note in front of whose sessions are to end. */
  readonly drafts: readonly StepDraft[];
  readonly sessions: readonly StepDraft[];
}

/**
 * Taking a right away does not end a session that holds it: every tightening is followed by this, and so is one whose run was
 * cut short, or did not see them end.
 */
export function endSessions(drafts: readonly StepDraft[], changes: readonly Change[], context: Context): Endings {
  const byAddress = new Map(changes.map((change) => [addressKey(addressOf(change)), change]));
  const holders = (draft: StepDraft): readonly string[] => holdersOf(draft, byAddress.get(addressKey(draft.address)), context);
  const taking = drafts.filter(({ risk }) => risk === 'access-reducing');
  const pending = pendingIn(context);
  const all = [...endingsInDatabases(taking, pending, context), ...endingsOfApps(taking, pending, holders, context)];
  const notes = new Map<string, Note[]>();
  for (const { causes, note } of all) if (note) for (const { id } of causes) append(notes, id, note);
  return { drafts: drafts.map((draft) => noted(draft, notes.get(draft.id), context)), sessions: all.map(({ step }) => step) };
}

/** What has to be noted in the ledger waits for it, where this plan makes it. */
function noted(draft: StepDraft, notes: readonly Note[] | undefined, context: Context): StepDraft {
  if (!notes) return draft;
  const waits = notes.some(({ ledger }) => ledger !== undefined) && !hasLedger(context.observation, context.input.project);
  return {
    ...draft,
    commands: [...notes.map(noting), ...draft.commands],
    needs: waits ? [...draft.needs, makeLedger(context).id] : draft.needs,
  };
}

interface EndingOf {
  readonly step: StepDraft;
  readonly causes: readonly StepDraft[];
  readonly note: Note | null;
}

interface Pending extends Note {
  readonly app: string | null;
}

/** What an apply before this one has not seen end. */
function pendingIn({ observation }: Context): readonly Pending[] {
  return observation.resources.flatMap((one): readonly Pending[] => {
    if (!one.owned || (!isKind(one, 'role') && !isKind(one, 'database'))) return [];
    const { kind, name } = one.address;
    const { ending: who } = one.spec;
    const shut = isKind(one, 'role') ? Object.entries(one.spec.shut ?? {}) : [];
    return [
      ...(who ? [{ kind: kind === 'role' ? ('role' as const) : ('database' as const), name, who: [...who], app: one.app }] : []),
      ...shut.map(([database, logins]) => ({ kind: 'database' as const, name: database, ledger: name, who: [...logins], app: null })),
    ];
  });
}

function endingsOfApps(
  taking: readonly StepDraft[],
  pending: readonly Pending[],
  holders: (draft: StepDraft) => readonly string[],
  context: Context,
): readonly EndingOf[] {
  const causes = Map.groupBy(
    taking.filter((draft) => draft.address.kind === 'role' && holders(draft).length > 0),
    ({ app }) => app,
  );
  const late = Map.groupBy(
    pending.filter(({ kind }) => kind === 'role'),
    ({ app }) => app,
  );
  return [...new Set([...causes.keys(), ...late.keys()])].map((app) => {
    const mine = causes.get(app) ?? [];
    const before = late.get(app) ?? [];
    const roles = [...new Set([...mine.flatMap(holders), ...before.flatMap(({ who }) => who)])];
    const name = mine[0]?.address.name ?? before[0]?.name ?? '';
    const note: Note = { kind: 'role', name, who: roles };
    const draft = ending(
      { name: app ?? '', app, part: 'role', commands: endingWith(endRoles(roles), note, before), causes: mine },
      context,
    );
    const told = mine.flatMap(({ losses = [] }) => losses);
    return {
      step: { ...draft, ...losing(ownLosses(roles, app ?? '', told, context), 'the sessions that are open') },
      causes: mine,
      note,
    };
  });
}

/** Only of those who lost the way in, as the plan says: whoever came since is nobody's to throw out. */
function endingsInDatabases(taking: readonly StepDraft[], pending: readonly Pending[], context: Context): readonly EndingOf[] {
  const known = peopleOf(context.observation) !== null;
  const causes = taking.filter(({ address: { kind } }) => kind === 'database' || kind === 'perimeter');
  const late = pending.filter(({ kind }) => kind === 'database');
  return [...new Set([...causes.map(({ address }) => address.name), ...late.map(({ name }) => name)])].flatMap((name) => {
    const mine = causes.filter(({ address }) => address.name === name);
    const before = late.filter((one) => one.name === name);
    const lost = mine.flatMap(({ losses = [] }) => losses).filter(({ lingers }) => lingers);
    const who = [...new Set([...lost.map((loss) => loss.who), ...before.flatMap((one) => one.who)])];
    if (known && who.length === 0) return [];
    const [first] = mine;
    const note = first?.address.kind === 'perimeter' || before[0]?.ledger !== undefined ? shutNote(name, who, context) : noteOn(name, who);
    const commands = known ? endingWith(endStrangers(name, who), note, before) : [endStrangers(name)];
    const app = first ? first.app : (before[0]?.app ?? null);
    const step = ending({ name, app, part: first?.address.kind ?? 'database', commands, causes: mine }, context);
    return [
      { step: { ...step, ...losing(lost, `the sessions that are open in database "${name}"`) }, causes: mine, note: known ? note : null },
    ];
  });
}

const noteOn = (name: string, who: readonly string[]): Note => ({ kind: 'database', name, who: [...who] });

/** Databases that no app owns have no mark to keep it in. */
function shutNote(name: string, who: readonly string[], { input }: Context): Note {
  return { ...noteOn(name, who), ledger: ledgerName(input.project) };
}

/** Ends them, and forgets what was noted of them, now and before. */
function endingWith(end: Command, note: Note, before: readonly Note[]): readonly Command[] {
  const places = new Map([note, ...before].map(({ kind, name, ledger }) => [`${kind} ${name} ${ledger ?? ''}`, { kind, name, ledger }]));
  return [end, ...[...places.values()].map(ended)];
}

/** Whoever has one open now. */
function losing(losses: readonly Loss[], what: string): Pick<StepDraft, 'losses'> {
  const open = losses.filter(({ sessions }) => sessions !== null && sessions > 0).map((loss) => ({ ...loss, what: [what] }));
  return open.length === 0 ? {} : { losses: open };
}

/** Sessions of the app itself, and of those who were told of in the steps before. */
function ownLosses(roles: readonly string[], app: string, told: readonly Loss[], { observation }: Context): readonly Loss[] {
  const people = peopleOf(observation);
  return roles.map(
    (who) =>
      told.find((loss) => loss.who === who) ?? {
        who,
        of: app === '' ? who : app,
        what: [],
        sessions: people?.sessions(who) ?? null,
        keep: null,
      },
  );
}

/** Whose sessions may still use what a step takes: those of the app, and of roles from outside that were members. */
function holdersOf({ app, losses = [] }: StepDraft, change: Change | undefined, context: Context): readonly string[] {
  const { desired, observed } = change ?? { desired: null, observed: null };
  const isChanged = desired && observed && isKind(desired, 'role') && isKind(observed, 'role');
  const takesOwn = !isChanged || tightens(desired.spec, observed.spec);
  const outsiders = isChanged && shutsOut(desired.spec, observed.spec) ? losses.map(({ who }) => who) : [];
  return [...(takesOwn ? rolesOf(app ?? '', context) : []), ...outsiders];
}

interface Ending {
  readonly name: string;
  readonly app: string | null;
  readonly part: string;
  readonly commands: readonly Command[];
  /** None: an apply before this one was to end them. */
  readonly causes: readonly StepDraft[];
}

function ending({ name, app, part, commands, causes }: Ending, { input }: Context): StepDraft {
  return draftStep({
    address: { engine: 'postgres', instance: input.name, kind: 'sessions', name },
    app,
    part,
    action: 'run',
    title: 'end sessions that use revoked access',
    facts: { of: name },
    commands,
    reverse: [],
    risk: 'access-reducing',
    ...(causes.length === 0 ? { cause: 'intended' } : {}),
    follows: causes[0]?.id,
    needs: causes.map(({ id }) => id),
    lane: SHARED,
    unit: null,
  });
}

function rolesOf(app: string, context: Context): readonly string[] {
  return context.observation.resources
    .filter((one) => one.address.kind === 'role' && (one.app ?? '') === app)
    .map((one) => one.address.name);
}
