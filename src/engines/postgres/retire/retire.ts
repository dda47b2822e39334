import { type Planned, type StepDraft, draftStep } from '../../../engine/index.ts';
import type { Diagnostic } from '../../../model/index.ts';
import type { Context } from '../steps/draft-steps.ts';
import { marked, writeMark } from '../marks/mark.ts';
import { ident, literal } from '../quote.ts';
import { retireApps } from './app.ts';
import { leavingApps } from './leaving.ts';
import { closeAgain, ownRoles } from './close.ts';
import { dropSteps } from './drop.ts';
import { endHolders, guardSchema, heldBySessions, holderLosses, waitsFor } from './hold.ts';
import { heldFirmly } from './judge.ts';
import { Bereaved } from './losses.ts';
import { renameRole } from './rename.ts';
import { kindOfRetired, type Retired, retiredOfApp } from './retired-spec.ts';
import { inTheWay, isTaken } from './taken.ts';
import { lookUp } from '../../../util/record.ts';
import { judgeStandby } from '../judge/standby.ts';
import { laneOf, SHARED } from '../connect/lanes.ts';

/** Apps that the manifest no longer names become tombstones: no login, no connection, a name with the day in it. Nothing of theirs is dropped. */
export function retireSteps(drafts: readonly StepDraft[], context: Context): readonly StepDraft[] {
  const { input, observation } = context;
  const { gone } = leavingApps(input, observation.marks, observation.resources);
  const out = [...closeAgain(context), ...retireApps(gone, drafts, context)];
  return input.removal === 'delete' ? [...out, ...dropSteps(context)] : out;
}

/** An app can have been retired more than once: the latest of each name counts. */
function retiredOf(context: Context, app: string): readonly Retired[] {
  const latest = new Map<string, Retired>();
  for (const one of retiredOfApp(app, context)) {
    const key = `${kindOfRetired(one)[0]} ${one.spec.was}`;
    const known = latest.get(key);
    if (!known || known.spec.day <= one.spec.day) latest.set(key, one);
  }
  return [...latest.values()];
}

/** Data of an app that lies under a retired name while its own name is free: retiring or restoring it was cut short, or is done. */
export function putAside(app: string, context: Context): readonly Retired[] {
  return retiredOf(context, app).filter((one) => kindOfRetired(one)[0] !== 'role' && !isTaken(one, context));
}

/** The way back: names and marks as they were. The next apply opens the logins again. */
export function restoreSteps(app: string, context: Context): Planned {
  const follows = judgeStandby(context.input, context.observation);
  if (follows.length > 0) return { steps: [], diagnostics: follows };
  const found = retiredOf(context, app);
  const taken = inTheWay(app, found, context);
  if (taken.length > 0) return { steps: [], diagnostics: taken };
  const firmly = found.some((one) => kindOfRetired(one)[0] === 'database') ? heldFirmly(app, context, 'error') : [];
  const sessions = found.length === 0 ? [] : heldBySessions(app, context, 'error', 'restored');
  const holding = [...firmly, ...(waitsFor(app, context).length > 0 ? sessions : [])];
  if (holding.length > 0) return { steps: [], diagnostics: holding };
  const isSchema = (one: Retired): boolean => kindOfRetired(one)[0] === 'schema';
  // What has no mark but its own comes first: while the roles are retired, nothing is made anew beside it.
  const schemas = found.filter(isSchema).map((one) => restoreStep(one, app, [], context));
  const ids = schemas.map((draft) => draft.id);
  return {
    steps: [...schemas, ...found.filter((one) => !isSchema(one)).map((one) => restoreStep(one, app, ids, context))],
    diagnostics: found.length === 0 ? [] : [notOpenYet(app, context), ...sessions],
  };
}

/** A restore brings back what the app has; who may log in is what the manifest says. */
function notOpenYet(app: string, { input }: Context): Diagnostic {
  const named = [...input.placements.map((one) => one.app), ...input.readers.map((one) => one.name)].includes(app);
  return {
    code: 'CT2032',
    severity: named ? 'info' : 'warning',
    message: `app "${app}" is restored on "${input.name}" with its data; its logins stay closed until the next apply${named ? '' : ', but the manifest does not name it: that apply would retire it again'}`,
    hint: named ? 'run cotenant apply' : `add "${app}" to the manifest again, then run cotenant apply`,
    instance: input.name,
  };
}

function restoreStep(one: Retired, app: string, after: readonly string[], context: Context): StepDraft {
  const [kind, name, database] = kindOfRetired(one);
  const { was, role, text = role?.text } = one.spec;
  const word = kind.toUpperCase();
  const comment = marked(text, kind === 'schema' ? '' : writeMark({ project: context.input.project, app }));
  const own = ownRoles(app, context);
  const bereaved = new Bereaved(app, [], own, context);
  const first = { role: [], database: endHolders(app, name, context), schema: guardSchema(app, name, [...own], context) };
  // Whoever looked at what was put aside, under the name that it had there.
  const losses = {
    role: role === null ? [] : bereaved.roleRenamed(name, role, `renamed to "${was}"`),
    database: [
      ...bereaved.renamed(name, [], `renamed to "${was}"`),
      ...holderLosses(app, name, null, `the sessions that are open in database "${name}"`, context),
    ],
    schema: [
      ...bereaved.schemaRenamed(database, name, was),
      ...holderLosses(app, database, name, `what it does now with schema "${name}" of database "${database}"`, context),
    ],
  };
  return draftStep({
    address: one.address,
    app,
    part: 'restore',
    action: 'update',
    title: `restore ${kind}`,
    facts: { app, name: was },
    commands: [
      ...(lookUp(first, kind) ?? []),
      role === null ? { text: `ALTER ${word} ${ident(name)} RENAME TO ${ident(was)}` } : renameRole(name, was, role),
      { text: `COMMENT ON ${word} ${ident(was)} IS ${literal(comment)}` },
    ],
    losses: lookUp(losses, kind) ?? [],
    risk: 'safe',
    needs: after,
    lane: kind === 'schema' ? laneOf(database) : SHARED,
    unit: `restore:${app}`,
  });
}
