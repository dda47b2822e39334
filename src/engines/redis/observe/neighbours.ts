import type { Diagnostic, Resource } from '../../../model/index.ts';
import type { Context } from '../steps/draft-steps.ts';
import { matchesUnder } from '../glob.ts';
import { type Principal, principalsOf, rangeOf, rangesMeet, rangeText } from './holders.ts';
import { placementOf } from '../../../engine/index.ts';
import { channelPrefix } from '../compile/places.ts';
import type { KeyRange } from '../rights.ts';
import { rulesOf } from '../compile/rules.ts';
import { isSeen, type UserSpec } from '../spec.ts';

type Found = Omit<Diagnostic, 'instance'>;

/**
 * What apps of other projects have where this app is to have its own, live or retired: by their marks. An app that is there
 * already goes on, and is told.
 */
export function meetings(desired: Resource<UserSpec>, context: Context): readonly Found[] {
  const { input, observation } = context;
  const { app, spec, path } = desired;
  const placed = placementOf(input, app ?? '');
  const range = rangeOf({ access: spec.access, prefix: spec.prefix, database: rulesOf(desired, observation).database ?? -1 });
  if (!placed || !range) return [];
  const channels = spec.access === 'instance' ? '' : channelPrefix(placed);
  const severity = isThere(desired, range, context) ? 'warning' : 'error';
  return principalsOf(observation).flatMap((other): Found[] => {
    const { mark } = other;
    if (mark === null || mark.project === input.project) return [];
    const theirs = meets(range, channels, other);
    if (theirs === null) return [];
    const who = `${mark.retired === undefined ? '' : 'the retired '}app "${mark.app}" of project "${mark.project}"`;
    const ours = theirs.startsWith('channels') ? `channels ${channels}*` : rangeText(range);
    const message = `app "${app}" and ${who} both claim keys or channels on "${input.name}": ${ours} here, ${theirs} there`;
    const hint = 'give this app another prefix or database; `adopt` takes nothing of another project';
    return [{ code: 'CT2006', severity, message, hint, ...(path ? { path } : {}) }];
  });
}

/** Where the other has keys or channels that would be this app's too; null: nowhere. */
function meets(range: KeyRange, channels: string, { mark, grants }: Principal): string | null {
  const place = mark ? rangeOf(mark) : null;
  if (place && rangesMeet(range, place)) return rangeText(place);
  const pattern = grants.flatMap((grant) => grant.channels).find((one) => matchesUnder(one, channels));
  return pattern === undefined ? null : `channels ${pattern}`;
}

function isThere({ app }: Resource<UserSpec>, range: KeyRange, { observation }: Context): boolean {
  return observation.resources.some((one) => {
    if (!isSeen(one, 'user') || !one.owned || one.app !== app || !one.spec.mark) return false;
    const had = rangeOf(one.spec.mark);
    return had !== null && had.prefix === range.prefix && had.database === range.database;
  });
}
