import { z } from 'zod';
import type { Command } from '../../model/index.ts';
import { fingerprint } from '../../util/canonical.ts';

/** One word as `redis-cli` and `valkey-cli` read it at their prompt: in double quotes where it would not stay one word as it is. */
function quoteWord(word: string): string {
  if (/^[^\s"'\\\u0000-\u001f\u007f]+$/.test(word)) return word;
  const inside = word.replaceAll(/["\\\u0000-\u001f\u007f]/g, (character) =>
    character === '"' || character === '\\' ? `\\${character}` : `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
  return `"${inside}"`;
}

export function commandText(...words: readonly string[]): string {
  return words.map(quoteWord).join(' ');
}

/** A command of the server: its words are sent, its text is shown. */
export function command(...words: readonly string[]): Command {
  return { op: 'command', text: commandText(...words), args: words };
}

const wordsSchema = z.array(z.string());

/** What is sent. Throws where it is another kind of command. */
export function wordsOf({ op, args }: Command): readonly string[] {
  if (op !== 'command' && op !== 'save') throw new Error(`no command of the server: ${op ?? ''}`);
  return wordsSchema.parse(args);
}

/** The same words, whatever secrets stand in them. */
export function sameCommand(one: Command, other: Command): boolean {
  return one.op === other.op && fingerprint(one.args) === fingerprint(other.args);
}
