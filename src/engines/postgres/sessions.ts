import { type StepDraft, draftStep } from '../../engine/index.ts';
import type { FieldChange, Loss, Command } from '../../model/index.ts';
import { type Context, SHARED } from './draft-steps.ts';
import { peopleOf } from './effective/people.ts';
import { literal, nameArray } from './quote.ts';

/** Milliseconds that a session gets to end. */
const PATIENCE = 5000;

/** Ends the sessions of these roles, as far as this admin may. */
export function endRoles(roles: readonly string[]): Command {
  return {
    text: `SELECT pg_catalog.pg_terminate_backend(a.pid, ${PATIENCE}) FROM pg_catalog.pg_stat_activity a WHERE a.usename = ANY (ARRAY[${roles.map(literal).join(', ')}]::pg_catalog.name[]) AND a.pid <> pg_catalog.pg_backend_pid() AND pg_catalog.pg_has_role(a.usesysid, 'USAGE')`,
  };
}

/** Ends the sessions in a database that could not open one now. `logins`: nobody else's. */
export function endStrangers(database: string, logins?: readonly string[]): Command {
  const whose = logins === undefined ? 'a.usesysid IS NOT NULL' : `a.usename = ANY (${nameArray(logins)})`;
  return {
    text: `SELECT pg_catalog.pg_terminate_backend(a.pid, ${PATIENCE}) FROM pg_catalog.pg_stat_activity a WHERE a.datname = ${literal(database)} AND ${whose} AND NOT pg_catalog.has_database_privilege(a.usesysid, a.datid, 'CONNECT') AND pg_catalog.pg_has_role(a.usesysid, 'USAGE')`,
  };
}

/** Taking a right away does not end a session that holds it: every tightening is followed by this. */
export function endSessions(drafts: readonly StepDraft[], context: Context): readonly StepDraft[] {
  const apps = new Map<string, { readonly roles: Set<string>; readonly causes: StepDraft[] }>();
  const out: StepDraft[] = [];
  for (const draft of drafts) {
    if (draft.risk !== 'access-reducing') continue;
    if (draft.address.kind === 'role') {
      const found = apps.get(draft.app ?? '') ?? { roles: new Set(), causes: [] };
      const holders = holdersOf(draft, context);
      for (const role of holders) found.roles.add(role);
      if (holders.length > 0) found.causes.push(draft);
      apps.set(draft.app ?? '', found);
    }
    if (draft.address.kind === 'database' || draft.address.kind === 'perimeter') {
      out.push(...endingIn(draft, context));
    }
  }
  for (const [app, { roles, causes }] of apps) {
    const [first] = causes;
    if (!first) continue;
    const after = causes.map((cause) => cause.id);
    const draft = ending(app, app === '' ? null : app, [endRoles([...roles])], after, first);
    const told = causes.flatMap(({ losses = [] }) => losses);
    out.push({ ...draft, ...losing(ownLosses([...roles], app, told, context), 'the sessions that are open') });
  }
  return out;
}

/** Only of those who lost the way in, as the plan says: whoever came since is nobody's to throw out. */
function endingIn(draft: StepDraft, context: Context): readonly StepDraft[] {
  const { name } = draft.address;
  const known = peopleOf(context.observation) !== null;
  const door = `connect to database "${name}"`;
  const lost = (draft.losses ?? []).filter(({ what }) => what.includes(door));
  if (known && lost.length === 0) return [];
  const statement = known
    ? endStrangers(
        name,
        lost.map(({ who }) => who),
      )
    : endStrangers(name);
  const step = ending(name, draft.app, [statement], [draft.id], draft);
  return [{ ...step, ...losing(lost, `the sessions that are open in database "${name}"`) }];
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

function ending(name: string, app: string | null, statements: readonly Command[], after: readonly string[], cause: StepDraft): StepDraft {
  const address = { ...cause.address, kind: 'sessions', name };
  return draftStep({
    address,
    app,
    part: cause.address.kind,
    action: 'run',
    title: 'end sessions that hold what was taken',
    facts: { of: name },
    commands: statements,
    reverse: [],
    risk: 'access-reducing',
    needs: after,
    lane: SHARED,
    unit: null,
  });
}

function rolesOf(app: string, context: Context): readonly string[] {
  return context.observation.resources
    .filter((one) => one.address.kind === 'role' && (one.app ?? '') === app)
    .map((one) => one.address.name);
}
