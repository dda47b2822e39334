import type { PasswordState } from '../../../engine/index.ts';
import type { Observed, Resource } from '../../../model/index.ts';
import { isSeen, isWanted } from '../spec.ts';

/** A user that is switched off, or that needs no password, has none that anybody uses. */
export function passwordState(desired: Resource, observed: Observed): PasswordState | null {
  if (!isWanted(desired, 'user') || !isSeen(observed, 'user')) return null;
  const { password, enabled, noPassword, staged } = observed.spec;
  if (password === 'ours') return staged ? 'staged' : 'ours';
  if (password === 'none') return 'none';
  if (!enabled || noPassword) return 'none';
  return desired.spec.adopt ? 'kept' : 'other';
}
