import type { Resource } from '../../../model/index.ts';
import { parseAcl } from '../acl.ts';
import type { Input } from '../compile/draft.ts';
import { schemaNames } from '../compile/spaces.ts';
import type { Owners } from './owners.ts';
import type { SharedRows } from '../queries/shared.ts';
import { isKind, type RoleSpec } from '../spec.ts';

type Group = Resource<RoleSpec>;

/**
 * Groups of apps that are adopted, under names that nobody wrote down, which are somebody else's for all that the server tells: they
 * log in, have something to do with another database, or nothing with the app. By name, with the reason.
 */
export function apartFrom(input: Input, desired: readonly Resource[], rows: SharedRows, owners: Owners): ReadonlyMap<string, string> {
  const named = new Set(input.placements.flatMap(({ placement }) => Object.values(placement.names)));
  const roles = new Map(rows.roles.map((row) => [row[0], row]));
  const all = desired.filter((one) => isKind(one, 'role'));
  const groups = all.filter(({ address: { name }, spec }) => {
    return spec.adopt && spec.purpose !== 'login' && !named.has(name) && roles.has(name) && owners.role(name) === undefined;
  });
  if (groups.length === 0) return new Map();
  const places = input.placements.map(({ app, placement }) => ({ app, database: schemaNames(app, placement).database }));
  const logins = all.filter(({ spec }) => spec.purpose === 'login');
  return new Map(
    groups.flatMap((group) => {
      const { name } = group.address;
      const mine = (one: { readonly app: string | null }): boolean => group.app === null || one.app === group.app;
      const own = new Set(places.filter(mine).map(({ database }) => database));
      const members = new Set(rows.members.filter((row) => row[0] === name).map((row) => row[1]));
      const isTied = logins.some((one) => mine(one) && members.has(one.address.name));
      const why = whyApart(group, roles.get(name)?.[1] === true, { rows, own, isTied });
      return why === null ? [] : [[name, why] as const];
    }),
  );
}

interface Around {
  readonly rows: SharedRows;
  /** Databases of the app. */
  readonly own: ReadonlySet<string>;
  /** A login of the app is in it. */
  readonly isTied: boolean;
}

function whyApart({ address: { name }, app }: Group, logsIn: boolean, { rows, own, isTied }: Around): string | null {
  if (logsIn) return 'it can log in';
  const open = rows.databases.filter(([, owner, , , , , , , items]) => owner === name || Object.hasOwn(parseAcl(items ?? []), name));
  const other = open.find(([database]) => !own.has(database));
  if (other) return `it has rights on database "${other[0]}"`;
  return isTied || open.length > 0 ? null : `nothing on the server says that it is ${app === null ? 'the apps’' : `that of app "${app}"`}`;
}
