import { field } from '../../engine/index.ts';
import type { FieldChange, Observed, Resource } from '../../model/index.ts';
import type { PasswordState } from '../../engine/index.ts';
import { isSeen, isWanted } from './spec.ts';

/** Where the user of an app is not as the manifest asks for. */
export function diff(desired: Resource, observed: Observed): readonly FieldChange[] {
  if (!isWanted(desired, 'user') || !isSeen(observed, 'user')) return [];
  const { password, mustChange } = observed.spec;
  return [
    ...(observed.owned ? [] : [field('mark', false, true)]),
    ...(password === 'other' ? [field('password', 'other', 'ours')] : []),
    ...(mustChange && password !== 'other' && !desired.spec.adopt ? [field('has to change its password', true, false)] : []),
  ];
}

export function passwordState(desired: Resource, observed: Observed): PasswordState | null {
  return isWanted(desired, 'user') && isSeen(observed, 'user') ? observed.spec.password : null;
}
