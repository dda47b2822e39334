import type { Finding, VerifyReport } from '../model/index.ts';
import { plain, type Style } from './style.ts';
import { findingText, headLine } from './verify-text.ts';
import { closingLine, findingKey, type VerifyExtras } from './verify-words.ts';

/** What a round of `--watch` found that the one before did not, and what is gone. '' where nothing has changed. `time` as an ISO time. */
export function verifyChangesText(before: VerifyReport, after: VerifyReport & VerifyExtras, time: string, style: Style = plain): string {
  const [old, now] = [byKey(before.findings), byKey(after.findings)];
  const fresh = [...now].filter(([at]) => !old.has(at)).map(([, finding]) => finding);
  const gone = [...old].filter(([at]) => !now.has(at)).map(([, finding]) => finding);
  if (fresh.length + gone.length === 0) return '';
  const blocks = [
    style.bold(`${time}: ${fresh.length} new, ${gone.length} gone`),
    ...fresh.map((finding, index) => findingText(finding, index + 1, style)),
    gone.map((finding) => headLine(finding, `${style.good('gone:')} `, style)).join('\n'),
    style.bold(closingLine(after, after)),
  ];
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

function byKey(findings: readonly Finding[]): ReadonlyMap<string, Finding> {
  return new Map(findings.map((finding) => [findingKey(finding), finding]));
}
