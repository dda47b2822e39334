import type { Command, Option } from 'commander';

/** What the command line says, or why it cannot be meant. */
export type Argv = { readonly words: readonly string[] } | { readonly refused: string };

/**
 * Other tools follow a log with `-f`, and so does `logs`, though the letter is the manifest's elsewhere. A long name after
 * one dash, or `=` after a letter, would be taken for the value of a short flag: `-out=x` for a file called `ut=x`.
 */
export function readArgv(argv: readonly string[], program: Command): Argv {
  const end = argv.indexOf('--');
  const own = end === -1 ? argv : argv.slice(0, end);
  const all = optionsOf(program);
  const valued = new Set(all.filter(({ required, optional }) => required || optional).flatMap(({ long }) => long ?? []));
  const names = new Set(['--help', ...all.flatMap(({ long }) => long ?? [])]);
  for (const word of own) {
    const [, name = '', value = ''] = /^-([A-Za-z][A-Za-z-]+)(=.*)?$/s.exec(word) ?? [];
    if (names.has(`--${name}`)) return { refused: `option '-${name}' needs two dashes: --${name}${value === '' ? '' : '=…'}` };
    const letter = /^-([A-Za-z])=/.exec(word)?.[1];
    if (letter !== undefined) return { refused: `option '-${letter}' takes its value without '=': -${letter} …` };
  }
  const valueless = new Set(all.filter(({ required, optional }) => !required && !optional).flatMap(({ long }) => long ?? []));
  for (const word of own) {
    const flag = /^(--[A-Za-z-]+)=/.exec(word)?.[1] ?? '';
    if (valueless.has(flag) && !valued.has(flag)) return { refused: `option '${flag}' takes no value` };
  }
  const verb = own.findIndex((word, at) => !word.startsWith('-') && !['-f', '--file'].includes(own[at - 1] ?? ''));
  if (own[verb] !== 'logs') return { words: argv };
  return { words: argv.map((word, at) => (word === '-f' && at > verb && at < own.length ? '--follow' : word)) };
}

/** Of the command and those below it. */
function optionsOf(command: Command): readonly Option[] {
  return [...command.options, ...command.commands.flatMap(optionsOf)];
}

/** The form for machines that a command line asks for, whatever else is wrong with it; null: none. */
export function machineMode(argv: readonly string[]): 'json' | 'stream-json' | null {
  const end = argv.indexOf('--');
  const own = end === -1 ? argv : argv.slice(0, end);
  const at = own.indexOf('--output');
  const said = own.find((word) => word.startsWith('--output='))?.slice('--output='.length) ?? (at < 0 ? undefined : own[at + 1]);
  if (said === 'stream-json' || said === 'json') return said;
  return own.includes('--json') ? 'json' : null;
}
