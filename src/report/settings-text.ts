import { document } from './documents/document.ts';
import { writeSettings } from './documents/small.ts';
import { printable } from './printable.ts';
import { plain, type Style } from './style.ts';
import { table } from './table.ts';

/** What is set for a command, and who said so. */
export interface Setting {
  readonly name: string;
  /** '': nothing. */
  readonly value: string;
  readonly origin: string;
}

/** A row for each; ends with a line end. */
export function settingsText(
  settings: readonly Setting[],
  { origin, style = plain }: { readonly origin: boolean; readonly style?: Style },
): string {
  const columns = ['SETTING', 'VALUE', ...(origin ? ['FROM'] : [])].map((title) => ({ title }));
  const rows = settings.map((one) =>
    [one.name, one.value || '-', ...(origin ? [one.origin] : [])].map((text) => ({ text: printable(text) })),
  );
  return `${table(columns, rows, style)}\n`;
}

export function settingsJson(settings: readonly Setting[]): string {
  return document(writeSettings({ format: 1, settings }));
}
