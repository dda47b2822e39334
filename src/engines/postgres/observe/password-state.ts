import type { PasswordState } from '../../../engine/index.ts';
import type { Observed, Resource } from '../../../model/index.ts';
import { isKind } from '../spec.ts';

/** A login that cannot log in now, as a retired one or the standby of a pair, has no password that anybody uses. */
export function passwordState(desired: Resource, observed: Observed): PasswordState | null {
  if (!isKind(desired, 'role') || !isKind(observed, 'role') || desired.spec.secret === null) return null;
  const { password, login, staged } = observed.spec;
  if (password === 'verified') return staged ? 'staged' : 'ours';
  // The login of a share is used by the server alone, which is told the new password in the same apply.
  if (desired.app === null) return null;
  if (password !== 'other') return password;
  if (!login) return 'none';
  return desired.spec.adopt ? 'kept' : 'other';
}
