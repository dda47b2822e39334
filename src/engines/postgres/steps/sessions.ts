import { type StepDraft, draftStep } from '../../../engine/index.ts';
import type { FieldChange, Loss, Command } from '../../../model/index.ts';
import { type Context, SHARED } from './draft-steps.ts';
import { peopleOf } from '../effective/people.ts';
import { literal, nameArray } from '../quote.ts';
import { isKind } from '../spec.ts';
import { END, ENDED, type Note } from '../unended.ts';

/** Milliseconds that a session gets to end. */
const PATIENCE = 5000;

/** Ends the sessions of these roles, as far as this admin may. */
export function endRoles(roles: readonly string[], note?: Note): Command {
  return {
    op: END,
    ...(note ? { args: note } : {}),
    text: `SELECT a.pid, pg_catalog.pg_terminate_backend(a.pid, ${PATIENCE}) FROM pg_catalog.pg_stat_activity a WHERE a.usename = ANY (ARRAY[${roles.map(literal).join(', ')}]::pg_catalog.name[]) AND a.pid <> pg_catalog.pg_backend_pid() AND pg_catalog.pg_has_role(a.usesysid, 'USAGE')`,
  };
}

/** Ends the sessions in a database that could not open one now. `logins`: nobody else's. */
export function endStrangers(database: string, logins?: readonly string[], note?: Note): Command {
  const whose = logins === undefined ? 'a.usesysid IS NOT NULL' : `a.usename = ANY (${nameArray(logins)})`;
  return {
    op: END,
    ...(note ? { args: note } : {}),
    text: `SELECT a.pid, pg_catalog.pg_terminate_backend(a.pid, ${PATIENCE}) FROM pg_catalog.pg_stat_activity a WHERE a.datname = ${literal(database)} AND ${whose} AND NOT pg_catalog.has_database_privilege(a.usesysid, a.datid, 'CONNECT') AND pg_catalog.pg_has_role(a.usesysid, 'USAGE')`,
  };
}

/** Taking a right away does not end a session that holds it: every tightening is followed by this, and so is one that did not see them end. */
export function endSessions(drafts: readonly StepDraft[], context: Context): readonly StepDraft[] {
  const taking = drafts.filter(({ risk }) => risk === 'access-reducing');
  const pending = pendingIn(context);
  return [...endingsInDatabases(taking, pending, context), ...endingsOfApps(taking, pending, context)];
}

interface Pending extends Note {
  readonly app: string | null;
}

/** What an apply before this one has not seen end. */
function pendingIn({ observation }: Context): readonly Pending[] {
  return observation.resources.flatMap((one) => {
    if (!one.owned || (!isKind(one, 'role') && !isKind(one, 'database'))) return [];
    const { kind, name } = one.address;
    const { ending: who } = one.spec;
    return who ? [{ kind: kind === 'role' ? 'role' : 'database', name, who: [...who], app: one.app }] : [];
  });
}

const ended = ({ kind, name }: Note): Command => ({
  op: ENDED,
  args: { kind, name },
  text: `-- what the comment on ${kind} ${name} says of sessions that were to end is taken out of it`,
});

function endingsOfApps(taking: readonly StepDraft[], pending: readonly Pending[], context: Context): readonly StepDraft[] {
  const causes = Map.groupBy(
    taking.filter((draft) => draft.address.kind === 'role' && holdersOf(draft, context).length > 0),
    ({ app }) => app,
  );
  const late = Map.groupBy(
    pending.filter(({ kind }) => kind === 'role'),
    ({ app }) => app,
  );
  return [...new Set([...causes.keys(), ...late.keys()])].map((app) => {
    const mine = causes.get(app) ?? [];
    const before = late.get(app) ?? [];
    const roles = [...new Set([...mine.flatMap((draft) => holdersOf(draft, context)), ...before.flatMap(({ who }) => who)])];
    const name = mine[0]?.address.name ?? before[0]?.name ?? '';
    const commands = [endRoles(roles, { kind: 'role', name, who: roles }), ...before.map(ended)];
    const draft = ending({ name: app ?? '', app, part: 'role', commands, causes: mine }, context);
    const told = mine.flatMap(({ losses = [] }) => losses);
    return { ...draft, ...losing(ownLosses(roles, app ?? '', told, context), 'the sessions that are open') };
  });
}

/** Only of those who lost the way in, as the plan says: whoever came since is nobody's to throw out. */
function endingsInDatabases(taking: readonly StepDraft[], pending: readonly Pending[], context: Context): readonly StepDraft[] {
  const known = peopleOf(context.observation) !== null;
  const causes = taking.filter(({ address: { kind } }) => kind === 'database' || kind === 'perimeter');
  const late = pending.filter(({ kind }) => kind === 'database');
  return [...new Set([...causes.map(({ address }) => address.name), ...late.map(({ name }) => name)])].flatMap((name) => {
    const mine = causes.filter(({ address }) => address.name === name);
    const before = late.filter((one) => one.name === name);
    const door = `connect to database "${name}"`;
    const lost = mine.flatMap(({ losses = [] }) => losses).filter(({ what }) => what.includes(door));
    const who = [...new Set([...lost.map((loss) => loss.who), ...before.flatMap((one) => one.who)])];
    if (known && who.length === 0) return [];
    // Databases that nobody here owns have no mark to keep it in.
    const [first] = mine;
    const note = first?.address.kind === 'perimeter' ? undefined : { kind: 'database' as const, name, who };
    const commands = [known ? endStrangers(name, who, note) : endStrangers(name), ...before.map(ended)];
    const app = first ? first.app : (before[0]?.app ?? null);
    const step = ending({ name, app, part: first?.address.kind ?? 'database', commands, causes: mine }, context);
    return [{ ...step, ...losing(lost, `the sessions that are open in database "${name}"`) }];
  });
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
function holdersOf({ app, fields, losses = [] }: StepDraft, context: Context): readonly string[] {
  const outsiders = fields.some(({ field, from }) => from === 'member' && field.startsWith(OUTSIDER)) ? losses.map(({ who }) => who) : [];
  const takesOwn = fields.length === 0 || fields.some(isTightening);
  return [...(takesOwn ? rolesOf(app ?? '', context) : []), ...outsiders];
}

const OUTSIDER = 'member ';

/** A lower limit or another setting counts from the next session on. */
function isTightening({ field, from, to }: FieldChange): boolean {
  if (['connectionLimit', 'mark', 'validUntil'].includes(field) || field.startsWith('setting ')) return false;
  if (field === 'password') return from !== 'none';
  if (field.startsWith('member of ')) return from !== null;
  if (field.startsWith(OUTSIDER)) return false;
  return to !== true;
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
    title: 'end sessions that hold what was taken',
    facts: { of: name },
    commands,
    reverse: [],
    risk: 'access-reducing',
    ...(causes.length === 0 ? { cause: 'intended' } : {}),
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
