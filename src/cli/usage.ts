import type { Command } from 'commander';
import type { Argv } from './argv.ts';
import type { Options } from './options.ts';
import { didYouMean } from '../util/closest.ts';

/** The command line cannot be meant, which only the command itself could see. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The manifest that is to be written, or read again later; undefined: where it usually is. */
export function namedFile(options: Options): string | undefined {
  const file = options.text('file');
  if (file === '-') throw new UsageError('this needs a manifest in a file, and --file - is standard input');
  return file;
}

/** What somebody sees who calls the program without a word. */
export function shortUsage(program: Command): string {
  const shown = program.commands.filter((command) => ['Main commands:', 'Getting started:'].includes(command.helpGroup()));
  const width = Math.max(...shown.map((command) => command.name().length));
  const lines = shown.map((command) => `  ${command.name().padEnd(width)}  ${command.summary()}`);
  return [
    'Usage: cotenant [options] <command>',
    '',
    'Example: cotenant init',
    '',
    ...lines,
    '',
    'All commands and flags: cotenant --help',
    '',
  ].join('\n');
}

/** `help NAME` is `NAME --help`, also of a command that stands below another. */
export function readHelp(words: readonly string[], program: Command): Argv {
  const [verb, ...names] = words;
  if (verb !== 'help' || names.length === 0 || names.some((name) => name.startsWith('-'))) return { words };
  if (names[0] === 'help') return { words: ['help'] };
  let at = program;
  for (const [depth, name] of names.entries()) {
    const below = at.commands.filter((one) => !one.name().startsWith('__'));
    const found = below.find((one) => one.name() === name);
    if (found === undefined) {
      const meant = didYouMean(
        name,
        below.map((one) => one.name()),
      );
      return { refused: `unknown command '${names.slice(0, depth + 1).join(' ')}'${meant === null ? '' : `\n(${meant})`}` };
    }
    at = found;
  }
  return { words: [...names, '--help'] };
}
