import type { Ground } from '../harness.ts';
import type { Mutation } from './mutation.ts';

/** null: it was seen by the right probe. */
export async function tryOne(made: Ground, mutation: Mutation): Promise<string | null> {
  try {
    await made.sql(mutation.in, mutation.sql);
  } catch (error) {
    return `${mutation.id}: could not be made: ${String(error)}`;
  }
  const seen = (await made.verify()).findings;
  if (mutation.undo !== undefined) await made.sql(mutation.in, mutation.undo);
  await made.place.apply();
  if (seen.some((finding) => mutation.seenBy.includes(finding.probe))) return null;
  const instead = [...new Set(seen.map((finding) => finding.probe))].join(' ') || 'nothing';
  return `${mutation.id}: seen as ${instead} instead of ${mutation.seenBy.join(' ')}`;
}

/** What is still open after `apply` has mended the mutations of a group. */
export async function leftOpen(made: Ground, group: readonly Mutation[]): Promise<readonly string[]> {
  const left = (await made.verify()).findings.map((finding) => `${finding.probe} ${finding.from ?? '*'} -> ${finding.to ?? '*'}`);
  return left.length === 0 ? [] : [`after ${group.map((one) => one.id).join(', ')} there is still ${left.join('; ')}`];
}
