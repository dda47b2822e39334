import { Command, Option } from 'commander';
import type { Bind } from './call.ts';
import { addCommand } from './commands/add.ts';
import { applyCommand } from './commands/apply.ts';
import { checkStackCommand } from './commands/check-stack.ts';
import { completeCommand } from './commands/complete.ts';
import { completionCommand } from './commands/completion.ts';
import { configCommand } from './commands/config.ts';
import { connectCommand } from './commands/connect.ts';
import { credentialsCommand } from './commands/credentials.ts';
import { doctorCommand } from './commands/doctor.ts';
import { downCommand } from './commands/down.ts';
import { envCommand } from './commands/env.ts';
import { estimateCommand } from './commands/estimate.ts';
import { explainCommand } from './commands/explain.ts';
import { historyCommand } from './commands/history.ts';
import { importCommand } from './commands/import.ts';
import { initCommand } from './commands/init.ts';
import { keyCommand } from './commands/key.ts';
import { logsCommand } from './commands/logs.ts';
import { manCommand } from './commands/man.ts';
import { backupCommand, drillCommand, restoreCommand } from './commands/backup.ts';
import { migrateCommand } from './commands/migrate.ts';
import { planCommand } from './commands/plan.ts';
import { readyCommand } from './commands/ready.ts';
import { renderCommand } from './commands/render.ts';
import { restoreAppCommand } from './commands/restore-app.ts';
import { schemaCommand } from './commands/schema.ts';
import { serveCommand } from './commands/serve.ts';
import { killCommand, sessionsCommand } from './commands/sessions.ts';
import { sizesCommand, slowCommand } from './commands/slow.ts';
import { statusCommand } from './commands/status.ts';
import { superviseCommand } from './commands/supervise.ts';
import { topCommand } from './commands/top.ts';
import { upCommand } from './commands/up.ts';
import { vacuumCommand } from './commands/vacuum.ts';
import { validateCommand } from './commands/validate.ts';
import { verifyCommand } from './commands/verify.ts';
import { helpLayout } from './help-layout.ts';

export interface ProgramOptions {
  readonly version: string;
  readonly bind: Bind;
  /** Columns of the help; the terminal's where it is not given. */
  readonly width?: number;
  readonly writeOut: (text: string) => void;
  readonly writeErr: (text: string) => void;
}

/** The command tree. Help, completion and the reference page are made from it. */
export function buildProgram(options: ProgramOptions): Command {
  const { bind, width } = options;
  const program = new Command('cotenant')
    .description(exampleFirst('Many apps on shared database servers, with proved walls between them.\n\nExample: cotenant plan'))
    .version(options.version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .addHelpCommand(helpCommand())
    .option('-f, --file <file>', 'the manifest (default: cotenant.yaml in this folder or one above; -: stdin)')
    .option('--no-color', 'print without colours')
    .option('--no-pager', 'print what is longer than the screen at once')
    .addOption(new Option('-q, --quiet', 'only results and errors').conflicts(['verbose', 'debug']))
    .option('-v, --verbose', 'also print every step, and when it begins')
    .option('--debug', 'print the stack of an unexpected error')
    .configureOutput({
      writeOut: options.writeOut,
      writeErr: options.writeErr,
      outputError: (text, write) => write(withoutValues(text)),
      ...(width === undefined ? {} : { getOutHelpWidth: () => width, getErrHelpWidth: () => width }),
    })
    .configureHelp({ ...helpLayout, showGlobalOptions: true })
    .showSuggestionAfterError(true)
    .showHelpAfterError("Run 'cotenant --help' for the commands and flags.")
    .exitOverride();
  const commands = [
    planCommand(bind),
    applyCommand(bind),
    statusCommand(bind),
    verifyCommand(bind),
    doctorCommand(bind),
    topCommand(bind),
    sessionsCommand(bind),
    killCommand(bind),
    slowCommand(bind),
    sizesCommand(bind),
    checkStackCommand(bind),
    vacuumCommand(bind),
    serveCommand(bind),
    validateCommand(bind),
    migrateCommand(bind),
    readyCommand(bind),
    backupCommand(bind),
    drillCommand(bind),
    restoreCommand(bind),
    envCommand(bind),
    connectCommand(bind),
    credentialsCommand(bind),
    upCommand(bind),
    downCommand(bind),
    logsCommand(bind),
    initCommand(bind),
    addCommand(bind),
    importCommand(bind),
    renderCommand(bind),
    restoreAppCommand(bind),
    historyCommand(bind),
    keyCommand(bind),
    configCommand(bind),
    schemaCommand(bind),
    explainCommand(bind),
    estimateCommand(bind),
    completionCommand(bind, () => program),
    manCommand(bind, () => program),
  ];
  for (const command of commands) program.addCommand(inherit(command, program));
  for (const command of [completeCommand(bind), superviseCommand(bind)])
    program.addCommand(command.copyInheritedSettings(program), { hidden: true });
  return program;
}

function inherit(command: Command, parent: Command): Command {
  command.copyInheritedSettings(parent).helpOption('-h, --help', 'print this help').description(exampleFirst(command.description()));
  command.showHelpAfterError(`Run '${nameOf(command, parent)} --help' for its arguments and flags.`);
  for (const below of command.commands) inherit(below, command);
  return command;
}

function nameOf(command: Command, parent: Command): string {
  return `${parent.parent === null && parent.name() === 'cotenant' ? 'cotenant' : `cotenant ${parent.name()}`} ${command.name()}`;
}

/** What people copy stands above what they read. */
function exampleFirst(description: string): string {
  const paragraphs = description.split('\n\n');
  const isExample = (text: string): boolean => text.startsWith('Example: ');
  return [...paragraphs.filter(isExample), ...paragraphs.filter((one) => !isExample(one))].join('\n\n');
}

function helpCommand(): Command {
  const summary = 'print the help of a command';
  return new Command('help')
    .argument('[command...]', 'a command, such as plan or migrate up')
    .summary(summary)
    .description(summary)
    .helpOption(false)
    .helpGroup('Other commands:');
}

// What was given to a flag that is unknown, or once too often, may be a secret.
function withoutValues(message: string): string {
  return message.replace(/'(--?[^'=\s]+)=[^']*'/g, "'$1'").replace(/(but got \d+): .*\./s, '$1.');
}
