import type { Io } from './io.ts';

/** The screen is written anew from its upper left, so that nothing flickers: what is longer than it is cut at its end. */
export function anew(text: string, { rows }: Io['stdout']): string {
  const lines = text.split('\n').slice(0, Math.max(1, (rows ?? Infinity) - 1));
  return `\u001b[H${lines.map((line) => `${line}\u001b[K`).join('\n')}\u001b[J`;
}
