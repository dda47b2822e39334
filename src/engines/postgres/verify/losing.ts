import { knownEntry } from '../losses/keep.ts';
import type { Taken } from '../losses/taken.ts';
import type { Fix, Loss } from '../../../model/index.ts';
import type { Followers } from './followers.ts';
import type { Principal } from './principals.ts';
import type { Place, CatalogSnapshot } from './catalog-snapshot.ts';

/** Every app and reader: what nobody of them should have. */
export const TENANTS = 'tenants';
export type About = Principal | typeof TENANTS | null;

/** What a finding says of them needs no second word. A stranger is named all the same. */
export function isAbout(principal: Principal | null, about: About): boolean {
  if (principal === null || principal.kind === 'foreign' || principal.kind === 'operator') return false;
  return about === TENANTS || principal === about;
}

export function withLosses(fix: readonly Fix[], losses: readonly Loss[]): readonly Fix[] {
  return losses.length === 0 ? fix : fix.map((one) => ({ ...one, losses: [...(one.losses ?? []), ...losses] }));
}

export function lossOf(snapshot: CatalogSnapshot, who: string, what: string): Loss {
  const principal = snapshot.principalOf(who);
  const stranger = principal?.kind === 'foreign';
  return {
    who,
    of: stranger ? null : (principal?.name ?? who),
    what: [what],
    sessions: sessionsOf(snapshot, who),
    keep: stranger ? knownEntry(who, snapshot.input.name) : null,
    // An operator or a known login: that the manifest names it agrees to nothing.
    ...(principal?.kind === 'operator' ? { confirm: who } : {}),
  };
}

function sessionsOf(snapshot: CatalogSnapshot, who: string): number {
  return snapshot.shared.sessions.reduce((sum, [name, , count]) => (name === who ? sum + count : sum), 0);
}

/** With those who lose it because they come in as somebody else, or use what runs with the rights of others. */
export function followed(
  snapshot: CatalogSnapshot,
  about: About,
  fix: readonly Fix[],
  follow: (followers: Followers) => readonly Taken[],
): readonly Fix[] {
  if (snapshot.followers === null || fix.length === 0) return fix;
  const [admin] = snapshot.server;
  const taken = follow(snapshot.followers).filter(
    ({ login }) => login !== admin && (about === TENANTS || !isAbout(snapshot.principalOf(login), about)),
  );
  const losses = [...Map.groupBy(taken, ({ login }) => login)].map(([login, all]) => ({
    ...lossOf(snapshot, login, ''),
    what: [...new Set(all.flatMap(({ what }) => what))],
  }));
  return withLosses(fix, losses);
}

/** A fix after which everybody who has the rights of this role can do less: who they are, besides those whom the finding is about. */
export function losingRole(
  snapshot: CatalogSnapshot,
  about: About,
  role: string,
  fix: readonly Fix[],
  what: string,
  kind: { readonly kind?: 'own' } = {},
): readonly Fix[] {
  const losers = holding(snapshot, role);
  const told = withLosses(
    fix,
    losers.filter((name) => !isAbout(snapshot.principalOf(name), about)).map((name) => lossOf(snapshot, name, what)),
  );
  return followed(snapshot, about, told, (followers) => followers.ofLogins(losers.map((login) => ({ login, ...kind, what: [what] }))));
}

/** Things of `owner` get another one: what it and its members lose, and who loses it with them. */
export function losingOwner(
  snapshot: CatalogSnapshot,
  about: About,
  { owner, to, things }: { readonly owner: string; readonly to: string; readonly things: readonly string[] },
  fix: readonly Fix[],
  what: string,
): readonly Fix[] {
  const taken = holding(snapshot, owner).map((login): Taken => ({ login, kind: 'own', what: [what] }));
  const told = withLosses(
    fix,
    taken.filter(({ login }) => !isAbout(snapshot.principalOf(login), about)).map(({ login }) => lossOf(snapshot, login, what)),
  );
  return followed(snapshot, about, told, (followers) => followers.ofOwnership(things, owner, to, taken));
}

/** A role that logs in no more. */
export function losingLogin(snapshot: CatalogSnapshot, about: About, role: string, fix: readonly Fix[]): readonly Fix[] {
  return followed(snapshot, about, fix, (followers) => followers.ofLogin(role));
}

/** Logins with the rights of a role. */
export function holding(snapshot: CatalogSnapshot, role: string): readonly string[] {
  return snapshot.logins.filter((name) => name === role || snapshot.memberships.reach(name).usable.has(role));
}

/** What everybody loses, as far as they are no app's and come to where it is. */
export function losingAll(snapshot: CatalogSnapshot, { database }: Place, fix: readonly Fix[], what: string): readonly Fix[] {
  return withLosses(
    fix,
    snapshot.othersIn(database).map((name) => lossOf(snapshot, name, what)),
  );
}
