import type { Change } from '../../../engine/index.ts';
import type { Loss } from '../../../model/index.ts';
import { sessionsIn } from '../observe/census.ts';
import { type Context, factsOf } from '../steps/draft-steps.ts';
import { type AccountSpec, isKind } from '../spec.ts';

/**
 * What a login can no longer do because its limits are lower. Its own app asked for that where it is managed already: then only
 * sessions count that are open now and too many.
 */
export function limitLosses({ desired, observed }: Change, context: Context): readonly Loss[] {
  if (!desired || !observed || !isKind(desired, 'account') || !isKind(observed, 'account')) return [];
  const [to, from] = [desired.spec, observed.spec];
  if (from.locked || to.locked) return [];
  const open = sessionsIn(context.observation).get(from.user) ?? 0;
  const isAdopted = !from.noted;
  const what: string[] = [];
  if (isLower(from.maxUserConnections, to.maxUserConnections) && (isAdopted || open > to.maxUserConnections))
    what.push(`more than ${to.maxUserConnections} sessions at a time`);
  if (isAdopted) what.push(...waysLost(from, to, factsOf(context).flavor));
  return what.length === 0 ? [] : [{ who: observed.address.name, of: desired.app, what, sessions: open, keep: null }];
}

function waysLost(from: AccountSpec, to: AccountSpec, flavor: 'mysql' | 'mariadb'): readonly string[] {
  return [
    ...(flavor === 'mariadb' && isLower(from.maxStatementTime, to.maxStatementTime)
      ? [`statements that take longer than ${to.maxStatementTime} s`]
      : []),
    ...(from.ssl === '' && to.ssl !== '' ? ['connections without TLS'] : []),
    ...(from.secondWay ? ['log in with its second password or way in'] : []),
  ];
}

/** 0 is no limit. */
function isLower(from: number, to: number): boolean {
  return to !== 0 && (from === 0 || to < from);
}
