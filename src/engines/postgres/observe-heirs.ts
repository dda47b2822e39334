import type { AclMove } from './acl.ts';
import { aclOf, chained, regrants } from './effective/grants.ts';
import type { Owners } from './owners.ts';
import type { MemberRow, SharedRows } from './queries/shared.ts';
import type { Heir, RoleSpec } from './spec.ts';

/** Memberships that rest on one: from 16 on they end with the right of whoever gave them. */
function restingOn(members: readonly MemberRow[], group: string, member: string): readonly MemberRow[] {
  let left = members.filter((row) => row[0] === group);
  const gone: MemberRow[] = [];
  const take = (rows: readonly MemberRow[]): void => {
    left = left.filter((row) => !rows.includes(row));
    for (const [, name] of rows) {
      if (left.some((row) => row[1] === name && row[2])) continue;
      const more = left.filter((row) => row[5] === name);
      gone.push(...more);
      take(more);
    }
  };
  take(left.filter((row) => row[1] === member && row[6]));
  const stays = new Set(left.map((row) => row[1]));
  return gone.filter((row) => !stays.has(row[1]));
}

/**
 * What rests on a role of ours and should stay when that goes: members of its groups that are nobody's here, and what such
 * roles may do with a parameter. Of a group of ours only those that the manifest accepts.
 */
export function heirsOf(role: string, rows: SharedRows, owners: Owners): Pick<RoleSpec, 'heirs' | 'parameterHeirs'> {
  const heirs = new Map<string, readonly Heir[]>();
  if ((rows.server[0]?.[4] ?? 0) >= 160000)
    for (const [group, member, admin] of rows.members) {
      if (!admin || (group !== role && member !== role)) continue;
      const keeps = (name: string): boolean => (owners.isOurs(group) ? owners.accepted.has(name) : !owners.isOurs(name));
      const found = restingOn(rows.members, group, member).filter(([, name]) => keeps(name));
      if (found.length > 0) heirs.set(group === role ? member : group, found.map(heirOf));
    }
  const parameters = rows.parameters.flatMap(([name, items]) => {
    const { chain } = chained(items);
    if (!chain) return [];
    const others = Object.entries(aclOf(chain)).filter(([grantee]) => grantee !== '' && !owners.isOurs(grantee));
    const again = regrants(chain, [{ grantee: role, letters: 'sA', option: false }], Object.fromEntries(others));
    return again.length === 0 ? [] : [[name, again] as const];
  });
  return {
    ...(heirs.size === 0 ? {} : { heirs: Object.fromEntries(heirs) }),
    ...(parameters.length === 0 ? {} : { parameterHeirs: Object.fromEntries<readonly AclMove[]>(parameters) }),
  };
}

function heirOf([, member, admin, inherit, set]: MemberRow): Heir {
  const options = [...(admin ? ['admin'] : []), ...(inherit ? ['inherit'] : []), ...(set ? ['set'] : [])];
  return { member, options: options.join(',') };
}
