import { knownEntry } from '../losses-keep.ts';
import type { Fix, Loss } from '../../../model/index.ts';
import { ident, roles } from '../quote.ts';
import { fixShared } from './findings.ts';
import { wayOf } from './memberships.ts';
import type { Principal } from './principals.ts';
import { words } from './rights.ts';
import type { Place, World } from './world.ts';

interface Taking {
  readonly fix: readonly Fix[];
  readonly under?: string;
}

/**
 * What closes it that somebody has a right through this grantee. Where they only have it by a membership that nobody asked for,
 * the membership is what is wrong, and the grantee may well need the right. From an operator nothing is taken. `what`: what a
 * stranger would lose.
 */
export function taking(world: World, from: string | null, grantee: string, fix: readonly Fix[], what: string): Taking {
  const principal = world.named(from);
  if (!principal) return { fix };
  if (!principal.roles.includes(grantee) && !principal.allowed.has(grantee)) {
    const way = principal.roles.flatMap((role) => world.memberships.reach(role).ways.get(grantee) ?? [])[0];
    return way ? { fix: [], under: wayOf(way) } : { fix };
  }
  if (principal.kind === 'operator') return { fix: [] };
  return { fix: principal.kind === 'foreign' ? losing(world, principal, fix, what) : fix };
}

/** A stranger's loss stands beside the statement, so that it needs their name. */
export function losing(world: World, principal: Principal, fix: readonly Fix[], what: string): readonly Fix[] {
  const members = [...world.roles.values()].filter(
    ({ name, login }) =>
      login && (principal.roles.includes(name) || principal.roles.some((role) => world.memberships.reach(name).usable.has(role))),
  );
  const strangers = members.map(({ name }) => name).filter((name) => world.principalOf(name)?.kind === 'foreign');
  return strangers.length === 0
    ? fix
    : withLosses(
        fix,
        strangers.map((who) => lossOf(world, who, what)),
      );
}

function withLosses(fix: readonly Fix[], losses: readonly Loss[]): readonly Fix[] {
  return losses.length === 0 ? fix : fix.map((one) => ({ ...one, losses: [...(one.losses ?? []), ...losses] }));
}

function lossOf(world: World, who: string, what: string): Loss {
  return { who, of: null, what: [what], sessions: null, keep: knownEntry(who, world.input.name) };
}

/**
 * PUBLIC loses what it has on a database. Where no app lives, those who have it only so get it by name first; an app's own
 * is closed to them, and they are named.
 */
export function closeDatabase(world: World, place: Place, letters: string): readonly Fix[] {
  const on = `ON DATABASE ${ident(place.database)}`;
  const others = world.throughPublic(place);
  const close = fixShared(`REVOKE ${words(letters)} ${on} FROM PUBLIC`);
  if (others.length === 0) return close;
  if (place.kind === 'other' || place.kind === 'maintenance')
    return [...fixShared(`GRANT ${words(letters)} ${on} TO ${roles(others)}`), ...close];
  const strangers = others.filter((name) => world.principalOf(name)?.kind === 'foreign');
  return withLosses(
    close,
    strangers.map((who) => lossOf(world, who, `${words(letters)} on database "${place.database}"`)),
  );
}
