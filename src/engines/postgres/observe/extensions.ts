import type { Observed, Resource } from '../../../model/index.ts';
import type { Connection } from '../connect/connection.ts';
import { partOf } from '../part-name.ts';
import type { DatabaseRows } from '../queries/database.ts';
import { type OfferedRow, offeredQuery, PLANTED } from '../queries/extensions.ts';
import { type ExtensionSpec, isKind } from '../spec.ts';

/** A database that is there and lacks an extension: what an app has planted in it, and who owns `public`. */
export interface ExtensionTarget {
  readonly planted: readonly string[];
  /** `public` is the operator's. */
  readonly operators: boolean;
}

/** null: it has all that is asked for. */
export async function extensionTarget(
  connection: Connection,
  here: readonly Resource[],
  rows: DatabaseRows,
  isOperator: (role: string) => boolean,
): Promise<ExtensionTarget | null> {
  const there = new Set(rows.extensions.map(([name]) => name));
  const missing = here.some((one) => isKind(one, 'extension') && !there.has(partOf(one.address.name)[1]));
  if (!missing) return null;
  const [planted = []] = await connection.rows(PLANTED);
  const owner = rows.schemas.find(([name]) => name === 'public')?.[1] ?? '';
  return { planted: planted.map(([what]) => String(what)), operators: owner === 'pg_database_owner' || isOperator(owner) };
}

/** Extensions that are asked for and not installed, where the server has them. One that it does not have is left out. */
export async function offeredExtensions(
  connection: Connection,
  desired: readonly Resource[],
  observed: readonly Observed[],
  targets: ReadonlyMap<string, ExtensionTarget>,
): Promise<readonly Observed<ExtensionSpec>[]> {
  const installed = new Set(observed.filter((one) => isKind(one, 'extension')).map((one) => one.address.name));
  const missing = desired.filter((one) => isKind(one, 'extension')).filter((one) => !installed.has(one.address.name));
  if (missing.length === 0) return [];
  const names = [...new Set(missing.map((one) => partOf(one.address.name)[1]))];
  const [rows] = await connection.rows(offeredQuery(names));
  // The shape stands beside the statement in queries/extensions.ts.
  const offered = new Map(((rows ?? []) as unknown as readonly OfferedRow[]).map((row) => [row[0], row]));
  return missing.flatMap((one) => {
    const [database, name] = partOf(one.address.name);
    const row = offered.get(name);
    if (!row) return [];
    const [, installable, requires, schema, movable] = row;
    const target = targets.get(database);
    // A superuser alone may move it afterwards.
    const apart = target !== undefined && !target.operators && movable && schema === null && connection.superuser;
    const among = schema !== 'pg_catalog' && !(apart && requires === null) ? (target?.planted ?? []) : [];
    const spec = { schema, installed: false, installable, requires: requires ?? [], apart, planted: among };
    return [{ address: one.address, app: one.app, spec, owned: false }];
  });
}
