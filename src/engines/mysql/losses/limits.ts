import type { Change } from '../../../engine/index.ts';
import type { Loss } from '../../../model/index.ts';
import { isLower, keepingLimits } from '../kinds/account.ts';
import { sessionsOf } from '../observe/session-account.ts';
import { type Context, factsOf } from '../steps/draft-steps.ts';
import { type AccountSpec, isKind } from '../spec.ts';

/** What a login can no longer do because its limits are lower. */
export function limitLosses({ desired, observed }: Change, context: Context): readonly Loss[] {
  if (!desired || !observed || !isKind(desired, 'account') || !isKind(observed, 'account')) return [];
  const from = observed.spec;
  const to = keepingLimits(desired.spec, from);
  if (from.locked || to.locked) return [];
  const what = waysLost(from, to, factsOf(context).flavor);
  const sessions = sessionsOf(context.observation, from);
  return what.length === 0 ? [] : [{ who: observed.address.name, of: desired.app, what, sessions, keep: null }];
}

function waysLost(from: AccountSpec, to: AccountSpec, flavor: 'mysql' | 'mariadb'): readonly string[] {
  return [
    ...(isLower(from.maxUserConnections, to.maxUserConnections) ? [fewerSessions(from.maxUserConnections, to.maxUserConnections)] : []),
    ...(flavor === 'mariadb' && isLower(from.maxStatementTime, to.maxStatementTime)
      ? [`statements that take longer than ${to.maxStatementTime} s (${wasLimit(from.maxStatementTime, ' s')})`]
      : []),
    ...(from.ssl === '' && to.ssl !== '' ? ['connections without TLS'] : []),
    ...(from.secondWay ? ['log in with its second password or way in'] : []),
  ];
}

/** A lower limit of an account, as a loss tells it. */
export function fewerSessions(from: number, to: number): string {
  return `more than ${to} sessions at a time (${wasLimit(from)})`;
}

function wasLimit(limit: number, unit = ''): string {
  return limit === 0 ? 'there was no limit' : `it was ${limit}${unit}`;
}
