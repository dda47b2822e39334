/** The last part of a name, without its quotes and without what a function takes. */
export function plainOf(name: string): string {
  const parts = /^(?:(?:"(?:[^"]|"")*"|[^".(]+)\.)*("(?:[^"]|"")*"|[^".(]+)(?:\(.*\))?$/s.exec(name)?.[1] ?? '';
  return parts.startsWith('"') ? parts.slice(1, -1).replaceAll('""', '"') : parts;
}

/** Whether a text has a name as a word. */
export function wordsOf(text: string): (name: string) => boolean {
  const lower = text.toLowerCase();
  const words = new Set(lower.match(/[\w$]+/g));
  return (name) => name !== '' && (/^[\w$]+$/.test(name) ? words.has(name.toLowerCase()) : lower.includes(name.toLowerCase()));
}
