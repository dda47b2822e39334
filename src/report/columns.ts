import { padded, widthOf } from '../util/width.ts';
import type { Style } from './style.ts';

/** A part of a line. Its width is counted without colour. */
export interface Piece {
  readonly text: string;
  readonly paint?: (text: string) => string;
}

export interface Row {
  /** Stands in front: a symbol, a number. As wide in every row. */
  readonly lead?: Piece;
  readonly cells: readonly Piece[];
  /** So many of the cells stand in columns; all but the last, where it is left out. */
  readonly aligned?: number;
}

/** No column but the last is made wider than this by one long name. */
const widest = 44;

/**
 * Rows in columns, two blanks apart. A row that is wider than the screen goes on under itself, broken between words: nothing
 * is left out, and a long name stays whole.
 */
export function columns(rows: readonly Row[], indent: number, { width }: Pick<Style, 'width'>): readonly string[] {
  const count = rows.reduce((most, { cells }) => Math.max(most, cells.length), 0);
  const widths = Array.from({ length: count }, (_, i) =>
    Math.min(
      widest,
      rows.reduce((most, { cells }) => Math.max(most, widthOf(cells[i]?.text ?? '')), 0),
    ),
  );
  return rows.map(({ lead, cells, aligned = Infinity }) => {
    const last = cells.findLastIndex(({ text }) => text !== '');
    const shown = cells.slice(0, last + 1).map(({ text, paint }, i) => ({
      text: i === last || i >= aligned ? text : padded(text, widths[i] ?? 0),
      ...(paint ? { paint } : {}),
    }));
    const front = lead === undefined ? '' : `${painted(lead)} `;
    const frontWidth = lead === undefined ? 0 : widthOf(lead.text) + 1;
    const total = indent + frontWidth + shown.reduce((sum, { text }) => sum + widthOf(text) + 2, -2);
    const space = ' '.repeat(indent);
    if (total <= width) return space + front + shown.map(painted).join('  ');
    return space + front + flow(cells, indent + frontWidth, width).trimStart();
  });
}

/** Pieces one after the other, broken between words where the screen ends; what goes on stands `hang` blanks further in. */
export function flow(pieces: readonly Piece[], indent: number, width: number, hang = 2): string {
  const lines: string[] = [];
  let line = ' '.repeat(indent);
  let at = indent;
  let isEmpty = true;
  for (const piece of pieces) {
    const whole = widthOf(piece.text);
    const keep = !isEmpty && at + 2 + whole > width && indent + hang + whole <= width;
    for (const [index, word] of (piece.text === '' ? [] : piece.text.split(' ')).entries()) {
      const gap = isEmpty ? 0 : index === 0 ? 2 : 1;
      if (!isEmpty && ((keep && index === 0) || at + gap + widthOf(word) > width)) {
        lines.push(line);
        line = ' '.repeat(indent + hang);
        at = indent + hang;
      } else {
        line += ' '.repeat(gap);
        at += gap;
      }
      line += piece.paint ? piece.paint(word) : word;
      at += widthOf(word);
      isEmpty = false;
    }
  }
  return [...lines, line].join('\n');
}

/** As many of them in a line as the screen is wide, three blanks apart, each whole where it can be. */
export function packed(items: readonly string[], { width }: Pick<Style, 'width'>): string {
  const lines: string[] = [];
  for (const item of items) {
    const longer = `${lines.at(-1) ?? ''}   ${item}`;
    if (lines.length > 0 && widthOf(longer) <= width) lines[lines.length - 1] = longer;
    else lines.push(item);
  }
  return lines.join('\n');
}

/** Text broken between words where the screen ends, and at `most` columns however wide that is. */
export function prose(text: string, indent: number, { width }: Pick<Style, 'width'>, most = 100): string {
  return flow([{ text }], indent, Math.min(width, indent + most), 0);
}

function painted({ text, paint }: Piece): string {
  return paint === undefined ? text : paint(text);
}
