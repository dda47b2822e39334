import type { Command } from 'commander';
import { commandsAt, helpOf } from '../support/help.ts';

/** The help of the program and of each of its commands, as a terminal of this width shows it. */
export function helpTexts(width: number): readonly { readonly name: string; readonly text: string }[] {
  return commandsAt(width).map((command) => ({ name: nameOf(command), text: helpOf(command, width) }));
}

function nameOf(command: Command): string {
  return command.parent === null
    ? command.name()
    : command.parent.parent === null
      ? command.name()
      : `${nameOf(command.parent)} ${command.name()}`;
}
