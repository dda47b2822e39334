import type { Diagnostic, Observed, Resource } from '../../../model/index.ts';
import { lookUp, putIn } from '../../../util/record.ts';
import type { Connection } from '../connect/connection.ts';
import { guardGroups, judgeParts, policyShapes } from '../steps/guard.ts';
import { partOf } from '../part-name.ts';
import { type FindingRow, type GuardTableRow, type PartRow, rowsQuery, WORKSPACES_QUERY } from '../queries/rows.ts';
import { heldAmongQuery, type WorkspaceTableRow, workspaceTablesQuery } from '../queries/workspace-rows.ts';
import type { GuardedTable, KeptWorkspace, RowGuardSpec } from '../spec.ts';

export interface RowsRead {
  readonly found: Observed<RowGuardSpec>;
  readonly diagnostics: readonly Diagnostic[];
}

interface Roles {
  readonly isOperator: (role: string) => boolean;
  readonly isTenant: (role: string) => boolean;
  /** What these have on the guard's parts, they keep, unless it lets them choose workspaces. */
  readonly isAccepted: (role: string) => boolean;
  /** The app that left with this login; null: the login is gone; undefined: neither. */
  readonly leftBy: (login: string) => string | null | undefined;
}

/**
 * The guard of one shared schema as the server has it, and what no guard can hold apart. `isOperator` may own its parts. A
 * stranger's table gets none: nobody here is let to it, and they would not see their own rows any more.
 */
export async function observeRows(
  connection: Connection,
  instance: string,
  desired: Resource<RowGuardSpec>,
  { isOperator, isTenant, isAccepted, leftBy }: Roles,
): Promise<RowsRead> {
  const { name } = desired.address;
  const [, schema] = partOf(name);
  const { column, owner, readWrite, readOnly } = desired.spec;
  // The shapes stand beside the statements in queries/rows.ts.
  const [tables, parts, findings] = (await connection.rows(rowsQuery(schema, column))) as unknown as [
    readonly GuardTableRow[],
    readonly PartRow[],
    readonly FindingRow[],
  ];
  const judged = judgeParts(parts, guardGroups(desired.spec), isOperator);
  const workspaces: Record<string, string> = {};
  const kept: Record<string, KeptWorkspace> = {};
  if (!judged.broken.includes('schema') && !judged.broken.includes('table')) {
    const [rows] = await connection.rows(WORKSPACES_QUERY);
    for (const [name, workspace] of rows ?? []) {
      const login = String(name);
      const app = leftBy(login);
      if (app === undefined) putIn(workspaces, login, String(workspace));
      else putIn(kept, login, { workspace: String(workspace), app });
    }
  }
  const empty = await emptyAmong(connection, desired.spec.workspaces, workspaces, {
    column,
    isOurs: (role) => isOperator(role) || isTenant(role),
  });
  const spec: RowGuardSpec = {
    column,
    owner,
    readWrite,
    ...(readOnly === undefined ? {} : { readOnly }),
    workspaces,
    ...(Object.keys(kept).length === 0 ? {} : { kept }),
    ...(empty.length === 0 ? {} : { empty }),
    tables: tables.filter((row) => isOperator(row[7]) || isTenant(row[7])).map(guardedTable),
    ...judged,
    strangers: judged.strangers.filter(({ grantee, writes }) => writes || !isAccepted(grantee)),
  };
  return {
    found: { address: { engine: 'postgres', instance, kind: 'row-guard', name }, app: null, spec, owned: true },
    diagnostics: findingsOf(findings, desired, instance),
  };
}

/** Of workspaces that a login is to leave: those in which nothing lies, as far as this admin sees all of it. */
async function emptyAmong(
  connection: Connection,
  wanted: RowGuardSpec['workspaces'],
  found: RowGuardSpec['workspaces'],
  { column, isOurs }: { readonly column: string; readonly isOurs: (owner: string) => boolean },
): Promise<readonly string[]> {
  const left = Object.entries(found).flatMap(([login, workspace]) => {
    const other = lookUp(wanted, login);
    return other === undefined || other === workspace ? [] : [workspace];
  });
  // Others act as the owner for that, and are asked to put the workspace back.
  if (left.length === 0 || !connection.superuser) return [];
  const [tables] = (await connection.rows(workspaceTablesQuery(column))) as unknown as [readonly WorkspaceTableRow[]];
  const full = new Set<string>();
  for (const [oid, schema, name, kind, told, plain, owner, , sees] of tables) {
    if (!isOurs(owner)) continue;
    if (!plain || !sees) return [];
    const table = { oid: Number(oid), schema, name, column: told, partitioned: kind === 'p' };
    const [rows = []] = await connection.rows(heldAmongQuery(table, left));
    for (const [workspace] of rows) full.add(String(workspace));
  }
  return left.filter((workspace) => !full.has(workspace));
}

function guardedTable([name, kind, partition, hasColumn, enabled, forced, policies, , users]: GuardTableRow): GuardedTable {
  return {
    name,
    kind: partition ? 'partition' : kind === 'p' ? 'partitioned' : 'table',
    hasColumn,
    enabled,
    forced,
    policies: policyShapes(policies ?? []),
    users,
  };
}

const SHOWN = 8;

const SENTENCES: Readonly<Record<FindingRow[0], (names: string, column: string) => readonly [message: string, hint: string]>> = {
  key: (names, column) => [
    `unique keys without "${column}" tell one workspace what another has, and let it take the value: ${names}`,
    `begin each key with "${column}", or use random UUIDs`,
  ],
  reference: (names, column) => [
    `foreign keys without "${column}" let a row of one workspace depend on a row of another: ${names}`,
    `reference ("${column}", …) with a key that has both`,
  ],
  sequence: (names) => [
    `sequences count for all workspaces, so that each sees how many rows the others add: ${names}`,
    'use random UUIDs where that matters',
  ],
  table: (names, column) => [
    `tables without "${column}" are closed to every app: ${names}`,
    `add the column, or move what is for nobody to another schema`,
  ],
};

/** One warning for each kind of finding. */
function findingsOf(rows: readonly FindingRow[], desired: Resource<RowGuardSpec>, instance: string): readonly Diagnostic[] {
  const [database, schema] = partOf(desired.address.name);
  return (['table', 'key', 'reference', 'sequence'] as const).flatMap((kind) => {
    const names = rows.filter(([of]) => of === kind).map(([, table, part]) => [table, part].filter((one) => one !== '').join('.'));
    if (names.length === 0) return [];
    const more = names.length > SHOWN ? ` and ${names.length - SHOWN} more` : '';
    const [message, hint] = SENTENCES[kind](names.slice(0, SHOWN).join(', ') + more, desired.spec.column);
    return [
      {
        code: 'CT2011',
        severity: 'warning',
        message: `${database}.${schema}: ${message}`,
        hint,
        instance,
        ...(desired.path ? { path: desired.path } : {}),
      },
    ];
  });
}
