import type { Diagnostic } from '../../../model/index.ts';
import { type Blocker, blockerInWords, relationsOf, remedyFor } from '../connect/blockers.ts';
import type { Context } from '../steps/draft-steps.ts';
import { leavingApps } from './leaving.ts';
import { MAINTENANCE } from '../compile/compile.ts';
import { ident, literal } from '../quote.ts';
import { hangingOf, remainsOf } from '../observe/basis.ts';
import type { Hanging, Remains } from './remains-spec.ts';
import { heldBySessions, heldOf, holdersOf } from './hold.ts';
import { goesBefore } from './order.ts';
import { rowObstacles } from './workspace-rows.ts';

/** What stands in the way of removals: of a retirement a warning, as all else of it is done; of a delete an error, and nothing is sent. */
export function judgeRemoval(context: Context): readonly Diagnostic[] {
  const { input, observation } = context;
  const { gone, retired } = leavingApps(input, observation.marks, observation.resources);
  return [
    ...gone.flatMap((app) => [
      ...heldFirmly(app, context, 'warning'),
      ...heldBySessions(app, context, 'warning', 'retired'),
      ...hangingLater(app, gone, context),
    ]),
    ...(input.removal === 'delete' ? retired.flatMap((app) => obstacles(app, [...gone, ...retired], context)) : []),
  ];
}

/** Databases of the app that cannot get another name now, whatever is tried. */
export function heldDatabases(app: string, context: Context): ReadonlySet<string> {
  const spec = heldOf(app, context);
  return new Set([
    ...(spec?.prepared ?? []).map(([, database]) => database),
    ...(spec?.subscriptions ?? []).map(([, database]) => database),
  ]);
}

type Severity = 'warning' | 'error';

/** What holds an app until somebody ends it, each with the statement for that. Of a delete also what holds the app's things in other databases. */
export function heldFirmly(app: string, context: Context, severity: Severity, everywhere = false): readonly Diagnostic[] {
  const spec = heldOf(app, context);
  if (!spec) return [];
  const { name: instance } = context.input;
  const own = new Set(spec.databases);
  const base = { code: 'CT2031', severity, instance, ...(severity === 'warning' ? { waits: app } : {}) };
  return [
    ...spec.prepared
      .filter(([, database]) => own.has(database) || everywhere)
      .map(([gid, database, owner]) => ({
        ...base,
        message: `app "${app}": the prepared transaction ${literal(gid)} of "${owner}" holds database "${database}" on "${instance}"`,
        hint: `ROLLBACK PREPARED ${literal(gid)} (or COMMIT PREPARED), connected to "${database}", ends it; then run the command again`,
      })),
    ...spec.subscriptions.map(([name, database]) => ({
      ...base,
      message: `app "${app}": the subscription "${name}" holds database "${database}" on "${instance}"`,
      hint: `DROP SUBSCRIPTION ${ident(name)}, connected to "${database}", ends it; then run the command again`,
    })),
  ];
}

/** Advice: the app is put aside with its data, and what others have on that would be in the way of a delete. */
function hangingLater(app: string, leaving: readonly string[], context: Context): readonly Diagnostic[] {
  const later = goesBefore(app, leaving, context);
  return hangingOf(app, context.observation).flatMap(({ database, hanging }): readonly Diagnostic[] => {
    const others = hanging.filter(({ owner }) => !later.has(owner));
    if (others.length === 0) return [];
    const objects = `${others.length} ${others.length === 1 ? 'object' : 'objects'} of others in database "${database}" ${others.length === 1 ? 'depends' : 'depend'} on its data`;
    return [
      {
        code: 'CT2030',
        severity: 'info',
        message: `app "${app}" is retired on "${context.input.name}", not deleted; while ${objects}, a later delete is refused: ${others.map(inWords).join('; ')}`,
        hint: 'nothing has to be done now; the refusal names the statements that detach them',
        instance: context.input.name,
      },
    ];
  });
}

