import { type Change, type Planned, type StepDraft, addressOf, appOf, draftStep, halves, type Statements } from '../../../engine/index.ts';
import type { Diagnostic, Command } from '../../../model/index.ts';
import { lookUp } from '../../../util/record.ts';
import { buildable } from '../compile/buildable.ts';
import { conflicts } from '../compile/conflicts.ts';
import { type Context, factsOf, INSIDE, nameOf, INSIDE_TITLES } from './draft-steps.ts';
import { byNeed } from './extension-order.ts';
import { partOf } from '../part-name.ts';
import { kindOf } from '../kinds/index.ts';
import { isOfMapping } from '../kinds/share.ts';
import { isAdopting, takesOfRole } from '../kinds/role.ts';
import { createDatabase } from '../kinds/database.ts';
import type { Kind } from '../kinds/kind.ts';
import { closeForeign } from './foreign.ts';
import { leftoverRole } from '../retire/leftover-role.ts';
import { withLosses } from '../losses/losses.ts';
import { judgeLedger, makeLedger, markShared } from './ledger-steps.ts';
import { hasLedger } from '../marks/ledger.ts';
import { markSteps } from './mark-steps.ts';
import { operatorSteps } from './operator-steps.ts';
import { withTouched } from '../effective/named.ts';
import { retireSteps } from '../retire/retire.ts';
import { leftShareSteps } from '../retire/shares.ts';
import { endSessions } from './sessions.ts';
import { opensWhatCame } from '../shares/waits.ts';
import { pairsFrom } from '../shares/shares.ts';
import { startingPoint, unreadable } from './standing.ts';
import { waitingFor } from './waiting.ts';
import { SET_SECRET, withoutSecrets } from '../settings.ts';
import { type DatabaseSpec, isKind, type RoleSpec } from '../spec.ts';
import { laneOf, SHARED } from '../connect/lanes.ts';

/** Where each database's and each app's steps end, so that later ones can wait for them. */
interface Ends {
  readonly roles: Map<string, string>;
  /** The app of each role that is made or changed; '' for what serves several. */
  readonly appOf: Map<string, string>;
  readonly databases: Map<string, string>;
  /** Databases that this very plan makes: nobody has anything in them that could be taken. */
  readonly made: Set<string>;
  readonly inside: Map<string, string[]>;
  readonly guards: Map<string, string>;
}

/** Roles, databases, what is in them, then what takes rights away, then the sessions that still hold them, then the marks. */
export function steps(all: readonly Change[], context: Context): Planned {
  // `judge` says why.
  if (factsOf(context).standby) return { steps: [], diagnostics: [] };
  const waiting = waitingFor(all, context);
  const { changes } = waiting;
  const diagnostics: Diagnostic[] = [...judgeLedger(context), ...conflicts(all, context), ...waiting.diagnostics];
  const usable = byNeed(changes.filter((one) => one.desired !== null && buildable(one.desired, one.observed, factsOf(context)) === null));
  const ends: Ends = { roles: new Map(), appOf: new Map(), databases: new Map(), inside: new Map(), guards: new Map(), made: new Set() };
  const grants: StepDraft[] = [];
  const revokes: StepDraft[] = [];
  for (const change of byApp(usable.filter((one) => addressOf(one).kind === 'role'))) roleSteps(change, context, ends, grants, revokes);
  for (const change of changes.filter((one) => one.desired === null && addressOf(one).kind === 'role'))
    leftoverRole(change, context, revokes);
  const operators = operatorSteps(usable, context);
  const databases: StepDraft[] = [...operators.before];
  for (const change of usable.filter((one) => addressOf(one).kind === 'database' || addressOf(one).kind === 'perimeter'))
    databaseSteps(change, context, ends, databases);
  databases.push(...operators.after(ends.databases));
  const unread = unreadable(context);
  const inside = INSIDE.flatMap((kind) =>
    usable
      .filter((one) => addressOf(one).kind === kind && !unread.has(partOf(nameOf(one))[0]))
      .flatMap((change) => insideSteps(change, context, ends)),
  );
  const afterwards = revokes.map((one) => ({ ...one, needs: [...one.needs, ...(ends.inside.get(one.app ?? '') ?? [])] }));
  const touched = (drafts: readonly StepDraft[]): readonly StepDraft[] => withTouched(drafts, changes, context);
  const before = touched([...grants, ...databases, ...inside, ...afterwards]);
  const { drafts, sessions } = endSessions(
    withLosses([...before, ...leftShareSteps(changes, before, touched), ...closeForeign(context)], changes, context),
    changes,
    context,
  );
  const going = touched(retireSteps(drafts, context));
  const done = [...drafts, ...sessions];
  const marks = markSteps(done, waiting.apps, context);
  const isNew = !hasLedger(context.observation, context.input.project);
  const ledger = isNew && done.length + going.length + marks.length > 0 ? [makeLedger(context)] : [];
  // What is shared is not complete while something of it waits.
  const shared = waiting.apps.has(null) ? [] : markShared([...ledger, ...done], context);
  return { steps: [...ledger, ...done, ...going, ...marks, ...shared], diagnostics };
}

