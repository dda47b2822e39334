import type { Diagnostic, Resource } from '../../../model/index.ts';
import type { Context } from '../steps/draft-steps.ts';
import { matchesUnder } from '../glob.ts';
import { appOfMark, type Principal, principalsOf, rangeOf, rangesMeet, rangeText } from './holders.ts';
import { placementOf } from '../../../engine/index.ts';
import { channelPrefix } from '../compile/places.ts';
import { canSee, type Grant, type KeyRange } from '../rights.ts';
import { rulesOf } from '../compile/rules.ts';
import { factsOf } from './server.ts';
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
  const rules = rulesOf(desired, observation);
  const range = rangeOf({ access: spec.access, prefix: spec.prefix, database: rules.database ?? -1 });
  if (!placed || !range) return [];
  const channels = spec.access === 'instance' ? '' : channelPrefix(placed);
  const grant: Grant = { ...rules, writes: true, keyed: true };
  const claim: Claim = { range, channels, grant, open: spec.access === 'database' && !factsOf(observation.server).databaseRules };
  const severity = isThere(desired, range, context) ? 'warning' : 'error';
  return principalsOf(observation).flatMap((other): Found[] => {
    const { mark } = other;
    if (mark === null || mark.project === input.project) return [];
    const theirs = meets(claim, other);
    if (theirs === null) return [];
    const who = appOfMark(mark);
    const ours = theirs.at.startsWith('channels') ? `channels ${channels}*` : rangeText(range);
    const message = `app "${app}" and ${who} both claim keys or channels on "${input.name}": ${ours} here, ${theirs.at} there${theirs.why}`;
    const hint = 'give this app another prefix or database; `adopt` takes nothing of another project';
    return [{ code: 'CT2006', severity, message, hint, ...(path ? { path } : {}) }];
  });
}

interface Claim {
  readonly range: KeyRange;
  /** What its channels begin with. */
  readonly channels: string;
  /** What its user may do. */
  readonly grant: Grant;
  /** Its database is no wall. */
  readonly open: boolean;
}

interface Meeting {
  /** Where the other has its own. */
  readonly at: string;
  readonly why: string;
}

/** Where the other has keys or channels that would be this app's too, or the other way round; null: nowhere. */
function meets({ range, channels, grant, open }: Claim, { mark, grants, enabled }: Principal): Meeting | null {
  const place = mark ? rangeOf(mark) : null;
  if (place && rangesMeet(range, place)) return { at: rangeText(place), why: '' };
  // Who has said that databases are no walls accepts others who say the same, as within one manifest.
  const bothOpen = open && mark?.access?.startsWith('database') === true;
  if (place && !bothOpen && canSee([grant], place)) return { at: rangeText(place), why: ', which this app could reach' };
  if (enabled && !bothOpen && canSee(grants, range))
    return { at: place ? rangeText(place) : 'what its user may do', why: ', from where these could be reached' };
  const pattern = grants.flatMap((grant) => grant.channels).find((one) => matchesUnder(one, channels));
  return pattern === undefined ? null : { at: `channels ${pattern}`, why: '' };
}

function isThere({ app }: Resource<UserSpec>, range: KeyRange, { observation }: Context): boolean {
  return observation.resources.some((one) => {
    if (!isSeen(one, 'user') || !one.owned || one.app !== app || !one.spec.mark) return false;
    const had = rangeOf(one.spec.mark);
    return had !== null && had.prefix === range.prefix && had.database === range.database;
  });
}
