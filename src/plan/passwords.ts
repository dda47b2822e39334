import { addressOf, type Change, type Engine, type StepDraft } from '../engine/index.ts';
import { addressKey, type Loss, type SecretRef } from '../model/index.ts';

/** What `--confirm=` repeats where logins in use would get new passwords because the store has lost theirs. */
export const NEW_PASSWORDS = 'new-passwords';

/** Addresses of logins that have a password now which is not the store's, and which the plan replaces. */
export function passwordsReplaced(engine: Engine, changes: readonly Change[]): ReadonlySet<string> {
  const replaced = changes.filter(({ desired, observed }) => desired && observed && engine.passwordState?.(desired, observed) === 'other');
  return new Set(replaced.map((change) => addressKey(addressOf(change))));
}

/**
 * A new password for a login that has one takes the old one from whoever uses it. Where the store never had the old one, that is
 * every running app, so it wants a word of its own.
 */
export function withPasswordLosses(
  drafts: readonly StepDraft[],
  replaced: ReadonlySet<string>,
  hasSecret: (ref: SecretRef) => boolean,
): readonly StepDraft[] {
  if (replaced.size === 0) return drafts;
  return drafts.map((draft) => {
    const refs = draft.commands.flatMap(({ secrets: params = {} }) => Object.values(params)).filter(isRef);
    if (refs.length === 0 || !replaced.has(addressKey(draft.address))) return draft;
    const loss: Loss = {
      who: draft.address.name,
      of: draft.app,
      what: ['log in with the password that it has now'],
      sessions: null,
      keep: null,
      ...(refs.every(hasSecret) ? {} : { confirm: NEW_PASSWORDS }),
    };
    return { ...draft, losses: [...(draft.losses ?? []), loss] };
  });
}

function isRef(value: unknown): value is SecretRef {
  return typeof value === 'object' && value !== null && 'secret' in value;
}