/** Shared roles first: the apps' roles are members of them. */
function byApp(changes: readonly Change[]): readonly Change[] {
  return [...changes.filter((change) => appOf(change) === null), ...changes.filter((change) => appOf(change) !== null)];
}

function statementsOf(change: Change, context: Context): { statements: Statements; kind: Kind<unknown> } {
  const kind = kindOf(addressOf(change).kind);
  if (!kind || !change.desired) throw new Error(`no kind for ${addressOf(change).kind}`);
  return { kind, statements: kind.statements(nameOf(change), startingPoint(change, context), change.desired.spec, factsOf(context)) };
}

function reverseOf(change: Change, kind: Kind<unknown>, context: Context): readonly Command[] | null {
  if (!kind.reversible || !change.observed || !change.desired) return null;
  const back = kind.statements(nameOf(change), change.desired.spec, shareable(change.observed.spec, change.desired.spec), factsOf(context));
  const all = [...back.grants, ...back.revokes];
  return all.some(({ op, secrets }) => secrets !== undefined || op === SET_SECRET) ? null : all;
}

/** What a plan may show of how something was. */
function shareable(was: unknown, to: unknown): unknown {
  return hasSettings(was) && hasSettings(to) ? { ...was, settings: withoutSecrets(was.settings, to.settings) } : was;
}

function hasSettings(spec: unknown): spec is Pick<RoleSpec, 'settings'> {
  return typeof spec === 'object' && spec !== null && 'settings' in spec;
}

function roleSteps(change: Change, context: Context, ends: Ends, grants: StepDraft[], revokes: StepDraft[]): void {
  const { statements, kind } = statementsOf(change, context);
  const app = appOf(change);
  const base = { address: addressOf(change), app, lane: SHARED };
  const spec = change.desired?.spec as RoleSpec;
  const adopting = change.observed !== null && isAdopting(spec, change.observed.spec as RoleSpec);
  const { given, taken } = halves(change.fields, (field) => takesOfRole(field, adopting));
  const facts = { role: nameOf(change), login: spec.login };
  if (statements.grants.length > 0) {
    const made = change.observed === null;
    const draft = draftStep({
      ...base,
      part: 'give',
      action: made ? 'create' : 'update',
      title: made ? 'create role' : 'change role',
      fields: given,
      facts,
      commands: statements.grants,
      reverse: made ? [{ text: `DROP ROLE "${nameOf(change).replaceAll('"', '""')}"` }] : reverseOf(change, kind, context),
      risk: 'safe',
      needs: app === null ? [] : [ends.roles.get('')].filter((id) => id !== undefined),
      unit: `roles:${app ?? ''}`,
    });
    grants.push(draft);
    ends.roles.set(app ?? '', draft.id);
    ends.appOf.set(nameOf(change), app ?? '');
  }
  if (statements.revokes.length > 0) {
    const after = ends.roles.get(app ?? '');
    revokes.push(
      draftStep({
        ...base,
        part: 'take',
        action: 'update',
        title: 'tighten role',
        fields: taken,
        facts,
        commands: statements.revokes,
        reverse: reverseOf(change, kind, context),
        risk: 'access-reducing',
        needs: after === undefined ? [] : [after],
        unit: `tighten:${app ?? ''}`,
      }),
    );
  }
}

