import type { Resource } from '../../../model/index.ts';
import { append } from '../../../util/append.ts';
import { parseAcl } from '../acl.ts';
import type { Input } from '../compile/draft.ts';
import { schemaNames } from '../compile/spaces.ts';
import type { Connection } from '../connect/connection.ts';
import { Closure } from '../effective/closure.ts';
import { edgesOf } from '../effective/people.ts';
import type { Owners } from './owners.ts';
import { databasesOf } from '../queries/adopted.ts';
import type { SharedRows } from '../queries/shared.ts';
import { isKind, type RoleSpec } from '../spec.ts';

type Group = Resource<RoleSpec>;

interface Look {
  readonly input: Input;
  readonly shared: Connection;
}

/**
 * Groups of apps that are adopted and are somebody else's for all that the server tells. Under names that nobody wrote down: they
 * log in, have something to do with another database, or nothing with the app. Under any name: they have something in another
 * database that the app would get with them. By name, with the reason.
 */
export async function apartFrom(
  { input, shared }: Look,
  desired: readonly Resource[],
  rows: SharedRows,
  owners: Owners,
): Promise<ReadonlyMap<string, string>> {
  const named = namesIn(input);
  const roles = new Map(rows.roles.map((row) => [row[0], row]));
  const all = desired.filter((one) => isKind(one, 'role'));
  const groups = all.filter(({ address: { name }, spec }) => {
    return spec.adopt && spec.purpose !== 'login' && roles.has(name) && owners.role(name) === undefined;
  });
  if (groups.length === 0) return new Map();
  const [within = []] = await shared.rows(databasesOf(groups.map(({ address }) => address.name)));
  const elsewhere = new Map<string, string[]>();
  for (const [group, database] of within) append(elsewhere, String(group), String(database));
  const places = input.placements.map(({ app, placement }) => ({ app, database: schemaNames(app, placement).database }));
  const logins = all.filter(({ spec }) => spec.purpose === 'login');
  const closure = new Closure(edgesOf(rows));
  return new Map(
    groups.flatMap((group) => {
      const { name } = group.address;
      const mine = (one: { readonly app: string | null }): boolean => group.app === null || one.app === group.app;
      const own = new Set(places.filter(mine).map(({ database }) => database));
      const members = new Set(rows.members.filter((row) => row[0] === name).map((row) => row[1]));
      const ours = logins.filter(mine).map(({ address }) => address.name);
      const around = { rows, own, isTied: ours.some((login) => members.has(login)), within: elsewhere.get(name) ?? [] };
      const why = named.has(name)
        ? whyForeign(
            group,
            ours.some((login) => closure.usable(login).has(name)),
            around,
          )
        : whyApart(group, roles.get(name)?.[1] === true, around);
      return why === null ? [] : [[name, why] as const];
    }),
  );
}

/** Names that the manifest says. */
export function namesIn({ placements }: Input): ReadonlySet<string> {
  return new Set(placements.flatMap(({ placement }) => Object.values(placement.names).filter((name) => name !== undefined)));
}

interface Around {
  readonly rows: SharedRows;
  /** Databases of the app. */
  readonly own: ReadonlySet<string>;
  /** A login of the app is in it. */
  readonly isTied: boolean;
  /** Databases in which it owns something or has a right. */
  readonly within: readonly string[];
}

/** `names` says whose the group is, not what the app is to have in the database of somebody else. */
function whyForeign({ address: { name }, app }: Group, hasIt: boolean, around: Around): string | null {
  const other = hasIt ? null : elsewhereOf(name, around);
  return other === null ? null : `${other} that no login of app "${app ?? ''}" has`;
}

function whyApart(group: Group, logsIn: boolean, around: Around): string | null {
  const { name } = group.address;
  if (logsIn) return 'it can log in';
  const other = elsewhereOf(name, around);
  if (other !== null) return other;
  const isHere = around.isTied || holding(name, around).length > 0;
  return isHere ? null : `nothing on the server says that it is ${group.app === null ? 'the apps’' : `that of app "${group.app}"`}`;
}

function elsewhereOf(name: string, around: Around): string | null {
  const other = holding(name, around).find((database) => !around.own.has(database));
  if (other !== undefined) return `it has rights on database "${other}"`;
  const inside = around.within.find((database) => !around.own.has(database));
  return inside === undefined ? null : `it has rights in database "${inside}"`;
}

/** Databases that it owns, or has a right on. */
function holding(name: string, { rows }: Around): readonly string[] {
  return rows.databases
    .filter(([, owner, , , , , , , items]) => owner === name || Object.hasOwn(parseAcl(items ?? []), name))
    .map(([database]) => database);
}
