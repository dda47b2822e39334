import { type Finding, type Fix, Matrix, type Residual, type StepResult, type VerifyReport } from '../model/index.ts';
import { relaxationBlock } from './plan-text.ts';
import { count, indent, printable, printableLines, wrap } from './printable.ts';
import { statementText } from './step-text.ts';
import { plain, type Style } from './style.ts';
import { matrixText } from './verify-matrix.ts';
import { closingLine, pairText, repeatCommand, type VerifyExtras } from './verify-words.ts';

/** The proof for people: matrix, findings, what is open on purpose, what can never be closed, counts. Ends with a line end. */
export function verifyText(report: VerifyReport, extras: VerifyExtras, style: Style = plain): string {
  const { findings, cells, sparse, relaxations, residual } = report;
  const instances = [...new Set([...cells, ...sparse, ...findings].map(({ instance }) => instance))];
  const fixable = extras.fixing !== true && findings.some(({ fix }) => fix.length > 0);
  const blocks = [
    ...instances.map((instance) => {
      const here = (one: { readonly instance: string }): boolean => one.instance === instance;
      return matrixText(instance, new Matrix(cells.filter(here), sparse.find(here) ?? null), findings.filter(here), style);
    }),
    ...findings.map((finding, index) => findingText(finding, index + 1, style)),
    relaxationBlock(relaxations, style),
    residualBlock(residual, style),
    countsText(report),
    fixable ? 'To send the statements that close these findings: cotenant verify --fix' : '',
    style[findings.length > 0 ? 'bad' : 'good'](style.bold(closingLine(report, extras))),
  ];
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

const labelWidth = 9;
const fixesShown = 8;
const lineWidth = 100;

/** Who, whom, what was tried, what the server said, why it matters, and what closes it. */
export function findingText(finding: Finding, number: number, style: Style): string {
  const { statement, answer, why, fix, half, under = '' } = finding;
  const line = (label: string, text: string): string =>
    text === '' ? '' : `   ${style.dim(label.padEnd(labelWidth))} ${indent(printableLines(text), 4 + labelWidth).trimStart()}`;
  return [
    headLine(finding, `${number}. `, style),
    line(half === 'analysis' ? 'read' : 'tried', statement),
    line('answer', answer),
    line('why', wrap(printableLines(why), lineWidth)),
    line('follows', under === '' ? '' : `${under}; fixing that fixes this`),
    ...fixLines(fix, style),
  ]
    .filter((part) => part !== '')
    .join('\n');
}

const halves: Record<Finding['half'], string> = {
  analysis: 'by analysis',
  attack: 'by attack',
  both: 'by analysis and attack',
  disagreement: 'analysis and attack disagree',
};

/** `BREACH X-P01  blog → shop  on main (by attack)`. */
export function headLine(finding: Finding, before: string, style: Style): string {
  const { verdict, probe, instance, half } = finding;
  const paint = verdict === 'BREACH' || verdict === 'UNPROVEN' ? style.bad : style.warn;
  const where = style.dim(`on ${printable(instance)} (${halves[half]})`);
  return `${before}${paint(style.bold(verdict))} ${printable(probe)}  ${style.bold(pairText(finding))}  ${where}`;
}

/** Statements of one lane stand together under it. */
function fixLines(fix: readonly Fix[], style: Style): readonly string[] {
  const shown = fix.slice(0, fixesShown);
  const lines = [...Map.groupBy(shown, ({ lane }) => lane)].flatMap(([lane, own]) => [
    ...own.map(({ statement }) => statementText(statement, 4 + labelWidth, style)),
    indent(style.dim(`-- in ${printable(lane)}`), 4 + labelWidth),
  ]);
  const more = fix.length - shown.length;
  if (more > 0) lines.push(indent(`and ${count(more, 'statement')} more, shown by --json`, 4 + labelWidth));
  const [first = '', ...rest] = lines;
  return first === '' ? [] : [`   ${style.good('closes it'.padEnd(labelWidth))} ${first.trimStart()}`, ...rest];
}

function residualBlock(residual: readonly Residual[], style: Style): string {
  if (residual.length === 0) return '';
  const lines = [...Map.groupBy(residual, ({ probe, what }) => JSON.stringify([probe, what])).values()].flatMap((group) => {
    const [first] = group;
    if (!first) return [];
    const places = [...new Set(group.map(({ instance }) => printable(instance)))].join(', ');
    return [`  ${printable(first.probe)}  on ${places}`, indent(style.dim(wrap(printable(first.what), lineWidth)), 6)];
  });
  return [style.warn('Residual risks (inherent in a shared server):'), ...lines].join('\n');
}

function countsText(report: VerifyReport): string {
  const { attempts, blocked, controls, analysed } = report.counts;
  const tried = `${count(attempts, 'attempt')}, ${blocked} refused, and ${count(controls, 'control')} that had to succeed.`;
  return `${tried} ${count(analysed, 'fact')} from the catalogs judged.\nTo repeat this run: ${repeatCommand(report)}`;
}

/** How the sending of fixes ended, for people. */
export function fixEndingText(ending: string, results: readonly StepResult[], style: Style): string {
  const done = results.filter(({ status }) => status === 'done').length;
  const failed = results.filter(({ status }) => status === 'failed').length;
  const left = results.filter(({ status }) => status === 'not-executed').length;
  if (ending === 'refused') return style.bad('Not fixed: consent is missing. Nothing was changed.');
  if (ending === 'locked') return style.bad('Not fixed: another run holds the lock. Nothing was changed.');
  if (ending === 'interrupted') return style.warn(`Interrupted: ${count(done, 'fix', 'fixes')} sent, ${failed + left} not sent.`);
  if (failed + left === 0) return style.good(`${count(done, 'fix', 'fixes')} sent. Proving again.`);
  return style.warn(`${count(done, 'fix', 'fixes')} sent, ${failed} failed, ${left} not sent.`);
}
