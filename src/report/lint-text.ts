import type { Diagnostic, LintFinding } from '../model/index.ts';
import { flow, prose } from './columns.ts';
import { document } from './documents/document.ts';
import { writeLint } from './documents/migrations.ts';
import { count, printable } from './printable.ts';
import { plain, type Style } from './style.ts';

interface Linted {
  readonly revisions: number;
  readonly findings: readonly LintFinding[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Findings under the revision in which they are, then how many there are. Ends with a line end. */
export function lintText({ revisions, findings }: Linted, style: Style = plain): string {
  if (revisions === 0) return 'Nothing is pending.\n';
  const blocks = [...Map.groupBy(findings, ({ app, revision, file }) => `${app} ${revision}: ${file}`)].map(([head, some]) =>
    [style.bold(prose(printable(head), 0, style, Infinity)), ...some.map((one) => findingText(one, style))].join('\n'),
  );
  return `${[...blocks, style.bold(prose(foundText(revisions, findings), 0, style))].join('\n\n')}\n`;
}

/** How many revisions were looked at, and what was found in them. */
export function foundText(revisions: number, findings: readonly LintFinding[]): string {
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  const found = findings.length === 0 ? 'nothing found' : `${count(errors, 'error')}, ${count(findings.length - errors, 'warning')}`;
  return `${count(revisions, 'revision')}: ${found}.`;
}

function findingText({ severity, rule, line, statement, message, instead }: LintFinding, style: Style): string {
  const paint = severity === 'error' ? style.bad : style.warn;
  return [
    flow([{ text: `${paint(severity)} ${printable(`${rule}, line ${line}: ${statement}`)}` }], 2, style.width, 2),
    prose(printable(message), 4, style, Infinity),
    prose(printable(`instead: ${instead}`), 4, style, Infinity),
  ].join('\n');
}

export function lintJson(linted: Linted): string {
  return document(writeLint({ format: 1, ...linted }));
}
