import { type Change, appOf, otherProjects, type Theirs } from '../../../engine/index.ts';
import type { Diagnostic, Observed, Resource } from '../../../model/index.ts';
import { type Context, nameOf } from '../steps/draft-steps.ts';
import { partName, partOf } from '../part-name.ts';
import { commentStatement } from '../marks/statement.ts';
import { readMark } from '../marks/mark.ts';
import { baseName } from '../names.ts';
import { ident } from '../quote.ts';
import { namesIn } from '../judge/apart.ts';
import { judgeRemoval } from '../retire/judge.ts';
import { isRetired, kindOfRetired } from '../retire/retired-spec.ts';
import { putAside } from '../retire/retire.ts';
import { fixedAtCreation } from './fixed.ts';
import { loginsOf } from './logins.ts';
import { movedRows } from './moved-rows.ts';
import { type DatabaseSpec, isKind, type RoleSpec } from '../spec.ts';

/** What stands in the way: objects of others under our names, retired apps, placements that moved. Errors stop the apply before its first statement. */
export function conflicts(changes: readonly Change[], context: Context): readonly Diagnostic[] {
  const { input, observation } = context;
  const out: Diagnostic[] = [];
  const theirs: Theirs[] = [];
  const instance = input.name;
  for (const change of changes) {
    const found = claimOf(change, context);
    if (found && 'project' in found) theirs.push(found);
    else if (found) out.push({ severity: 'error', instance, ...found });
  }
  out.push(...otherProjects(theirs, { instance, rename: 'rename the apps of this project' }));
  const marks = Map.groupBy(observation.marks, (mark) => mark.app);
  const hasRetired = new Set(observation.resources.filter((one) => one.address.kind === 'retired').map((one) => one.app));
  for (const { app, path } of input.placements) {
    const mark = marks.get(app)?.find((one) => one.retired !== null);
    const isActive = marks.get(app)?.some((one) => one.retired === null) === true;
    // Where retiring was cut short its roles may be as they were, and an empty place would be made beside the data.
    const retired = (isActive ? undefined : mark?.retired) ?? (hasRetired.has(app) ? putAside(app, context)[0]?.spec.day : undefined);
    if (retired !== undefined) {
      out.push({
        code: 'CT2007',
        severity: 'error',
        message: `app "${app}" was retired on ${retired} and its data is still on "${instance}"`,
        hint: `cotenant restore-app ${app} brings it back; or choose another name for this app`,
        instance,
        path,
      });
    }
  }
  return [
    ...out,
    ...movedPlaces(changes, context),
    ...fixedAtCreation(context),
    ...retiredNames(changes, context),
    ...movedRows(changes, context),
    ...judgeRemoval(context),
  ];
}

type Found = Omit<Diagnostic, 'severity' | 'instance'>;

/** What stands against a role or database that the manifest names and that is there; null: nothing. */
function claimOf({ desired, observed }: Change, context: Context): Theirs | Found | null {
  if (!desired || !observed) return null;
  if (!isKind(desired, 'role') && !isKind(desired, 'database')) return null;
  const { project, name: instance } = context.input;
  const what = `${desired.address.kind} "${desired.address.name}"`;
  const path = desired.path ? { path: desired.path } : {};
  const seen = observed.spec as RoleSpec | DatabaseSpec;
  const mark = readMark(seen.mark);
  if (mark && mark.project !== project) return { project: mark.project, what, ...path };
  if (mark && (mark.app ?? null) !== desired.app) {
    const whose = mark.app === null ? 'several apps' : `app "${mark.app}"`;
    const hint = 'set a different name in this app’s placement';
    return { code: 'CT2006', message: `${what} on "${instance}" belongs to ${whose}`, hint, ...path };
  }
  if (observed.owned) return null;
  if (!desired.spec.adopt) {
    const message = `${what} exists on "${instance}" and is not cotenant's`;
    return { code: 'CT2005', message, hint: hintFor(desired, observed, context), ...path };
  }
  if ('apart' in seen) {
    const message = `${what} exists on "${instance}" and is not cotenant's: ${seen.apart}`;
    return { code: 'CT2005', message, hint: apartHint(desired, context), ...path };
  }
  if (seen.tie === undefined) return null;
  const message = `${what} on "${instance}" ${seen.tie.why} of project "${seen.tie.project}": \`adopt\` takes nothing that another project holds`;
  const hint = 'set a different name in the placement; if that project has nothing to do with it any more, revoke that by hand first';
  return { code: 'CT2006', message, hint, ...path };
}

/** `adopt` takes a group where the manifest says its name, without what it has elsewhere. */
function apartHint({ address: { name }, app, spec }: Resource, { input }: Context): string {
  const fields: { readonly [K in RoleSpec['purpose']]?: string } = { owner: 'owner', 'read-write': 'readWrite', 'read-only': 'readOnly' };
  const field = fields[(spec as RoleSpec).purpose];
  if (field === undefined) return 'rename it: every app of that database would become a member of it';
  if (!namesIn(input).has(name))
    return `set a different name in the placement, or rename it; if it is the app’s, say so there: names: { ${field}: ${name} }`;
  const placed = input.placements.find((one) => one.app === app);
  const login = placed === undefined ? '' : loginsOf(placed.app, placed.placement)[0].slots[0];
  return `set a different name in the placement, or revoke what it has there first; if the app is to have that, say so on the server: GRANT ${ident(name)} TO ${ident(login)}`;
}

