import type { CatalogueEntry, CheckText, Codes, ProbeText } from '../model/index.ts';
import { lookUp } from '../util/record.ts';
import { prose } from './columns.ts';
import { document } from './documents/document.ts';
import { writeExplained } from './documents/small.ts';
import { plain, type Style } from './style.ts';
import { verdictMeaning } from './verify-words.ts';

/** The entry of a code, written as `CT1203`, `ct1203` or `1203`; null: there is none. */
export function explain(codes: Codes, asked: string): (CatalogueEntry & { readonly code: string }) | null {
  const digits = /^(?:CT)?(\d{4})$/i.exec(asked.trim())?.[1];
  const entry = digits === undefined ? undefined : lookUp(codes, `CT${digits}`);
  return entry ? { code: `CT${digits}`, ...entry } : null;
}

export function explanationJson({ code, title, ...diagnostic }: CatalogueEntry & { readonly code: string }): string {
  return document(writeExplained({ format: 1, id: code, title, diagnostic }));
}

export function probeJson({ id, title, attack, example, verdict, why, hardening }: ProbeText): string {
  return document(writeExplained({ format: 1, id, title, probe: { attack, example, verdict, why, hardening } }));
}

/** A probe of `verify`. */
export function probeText({ id, title, attack, example, why, hardening, verdict }: ProbeText, style: Style = plain): string {
  const indented = example
    .trim()
    .split('\n')
    .map((line) => `    ${line}\n`);
  return `${style.bold(`${id}: ${title}`)}\n\n${attack}\n\n${indented.join('')}\n${verdict} (${verdictMeaning[verdict]}): ${why}\n\n${style.good('hardening:')} ${hardening}\n`;
}

export function explanationText(
  { code, title, explanation, hint }: CatalogueEntry & { readonly code: string },
  style: Style = plain,
): string {
  const fit = (text: string): string =>
    text
      .split('\n')
      .map((line) => prose(line, 0, style, Infinity))
      .join('\n');
  const todo = hint === undefined ? '' : `\n${fit(`${style.good('hint:')} ${hint}`)}\n`;
  return `${style.bold(fit(`${code}: ${title}`))}\n\n${fit(explanation.trim())}\n${todo}`;
}

/** A check of `doctor`, with what each engine reads for it. */
export interface ReadCheck extends CheckText {
  readonly readBy: readonly { readonly engine: string; readonly what: string }[];
}

export function checkJson({ id, title, severity, readBy, why, remedy, fix }: ReadCheck): string {
  const check = { severity, looks: readBy, why, remedy, ...(fix === undefined ? {} : { fix }) };
  return document(writeExplained({ format: 1, id, title, check }));
}

export function checkText({ id, title, severity, looks, readBy, why, remedy, fix }: ReadCheck, style: Style = plain): string {
  const same = new Set(readBy.map(({ what }) => what)).size < 2;
  const read = same ? [readBy[0]?.what ?? looks] : readBy.map(({ engine, what }) => `On ${engine}: ${what}`);
  const sent = `--fix sends ${fix === undefined ? 'nothing for it' : `this: ${fix}`}`;
  const parts = [...read, `${severity} at worst: ${why}`, `${style.good('remedy:')} ${remedy}`, sent];
  return `${style.bold(`${id}: ${title}`)}\n\n${parts.map((part) => prose(part, 0, style)).join('\n\n')}\n`;
}
