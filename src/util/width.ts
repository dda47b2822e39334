import truncatedWidth from 'fast-string-truncated-width';

/** Cells of a terminal that a text takes: two for a character of East Asia or an emoji, none for an accent of its own. */
export function widthOf(text: string): number {
  return truncatedWidth(text).width;
}

/** With blanks behind it, or before it, until it is that wide. */
export function padded(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const blanks = ' '.repeat(Math.max(0, width - widthOf(text)));
  return align === 'right' ? blanks + text : text + blanks;
}

/** Its beginning, where it is wider; `…` stands for the rest. */
export function cut(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  const { index } = truncatedWidth(text, { limit: Math.max(0, width - 1), ellipsis: '' });
  return `${text.slice(0, index)}…`;
}
