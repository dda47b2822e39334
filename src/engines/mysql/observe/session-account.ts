import type { Observation } from '../../../engine/index.ts';
import { hostReaches, nearness } from '../losses/hosts.ts';
import { censusIn, openIn } from './census.ts';

/**
 * Open sessions that came in by this account. The server lists a session by its user and where it comes from: it let it in by the
 * account of that user whose host fits best.
 */
export function sessionsOf(observation: Observation, { user, host }: { readonly user: string; readonly host: string }): number {
  const hosts = censusIn(observation).accounts.flatMap((one) => (one.user === user && !one.isRole ? [one.host] : []));
  return openIn(observation).filter((one) => one.user === user && mayComeBy(host, one.from, hosts)).length;
}

/** A client that the server shows by name may have come in by an account for its address as well: it counts for both. */
function mayComeBy(host: string, from: string | null, hosts: readonly string[]): boolean {
  if (from === null) return true;
  if (!isAddress(from) && isAddress(host)) return true;
  const [best] = hosts.filter((one) => hostReaches(one, from)).toSorted((a, b) => nearness(b) - nearness(a));
  return best === undefined || best === host;
}

/** Numbers, with wildcards or a mask. A pattern for everybody is none: it is for those that nothing else fits. */
function isAddress(host: string): boolean {
  return /^\d[\d.%_/]*$/.test(host) || host.includes(':');
}
