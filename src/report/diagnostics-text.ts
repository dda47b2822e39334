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
  const ordered = diagnostics.toSorted((a, b) => rank[a.severity] - rank[b.severity]);
  const blocks = ordered.map((d) => diagnosticText(d, style, options.cwd));
  return `${[...blocks, flow([{ text: closing(ordered) }], 0, style.width)].join('\n\n')}\n`;
}

function diagnosticText(d: Diagnostic, style: Style, cwd: string | undefined): string {
  const head = style[paint[d.severity]](style.bold(`${d.severity}[${d.code}]`));
  const on = d.instance === undefined ? '' : style.dim(` (${printable(d.instance)})`);
  const lines = [broken(`${head}: ${printableLines(d.message)}${on}`, 0, style)];
  if (d.location !== undefined) {
    const { file, line, column, frame } = d.location;
    lines.push(`  ${style.info('-->')} ${printable(shortName(file, cwd))}:${line}:${column}`);
    if (frame !== '') lines.push(indent(printableLines(frame).replace(/\n+$/, ''), 2));
  }
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
