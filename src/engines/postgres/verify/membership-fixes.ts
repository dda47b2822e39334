import type { Fix, Loss } from '../../../model/index.ts';
import type { Edge } from '../effective/closure.ts';
import { restingOn } from '../effective/resting.ts';
import type { Taken } from '../losses/taken.ts';
import { ident } from '../quote.ts';
import type { MemberRow } from './catalog-shared.ts';
import { fixShared } from './findings.ts';
import { Memberships } from './memberships.ts';
import type { Principal } from './principals.ts';
import { followed, lossOf, withLosses } from './losing.ts';
import type { CatalogSnapshot } from './catalog-snapshot.ts';

/**
 * Ends a membership, or the right to pass it on, with everybody who can do less then. Who is accepted and has one from the hands
 * of the member gets it from the operator first.
 */
export function endMembership(snapshot: CatalogSnapshot, about: Principal, edge: MemberRow, option = false): readonly Fix[] {
  const [group, member, , , , grantor] = edge;
  const { members } = snapshot.shared;
  const chained = snapshot.version >= 160000;
  // The other fixes of the same report end what else the manifest does not name.
  const others = members.filter((row) => row[0] === group && row[2] && row !== edge && !isKept(snapshot, group, row[1]));
  const resting = chained ? restingOn(members, [edge, ...others], true) : [];
  const stays = resting.filter(([, name]) => isKept(snapshot, group, name));
  const gone = new Set([...(option ? [] : [edge]), ...resting.filter((row) => !stays.includes(row))]);
  const kept = members.filter((row) => !gone.has(row) && !isUnasked(snapshot, row));
  const after = new Memberships(kept);
  const by = chained && grantor !== '' ? ` GRANTED BY ${ident(grantor)}` : '';
  const text = `REVOKE ${option ? 'ADMIN OPTION FOR ' : ''}${ident(group)} FROM ${ident(member)}${by} CASCADE`;
  const taken = takenBy(snapshot, after, [member, ...resting.map((row) => row[1])]);
  const losses = [...Map.groupBy(taken, ({ login }) => login)]
    .filter(([login]) => about.kind === 'foreign' || snapshot.principalOf(login) !== about)
    .map(([login, all]): Loss => ({ ...lossOf(snapshot, login, ''), what: all.flatMap(({ what }) => what) }));
  const told = followed(snapshot, about, withLosses(fixShared(text), losses), (followers) =>
    followers.ofMemberships(
      kept.map((row) => edgeOf(row)),
      taken,
    ),
  );
  return [...fixShared(...stays.map((row) => giveAgain(row))), ...told];
}

function edgeOf([group, member, admin, inherit, set]: MemberRow): Edge {
  return { group, member, admin, inherit, set };
}

/** Of a group of ours whoever is accepted, of any other group everybody but our own. */
function isKept(snapshot: CatalogSnapshot, group: string, name: string): boolean {
  const principal = snapshot.principalOf(name);
  return principal === null || principal.kind === 'operator' || (!snapshot.isOurs(group) && principal.kind === 'foreign');
}

function giveAgain([group, member, admin, inherit, set]: MemberRow): string {
  const options = [...(admin ? ['ADMIN TRUE'] : []), `INHERIT ${String(inherit).toUpperCase()}`, `SET ${String(set).toUpperCase()}`];
  return `GRANT ${ident(group)} TO ${ident(member)} WITH ${options.join(', ')}`;
}

/** A stranger in a group of ours. */
function isUnasked(snapshot: CatalogSnapshot, [group, member]: MemberRow): boolean {
  return snapshot.isOurs(group) && snapshot.principalOf(member)?.kind === 'foreign';
}

/** Memberships, and the databases that nothing else opens. */
function takenBy(snapshot: CatalogSnapshot, after: Memberships, through: readonly string[]): readonly Taken[] {
  return [...snapshot.roles.values()].flatMap(({ name, login, superuser }): readonly Taken[] => {
    if (!login || superuser || name === snapshot.server[0]) return [];
    const { usable } = snapshot.memberships.reach(name);
    if (!through.some((one) => one === name || usable.has(one))) return [];
    const now = after.reach(name);
    const lost = [...usable].filter((group) => !now.usable.has(group));
    if (lost.length === 0) return [];
    const closed = snapshot.places.filter(
      ({ database }) => snapshot.enters(name, database) && !snapshot.enters(name, database, now.inherited),
    );
    return [
      { login: name, what: lost.map((group) => `membership in role "${group}"`) },
      ...closed.map(({ database }): Taken => ({ login: name, database, kind: 'connect', what: [`connect to database "${database}"`] })),
    ];
  });
}
