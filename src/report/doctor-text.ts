import type { Blind, Diagnostic, DoctorFinding, DoctorReport, Remedy, Severity, StepResult } from '../model/index.ts';
import { flow, prose } from './columns.ts';
import { document } from './documents/document.ts';
import { writeDoctor } from './documents/doctor.ts';
import { outcomes } from './documents/parts.ts';
import { count, indent, printable, printableLines } from './printable.ts';
import { type Paint, plain, type Style } from './style.ts';

const paints: Record<Severity, Paint> = { error: 'bad', warning: 'warn', info: 'info' };
const called: Record<Severity, string> = { error: 'error', warning: 'warning', info: 'remark' };
/** Columns of text that are easy to read. */
const lineWidth = 100;

/** Remedies that a person reads; JSON has all of them. */
const remediesShown = 4;

export interface DoctorExtras {
  /** What `--fix` offers is sent after this. */
  readonly fixing?: boolean;
}

/** The findings, the worst first, each with what ends it; what could not be looked at; how many there are, and what to do next. Ends with a line end. */
export function doctorText(report: DoctorReport, { fixing = false }: DoctorExtras = {}, style: Style = plain): string {
  const { findings, blind } = report;
  const blocks = [
    ...findings.map((finding) => findingText(finding, style)),
    ...blindText(blind, style),
    countsText(report, style),
    nextText(report, fixing, style),
  ];
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

/** `error CT-D107  blog, shop  on main`, the sentence, and the remedies under it. */
function findingText({ id, severity, instance, apps, what, remedy }: DoctorFinding, style: Style): string {
  const head = flow(
    [
      { text: called[severity], paint: (text) => style[paints[severity]](style.bold(text)) },
      { text: printable(id) },
      { text: apps.length === 0 ? 'everybody' : printable(apps.join(', ')), paint: style.bold },
      { text: `on ${printable(instance)}`, paint: style.dim },
    ],
    0,
    style.width,
    3,
  );
  const more = remedy.length - remediesShown;
  return [
    head,
    prose(printable(what), 3, style, lineWidth),
    ...remedy.slice(0, remediesShown).map((one, at) => remedyText(one, remedy[at - 1], style)),
    ...(more > 0 ? [indent(`and ${more} more, shown by --json`, 11)] : []),
  ].join('\n');
}

/** What to do, once where the one before says the same, and under it what is pasted: never broken, for a copy would be another statement. */
function remedyText({ say, where, text, lane }: Remedy, before: Remedy | undefined, style: Style): string {
  const place = where === undefined ? '' : `, in ${where}`;
  const said = prose(printable(`${say}${place}${lane === undefined ? '' : ' (--fix sends it)'}`), 11, style, lineWidth).trimStart();
  const label = before === undefined ? style.good('remedy'.padEnd(7)) : ' '.repeat(7);
  const body = text === undefined ? [] : [indent(printableLines(text), 13)];
  const again = before?.say === say && before.where === where && before.lane === lane;
  return [...(again ? [] : [`   ${label} ${said}`]), ...body].join('\n');
}

/** Those that were lost for one reason stand together. */
function blindText(blind: readonly Blind[], style: Style): readonly string[] {
  const groups = Map.groupBy(blind, ({ instance, why, checks }) => JSON.stringify([instance, why, checks]));
  const lines = [...groups.values()].flatMap(([first, ...others]) => {
    if (!first) return [];
    const { instance, checks, where, why } = first;
    const place = where === undefined ? '' : `, ${where}${others.length > 0 ? ` and ${others.length} more` : ''}`;
    return [prose(printable(`could not look: ${checks.join(', ')} on ${instance}${place}: ${why}`), 0, style, lineWidth)];
  });
  return lines.length === 0 ? [] : [style.warn(lines.join('\n'))];
}

function countsText({ findings, instances, blind }: DoctorReport, style: Style): string {
  const of = (severity: Severity): number => findings.filter((one) => one.severity === severity).length;
  const parts = (['error', 'warning', 'info'] as const).flatMap((one) => (of(one) === 0 ? [] : [count(of(one), called[one])]));
  const made = instances.reduce((sum, { checks }) => sum + checks.length, 0);
  const lost = new Set(blind.flatMap(({ instance, checks }) => checks.map((id) => `${instance} ${id}`))).size;
  const found = parts.length === 0 ? 'Nothing found' : parts.join(', ');
  const text = `${found}: ${count(made, 'check')} made on ${count(instances.length, 'instance')}${lost > 0 ? `, ${lost} not made, or not everywhere` : ''}.`;
  const paint: Paint = of('error') > 0 ? 'bad' : of('warning') > 0 ? 'warn' : 'good';
  return style[paint](style.bold(prose(text, 0, style, lineWidth)));
}

function nextText({ findings }: DoctorReport, fixing: boolean, style: Style): string {
  const [first] = findings;
  const sent = findings.flatMap(({ remedy }) => remedy).filter(({ lane }) => lane !== undefined).length;
  const words =
    first === undefined
      ? ''
      : sent > 0 && !fixing
        ? `Next: cotenant doctor --fix sends ${count(sent, 'statement')} of these, and takes nothing from anybody.`
        : `Next: begin with the first. What it means: cotenant explain ${first.id}`;
  return words === '' ? '' : flow([{ text: words }], 0, style.width);
}

/** How the sending ended, for people. */
export function endingOfRemedies(ending: string, results: readonly StepResult[], style: Style): string {
  const of = (...states: readonly StepResult['status'][]): number => results.filter(({ status }) => states.includes(status)).length;
  const [done, failed, left, would] = [of('done'), of('failed'), of('not-executed'), of('would-run')];
  if (would > 0) return `Dry run: ${count(would, 'statement')} would be sent. Nothing was sent.`;
  if (ending === 'locked') return style.bad('Not corrected: another run holds the lock. Nothing was changed.');
  if (ending === 'interrupted') return style.warn(`Interrupted: ${count(done, 'statement')} sent, ${failed + left} not sent.`);
  if (failed + left === 0) return style.good(`${count(done, 'statement')} sent. Looking again.`);
  return style.warn(`${count(done, 'statement')} sent, ${failed} failed, ${left} not sent.`);
}

interface Told {
  readonly report: DoctorReport;
  readonly diagnostics: readonly Diagnostic[];
  readonly exitCode: number;
  readonly fix?: { readonly ending: string; readonly results: readonly StepResult[] };
}

export function doctorJson({ report, diagnostics, exitCode, fix }: Told): string {
  const sent = fix === undefined ? {} : { fix: { ending: fix.ending, steps: outcomes(fix.results) } };
  return document(writeDoctor({ ...report, diagnostics, exitCode, ...sent }));
}
