import type { PasswordState } from '../../../engine/index.ts';
import type { Observed, Resource } from '../../../model/index.ts';
import { isKind } from '../spec.ts';

/** A locked account has no password that anybody uses. */
export function passwordState(desired: Resource, observed: Observed): PasswordState | null {
  if (!isKind(desired, 'account') || !isKind(observed, 'account') || desired.spec.secret === null) return null;
  const { password, locked, staged } = observed.spec;
  if (password === 'verified') return staged ? 'staged' : 'ours';
  if (password !== 'other' || locked) return 'none';
  return desired.spec.adopt ? 'kept' : 'other';
}
