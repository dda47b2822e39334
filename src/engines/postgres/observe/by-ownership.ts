import type { Resource } from '../../../model/index.ts';
import type { Connection } from '../connect/connection.ts';
import { partOf } from '../part-name.ts';
import { BY_OWNERSHIP, type ByOwnershipRow } from '../queries/by-ownership.ts';
import type { SharedRows } from '../queries/shared.ts';
import { isKind, type ObjectsSpec } from '../spec.ts';

/** Something that whoever owns a database has in it. */
export interface ByOwnership {
  readonly database: string;
  readonly what: string;
  /** The role that gets it all the same, with what is an app's; null: nobody. */
  readonly to: string | null;
}

/** What goes with the ownership of databases that the operator gets. */
export async function observeByOwnership(
  open: (database: string) => Promise<Connection>,
  rows: SharedRows,
  desired: readonly Resource[],
): Promise<readonly ByOwnership[]> {
  const admin = rows.server[0]?.[0];
  const wanted = new Map(desired.flatMap((one) => (isKind(one, 'database') ? [[one.address.name, one.spec.owner] as const] : [])));
  const out: ByOwnership[] = [];
  for (const [database, owner, superuser, , , , allows] of rows.databases) {
    const to = wanted.get(database);
    if (to === undefined || !allows || superuser || owner === (to === 'operator' ? admin : to)) continue;
    const found = await rowsIn(database, open);
    if (typeof found === 'string')
      out.push({
        database,
        to: null,
        what: `not worked out: what pg_database_owner has could not be read (${found}); look again before you agree`,
      });
    else
      for (const row of found)
        out.push({ database, what: `${textOf(row)} in database "${database}"`, to: keeperOf(row, database, desired) });
  }
  return out;
}

/** A text: why they could not be read. */
async function rowsIn(database: string, open: (database: string) => Promise<Connection>): Promise<readonly ByOwnershipRow[] | string> {
  try {
    await using connection = await open(database);
    const [found = []] = await connection.rows(BY_OWNERSHIP);
    // The shape stands beside the statement.
    return found as unknown as readonly ByOwnershipRow[];
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** What a role of an app owns goes to its owner role, who needs no right on it then. */
function keeperOf([how, type, , owner]: ByOwnershipRow, database: string, desired: readonly Resource[]): string | null {
  if (how !== 'a' || type === 'default acl') return null;
  const app = desired.find((one) => isKind(one, 'role') && one.address.name === owner)?.app ?? null;
  if (app === null) return null;
  const objects = desired.find((one) => isKind(one, 'objects') && one.app === app && partOf(one.address.name)[0] === database);
  return (objects?.spec as ObjectsSpec | undefined)?.owner ?? null;
}

function textOf([how, type, identity]: ByOwnershipRow): string {
  if (how === 'r') return `what the policy ${identity} gives pg_database_owner`;
  return `pg_database_owner’s ${how === 'o' ? 'ownership of' : 'rights on'} ${type} ${identity}`;
}
