import { plain, type Style } from './style.ts';

/** What the catalogue says about one code. */
export interface Explanation {
  readonly title: string;
  readonly explanation: string;
  readonly hint?: string | undefined;
}

export function explanationText(code: string, entry: Explanation, style: Style = plain): string {
  const hint = entry.hint === undefined ? '' : `\n${style.good('hint:')} ${entry.hint}\n`;
  return `${style.bold(`${code}: ${entry.title}`)}\n\n${entry.explanation.trim()}\n${hint}`;
}
