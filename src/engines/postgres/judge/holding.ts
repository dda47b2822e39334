import type { Resource } from '../../../model/index.ts';
import { lookUp, putIn } from '../../../util/record.ts';
import { type Acl, sameAcl, sortLetters } from '../acl.ts';
import type { Connection } from '../connect/connection.ts';
import { readDefaultKey } from '../observe/default-key.ts';
import type { Owners } from './owners.ts';
import type { DatabaseRows } from '../queries/database.ts';
import { isOpenToGroups } from '../compile/policy.ts';
import { qualified } from '../quote.ts';
import { isKind, type ObjectClass, type ObjectsSpec } from '../spec.ts';
import { type Area, type Staying, stayingOf, NOTHING_STAYS, readStrange } from './strange.ts';

/** In whose area the objects of one app lie, and what in it stays with somebody else. */
export interface Holding extends Area {
  readonly spec: ObjectsSpec;
  /** The owner role and the logins. */
  readonly creators: ReadonlySet<string>;
  readonly staying: Staying;
  /** This admin may change what belongs to others. */
  readonly mayGrant: boolean;
}

interface HoldingContext {
  readonly here: readonly Resource[];
  readonly owners: Owners;
  readonly project: string;
  /** Roles that the manifest asks for. */
  readonly wanted: ReadonlySet<string>;
  /** Everybody on the server. */
  readonly roles: readonly string[];
  readonly adopted: (app: string | null) => boolean;
  readonly mayGrant: boolean;
}

function areaOf(one: Resource<ObjectsSpec>, context: HoldingContext): Omit<Holding, 'staying'> {
  const { owners, project, wanted, roles, mayGrant } = context;
  const { owner, readWrite, readOnly } = one.spec;
  const creators = creatorsOf(context.here, one.spec);
  const mine = roles.filter((name) => one.app !== null && owners.role(name)?.project === project && owners.role(name)?.app === one.app);
  const own = new Set([...creators, owner, readWrite, ...(readOnly === null ? [] : [readOnly]), ...mine]);
  const tenants = new Set(roles.filter((name) => !own.has(name) && (wanted.has(name) || owners.role(name) !== undefined)));
  const common = one.spec.mode !== 'app';
  return { spec: one.spec, own, tenants, creators, adopt: context.adopted(one.app), marked: new Set(), common, mayGrant };
}

/** The area of every app in a database. What others own in it is looked at once, and only where there is something. */
export async function holdingsIn(
  connection: Connection,
  rows: DatabaseRows,
  context: HoldingContext,
): Promise<(objects: Resource<ObjectsSpec>) => Holding> {
  const areas = new Map(context.here.filter((one) => isKind(one, 'objects')).map((one) => [one.address.name, areaOf(one, context)]));
  const strangers = new Set([...areas.values()].flatMap((area) => strangersIn(rows, area)));
  const logins = new Set([...areas.values()].flatMap(({ creators }) => [...creators]));
  const strange = strangers.size === 0 ? null : await readStrange(connection, [...strangers], [...logins]);
  return (objects) => {
    const area = areas.get(objects.address.name);
    if (!area) throw new Error(`no area of ${objects.address.name}`);
    if (strange === null) return { ...area, staying: NOTHING_STAYS };
    const marked = markedIn(rows, area.spec);
    return { ...area, marked, staying: stayingOf(strange, { ...area, marked }) };
  };
}

/** Relations and functions on which the app's groups have just what they have on the app's own. */
function markedIn(rows: DatabaseRows, spec: ObjectsSpec): ReadonlySet<string> {
  if (spec.mode !== 'app') return new Set();
  return new Set([
    ...rows.relations.flatMap(([schema, kind, , items, , , , names]) =>
      isOpenToGroups(kind === 'S' ? 'sequence' : 'table', items, spec) ? names.map((name) => qualified(schema, name)) : [],
    ),
    ...rows.functions.flatMap(([, , , , items, names]) => (isOpenToGroups('function', items, spec) ? names : [])),
  ]);
}

