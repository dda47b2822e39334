import { addressOf, type Change, type StepDraft } from '../../../engine/index.ts';
import { addressKey, type Command, type Loss } from '../../../model/index.ts';
import { lookUp } from '../../../util/record.ts';
import { censusIn, sessionsIn } from '../observe/census.ts';
import { type Context, step, WHOLE_SERVER } from './draft-steps.ts';
import { GLOBAL, targetOf } from '../grants.ts';
import { whoseLoss } from '../judge/people.ts';
import { tightens, whoOfMember } from '../kinds/account.ts';
import { noteEnded, noteEnding } from '../kinds/ledger.ts';
import { exactly, literal } from '../quote.ts';
import { endAccounts, isOneAddress, namesakes, sessionsWhere, type Whose, whoseOf } from '../connect/session-list.ts';
import { isKind, type PerimeterSpec } from '../spec.ts';
import { factsOf } from '../observe/facts.ts';

/** Sessions that no account stands behind any more: the server shows them under the name that the client gave. */
const NOBODY = `${exactly('USER')} NOT IN (SELECT ${exactly('User')} FROM mysql.user) AND USER NOT IN ('system user', 'event_scheduler', 'unauthenticated user')`;

/** Keys of databases and patterns that are open to everybody. */
function placesOf({ everybody, rows }: PerimeterSpec): readonly string[] {
  return Object.keys({ ...everybody, ...rows }).filter((key) => targetOf(key)[0] !== 'global');
}

/** Ends what came in through the doors of the perimeter: sessions without an account, and those that work in a place that was open to all. */
function endStrangers(nameless: boolean, places: readonly string[], { observation }: Context): Command | null {
  const open = places.map((key) => {
    const target = targetOf(key);
    return target[0] === 'pattern' ? `${exactly('DB')} LIKE ${literal(target[1])}` : `${exactly('DB')} = ${literal(target[1] ?? '')}`;
  });
  const conditions = [...(nameless ? [`(${NOBODY})`] : []), ...open];
  if (conditions.length === 0) return null;
  const { admin } = factsOf(observation.server);
  return sessionsWhere(`(${conditions.join(' OR ')}) AND ${exactly('USER')} <> ${literal(admin.slice(0, admin.lastIndexOf('@')))}`);
}

/** Sessions of nobody's account, among the users whose sessions are to be ended. */
const NAMELESS = '';

export interface Endings {
  /** The drafts, those that take something with a note in front of whose sessions are to end. */
  readonly drafts: readonly StepDraft[];
  readonly sessions: readonly StepDraft[];
}

/**
 * Taking a right away does not end a session that holds it: every tightening is followed by this, and so is one whose run was
 * cut short before the sessions were gone.
 */
export function endSessions(drafts: readonly StepDraft[], changes: readonly Change[], context: Context): Endings {
  const byAddress = new Map(changes.map((change) => [addressKey(addressOf(change)), change]));
  const causes = drafts.filter((draft) => draft.risk === 'access-reducing');
  const noted = new Map<string, StepDraft>();
  const sessions: StepDraft[] = [];
  const pending = pendingIn(context);
  const { endingIn } = censusIn(context.observation);
  const groups = Map.groupBy(causes, (draft) => draft.app);
  for (const app of new Set([...groups.keys(), ...pending.keys(), ...(endingIn.length > 0 ? [null] : [])])) {
    const mine = groups.get(app) ?? [];
    const perimeter = mine.some(({ address }) => address.kind === 'perimeter') ? perimeterIn(context) : null;
    const late = pending.get(app) ?? [];
    const places = [...new Set([...(perimeter ? placesOf(perimeter) : []), ...(app === null ? endingIn : [])])];
    const keys = [...new Set([...mine.flatMap((draft) => holdersOf(draft, byAddress.get(addressKey(draft.address)), context)), ...late])]
      .filter((key) => key !== NAMELESS)
      .sort();
    const all = keys.map(whoseOf);
    const nameless = (perimeter?.anonymous.length ?? 0) > 0 || late.includes(NAMELESS);
    const strangers = endStrangers(nameless, places, context);
    const statements = [
      ...(keys.length > 0 ? [endAccounts(all, app, censusIn(context.observation).accounts)] : []),
      ...(strangers ? [strangers] : []),
    ];
    if (statements.length === 0) continue;
    const whose = { users: [...keys, ...(nameless ? [NAMELESS] : [])], places };
    const note = noteEnding(whose, context.input.project, app);
    for (const cause of mine) noted.set(cause.id, { ...cause, commands: [note, ...cause.commands] });
    sessions.push(ending(app, all, [...statements, noteEnded(whose)], mine, context));
  }
  return { drafts: drafts.map((draft) => noted.get(draft.id) ?? draft), sessions };
}

