import { unprintable } from '../util/unprintable.ts';
import { widthOf } from '../util/width.ts';
import type { Location } from '../model/index.ts';
import { covered, maskText } from './mask.ts';
import type { Span } from './node.ts';

const around = 2;
const width = 120;

/** Turns offsets into places with a frame. `masked` has the length of the file, with secrets covered. */
export interface Locator {
  at(span: Span): Location;
}

export function createLocator(file: string, masked: () => string): Locator {
  let lines: Lines | null = null;
  return {
    at(span) {
      lines ??= splitLines(masked());
      return locationOf(file, lines, span);
    },
  };
}

interface Lines {
  readonly text: readonly string[];
  readonly starts: readonly number[];
}

function splitLines(source: string): Lines {
  const text = source.split('\n');
  const starts: number[] = [];
  let start = 0;
  for (const line of text) {
    starts.push(start);
    start += line.length + 1;
  }
  return { text, starts };
}

/** Index of the last start that is not behind the offset. */
function lineAt(starts: readonly number[], offset: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}

function locationOf(file: string, lines: Lines, span: Span): Location {
  const index = lineAt(lines.starts, span.start);
  const column = span.start - (lines.starts[index] ?? 0);
  return { file, line: index + 1, column: column + 1, frame: frameOf(lines, index, column, span.end - span.start) };
}

function frameOf(lines: Lines, index: number, column: number, length: number): string {
  const first = Math.max(0, index - around);
  const last = Math.min(lines.text.length - 1, index + around);
  const digits = String(last + 1).length;
  const cut = column > width - 20 ? column - Math.floor(width / 2) : 0;
  const rows: string[] = [];
  for (let i = first; i <= last; i++) {
    const text = lines.text[i] ?? '';
    // The empty line after the last line end tells nobody anything.
    if (i === last && i !== index && text === '') continue;
    rows.push(`${i === index ? '>' : ' '} ${String(i + 1).padStart(digits)} | ${cropped(text, cut)}`.trimEnd());
    if (i === index) rows.push(`  ${' '.repeat(digits)} | ${caret(text, cut, column, length)}`);
  }
  return rows.join('\n');
}

function caret(line: string, cut: number, column: number, length: number): string {
  const before = printable(line.slice(cut, column));
  const marked = printable(line.slice(column, Math.min(column + Math.max(length, 1), cut + width)).trimEnd());
  return ' '.repeat(widthOf(before) + (cut > 0 ? 3 : 0)) + '^'.repeat(Math.max(1, widthOf(marked)));
}

function cropped(line: string, cut: number): string {
  const shown = printable(line.slice(cut, cut + width));
  return `${cut > 0 ? '...' : ''}${shown}${line.length > cut + width ? '...' : ''}`;
}

/** No character that could steer a terminal, covered runs as `***`, tabs as one space. */
function printable(text: string): string {
  return text
    .replaceAll(/\u0000+/g, '***')
    .replaceAll('\t', ' ')
    .replaceAll('\r', '')
    .replaceAll(unprintable, '\u{fffd}');
}

/** A text of the file inside a message: in quotes, passwords covered, cut, without characters that could steer a terminal. */
export function quoteText(text: string): string {
  const clean = maskText(text)
    .replaceAll(/\p{Zs}|[\t\r\n]/gu, ' ')
    .replaceAll(unprintable, '\u{fffd}');
  return `"${clean.length > 60 ? `${clean.slice(0, 57)}...` : clean}"`;
}

/** Makes the source's own covering character impossible to fake. */
export function withoutNul(source: string): string {
  return source.replaceAll(covered, '\u{fffd}');
}
