import type { Resource } from '../../../model/index.ts';
import { lookUp } from '../../../util/record.ts';
import type { Connection } from '../connect/connection.ts';
import { partOf } from '../part-name.ts';
import type { Owners } from '../judge/owners.ts';
import { BY_CURRENT_USER, type ByNameRow, namedHere, namedNowhere, type NamedRow, namedWhere } from '../queries/adopted.ts';
import { isKind, type ObjectsSpec, type RoleSpec } from '../spec.ts';

/** Something that a login has by its name, and not in sessions in which it acts as its app's owner role. */
export interface Named {
  readonly login: string;
  /** null: none. */
  readonly database: string | null;
  readonly what: string;
}

interface AdoptedContext {
  readonly shared: Connection;
  readonly open: (database: string) => Promise<Connection>;
  readonly desired: readonly Resource[];
  readonly owners: Owners;
}

/**
 * What logins that are adopted now have by name, and what nothing hands over: their sessions will act as the owner role of the
 * app. Looked at before the first apply only.
 */
export async function observeAdopted(context: AdoptedContext): Promise<readonly Named[]> {
  const { shared, open, desired, owners } = context;
  const acting = desired
    .filter((one) => isKind(one, 'role'))
    .filter(({ spec, address }) => spec.adopt && lookUp(spec.settings, 'role') !== undefined && owners.role(address.name) === undefined);
  if (acting.length === 0) return [];
  const logins = acting.map(({ address }) => address.name);
  const [where = [], nowhere = []] = await shared.rows(`${namedWhere(logins)}; ${namedNowhere(logins)}`);
  // The shape stands beside the statement in queries/adopted.ts.
  const out: Named[] = (nowhere as unknown as readonly NamedRow[]).map((row) => ({ login: row[0], database: null, what: textOf(row) }));
  for (const [name] of where) {
    const database = String(name);
    const found = await rowsIn(database, logins, open);
    if (typeof found === 'string') {
      // No loss that is known: nobody can say that there is none.
      const what = `not worked out: what it has by name in database "${database}" could not be read (${found}); look again before you agree`;
      for (const login of logins) out.push({ login, database, what });
      continue;
    }
    for (const row of found.rows) {
      const role = acting.find(({ address }) => address.name === row[0]);
      if (role && !isHandedOver(row, areaOf(role, database, context), shared.superuser))
        out.push({ login: row[0], database, what: `${textOf(row)} in database "${database}"` });
    }
    for (const role of acting) {
      const what = goingByName(role, database, found.byName, areaOf(role, database, context));
      if (what !== null) out.push({ login: role.address.name, database, what });
    }
  }
  return out;
}

/** How many are said one by one. */
const SHOWN = 10;

/** What may do something else where `current_user` is another: it cannot be told from here. */
function goingByName(
  { address, spec }: Resource<RoleSpec>,
  database: string,
  rows: readonly ByNameRow[],
  area: Area | null,
): string | null {
  const here = rows.filter(([type, schema, identity]) => area !== null && isInside(area, type, schema, identity));
  if (here.length === 0) return null;
  const shown = here.slice(0, SHOWN).map(([type, , identity]) => `${type} ${identity}`);
  const more = here.length > SHOWN ? ` and ${here.length - SHOWN} more` : '';
  return `being current_user "${address.name}" in database "${database}" ("${lookUp(spec.settings, 'role') ?? ''}" from then on), which may matter to ${shown.join(', ')}${more}`;
}

interface Rows {
  readonly rows: readonly NamedRow[];
  readonly byName: readonly ByNameRow[];
}

/** Milliseconds that a plan waits for a table that somebody holds, whose expressions are read. */
const BUSY = 500;

/** A text: why they could not be read. */
async function rowsIn(database: string, logins: readonly string[], open: AdoptedContext['open']): Promise<Rows | string> {
  try {
    await using connection = await open(database);
    const [, rows = [], byName = []] = await connection.rows(`SET lock_timeout = ${BUSY}; ${namedHere(logins)}; ${BY_CURRENT_USER}`);
    // The shapes stand beside the statements in queries/adopted.ts.
    return { rows: rows as unknown as readonly NamedRow[], byName: byName as unknown as readonly ByNameRow[] };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

interface Area {
  readonly spec: ObjectsSpec;
  /** The app's roles. */
  readonly own: ReadonlySet<string>;
  readonly isKept: (role: string) => boolean;
  /** `schema.table` that other apps share with this one, and `schema`. */
  readonly shared: ReadonlySet<string>;
}

/** null: the database is not the app's. */
function areaOf({ app }: Resource<RoleSpec>, database: string, { desired, owners }: AdoptedContext): Area | null {
  const objects = desired.find((one) => isKind(one, 'objects') && one.app === app && partOf(one.address.name)[0] === database);
  if (app === null || !objects || !isKind(objects, 'objects')) return null;
  const own = new Set(desired.flatMap((one) => (isKind(one, 'role') && one.app === app ? [one.address.name] : [])));
  const shared = desired.flatMap((one) =>
    isKind(one, 'objects') && partOf(one.address.name)[0] === database
      ? (one.spec.shares ?? []).filter(({ grantee }) => own.has(grantee)).flatMap(({ schema, table }) => [schema, `${schema}.${table}`])
      : [],
  );
  return { spec: objects.spec, own, isKept: (role) => owners.accepted.has(role), shared: new Set(shared) };
}

const PLACED =
  /^(table|view|materialized view|foreign table|sequence|function|procedure|aggregate|schema|table column|composite type|type)$/;
const OWNED =
  /^(large object|collation|conversion|operator|operator class|operator family|statistics object|text search (dictionary|configuration)|publication)$/;

/** True for what the owner role gets in the first apply. */
function isHandedOver(row: NamedRow, area: Area | null, superuser: boolean): boolean {
  const [, how, type, schema, identity, owner, member] = row;
  // Who owns an extension owns what it brought.
  if (member && type !== 'extension') return how === 'o';
  if (area === null || how === 'p') return false;
  if (type === 'default acl' || type === 'role membership') return true;
  if (how === 'r') return area.own.has(owner);
  if (how === 'o') return OWNED.test(type) || (PLACED.test(type) && isInside(area, type, schema, identity));
  if (!PLACED.test(type)) return false;
  // No access list of a type is read: it goes with its owner.
  if (type.endsWith('type')) return superuser && !area.isKept(owner) && isInside(area, type, schema, identity);
  if (area.own.has(owner) || area.shared.has(identity)) return true;
  return superuser && (area.isKept(owner) || isInside(area, type, schema, identity));
}

function isInside({ spec }: Area, type: string, schema: string, identity: string): boolean {
  return spec.schema === null || spec.schema === (type === 'schema' ? identity : schema);
}

function textOf([, how, type, , identity]: NamedRow): string {
  if (how === 'p') return `end the ${type} ${identity}`;
  if (type === 'user mapping') return `the user mapping of ${identity}`;
  if (how === 'r') return `what the ${type} ${identity} gives it by name`;
  return how === 'o' ? `ownership of ${type} ${identity}` : `rights by name on ${type} ${identity}`;
}
