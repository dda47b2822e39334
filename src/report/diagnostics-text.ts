import { relative } from 'node:path';
import type { Diagnostic, Severity } from '../model/index.ts';
import { flow } from './columns.ts';
import { count, indent, printable, printableLines } from './printable.ts';
import { type Paint, plain, type Style } from './style.ts';

export interface DiagnosticsTextOptions {
  readonly style?: Style;
  /** File names are shown relative to this folder. */
  readonly cwd?: string;
}

const rank: Record<Severity, number> = { info: 0, warning: 1, error: 2 };
const paint: Record<Severity, Paint> = { info: 'info', warning: 'warn', error: 'bad' };

/** All diagnostics for people, the gravest last, then a line that counts them. '' where there is none. */
export function diagnosticsText(diagnostics: readonly Diagnostic[], options: DiagnosticsTextOptions = {}): string {
  if (diagnostics.length === 0) return '';
  const style = options.style ?? plain;
  const groups = groupsOf(diagnostics).toSorted(([a], [b]) => rank[a.severity] - rank[b.severity]);
  const ordered = groups.map(([first]) => first);
  const blocks = groups.flatMap((group, at) => {
    const [d] = group;
    const before = ordered.slice(0, at).filter(({ code, severity }) => code === d.code && severity === d.severity).length;
    if (before < SHOWN) return [diagnosticText(group, style, options.cwd)];
    return before === SHOWN ? [restText(d, ordered, style)] : [];
  });
  return `${[...blocks, flow([{ text: closing(ordered) }], 0, style.width)].join('\n\n')}\n`;
}

type Group = readonly [Diagnostic, ...Diagnostic[]];

/** What is wrong in the same words for several instances is one thing, such as a variable that is not set. */
function groupsOf(diagnostics: readonly Diagnostic[]): readonly Group[] {
  const alike = Map.groupBy(diagnostics, (d) =>
    d.instance === undefined ? d : JSON.stringify([d.code, d.severity, d.message, d.expected ?? null, d.hint ?? null]),
  );
  return [...alike.values()].flatMap(([first, ...rest]) => (first === undefined ? [] : [[first, ...rest] as const]));
}

/** Of one code and severity, that many are told in full. */
const SHOWN = 10;

/** Where the others of its code are: they have one cause more often than not. */
function restText({ code, severity }: Diagnostic, ordered: readonly Diagnostic[], style: Style): string {
  const rest = ordered.filter((one) => one.code === code && one.severity === severity).slice(SHOWN);
  const lines = [...new Set(rest.flatMap(({ location }) => location?.line ?? []))];
  const shown = lines.slice(0, SHOWN * 2).join(', ');
  const where = lines.length === 0 ? '' : ` in ${lines.length === 1 ? 'line' : 'lines'} ${shown}${lines.length > SHOWN * 2 ? ', …' : ''}`;
  const head = style[paint[severity]](style.bold(`${severity}[${code}]`));
  return broken(`${head}: ${rest.length} more like these${where}`, 0, style);
}

function diagnosticText(group: Group, style: Style, cwd: string | undefined): string {
  const [d, ...others] = group;
  const head = style[paint[d.severity]](style.bold(`${d.severity}[${d.code}]`));
  const instances = group.flatMap(({ instance }) => (instance === undefined ? [] : [printable(instance)]));
  const on = instances.length === 0 ? '' : style.dim(` (${instances.join(', ')})`);
  const lines = [broken(`${head}: ${printableLines(d.message)}${on}`, 0, style)];
  const place = ({ file, line, column }: NonNullable<Diagnostic['location']>): string =>
    `  ${style.info('-->')} ${printable(shortName(file, cwd))}:${line}:${column}`;
  if (d.location !== undefined) {
    const { frame } = d.location;
    lines.push(place(d.location));
    if (frame !== '') lines.push(indent(printableLines(frame).replace(/\n+$/, ''), 2));
  }
  lines.push(...others.flatMap(({ location }) => (location === undefined ? [] : [place(location)])));
  if (d.expected !== undefined) lines.push(broken(`${style.dim('expected:')} ${printableLines(d.expected)}`, 2, style));
  if (d.hint !== undefined) lines.push(broken(`${style.good('hint:')} ${printableLines(d.hint)}`, 2, style));
  return lines.join('\n');
}

function closing(ordered: readonly Diagnostic[]): string {
  const tally = (severity: Severity): number => ordered.filter((d) => d.severity === severity).length;
  const parts = [
    tally('error') > 0 ? count(tally('error'), 'error') : '',
    tally('warning') > 0 ? count(tally('warning'), 'warning') : '',
    tally('info') > 0 ? count(tally('info'), 'note') : '',
  ].filter((part) => part !== '');
  return `${parts.join(', ')}. Details: cotenant explain ${ordered.at(-1)?.code ?? ''}`;
}

/** As wide as the screen; what goes on stands four columns in. */
function broken(text: string, by: number, { width }: Style): string {
  const [first = '', ...rest] = text.split('\n');
  return [flow([{ text: first }], by, width, 4 - by), ...rest.map((line) => flow([{ text: line }], 4, width, 0))].join('\n');
}

function shortName(file: string, cwd: string | undefined): string {
  if (cwd === undefined) return file;
  const near = relative(cwd, file);
  return near !== '' && near.length < file.length ? near : file;
}
