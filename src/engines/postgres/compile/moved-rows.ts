import { type Change, hashesOf } from '../../../engine/index.ts';
import type { Diagnostic } from '../../../model/index.ts';
import { lookUp } from '../../../util/record.ts';
import { partOf } from '../part-name.ts';
import { literal } from '../quote.ts';
import { isKind, type KeptWorkspace, type RoleSpec, type RowGuardSpec } from '../spec.ts';
import type { Context } from '../steps/draft-steps.ts';
import { compile } from './compile.ts';
import { loginsOf } from './logins.ts';

const PUT_BACK = 'apply does not move data: put the old placement back';

/** Level rows: a workspace is where an app has its data. It moves to nobody, and nobody comes into one that is another's. */
export function movedRows(changes: readonly Change[], context: Context): readonly Diagnostic[] {
  const out: Diagnostic[] = [];
  for (const { desired, observed } of changes) {
    if (!desired || !observed || !isKind(desired, 'row-guard') || !isKind(observed, 'row-guard')) continue;
    const [database] = partOf(desired.address.name);
    out.push(...inSpace(database, desired.spec, observed.spec, context));
  }
  out.push(...context.input.placements.flatMap((one) => leftSpace(one, context)));
  return out.filter((one, index) => out.findIndex(({ message }) => message === one.message) === index);
}

function inSpace(database: string, desired: RowGuardSpec, observed: RowGuardSpec, context: Context): readonly Diagnostic[] {
  const { input, observation } = context;
  // Where the manifest says what it said before, a login with another workspace got it by hand, and is put back.
  const applied = observation.marks.find(({ app }) => app === '')?.applied ?? null;
  const isEdited = applied !== hashesOf(compile(input).resources, input).get('');
  const kept = Object.entries(observed.kept ?? {});
  const out: Diagnostic[] = [];
  for (const { app, placement, path } of input.placements) {
    const logins = loginsOf(app, placement).flatMap(({ slots }) => slots);
    const wanted = logins.map((login) => lookUp(desired.workspaces, login)).find((one) => one !== undefined);
    if (placement.isolation !== 'rows' || placement.database !== database || wanted === undefined) continue;
    const say = (code: string, message: string, hint: string): number =>
      out.push({ code, severity: 'error', message, hint, instance: input.name, path });
    const has = [...logins, ...rolesOf(app, context)].flatMap((login) => lookUp(observed.workspaces, login) ?? []);
    const moved = has.find((one) => one !== wanted);
    if (isEdited && moved !== undefined && observed.empty?.includes(moved) !== true)
      say(
        'CT2010',
        `app "${app}" has its rows in workspace "${moved}" of database "${database}" on "${input.name}", which is not its placement`,
        `${PUT_BACK}: \`workspace: ${moved}\``,
      );
    const former = kept.filter(([, one]) => one.app !== app);
    const login = logins.find((name) => former.some(([other]) => other === name));
    const [, its] = former.find(([name]) => name === login) ?? [];
    if (login !== undefined && its)
      say('CT2007', `the login "${login}" of app "${app}" ${stays(its, database)}`, 'give this app another login: `names.login`');
    const [of, one] = has.includes(wanted) ? [] : (former.find(([, { workspace }]) => workspace === wanted) ?? []);
    if (of !== undefined && one)
      say('CT2007', `workspace "${wanted}" of database "${database}", for app "${app}", ${isOf(one, of)}`, freeing(one, database));
  }
  return out;
}

function stays({ app, workspace }: KeptWorkspace, database: string): string {
  return `was that of ${app === null ? 'an app that is gone' : `app "${app}"`}, and stands for its rows, workspace "${workspace}" of database "${database}"`;
}

function isOf({ app }: KeptWorkspace, login: string): string {
  return app === null
    ? `was that of the login "${login}", which is gone; its rows may still be there`
    : `belongs to app "${app}", which the manifest does not name; its rows are still there`;
}

function freeing({ app, workspace }: KeptWorkspace, database: string): string {
  const other = 'give this app another `workspace`';
  if (app !== null) return `cotenant restore-app ${app} brings it back; or ${other}`;
  return `${other}; or, once its rows are deleted, in ${database}: DELETE FROM cotenant.workspaces WHERE workspace = ${literal(workspace)}`;
}

/** Logins of the app as the server has them: one may have another name by now. */
function rolesOf(app: string, { observation }: Context): readonly string[] {
  return observation.resources.flatMap((one) => (isKind(one, 'role') && one.app === app && one.owned ? [one.address.name] : []));
}

/** An app that shared tables, and is to be somewhere else. What it was let into by hand is no place of its own. */
function leftSpace({ app, placement, path }: Context['input']['placements'][number], context: Context): readonly Diagnostic[] {
  const { input, observation } = context;
  const applied = observation.marks.find((one) => one.app === app && one.retired === null)?.applied ?? null;
  if (applied === hashesOf(compile(input).resources, input).get(app)) return [];
  const roles = observation.resources.filter((one) => isKind(one, 'role') && one.owned);
  const isSpace = (database: string): boolean =>
    roles.some((one) => one.app === null && one.address.name === `${database}_rw`) &&
    observation.resources.some((one) => isKind(one, 'database') && one.owned && one.address.name === database);
  const mine = roles.filter((one) => one.app === app).flatMap((one) => Object.keys((one.spec as RoleSpec).memberOf));
  const spaces = new Set(mine.flatMap((group) => /^(.+)_(?:rw|ro)$/.exec(group)?.[1] ?? []).filter(isSpace));
  const now = placement.isolation === 'rows' ? placement.database : undefined;
  if (now !== undefined && spaces.has(now)) return [];
  return [...spaces].map((database) => ({
    code: 'CT2010',
    severity: 'error',
    message: `app "${app}" has its rows in database "${database}" on "${input.name}", which is not its placement`,
    hint: PUT_BACK,
    instance: input.name,
    path,
  }));
}
