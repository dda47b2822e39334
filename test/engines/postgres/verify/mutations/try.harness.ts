import type { Finding } from '../../../../../src/model/index.ts';
import { untold } from '../../../../support/healed.ts';
import type { Ground } from '../harness.ts';
import type { Mutation } from './mutation.ts';

/** Searches for words. */
const ADVICE = /-E(1b|2|2b|3)$/;

/** null: it was seen by the right probe. */
export async function tryOne(made: Ground, mutation: Mutation): Promise<string | null> {
  try {
    await made.sql(mutation.in, mutation.sql);
  } catch (error) {
    return `${mutation.id}: could not be made: ${String(error)}`;
  }
  const { findings, residual } = await made.verify();
  // A reason to look, and no finding; what every server has is there before.
  const seen: readonly { readonly probe: string }[] = [...findings, ...residual.filter(({ probe }) => ADVICE.test(probe))];
  const unread = await unreadable(made, findings);
  const left = mutation.undo === undefined ? [] : await leftBy(made);
  if (mutation.undo !== undefined) await made.sql(mutation.in, mutation.undo);
  await made.place.apply(['stranger']);
  if (left.length > 0) return `${mutation.id}: an apply leaves it, and nothing says what closes it: ${left.join('; ')}`;
  if (unread.length > 0) return `${mutation.id}: no statement at all: ${unread.join('; ')}`;
  if (seen.some((finding) => mutation.seenBy.includes(finding.probe))) return null;
  const instead = [...new Set(seen.map((finding) => finding.probe))].join(' ') || 'nothing';
  return `${mutation.id}: seen as ${instead} instead of ${mutation.seenBy.join(' ')}`;
}

/** What an apply does not manage says itself how it ends. */
async function leftBy(made: Ground): Promise<readonly string[]> {
  await made.place.apply(['stranger']);
  return untold((await made.verify()).findings);
}

/** Offered statements that the server cannot even parse. It parses the body of a block before it runs it; this one runs nothing. */
async function unreadable(made: Ground, findings: readonly Finding[]): Promise<readonly string[]> {
  // A secret stands in it only when it is sent.
  const offered = [
    ...new Set(findings.flatMap(({ fix }) => fix.map(({ statement }) => statement.text.replace(/(?<=PASSWORD ):\w+$/, "'x'")))),
  ];
  const wrong = offered.map(async (text) =>
    made.sql('postgres', `DO $offered$ BEGIN IF false THEN ${text}; END IF; END $offered$`).then(
      () => [],
      () => [text],
    ),
  );
  return (await Promise.all(wrong)).flat();
}

/** What is still open after `apply` has corrected the mutations of a group. */
export async function leftOpen(made: Ground, group: readonly Mutation[]): Promise<readonly string[]> {
  const left = (await made.verify()).findings.map((finding) => `${finding.probe} ${finding.from ?? '*'} -> ${finding.to ?? '*'}`);
  return left.length === 0 ? [] : [`after ${group.map((one) => one.id).join(', ')} there is still ${left.join('; ')}`];
}
