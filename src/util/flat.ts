const anything = /$/;

/**
 * The same text. A text that was put together keeps its parts, and takes several times its length in memory; searching it
 * makes it one piece. For texts that are made by the ten thousand and kept.
 */
export function flat(text: string): string {
  anything.test(text);
  return text;
}
