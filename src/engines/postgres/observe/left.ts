import type { Observed, Resource } from '../../../model/index.ts';
import type { Connection } from '../connect/connection.ts';
import type { Input } from '../compile/draft.ts';
import { readMark } from '../marks/mark.ts';
import { holdingsQuery } from '../queries/share.ts';
import { isKind, type RoleSpec } from '../spec.ts';

/** A role of a share that the manifest no longer has. */
export interface LeftRole {
  readonly role: string;
  readonly holder: boolean;
  /** Where it owns something or has rights. */
  readonly databases: ReadonlySet<string>;
}

/** Finds them, and notes in `resources` where they hold something. Asks the server only where there is one. */
export async function leftShares(
  shared: Connection,
  input: Input,
  desired: readonly Resource[],
  resources: Observed[],
): Promise<readonly LeftRole[]> {
  const wanted = new Set(desired.flatMap((one) => (isKind(one, 'role') ? [one.address.name] : [])));
  const left = resources.flatMap((one, index) => {
    if (!isKind(one, 'role') || !one.owned || wanted.has(one.address.name)) return [];
    const mark = readMark(one.spec.mark);
    return mark?.share !== undefined && mark.project === input.project ? [{ one, index, share: mark.share }] : [];
  });
  if (left.length === 0) return [];
  const [rows = []] = await shared.rows(holdingsQuery(left.map(({ one }) => one.address.name)));
  return left.map(({ one, index, share }) => {
    const holdings = rows
      .filter(([role]) => role === one.address.name)
      .map(([, database, owns]) => ({ database: String(database), owns: owns === true }));
    resources[index] = { ...one, spec: { ...one.spec, holdings } satisfies RoleSpec };
    return { role: one.address.name, holder: share === 'holder', databases: new Set(holdings.map(({ database }) => database)) };
  });
}
