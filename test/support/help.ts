import type { Command } from 'commander';
import { helpLayout } from '../../src/cli/help-layout.ts';
import { buildProgram } from '../../src/cli/program.ts';

/** The program, and each of its commands behind it. */
export function commandsAt(width: number): readonly [program: Command, ...commands: Command[]] {
  const program = buildProgram({
    version: '',
    width,
    bind: () => () => Promise.resolve(),
    writeOut: () => undefined,
    writeErr: () => undefined,
  });
  return [program, ...below(program).flatMap((command) => [command, ...below(command)])];
}

/** As a terminal of this width shows it. Global flags stand once, under the program. */
export function helpOf(command: Command, width: number): string {
  return command.configureHelp({ ...helpLayout, showGlobalOptions: false, helpWidth: width }).helpInformation();
}

function below(command: Command): readonly Command[] {
  return command
    .createHelp()
    .visibleCommands(command)
    .filter((one) => one.name() !== 'help');
}
