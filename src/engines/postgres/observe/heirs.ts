import type { AclMove } from '../acl.ts';
import { aclOf, chained, regrants } from '../effective/grants.ts';
import { restingOn } from '../effective/resting.ts';
import type { Owners } from '../judge/owners.ts';
import type { MemberRow, SharedRows } from '../queries/shared.ts';
import type { Heir, RoleSpec } from '../spec.ts';

/**
 * What rests on a role of ours, or on one that is adopted now, and should stay when that goes: members of its groups that are nobody's here, and what such
 * roles may do with a parameter. Of a group of ours only those that the manifest accepts.
 */
export function heirsOf(
  role: string,
  rows: SharedRows,
  owners: Owners,
  adopted: ReadonlySet<string>,
): Pick<RoleSpec, 'heirs' | 'parameterHeirs'> {
  const isOurs = (name: string): boolean => owners.isOurs(name) || adopted.has(name);
  const heirs = new Map<string, readonly Heir[]>();
  if ((rows.server[0]?.[4] ?? 0) >= 160000)
    for (const [group, member, admin] of rows.members) {
      if (!admin || (group !== role && member !== role)) continue;
      const keeps = (name: string): boolean => (isOurs(group) ? owners.accepted.has(name) : !isOurs(name));
      // Several who passed it on may go in one plan.
      const going = rows.members.filter((row) => row[0] === group && row[2] && row[6] && (row[1] === member || !keeps(row[1])));
      const found = restingOn(rows.members, going, true).filter(([, name]) => keeps(name));
      if (found.length > 0) heirs.set(group === role ? member : group, found.map(heirOf));
    }
  const parameters = rows.parameters.flatMap(([name, items]) => {
    const { chain } = chained(items);
    if (!chain) return [];
    const others = Object.entries(aclOf(chain)).filter(([grantee]) => grantee !== '' && !isOurs(grantee));
    const ours = Object.keys(aclOf(chain)).filter((grantee) => isOurs(grantee));
    if (!ours.includes(role)) return [];
    const gone = ours.map((grantee) => ({ grantee, letters: 'sA', option: false }));
    const again = regrants(chain, gone, Object.fromEntries(others));
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
