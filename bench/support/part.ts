import type { Cli } from './cli.ts';
import type { Flags } from './flags.ts';

/** One line of the table. */
export interface Row {
  readonly what: string;
  readonly value: string;
  /** As `<= 0.90x`; null: nothing was promised. */
  readonly target: string | null;
  /** null: nothing to judge, or not measured. */
  readonly met: boolean | null;
}

export interface Bench {
  readonly cli: Cli;
  readonly flags: Flags;
  /** Tells what goes on, on stderr. */
  say(text: string): void;
}

export interface Part {
  readonly name: string;
  readonly title: string;
  /** How the figures are got, for the page in docs/. */
  readonly how: string;
  run(bench: Bench): Promise<readonly Row[]>;
}

/** A figure that should not be above `most`. */
export function atMost(what: string, value: number, most: number, unit: 'x' | 'ms' | 'MB'): Row {
  return { what, value: text(value, unit), target: `<= ${text(most, unit)}`, met: value <= most };
}

/** A figure without a promise. */
export function figure(what: string, value: string): Row {
  return { what, value, target: null, met: null };
}

/** Something that this machine cannot measure, with the reason. */
export function skipped(what: string, why: string, target: string): Row {
  return { what, value: `skipped: ${why}`, target, met: null };
}

function text(value: number, unit: 'x' | 'ms' | 'MB'): string {
  return unit === 'x' ? `${value.toFixed(2)}x` : `${Math.round(value)} ${unit}`;
}
