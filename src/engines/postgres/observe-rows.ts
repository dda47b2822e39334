import type { Observed, Resource } from '../../model/index.ts';
import type { Connection } from './connection.ts';
import { insideOf } from './inside.ts';
import { machineryShape } from './guard.ts';
import { type GuardTableRow, type MachineryRow, rowsQuery, WORKSPACES_QUERY } from './queries/rows.ts';
import type { GuardedTable, RowGuardSpec } from './spec.ts';

/** The guard of one shared schema as the server has it. */
export async function observeRows(
  connection: Connection,
  instance: string,
  desired: Resource<RowGuardSpec>,
): Promise<Observed<RowGuardSpec>> {
  const { name } = desired.address;
  const schema = insideOf(name)[1];
  const [tables, machinery] = await connection.rows(rowsQuery(schema, desired.spec.column));
  const [table, source, access] = (machinery?.[0] ?? [false, null, null]) as unknown as MachineryRow;
  const workspaces: Record<string, string> = {};
  if (table) {
    const [rows] = await connection.rows(WORKSPACES_QUERY);
    for (const [login, workspace] of rows ?? []) workspaces[String(login)] = String(workspace);
  }
  const spec: RowGuardSpec = {
    column: desired.spec.column,
    owner: desired.spec.owner,
    readWrite: desired.spec.readWrite,
    workspaces,
    tables: ((tables ?? []) as unknown as readonly GuardTableRow[]).map(guardedTable),
    machinery: table && machineryShape(source, access, desired.spec.readWrite),
  };
  return { address: { engine: 'postgres', instance, kind: 'row-guard', name }, app: null, spec, owned: true };
}

function guardedTable([name, kind, partition, hasColumn, enabled, forced, policies]: GuardTableRow): GuardedTable {
  return {
    name,
    kind: partition ? 'partition' : kind === 'p' ? 'partitioned' : 'table',
    hasColumn,
    enabled,
    forced,
    policies: policies ?? [],
  };
}
