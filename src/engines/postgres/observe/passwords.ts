import { availableParallelism } from 'node:os';
import type { SecretSource } from '../../../engine/index.ts';
import { mapPool } from '../../../util/pool.ts';
import type { RoleRow } from '../queries/shared.ts';
import { matchesVerifier } from '../scram.ts';
import type { PasswordState, RoleSpec } from '../spec.ts';

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
): Promise<ReadonlyMap<string, PasswordState>> {
  const states = new Map<string, PasswordState>();
  const unsure: { role: string; verifier: string; password: string }[] = [];
  for (const [role, , , , , , , , , , , verifier] of roles) {
    const secret = secrets.get(role);
    const sent = secret === undefined ? null : source.derived({ secret });
    const password = secret === undefined ? null : source.peek({ secret });
    if (!readable) states.set(role, secret !== undefined && sent === null && !adopted.has(role) ? 'none' : 'unknown');
    else if (verifier === null) states.set(role, 'none');
    else if (sent !== null && sent === verifier) states.set(role, 'verified');
    else if (password === null) states.set(role, 'other');
    else unsure.push({ role, verifier, password });
  }
  await mapPool(unsure, availableParallelism(), async ({ role, verifier, password }) => {
    states.set(role, (await matchesVerifier(password, verifier)) ? 'verified' : 'other');
  });
  return states;
}