/** What to do about something that is not cotenant's. Where the rest of the app is, somebody may have written over its comment. */
function hintFor({ address: { kind, name }, app, spec }: Resource, { spec: seen }: Observed, { input, observation }: Context): string {
  const { mark } = spec as RoleSpec | DatabaseSpec;
  const { text } = seen as RoleSpec | DatabaseSpec;
  const hasOthers = observation.resources.some((one) => one.owned && one.app === app && ['role', 'database'].includes(one.address.kind));
  const put = commentStatement(kind, name, text, mark);
  const lost = hasOthers ? `; if it is the app's and somebody wrote over its comment, ${put} puts the mark back` : '';
  const adopts = input.placements.find((one) => one.app === app)?.placement.adopt === true;
  const choice = adopts
    ? `set a different name in the placement, or rename it: \`adopt\` takes over the login that is in use, and this ${kind} would be changed`
    : 'add `adopt: true` to the placement to adopt it, or set a different name';
  return `${choice}${lost}`;
}

/** An app that has its data in another place than the manifest says. */
function movedPlaces(changes: readonly Change[], context: Context): readonly Diagnostic[] {
  const { input, observation } = context;
  const apps = new Set([...input.placements.map((one) => one.app), ...input.readers.map((one) => one.name)]);
  const out: Diagnostic[] = [];
  for (const change of changes) {
    const app = appOf(change);
    if (change.desired || !change.observed || app === null || !apps.has(app)) continue;
    if (isKind(change.observed, 'database') || isMoved(change.observed, observation.resources)) {
      const kind = change.observed.address.kind === 'database' ? 'database' : 'schema';
      const path = input.placements.find((one) => one.app === app)?.path;
      out.push({
        code: 'CT2010',
        severity: 'error',
        message: `app "${app}" has its data in ${kind} "${nameOf(change)}" on "${input.name}", which is not its placement`,
        hint: movedHint(kind, nameOf(change), app, context),
        instance: input.name,
        ...(path ? { path } : {}),
      });
    }
  }
  return out;
}

/** The manifest was edited, or somebody renamed the place: which of the two, only people know. */
function movedHint(what: 'database' | 'schema', name: string, app: string, { input, observation }: Context): string {
  const placed = input.placements.find((one) => one.app === app)?.placement;
  const [inDatabase, schema] = what === 'schema' ? partOf(name) : [name, ''];
  const kind = what === 'schema' && placed?.database === inDatabase ? 'schema' : 'database';
  const [is, wanted] = kind === 'schema' ? [schema, placed?.schema] : [inDatabase, placed?.database];
  const was = wanted ?? baseName(app);
  const back = `apply does not move data: if the manifest was edited, put the old placement back (${kind}: ${is})`;
  const isThere = [...observation.resources, ...observation.foreign].some(
    ({ address }) => address.kind === kind && address.name === (kind === 'schema' ? partName(inDatabase, was) : was),
  );
  const sameLevel = placed?.isolation === (what === 'schema' ? 'schema' : 'database');
  const renamed = `; if somebody renamed the ${kind}, ALTER ${kind.toUpperCase()} ${ident(is)} RENAME TO ${ident(was)}${kind === 'schema' ? `, connected to "${inDatabase}",` : ''} undoes that`;
  const seen = observation.resources.find(({ address }) => address.kind === 'database' && address.name === is);
  const { text } = (seen?.spec ?? {}) as Partial<DatabaseSpec>;
  const off = `; if it is a copy that somebody made, ${commentStatement('database', is, text)} takes the mark off`;
  return `${back}${!sameLevel || isThere || is === was ? '' : renamed}${kind === 'database' ? off : ''}`;
}

/** What a retired app has is taken, under the name that it has now. */
function retiredNames(changes: readonly Change[], { input, observation }: Context): readonly Diagnostic[] {
  const retired = new Map(observation.resources.filter(isRetired).map((one) => [one.address.name, one]));
  return changes.flatMap(({ desired }) => {
    const one = desired && ['role', 'database', 'schema'].includes(desired.address.kind) ? retired.get(addressIn(desired)) : undefined;
    if (!desired || !one) return [];
    const [kind, name] = kindOfRetired(one);
    const back = one.owned && one.app !== null ? `cotenant restore-app ${one.app} brings it back; or ` : '';
    return [
      {
        code: 'CT2007',
        severity: 'error',
        message: `${kind} "${name}" on "${input.name}" belongs to the retired app "${one.app ?? ''}": it was "${one.spec.was}" until ${one.spec.day}`,
        hint: `${back}set a different name in this app’s placement`,
        instance: input.name,
        ...(desired.path ? { path: desired.path } : {}),
      },
    ];
  });
}

const addressIn = ({ address: { kind, name } }: Resource): string => `${kind}/${name}`;

/** A schema that its app had before. Beside the schema that the placement names, it is one more that the app has made. */
function isMoved(one: Observed, resources: readonly Observed[]): boolean {
  if (one.address.kind !== 'stray-schema') return false;
  const [database] = partOf(one.address.name);
  return !resources.some((other) => isKind(other, 'schema') && other.app === one.app && partOf(other.address.name)[0] === database);
}
