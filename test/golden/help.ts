import type { Command } from 'commander';
import { buildProgram } from '../../src/cli/program.ts';

/** The help of the program and of each of its commands, as a terminal of this width shows it. */
export function helpTexts(width: number): readonly { readonly name: string; readonly text: string }[] {
  const program = buildProgram({
    version: '',
    width,
    bind: () => () => Promise.resolve(),
    writeOut: () => undefined,
    writeErr: () => undefined,
  });
  const below = (command: Command): readonly Command[] =>
    command
      .createHelp()
      .visibleCommands(command)
      .filter((one) => one.name() !== 'help');
  const all = [program, ...below(program).flatMap((command) => [command, ...below(command)])];
  return all.map((command) => ({
    name: nameOf(command),
    text: command.configureHelp({ showGlobalOptions: false, helpWidth: width, minWidthToWrap: 12 }).helpInformation(),
  }));
}

function nameOf(command: Command): string {
  return command.parent === null
    ? command.name()
    : command.parent.parent === null
      ? command.name()
      : `${nameOf(command.parent)} ${command.name()}`;
}
