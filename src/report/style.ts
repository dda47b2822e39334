import pc from 'picocolors';

/** The screen that a text is made for: its width, and the few meanings that colour carries. Every one is also said in words or symbols. */
export interface Style {
  /** Columns; Infinity where it is no terminal. */
  readonly width: number;
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly good: (text: string) => string;
  readonly warn: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly info: (text: string) => string;
}

export type Paint = Exclude<keyof Style, 'width'>;

export function createStyle(colored: boolean, width = Infinity): Style {
  const c = pc.createColors(colored);
  return { width, bold: c.bold, dim: c.dim, good: c.green, warn: c.yellow, bad: c.red, info: c.cyan };
}

export const plain: Style = createStyle(false);

/** Whether a stream gets colour. `NO_COLOR` wins over `FORCE_COLOR`, and that over what the stream is. */
export function wantsColor(env: Readonly<Record<string, string | undefined>>, isTty: boolean, noColorFlag: boolean): boolean {
  if (noColorFlag || env['NO_COLOR']) return false;
  const force = env['FORCE_COLOR'];
  if (force !== undefined) return force !== '0' && force !== 'false';
  return isTty && env['TERM'] !== 'dumb';
}
