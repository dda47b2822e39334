import type { Argument, Command, Option } from 'commander';

/** What stands behind a flag or an argument, as far as a shell can complete it. */
export type Values =
  | { readonly kind: 'words'; readonly words: readonly string[] }
  | { readonly kind: 'apps' | 'codes' | 'file' | 'none' | 'any' };

export interface Flag {
  /** `-y`, `--yes`. */
  readonly names: readonly string[];
  readonly description: string;
  /** `none`: it takes no value. */
  readonly values: Values;
}

export interface Verb {
  readonly name: string;
  readonly description: string;
  readonly flags: readonly Flag[];
  readonly arguments: readonly Values[];
}

export interface Tree {
  readonly flags: readonly Flag[];
  readonly verbs: readonly Verb[];
}

/** The command tree in the form that completion scripts need. Flags of the program are among those of each command. */
export function treeOf(program: Command): Tree {
  const help = program.createHelp();
  const global = help.visibleOptions(program).map(flag);
  const visible = help.visibleCommands(program);
  const names = visible.map((command) => command.name()).filter((name) => name !== 'help');
  const verbs = visible.map((command): Verb => {
    const below = command.commands;
    const own = [command, ...below].flatMap((one) => one.createHelp().visibleOptions(one).map(flag));
    const known = new Set(own.flatMap((f) => f.names));
    const rest = global.filter((f) => f.names.every((name) => !known.has(name) && name !== '--version'));
    const isHelp = command.name() === 'help';
    return {
      name: command.name(),
      description: command.summary() || command.description(),
      flags: isHelp ? [] : [...own, ...rest],
      arguments: isHelp ? [{ kind: 'words', words: names }] : argumentsOf(command),
    };
  });
  return { flags: global, verbs };
}

/** Of a command with others below it: the word of one of them, then what that one takes. */
function argumentsOf(command: Command): readonly Values[] {
  const below = command.commands.map((one) => one.name());
  const own = [command, ...command.commands].flatMap((one) => one.registeredArguments.map(argumentValues));
  return below.length === 0 ? own : [{ kind: 'words', words: below }, ...own];
}

function flag(option: Option): Flag {
  const names = [option.short, option.long].filter((name) => name !== undefined);
  return {
    names,
    description: option.description,
    values: option.required || option.optional ? valuesOf(option, option.flags) : { kind: 'none' },
  };
}

function argumentValues(argument: Argument): Values {
  return valuesOf(argument, `<${argument.name()}>`);
}

// What a value is called in the help says what it is.
function valuesOf(from: { readonly argChoices?: string[] }, shape: string): Values {
  if (from.argChoices !== undefined) return { kind: 'words', words: from.argChoices };
  if (shape.includes('<app>')) return { kind: 'apps' };
  if (shape.includes('<code>')) return { kind: 'codes' };
  return { kind: shape.includes('<file>') ? 'file' : 'any' };
}
