import type { Change } from '../../../engine/index.ts';
import type { Loss } from '../../../model/index.ts';
import { censusIn } from '../observe/census.ts';
import { sessionsOf } from '../observe/session-account.ts';
import { compile } from '../compile/compile.ts';
import { whoseLoss } from '../judge/people.ts';
import { type Context, factsOf } from '../steps/draft-steps.ts';
import { isKind } from '../spec.ts';

/**
 * The server lets a login in by the account whose host fits best. A new account of a name that is there for other hosts, with a
 * password that cotenant does not know, stands before it: whoever comes from there is asked for the new password.
 */
export function shadowLosses({ desired, observed }: Change, context: Context): readonly Loss[] {
  if (!desired || observed || !isKind(desired, 'account') || desired.spec.locked || !desired.spec.adopt) return [];
  const { user, host } = desired.spec;
  const { input, observation } = context;
  const ours = new Map(observation.resources.flatMap((one) => (isKind(one, 'account') ? [[one.address.name, one.spec.password]] : [])));
  const wanted = new Set(
    compile(input).resources.flatMap((one) => (one.app === desired.app && isKind(one, 'account') ? [one.address.name] : [])),
  );
  return censusIn(observation)
    .accounts.filter((one) => one.user === user && !one.isRole && !one.locked && ours.get(one.key) !== 'verified')
    .map((one) => ({
      who: one.key,
      ...whoseLoss(input, { ...one, of: one.of ?? (wanted.has(one.key) ? desired.app : null) }, factsOf(context).admin),
      what: [`log in with the password that it has now from where ${JSON.stringify(host)} fits better`],
      sessions: sessionsOf(observation, one),
      keep: null,
    }));
}
