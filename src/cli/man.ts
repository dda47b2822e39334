import type { Command } from 'commander';
import type { Manual } from '../report/documents/pages.ts';
import { exitCodes } from './exit-codes.ts';

/** What the environment says to every command. */
export const environment: readonly (readonly [string, string])[] = [
  ['COTENANT_FILE', 'the manifest, as --file'],
  ['COTENANT_NO_COLOR, NO_COLOR', 'no colours, as --no-color; FORCE_COLOR asks for them'],
  ['COTENANT_NO_PAGER', 'as --no-pager'],
  ['COTENANT_PAGER, PAGER', 'the pager; cat is none'],
  ['COTENANT_NO_INPUT, CI', 'never ask, as --no-input'],
  ['COTENANT_QUIET', 'as --quiet'],
  ['COTENANT_VERBOSE', 'as --verbose'],
  ['COTENANT_DEBUG', 'as --debug'],
  ['COTENANT_CACHE', 'where programs of local servers are unpacked'],
  ['COTENANT_SERVERS', 'where data of local servers lies, if not under .cotenant/'],
  ['COTENANT_AGE_RECIPIENTS, COTENANT_AGE_IDENTITY_FILE', 'for whom the secret store is sealed, and what opens it'],
];

const files: readonly (readonly [string, string])[] = [
  ['cotenant.yaml', 'the manifest, in the working directory or one above it'],
  ['.cotenant/', 'beside the manifest: secrets, keys, past runs, local servers. Only its owner can read it'],
];

/** What the help of the program and of all of its commands says. */
export function manual(program: Command, version: string): Manual {
  const commands = visible(program).flatMap((command) => [command, ...visible(command)]);
  return {
    format: 1,
    version,
    description: program.createHelp().commandDescription(program),
    options: optionsOf(program),
    commands: commands.map(commandOf),
    exitCodes: exitCodes.map(([code, meaning]) => ({ code, meaning })),
    environment: environment.map(named),
    files: files.map(named),
  };
}

function commandOf(command: Command): Manual['commands'][number] {
  const help = command.createHelp();
  const above = command.parent?.parent ? `${command.parent.name()} ` : '';
  return {
    name: `${above}${command.name()}`,
    usage: help.commandUsage(command),
    summary: command.summary(),
    description: help.commandDescription(command),
    arguments: help.visibleArguments(command).map((one) => named([help.argumentTerm(one), help.argumentDescription(one)])),
    options: optionsOf(command),
  };
}

function optionsOf(command: Command): Manual['options'] {
  const help = command.createHelp();
  return help
    .visibleOptions(command)
    .filter(({ long }) => long !== '--help')
    .map((option) => named([help.optionTerm(option), help.optionDescription(option)]));
}

function named([term, what]: readonly [string, string]): Manual['options'][number] {
  return { term, what };
}

function visible(command: Command): readonly Command[] {
  return command
    .createHelp()
    .visibleCommands(command)
    .filter((one) => one.name() !== 'help');
}

/** The same as roff, which `man -l` reads. */
export function manPage(page: Manual): string {
  return [
    `.TH COTENANT 1 "" "cotenant ${page.version}" "User Commands"`,
    ...section('NAME', [`cotenant \\- ${text('many apps on shared database servers, with walls that are proved')}`]),
    ...section('SYNOPSIS', ['.B cotenant', text('[options] <command> …')]),
    ...section('DESCRIPTION', paragraphs(page.description)),
    ...section('OPTIONS', entries(page.options)),
    ...section('COMMANDS', page.commands.flatMap(commandPage)),
    ...section('EXIT STATUS', entries(page.exitCodes.map(({ code, meaning }) => named([String(code), meaning])))),
    ...section('ENVIRONMENT', entries(page.environment)),
    ...section('FILES', entries(page.files)),
  ]
    .join('\n')
    .concat('\n');
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return [`.SH ${title}`, ...lines];
}

function commandPage({ usage, description, arguments: given, options }: Manual['commands'][number]): readonly string[] {
  return [`.SS ${text(usage)}`, ...paragraphs(description), ...entries([...given, ...options])];
}

function entries(list: Manual['options']): readonly string[] {
  return list.flatMap(({ term, what }) => ['.TP', `.B ${text(term)}`, text(what)]);
}

function paragraphs(description: string): readonly string[] {
  return description.split('\n\n').flatMap((paragraph) => ['.PP', text(paragraph.replaceAll('\n', ' '))]);
}

/** As roff shows it: no escape, no request at the start of a line, and hyphens that can be copied. */
function text(words: string): string {
  const escaped = words
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('"', '\\(dq')
    .replaceAll('`', '')
    .replaceAll('…', '...')
    .replaceAll('’', "'");
  return /^[.']/.test(escaped) ? `\\&${escaped}` : escaped;
}
