import type { Argument, Command, Option } from 'commander';
import type { DynamicKind } from './kinds.ts';

/** What stands behind a flag or an argument, as far as a shell can complete it. */
export type Values =
  | { readonly kind: 'words'; readonly words: readonly string[] }
  | { readonly kind: DynamicKind | 'file' | 'none' | 'any' };

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
  /** Commands below it. */
  readonly below: readonly Verb[];
}

export interface Tree {
  readonly flags: readonly Flag[];
  readonly verbs: readonly Verb[];
}

/** With those below it: what stands before it, and itself. */
export function withBelow(tree: Tree): readonly { readonly path: readonly string[]; readonly verb: Verb }[] {
  return tree.verbs.flatMap((verb) => [
    { path: [verb.name], verb },
    ...verb.below.map((one) => ({ path: [verb.name, one.name], verb: one })),
  ]);
}

/** The command tree in the form that completion scripts need. Flags of the program are among those of each command. */
export function treeOf(program: Command): Tree {
  const help = program.createHelp();
  const global = help.visibleOptions(program).map(flag);
  const visible = help.visibleCommands(program);
  const names = visible.map((command) => command.name()).filter((name) => name !== 'help');
  const verbOf = (command: Command): Verb => {
    // What is given where a word is missing is that of the first one, which some take by default.
    const own = [command, ...command.commands.slice(0, 1)].flatMap((one) => one.createHelp().visibleOptions(one).map(flag));
    const once = own.filter((one, at) => own.findIndex(({ names: [name] }) => name === one.names[0]) === at);
    const known = new Set(once.flatMap((f) => f.names));
    const rest = global.filter((f) => f.names.every((name) => !known.has(name) && name !== '--version'));
    const isHelp = command.name() === 'help';
    return {
      name: command.name(),
      description: command.summary() || command.description(),
      flags: isHelp ? [] : [...once, ...rest],
      arguments: isHelp ? [{ kind: 'words', words: names }] : argumentsOf(command),
      below: command.commands.map(verbOf),
    };
  };
  return { flags: global, verbs: visible.map(verbOf) };
}

/** Of a command with others below it: the word of one of them, then what the first of them takes. */
function argumentsOf(command: Command): readonly Values[] {
  const below = command.commands.map((one) => one.name());
  const own = [command, ...command.commands.slice(0, 1)].flatMap((one) => one.registeredArguments.flatMap(argumentValues));
  return below.length === 0 ? own : [{ kind: 'words', words: below }, ...own];
}

function flag(option: Option): Flag {
  const names = [option.short, option.long].filter((name) => name !== undefined);
  return {
    names,
    description: option.description,
    // A value that may be left out stands behind `=`.
    values: option.required ? valuesOf(option, option.flags) : { kind: 'none' },
  };
}

/** One that may be repeated is offered a few times. */
function argumentValues(argument: Argument): readonly Values[] {
  return Array.from({ length: argument.variadic ? REPEATED : 1 }, () => valuesOf(argument, `<${argument.name()}>`));
}

const REPEATED = 9;

// What a value is called in the help says what it is.
function valuesOf(from: { readonly argChoices?: string[] }, shape: string): Values {
  if (from.argChoices !== undefined) return { kind: 'words', words: from.argChoices };
  if (/<apps?>|<app-or-session>/.test(shape)) return { kind: 'apps' };
  if (shape.includes('<instance>')) return { kind: 'instances' };
  if (/<instance-or-app>|^--confirm /.test(shape)) return { kind: 'names' };
  if (shape.includes('<code>')) return { kind: 'codes' };
  return { kind: shape.includes('<file>') ? 'file' : 'any' };
}
