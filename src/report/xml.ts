import { lookUp } from '../util/record.ts';
import { printableLines } from './printable.ts';

// XML 1.0 has no way to write these, not even as a reference.
const noCharacter = /[\ufffe\uffff]/g;

const references: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' };

/** Text between tags. What XML cannot hold, and what would rewrite a screen, stands there as `\u001b`. */
export function xmlText(text: string): string {
  const clean = printableLines(text.toWellFormed()).replace(noCharacter, '\ufffd');
  return clean.replace(/[&<>"']/g, (character) => lookUp(references, character) ?? '');
}

/** Text of an attribute: line ends and tabs as references, because a reader turns bare ones into blanks. */
export function xmlAttribute(text: string): string {
  return xmlText(text).replace(/[\t\n]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** `<name a="1">` with its content, or `<name a="1"/>` where there is none. The content is XML already. */
export function element(name: string, attributes: Readonly<Record<string, string | number>>, content: readonly string[] = []): string {
  const head = [name, ...Object.entries(attributes).map(([key, value]) => `${key}="${xmlAttribute(String(value))}"`)].join(' ');
  return content.length === 0 ? `<${head}/>` : `<${head}>${content.join('')}</${name}>`;
}
