import type { CatalogueEntry, Codes } from '../model/index.ts';
import { lookUp } from '../util/record.ts';
import { plain, type Style } from './style.ts';

/** The entry of a code, written as `CT1203`, `ct1203` or `1203`; null: there is none. */
export function explain(codes: Codes, asked: string): (CatalogueEntry & { readonly code: string }) | null {
  const digits = /^(?:CT)?(\d{4})$/i.exec(asked.trim())?.[1];
  const entry = digits === undefined ? undefined : lookUp(codes, `CT${digits}`);
  return entry ? { code: `CT${digits}`, ...entry } : null;
}

export function explanationText(
  { code, title, explanation, hint }: CatalogueEntry & { readonly code: string },
  style: Style = plain,
): string {
  const todo = hint === undefined ? '' : `\n${style.good('hint:')} ${hint}\n`;
  return `${style.bold(`${code}: ${title}`)}\n\n${explanation.trim()}\n${todo}`;
}