/** Who else owns something in these schemas. */
function strangersIn(rows: DatabaseRows, area: Omit<Holding, 'staying'>): readonly string[] {
  const { schema } = area.spec;
  const owners = [
    ...rows.relations.map((row) => [row[0], row[2]] as const),
    ...rows.functions.map((row) => [row[0], row[3]] as const),
    ...rows.types.map((row) => [row[0], row[2]] as const),
  ];
  const own = new Set(rows.schemas.filter((row) => area.creators.has(row[1])).map(([name]) => name));
  const inside = owners.filter(([name]) => schema === null || schema === name || own.has(name)).map(([, owner]) => owner);
  return [...new Set(inside)].filter((owner) => !area.own.has(owner));
}

/** The logins of the app whose objects these are: what lies in no schema, or in another one, is known by them. */
function creatorsOf(here: readonly Resource[], spec: ObjectsSpec): ReadonlySet<string> {
  for (const one of here) {
    if (!isKind(one, 'default-privileges')) continue;
    const names = new Set(Object.keys(one.spec.entries).map((key) => readDefaultKey(key).creator));
    if (names.has(spec.owner)) return names;
  }
  return new Set();
}

/** Objects that are alike, in those that are handed over and those that stay, for each reason. */
export function partsByKeeper(
  holding: Holding,
  kind: keyof Staying,
  owner: string,
  acl: Acl | null,
  names: readonly string[],
  shared: Acl = {},
): readonly Pick<ObjectClass, 'names' | 'stays'>[] {
  if (owner === '' || holding.own.has(owner)) return [{ names }];
  const byReason = Map.groupBy(names, (name) => holding.staying[kind].get(name) ?? null);
  return [...byReason].map(([why, some]) =>
    why === null ? { names: some } : { names: some, stays: { why, acl: stayingAcl(holding, owner, acl, shared) } },
  );
}

/**
 * The access list of what stays: the app's sessions act as its owner role, which gets what its logins have; roles of other apps
 * get nothing that no share gives. Everybody else keeps what they have.
 */
export function stayingAcl(holding: Holding, keeper: string, acl: Acl | null, shared: Acl = {}): Acl | null {
  if (acl === null || !holding.mayGrant || holding.tenants.has(keeper)) return null;
  const kept: Record<string, string> = {};
  for (const [grantee, letters] of Object.entries(acl))
    if (!holding.tenants.has(grantee) || lookUp(shared, grantee) !== undefined) putIn(kept, grantee, letters);
  return { ...kept, ...ofLogins(holding, acl) };
}

/** What the app's logins have by name there, for the owner role too. */
function ofLogins(holding: Holding, acl: Acl): Acl {
  const { owner } = holding.spec;
  const logins = [...holding.creators].map((login) => (login === owner ? '' : (lookUp(acl, login) ?? '').replaceAll('*', ''))).join('');
  const letters = new Set([...(lookUp(acl, owner) ?? '').replaceAll('*', ''), ...logins]);
  return logins === '' ? {} : { [owner]: sortLetters([...letters].join('')) };
}

/** The access list of what stays somebody's in every way, with what the owner role lacks in it; null: it lacks nothing, or cannot be given it. */
export function carriedAcl(holding: Holding, acl: Acl | null): Acl | null {
  if (acl === null || !holding.mayGrant) return null;
  const all = { ...acl, ...ofLogins(holding, acl) };
  return sameAcl(all, acl) ? null : all;
}

/** Why a schema stays with its owner, who may drop all that lies in it; null: it is handed over. */
export function keeperOfSchema(rows: DatabaseRows, holding: Holding, name: string, owner: string, acl: Acl): string | null {
  if (holding.own.has(owner)) return null;
  const letters = [...holding.creators].map((login) => lookUp(acl, login) ?? '').join('');
  if (!holding.tenants.has(owner) && !(holding.adopt && letters.includes('C') && letters.includes('U')))
    return 'nothing says that it is the app’s';
  const stays =
    rows.relations.some(
      ([space, , , , , , , names]) => space === name && names.some((one) => holding.staying.relations.has(qualified(name, one))),
    ) ||
    rows.functions.some(([space, , , , , names]) => space === name && names.some((one) => holding.staying.functions.has(one))) ||
    rows.types.some(([space, , , names]) => space === name && names.some((one) => holding.staying.types.has(one)));
  return stays ? 'something in it stays with its owner' : null;
}
