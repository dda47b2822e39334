import type { StepDraft } from '../../../engine/index.ts';
import type { Command, Diagnostic } from '../../../model/index.ts';
import { inWorkspaces, reachQuery, rowsOf, strangeRowsQuery } from '../queries/workspace-rows.ts';
import { basisOf } from '../observe/basis.ts';
import { partName } from '../part-name.ts';
import { ident, literal, qualified, roles } from '../quote.ts';
import type { Context } from '../steps/draft-steps.ts';
import type { Bereaved } from './losses.ts';
import type { CountedTable, WorkspaceRows } from './workspace-rows-spec.ts';
import { laneOf } from '../connect/lanes.ts';

/** Tables that a plan names one by one. */
const NAMED = 20;

function rowsOfApp(app: string, { observation }: Context): readonly WorkspaceRows[] {
  return basisOf(observation).workspaceRows.filter((one) => one.app === app);
}

const named = (tables: readonly CountedTable[]): string =>
  `${tables
    .slice(0, NAMED)
    .map(({ schema, name, rows }) => `${schema}.${name} ${rows}`)
    .join(', ')}${tables.length > NAMED ? ` and ${tables.length - NAMED} more` : ''}`;

/** Why rows of a retired app cannot be deleted without more than them: nothing of the app is deleted then. */
export function rowObstacles(app: string, context: Context): readonly Diagnostic[] {
  const { name: instance } = context.input;
  const all = rowsOfApp(app, context);
  const doubtful = all.filter(({ writers, broken }) => writers.length > 0 || broken === true);
  if (doubtful.length > 0) return doubtful.map((one) => doubt(one, instance));
  return all
    .filter(({ hanging }) => hanging.length > 0)
    .map(({ database, workspaces, hanging, tables, logins }) => ({
      code: 'CT2030',
      severity: 'error',
      message: `app "${app}" cannot be deleted on "${instance}": its rows in database "${database}" (workspace ${workspaces.map((one) => `"${one}"`).join(', ')}) are not the only thing that a delete would touch: ${hanging.map(({ what, owner, on }) => `${what}${owner === '' ? '' : ` of "${owner}"`}${on === '' ? '' : ` on ${on}`}`).join('; ')}`,
      hint: `the migrator of "${database}" looks first at what is named here, which such a delete would set off or reach, and then deletes them as its own code expects: ${deletes(
        tables.filter(({ rows }) => rows > 0),
        workspaces,
      )} Where none are left, in "${database}": DELETE FROM cotenant.workspaces WHERE login IN (${logins.map(literal).join(', ')}); then run the command again. Or: \`removal: retain\` keeps everything as it is`,
      instance,
    }));
}

/** Whoever writes the map chooses whose rows are whose. */
function doubt({ app, database, writers, broken }: WorkspaceRows, instance: string): Diagnostic {
  const who = writers.map((name) => (name === '' ? 'everybody' : `"${name}"`)).join(', ');
  const why = broken ? `the table is not as cotenant made it${who === '' ? '' : ` (${who})`}` : `${who} can write it too`;
  return {
    code: 'CT2030',
    severity: 'error',
    message: `app "${app}" cannot be deleted on "${instance}": which rows of database "${database}" are its own, cotenant.workspaces says, and ${why}`,
    hint: `in "${database}", look at the lines of cotenant.workspaces, then ${broken ? 'put the table right' : `REVOKE ALL ON cotenant.workspaces FROM ${roles(writers)}`}; \`removal: retain\` keeps everything as it is, and an apply puts the table right where the manifest names the database`,
    instance,
  };
}

function deletes(tables: readonly CountedTable[], workspaces: readonly string[]): string {
  if (tables.length === 0) return 'DELETE FROM … for each table;';
  return tables.map((table) => `DELETE FROM ${rowsOf(table)} WHERE ${inWorkspaces(table.column, workspaces)};`).join(' ');
}

type RowsPart = Pick<StepDraft, 'address' | 'title' | 'facts' | 'lane' | 'unit'> & {
  readonly commands: readonly Command[];
  readonly losses: StepDraft['losses'] & {};
};

