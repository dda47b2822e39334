import type { Observed, Resource } from '../../model/index.ts';
import type { Connection } from './connection.ts';
import { insideOf } from './inside.ts';
import { type OfferedRow, offeredQuery } from './queries/extensions.ts';
import { type ExtensionSpec, isKind } from './spec.ts';

/** Extensions that are asked for and not installed, where the server has them. One that it does not have is left out. */
export async function offeredExtensions(
  connection: Connection,
  desired: readonly Resource[],
  observed: readonly Observed[],
): Promise<readonly Observed<ExtensionSpec>[]> {
  const installed = new Set(observed.filter((one) => isKind(one, 'extension')).map((one) => one.address.name));
  const missing = desired.filter((one) => isKind(one, 'extension')).filter((one) => !installed.has(one.address.name));
  if (missing.length === 0) return [];
  const names = [...new Set(missing.map((one) => insideOf(one.address.name)[1]))];
  const [rows] = await connection.rows(offeredQuery(names));
  // The shape stands beside the statement in queries/extensions.ts.
  const offered = new Map(((rows ?? []) as unknown as readonly OfferedRow[]).map((row) => [row[0], row]));
  return missing.flatMap((one) => {
    const row = offered.get(insideOf(one.address.name)[1]);
    if (!row) return [];
    const spec = { schema: null, installed: false, installable: row[1], requires: row[2] ?? [] };
    return [{ address: one.address, app: one.app, spec, owned: false }];
  });
}