/** Accounts by app whose sessions an earlier run was to end. */
function pendingIn({ observation }: Context): ReadonlyMap<string | null, readonly string[]> {
  const found = censusIn(observation).ending;
  return new Map([...Map.groupBy(found, ({ app }) => app)].map(([app, rows]) => [app, rows.map(({ user }) => user)]));
}

function perimeterIn({ observation }: Context): PerimeterSpec | null {
  const found = observation.resources.find((one) => isKind(one, 'perimeter'));
  return found && isKind(found, 'perimeter') ? found.spec : null;
}

function ending(
  app: string | null,
  all: readonly Whose[],
  statements: readonly Command[],
  causes: readonly StepDraft[],
  context: Context,
): StepDraft {
  const told = new Set(causes.flatMap(({ losses = [] }) => losses.map(({ who }) => who)));
  const losses = mistaken(all, app, context).filter(({ who }) => !told.has(who));
  return step({
    address: { engine: 'mysql', instance: context.input.name, kind: 'sessions', name: app ?? WHOLE_SERVER },
    app,
    part: 'end',
    action: 'run',
    title: 'end sessions that use revoked access',
    facts: { of: [...new Set(all.map(({ user }) => user))].join(', ') || 'nobody in particular' },
    commands: statements,
    reverse: [],
    risk: 'access-reducing',
    // What an apply before this one did not come to is nobody's drift.
    ...(causes.length === 0 ? { cause: 'intended' } : {}),
    follows: causes[0]?.id,
    needs: causes.map(({ id }) => id),
    ...(losses.length === 0 ? {} : { losses }),
  });
}

/** Whose sessions are ended because the server cannot tell them from those that are meant. */
export function mistaken(all: readonly Whose[], app: string | null, { observation, input }: Context): readonly Loss[] {
  const open = sessionsIn(observation);
  return namesakes(all, app, censusIn(observation).accounts)
    .filter(({ user, host }) => !isOneAddress(host) && (open.get(user) ?? 0) > 0)
    .map((one) => ({
      who: one.key,
      ...whoseLoss(input, one, factsOf(observation.server).admin),
      what: ['its open sessions (the server lists sessions by user, and another account of that user loses something)'],
      sessions: open.get(one.user) ?? 0,
      keep: null,
    }));
}

/** True where what everybody has is kept by an open session whatever database it is in: on everything, or by a role. */
function outlasts({ everybody, rows, roles }: PerimeterSpec): boolean {
  return Object.keys(roles).length > 0 || [everybody, rows].some((grants) => lookUp(grants, GLOBAL) !== undefined);
}

/** Whose sessions may still use what a step takes. A lower limit counts from the next session on. */
function holdersOf({ address, losses = [] }: StepDraft, change: Change | undefined, context: Context): readonly string[] {
  const { desired, observed } = change ?? { desired: null, observed: null };
  if (address.kind === 'account') {
    if (!desired || !observed || !isKind(desired, 'account') || !isKind(observed, 'account')) return [address.name];
    const takesOwn = tightens(desired.spec, observed.spec, factsOf(context.observation.server));
    return [...(takesOwn ? [address.name] : []), ...observed.spec.members.map(whoOfMember)];
  }
  // Nobody is in a database that is not there yet.
  if (address.kind === 'database' && lookUp(censusIn(context.observation).coming, address.name)) return [];
  const lingering = losses.filter(({ lingers }) => lingers).map(({ who }) => who);
  // Whoever has the same right elsewhere loses nothing, and those who have it by a role do.
  if (address.kind === 'database' || address.kind === 'patterns') return lingering;
  if (observed && isKind(observed, 'perimeter')) return outlasts(observed.spec) ? lingering : [];
  if (observed && isKind(observed, 'strays')) return observed.spec.rows.map(({ user, host }) => `${user}@${host}`);
  return [];
}