function databaseSteps(change: Change, context: Context, ends: Ends, out: StepDraft[]): void {
  const { statements, kind } = statementsOf(change, context);
  const address = addressOf(change);
  const app = appOf(change);
  const name = nameOf(change);
  const named = change.desired && isKind(change.desired, 'database') ? Object.keys(change.desired.spec.acl) : [];
  const after = [...new Set(['', app ?? '', ...named.flatMap((role) => ends.appOf.get(role) ?? [])])].flatMap(
    (one) => ends.roles.get(one) ?? [],
  );
  const base = { address, app, lane: SHARED };
  let last: string[] = after;
  if (address.kind === 'database' && change.observed === null) {
    const spec = change.desired?.spec as DatabaseSpec;
    ends.made.add(name);
    const made = draftStep({
      ...base,
      part: 'create',
      action: 'create',
      title: 'create database',
      facts: { database: name, owner: spec.owner, limit: spec.connectionLimit },
      fields: change.fields,
      commands: [createDatabase(name, spec)],
      risk: 'safe',
      needs: after,
      unit: null,
    });
    out.push(made);
    last = [made.id];
  }
  const all = [...statements.grants, ...statements.revokes];
  if (all.length > 0) {
    const fresh = change.observed === null;
    const draft = draftStep({
      ...base,
      part: 'access',
      action: fresh ? 'create' : 'update',
      title:
        address.kind === 'perimeter'
          ? 'revoke access of everybody to the database'
          : fresh
            ? 'set up the wall of the database'
            : 'change database',
      facts: { database: name },
      fields: change.fields,
      commands: all,
      reverse: reverseOf(change, kind, context),
      risk: fresh ? 'safe' : (statements.risk ?? (statements.revokes.length === 0 ? 'safe' : 'access-reducing')),
      needs: last,
      unit: `access:${name}`,
    });
    out.push(draft);
    last = [draft.id];
  }
  if (address.kind === 'database' && last.length > 0) ends.databases.set(name, last.at(-1) as string);
}

function insideSteps(change: Change, context: Context, ends: Ends): readonly StepDraft[] {
  const { statements, kind } = statementsOf(change, context);
  const all = [...statements.grants, ...statements.revokes];
  const alone = statements.alone ?? [];
  if (all.length + alone.length === 0) return [];
  const address = addressOf(change);
  const app = appOf(change);
  const [database, part] = partOf(address.name);
  const fresh = change.observed === null || address.kind === 'extension';
  const draft = draftStep({
    address,
    app,
    part: 'inside',
    action: fresh ? 'create' : 'update',
    title: lookUp(INSIDE_TITLES, address.kind) ?? 'change database contents',
    facts: { database, name: part },
    fields: change.fields,
    commands: all,
    reverse: reverseOf(change, kind, context),
    risk: ends.made.has(database) ? 'safe' : (statements.risk ?? (statements.revokes.length > 0 && !fresh ? 'access-reducing' : 'safe')),
    ...(opensWhatCame(change, context) ? { cause: 'intended' } : {}),
    // Nothing is opened before its guard stands.
    needs: [
      ...new Set([
        ends.databases.get(database),
        ends.roles.get(app ?? ''),
        ends.roles.get(''),
        ends.guards.get(database),
        ...guestRoles(app, context, ends),
      ]),
    ].filter((id) => id !== undefined),
    lane: laneOf(database),
    // A live app waits for each table alone, and for no longer than that one takes.
    unit: address.kind === 'objects' && statements.risk === 'blocking' ? null : `inside:${app ?? ''}`,
  });
  if (address.kind === 'row-guard') ends.guards.set(database, draft.id);
  const { given: rest, taken: ofLogin } = halves(change.fields, isOfMapping);
  const single = alone.length === 0 ? [] : [{ ...draft, ...apart(draft, alone, all.length > 0), fields: ofLogin }];
  const made = all.length === 0 ? single : [{ ...draft, ...(alone.length === 0 ? {} : { fields: rest }) }, ...single];
  ends.inside.set(app ?? '', [...(ends.inside.get(app ?? '') ?? []), ...made.map(({ id }) => id)]);
  return made;
}

/** What must be sent on its own, after the rest. */
function apart(draft: StepDraft, alone: readonly Command[], afterIt: boolean): Partial<StepDraft> {
  return {
    id: `${draft.id}-alone`,
    title: 'set up the login of a share on the server',
    commands: alone,
    reverse: null,
    risk: 'safe',
    needs: afterIt ? [...draft.needs, draft.id] : draft.needs,
    unit: null,
  };
}

/** Who gets rights on what an app shares is made first. */
function guestRoles(app: string | null, { input }: Context, ends: Ends): readonly (string | undefined)[] {
  return app === null ? [] : pairsFrom(input, app).map(({ to }) => ends.roles.get(to));
}