/** Why a retired app cannot be deleted: everything of others that would go with it, or that holds it. */
export function obstacles(app: string, leaving: readonly string[], context: Context): readonly Diagnostic[] {
  const { name: instance } = context.input;
  const spec = heldOf(app, context);
  const own = new Set(spec?.databases);
  const remains = remainsOf(app, context.observation);
  const later = goesBefore(app, leaving, context);
  const hanging = remains.flatMap((one) =>
    one.hanging.filter(({ owner }) => !later.has(owner)).map((it) => ({ ...it, database: one.database })),
  );
  const refused = (message: string, hint: string): Diagnostic => ({ code: 'CT2030', severity: 'error', message, hint, instance });
  const out: Diagnostic[] = [];
  for (const [database, all] of Map.groupBy(hanging, (one) => one.database))
    out.push(
      refused(
        `app "${app}" cannot be deleted on "${instance}": in database "${database}" ${all.length} ${all.length === 1 ? 'object' : 'objects'} of others would be dropped with it: ${all.map(inWords).join('; ')}`,
        remedyOf(database, all),
      ),
    );
  for (const one of remains.filter((it) => isSomebodys(it, context))) out.push(refused(...elsewhere(app, one, instance)));
  if (spec && spec.owns.length > 0)
    out.push(
      refused(
        `app "${app}" cannot be deleted on "${instance}": its roles own objects that are not the app's alone: ${spec.owns.map(([what, owner]) => `${what} (${owner})`).join('; ')}`,
        'change their owner, for example with ALTER DATABASE … OWNER TO; or set `removal: retain`',
      ),
    );
  for (const [slot, database] of (spec?.slots ?? []).filter(([, of]) => own.has(of)))
    out.push(
      refused(
        `app "${app}" cannot be deleted on "${instance}": the replication slot "${slot}" belongs to database "${database}"`,
        `whoever reads from it loses it: SELECT pg_drop_replication_slot(${literal(slot)}) when nobody does`,
      ),
    );
  for (const database of spec?.closed ?? [])
    out.push(
      refused(
        `app "${app}" cannot be deleted on "${instance}": database "${database}" accepts no connections`,
        `ALTER DATABASE ${ident(database)} ALLOW_CONNECTIONS true, so that objects of others in it can be found`,
      ),
    );
  const told = new Set(spec?.prepared.map(([gid]) => gid));
  for (const one of remains.filter(({ whole }) => !whole).flatMap(({ blockers }) => blockers))
    if (one.gid === null || !told.has(one.gid)) out.push(heldRelations(app, one, instance));
  const stuck = holdersOf(app, context).some(({ endable, schema }) => !endable && schema === null);
  return [
    ...out,
    ...rowObstacles(app, context),
    ...heldFirmly(app, context, 'error', true),
    ...(stuck ? heldBySessions(app, context, 'error', 'deleted') : []),
  ];
}

/** A database that this project has neither made nor adopted: what the app owns there may be a copy that somebody wants to keep. */
function isSomebodys({ database, whole, owners }: Remains, { observation }: Context): boolean {
  if (whole || owners.length === 0 || MAINTENANCE.includes(database)) return false;
  return !observation.resources.some(({ address, owned }) => owned && address.kind === 'database' && address.name === database);
}

function elsewhere(app: string, { database, owners, tables, rows, estimated }: Remains, instance: string): [string, string] {
  const names = owners.map(ident).join(', ');
  const rowsThere = `${estimated ? 'about ' : ''}${rows} ${rows === 1 ? 'row' : 'rows'}`;
  const counted = tables === 0 ? 'objects' : `${tables} ${tables === 1 ? 'table' : 'tables'} (${rowsThere}) and what belongs to them`;
  return [
    `app "${app}" cannot be deleted on "${instance}": its roles own ${counted} in database "${database}", which does not belong to this project: it may be a copy that somebody wants to keep`,
    `connected to "${database}", REASSIGN OWNED BY ${names} TO CURRENT_USER; DROP OWNED BY ${names}; keeps all of it and takes only their rights there; DROP OWNED BY ${names}; alone drops it; or set \`removal: retain\``,
  ];
}

/** A lock on what would be dropped. */
function heldRelations(app: string, blocker: Blocker, instance: string): Diagnostic {
  return {
    code: 'CT2031',
    severity: 'error',
    message: `app "${app}" cannot be deleted on "${instance}": ${blockerInWords(blocker)} holds ${relationsOf(blocker)} of database "${blocker.database}"`,
    hint: `${remedyFor(blocker)}; then run the command again`,
    instance,
  };
}

/** What can be pasted keeps every row of others; of the rest only people know whether it is still wanted. */
function remedyOf(database: string, all: readonly Hanging[]): string {
  const statements = all.flatMap(({ remedy }) => (remedy === '' ? [] : [`${remedy};`]));
  const rest = all.filter(({ remedy }) => remedy === '').length;
  const keep = '`removal: retain` leaves everything unchanged';
  const paste = `connected to "${database}" as their owner or a superuser, these statements keep all rows and detach the objects from the app: ${statements.join(' ')}`;
  const others = 'have their owners save and drop them, or rebuild them on other objects';
  if (statements.length === 0) return `${others}; ${keep}`;
  return rest === 0 ? `${paste} Or: ${keep}` : `${paste} The other ${rest}: ${others}; ${keep}`;
}

function inWords({ what, owner, on }: Hanging): string {
  return `${what}${owner === '' ? '' : ` of "${owner}"`}${on === '' ? '' : `, which depends on ${on}`}`;
}
