import { availableParallelism } from 'node:os';
import { type Candidate, candidatesOf, type SecretSource } from '../../../engine/index.ts';
import { mapPool } from '../../../util/pool.ts';
import type { RoleRow } from '../queries/shared.ts';
import { matchesVerifier } from '../connect/scram.ts';
import type { RoleSpec } from '../spec.ts';

/** Whether another name clears its password: an MD5 one; null where this admin cannot read it. Those set from here are SCRAM. */
export function renamedPassword(
  [role, , , , , , , , , , , verifier]: RoleRow,
  readable: boolean,
  isSent: (role: string) => boolean,
): Pick<RoleSpec, 'md5'> {
  if (!readable) return isSent(role) ? {} : { md5: null };
  return verifier?.startsWith('md5') === true ? { md5: true } : {};
}

/**
 * How each role's password stands to the secret store. The verifier that was sent last is remembered, so that the usual
 * case costs a comparison; only where it differs is the key derived again.
 */
export async function passwordStates(
  roles: readonly RoleRow[],
  secrets: ReadonlyMap<string, string>,
  source: SecretSource,
  /** `readable` false: this admin cannot read verifiers. `adopted`: logins that have a password of their own. */
  { readable, adopted }: { readonly readable: boolean; readonly adopted: ReadonlySet<string> },
): Promise<ReadonlyMap<string, Password>> {
  const states = new Map<string, Password>();
  const unsure: { role: string; verifier: string; candidates: readonly Candidate[] }[] = [];
  for (const [role, , , , , , , , , , , verifier] of roles) {
    const secret = secrets.get(role);
    const candidates = secret === undefined ? [] : candidatesOf(source, { secret });
    const sent = candidates.find(({ derived }) => derived !== null && derived === verifier);
    // What waits may have been sent or not: where nobody can tell, it is sent again.
    const isSure = candidates.some(({ derived }) => derived !== null) && !candidates.some(({ isStaged }) => isStaged);
    if (!readable) states.set(role, { password: secret !== undefined && !isSure && !adopted.has(role) ? 'none' : 'unknown' });
    else if (verifier === null) states.set(role, { password: 'none' });
    else if (sent) states.set(role, verified(sent));
    else unsure.push({ role, verifier, candidates });
  }
  await mapPool(unsure, availableParallelism(), async ({ role, verifier, candidates }) => {
    let found: Candidate | undefined;
    for (const one of candidates) if (!found && (await matchesVerifier(one.value, verifier))) found = one;
    states.set(role, found ? verified(found) : { password: 'other' });
  });
  return states;
}

type Password = Pick<RoleSpec, 'password' | 'staged'>;

function verified({ isStaged }: Candidate): Password {
  return { password: 'verified', ...(isStaged ? { staged: true } : {}) };
}