/** Rows of the app among those of others, and with them its claim on the workspace. */
export function rowParts(app: string, bereaved: Bereaved, context: Context): readonly RowsPart[] {
  return rowsOfApp(app, context).map((spec) => {
    const full = spec.tables.filter(({ rows }) => rows > 0);
    const word = full.some(({ estimated }) => estimated) ? 'rows (estimate)' : 'rows';
    return {
      address: { engine: 'postgres', instance: context.input.name, kind: 'workspace-rows', name: partName(spec.database, app) },
      title: full.length === 0 ? 'free the workspace of the app' : 'delete rows of the app among those of others',
      facts: {
        app,
        database: spec.database,
        workspace: spec.workspaces.join(', '),
        tables: full.length,
        [word]: full.reduce((sum, { rows }) => sum + rows, 0),
        ...(full.length === 0 ? {} : { 'rows by table': named(full) }),
        ...(spec.left.length === 0 ? {} : { 'rows that stay in tables of others': named(spec.left) }),
        ...(spec.published.length === 0 ? {} : { 'deleted on subscribers too': published(spec) }),
      },
      commands: deleting(full, spec),
      losses: full.length === 0 ? [] : lossesOf(spec, bereaved),
      lane: laneOf(spec.database),
      unit: `drop:${app}`,
    };
  });
}

function published({ published: all }: WorkspaceRows): string {
  return all.map(([name, owner, on]) => `publication ${name} of "${owner}" (${on})`).join(', ');
}

/** Who reads them through a view, and who has them on another server or in another database: a delete goes there as well. */
function lossesOf({ viewers, published: all, workspaces, database }: WorkspaceRows, bereaved: Bereaved): StepDraft['losses'] & {} {
  const rows = `rows of workspace "${workspaces.join('", "')}"`;
  return [
    ...viewers.flatMap(([who, view]) => bereaved.without(database, [who], `${rows} in view ${view} of database "${database}"`)),
    ...all.flatMap(([name, owner, on, , receivers]) =>
      bereaved.without(database, [...new Set([owner, ...receivers])], `${rows} in ${on}, on the subscribers of publication ${name} too`),
    ),
  ];
}

function deleting(full: readonly CountedTable[], spec: WorkspaceRows): readonly Command[] {
  const { logins, workspaces } = spec;
  const free = `DELETE FROM "cotenant"."workspaces" WHERE "login" = ANY (ARRAY[${logins.map(literal).join(', ')}]::pg_catalog.text[])`;
  // Somebody else's by now, or other than the plan said.
  const claimed = `EXISTS (SELECT 1 FROM cotenant.workspaces w WHERE w.workspace = ANY (ARRAY[${workspaces.map(literal).join(', ')}]::pg_catalog.text[]) AND w.login <> ALL (ARRAY[${logins.map(literal).join(', ')}]::pg_catalog.text[]))`;
  const left = spec.tables
    .filter(({ rows }) => rows === 0)
    .map((table) => `EXISTS (SELECT 1 FROM ${rowsOf(table)} WHERE ${inWorkspaces(table.column, workspaces)})`);
  const strange = spec.references.map((one) => strangeRowsQuery(one, full, workspaces));
  const reached = full.length === 0 ? [] : [`(SELECT count(*) FROM (${reachQuery(full)}) x) <> ${spec.reach}`];
  const check = (tests: readonly string[], lock: string): Command => ({
    text: `DO ${literal(`BEGIN ${lock}IF ${tests.join(' OR ')} THEN RAISE EXCEPTION USING ERRCODE = '2BP01', MESSAGE = 'cotenant: something of others would go, or rows came, since the plan'; END IF; END`)}`,
  });
  const children = [...new Set(spec.references.map(({ child }) => qualified(...child)))];
  const lock = [
    ...(full.length === 0 ? [] : [`LOCK TABLE ${full.map((one) => rowsOf(one)).join(', ')} IN ROW EXCLUSIVE MODE; `]),
    // No row of others comes to depend on these meanwhile.
    ...(children.length === 0 ? [] : [`LOCK TABLE ${children.join(', ')} IN SHARE ROW EXCLUSIVE MODE; `]),
  ].join('');
  const inRows = [...left, ...strange];
  return [
    check([claimed, ...reached], lock),
    ...(spec.as === null ? [] : [{ text: `SET LOCAL ROLE ${ident(spec.as)}` }]),
    ...(inRows.length === 0 ? [] : [check(inRows, '')]),
    ...gone(full, workspaces),
    ...(spec.as === null ? [] : [{ text: 'RESET ROLE' }]),
    { text: free },
  ];
}

/** One statement, so that keys between these tables are looked at when all of it is done. */
function gone(full: readonly CountedTable[], workspaces: readonly string[]): readonly Command[] {
  const all = full.map((table) => `DELETE FROM ${rowsOf(table)} WHERE ${inWorkspaces(table.column, workspaces)}`);
  const [last, ...rest] = all;
  if (last === undefined) return [];
  return [{ text: rest.length === 0 ? last : `WITH ${rest.map((text, at) => `t${at} AS (${text})`).join(', ')} ${last}` }];
}
