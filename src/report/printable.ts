import { unprintable } from '../util/unprintable.ts';

const lineEndsAndTabs = new Set(['\n', '\t']);

function escape(character: string): string {
  return `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;
}

/** One line of text that is safe to print. */
export function printable(text: string): string {
  return text.replace(unprintable, escape);
}

/** Text of several lines that is safe to print; line ends and tabs stay. */
export function printableLines(text: string): string {
  return text.replace(unprintable, (character) => (lineEndsAndTabs.has(character) ? character : escape(character)));
}

/** `3 apps`, `1 app`. */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${n} ${n === 1 ? one : many}`;
}

/** `app "shop"`, `apps "shop", "blog"`. */
export function namedApps(names: readonly string[]): string {
  return `app${names.length === 1 ? '' : 's'} ${names.map((name) => `"${printable(name)}"`).join(', ')}`;
}

/** `connectionLimit` and `connection_limit` as `connection limit`. What holds more than one word is text, perhaps with names in it: it stays. */
export function words(name: string): string {
  if (!/^\w*$/.test(name)) return printable(name);
  return name.replace(/([a-z0-9])([A-Z])/g, (_, a: string, b: string) => `${a} ${b.toLowerCase()}`).replaceAll('_', ' ');
}

export function indent(text: string, by: number): string {
  const space = ' '.repeat(by);
  return text
    .split('\n')
    .map((line) => (line === '' ? line : space + line))
    .join('\n');
}
