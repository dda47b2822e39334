import { type Finding, type Fix, Matrix, type Residual, type StepResult, type Tries, type VerifyReport, verdicts } from '../model/index.ts';
import { relaxationBlock } from './plan-text.ts';
import { flow, prose } from './columns.ts';
import { count, indent, printable, printableLines } from './printable.ts';
import { statementText } from './step-text.ts';
import { plain, type Style } from './style.ts';
import { matrixText } from './verify-matrix.ts';
import { byCause, type Cause, consequenceLines } from './verify-causes.ts';
import { closingLine, pairText, placeOfLane, repeatCommand, type VerifyExtras } from './verify-words.ts';

/**
 * The proof for people: the matrices, those with findings first; the findings, the worst first, each with what ends with it; what
 * is open on purpose, what can never be closed, counts. Ends with a line end.
 */
export function verifyText(report: VerifyReport, extras: VerifyExtras, style: Style = plain): string {
  const { cells, sparse, relaxations, residual } = report;
  const findings = report.findings.map((one) => withoutError(one, extras));
  const rank = (instance: string): number =>
    findings.reduce((worst, one) => (one.instance === instance ? Math.min(worst, verdicts.indexOf(one.verdict)) : worst), Infinity);
  const shown = [...cells, ...sparse, ...findings].map(({ instance }) => instance).filter((one) => !extras.unreached.includes(one));
  const instances = [...new Set(shown)].sort((a, b) => byNumber(rank(a), rank(b)));
  const fixable = extras.fixing !== true && findings.some(({ fix }) => fix.length > 0);
  const blocks = [
    ...instances.map((instance) => {
      const here = (one: { readonly instance: string }): boolean => one.instance === instance;
      return matrixText(instance, new Matrix(cells.filter(here), sparse.find(here) ?? null), findings.filter(here), style);
    }),
    ...byCause(findings).map((cause, index) => causeText(cause, index + 1, style)),
    relaxationBlock(relaxations, style),
    residualBlock(
      'Residual risks seen on this server:',
      residual.filter(({ seen }) => seen === true),
      style,
    ),
    residualBlock(
      'Residual risks (inherent in a shared server):',
      residual.filter(({ seen }) => seen !== true && extras.verbose === true),
      style,
    ),
    extras.verbose === true ? '' : residualLine(residual, style),
    countsText(report, extras, style),
    fixable ? flow([{ text: 'To send the statements that close these findings: cotenant verify --fix' }], 0, style.width) : '',
    style[findings.length > 0 ? 'bad' : 'good'](style.bold(flow([{ text: closingLine(report, extras) }], 0, style.width))),
  ];
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

/** What a finding says that is there because its instance was not reached stands in the error of that. */
function withoutError(finding: Finding, { unreached }: VerifyExtras): Finding {
  return unreached.includes(finding.instance) ? { ...finding, statement: '', answer: '' } : finding;
}

/** Infinity stands behind, and equals itself. */
function byNumber(a: number, b: number): number {
  return a === b ? 0 : a - b;
}

function causeText({ cause, under, consequences }: Cause, number: number, style: Style): string {
  const head =
    cause === null ? `${number}. ${style.bold(printable(under))}  ${style.dim('ending this closes:')}` : findingText(cause, number, style);
  return [head, ...consequenceLines(consequences, style)].join('\n');
}

const labelWidth = 9;
const fixesShown = 8;
const lineWidth = 100;

/** Who, whom, what was tried, what the server said, why it matters, and what closes it. */
export function findingText(finding: Finding, number: number, style: Style): string {
  const { statement, answer, why, fix, half, under = '' } = finding;
  const line = (label: string, text: string): string =>
    text === '' ? '' : `   ${style.dim(label.padEnd(labelWidth))} ${broken(text, style).trimStart()}`;
  return [
    headLine(finding, `${number}. `, style),
    line(half === 'analysis' ? 'read' : 'tried', statement),
    line('answer', answer),
    line('why', why),
    line('follows', under === '' ? '' : `${under}; fixing that fixes this`),
    ...fixLines(fix, style),
  ]
    .filter((part) => part !== '')
    .join('\n');
}

/** Each line of it as long as the screen is wide, or as is easy to read. */
function broken(text: string, style: Style): string {
  const lines = printableLines(text).split('\n');
  return lines.map((line) => prose(line, 4 + labelWidth, style, lineWidth)).join('\n');
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
  const where = `on ${printable(instance)} (${halves[half]})`;
  const head = `${before}${paint(style.bold(verdict))} ${printable(probe)}`;
  const rest = [
    { text: pairText(finding), paint: style.bold },
    { text: where, paint: style.dim },
  ];
  return flow([{ text: head }, ...rest], 0, style.width, 3);
}

/** Statements of one lane stand together under it. */
function fixLines(fix: readonly Fix[], style: Style): readonly string[] {
  const shown = fix.slice(0, fixesShown);
  const lines = [...Map.groupBy(shown, ({ lane }) => lane)].flatMap(([lane, own]) => [
    ...own.map(({ statement }) => statementText(statement, 4 + labelWidth, style)),
    ...[placeOfLane(lane)].filter((one) => one !== '').map((one) => indent(style.dim(one), 4 + labelWidth)),
  ]);
  const more = fix.length - shown.length;
  if (more > 0) lines.push(indent(`and ${count(more, 'statement')} more, shown by --json`, 4 + labelWidth));
  const [first = '', ...rest] = lines;
  return first === '' ? [] : [`   ${style.good('closes it'.padEnd(labelWidth))} ${first.trimStart()}`, ...rest];
}

function residualLine(residual: readonly Residual[], style: Style): string {
  const always = residual.filter(({ seen }) => seen !== true);
  const kinds = new Set(always.map(({ probe, what }) => JSON.stringify([probe, what]))).size;
  if (kinds === 0) return '';
  const text = `${count(kinds, 'residual risk')}, inherent in a shared server. Read about ${kinds === 1 ? 'it' : 'each'}: cotenant verify -v`;
  return style.dim(prose(text, 0, style));
}

function residualBlock(title: string, residual: readonly Residual[], style: Style): string {
  if (residual.length === 0) return '';
  const lines = [...Map.groupBy(residual, ({ probe, what }) => JSON.stringify([probe, what])).values()].flatMap((group) => {
    const [first] = group;
    if (!first) return [];
    const places = [...new Set(group.map(({ instance }) => printable(instance)))].join(', ');
    return [`  ${printable(first.probe)}  on ${places}`, style.dim(prose(printable(first.what), 6, style, lineWidth))];
  });
  return [style.warn(title), ...lines].join('\n');
}

/** What became of the attempts adds up to all of them. */
function countsText(report: VerifyReport, { tries }: VerifyExtras, style: Style): string {
  const { attempts, blocked, controls, analysed } = report.counts;
  const parts = tries === undefined ? `, ${blocked} refused` : `: ${triesText(tries).join(', ')}`;
  const tried = `${count(attempts, 'attempt')}${parts}; and ${count(controls, 'control')} that had to succeed.`;
  const text = `${tried} ${count(analysed, 'fact')} from the catalogs judged.`;
  return [prose(text, 0, style, lineWidth), flow([{ text: `To repeat this run: ${repeatCommand(report)}` }], 0, style.width)].join('\n');
}

function triesText({ refused, declared, residual, unproven, found }: Tries): readonly string[] {
  const rest: readonly (readonly [number, string])[] = [
    [declared, 'open as declared'],
    [residual, 'open as known risks'],
    [unproven, 'not proved'],
    [found, 'came through'],
  ];
  return [`${refused} refused`, ...rest.filter(([n]) => n > 0).map(([n, what]) => `${n} ${what}`)];
}

/** How the sending of fixes ended, for people. */
export function fixEndingText(ending: string, results: readonly StepResult[], style: Style): string {
  const done = results.filter(({ status }) => status === 'done').length;
  const failed = results.filter(({ status }) => status === 'failed').length;
  const left = results.filter(({ status }) => status === 'not-executed').length;
  const would = results.filter(({ status }) => status === 'would-run').length;
  if (would > 0) return `Dry run: ${count(would, 'fix', 'fixes')} would be sent. Nothing was sent.`;
  if (ending === 'refused') return style.bad('Not fixed: consent is missing. Nothing was changed.');
  if (ending === 'locked') return style.bad('Not fixed: another run holds the lock. Nothing was changed.');
  if (ending === 'interrupted') return style.warn(`Interrupted: ${count(done, 'fix', 'fixes')} sent, ${failed + left} not sent.`);
  if (failed + left === 0) return style.good(`${count(done, 'fix', 'fixes')} sent. Proving again.`);
  return style.warn(`${count(done, 'fix', 'fixes')} sent, ${failed} failed, ${left} not sent.`);
}
