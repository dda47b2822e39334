import { Command, Option } from 'commander';
import { sizesJson, sizesText, slowJson, slowText } from '../../report/weights-text.ts';
import { type Bind, type Call, jsonMode, openCall } from '../call.ts';
import { type ExitCode, exitOfDiagnostics } from '../exit-codes.ts';
import { parseCount, shared } from '../options.ts';

const USUAL = 10;

const description = `Shows the statements that took most time since each server began to count: how often, how long, how many rows. Texts and numbers that people wrote into them stand as ?, comments are left out, and long ones are cut. With an app’s name, only statements that its own logins sent; where a server cannot tell them from those of others, none are shown, and that is said.

Example: cotenant slow shop`;

export function slowCommand(bind: Bind): Command {
  return new Command('slow')
    .summary('show the statements that take most time')
    .description(description)
    .helpGroup('Watching:')
    .argument('[app]', 'only this app or reader')
    .addOption(new Option('-n, --lines <n>', 'how many statements (default: 10)').argParser(parseCount(3)))
    .addOption(shared.output())
    .addOption(shared.json())
    .addOption(shared.deadline())
    .action(bind(slow, jsonMode, { readOnly: true }));
}

export function sizesCommand(bind: Bind): Command {
  return new Command('sizes')
    .summary('show how big each app is, and its tables')
    .description(
      'Shows how big each app is on each instance, the biggest first, and with --tables its tables. A size with ~ is an estimate from a sample; numbers of rows are the server’s own estimates. No row is read.\n\nExample: cotenant sizes shop --tables',
    )
    .helpGroup('Watching:')
    .argument('[app]', 'only this app')
    .option('--tables', 'also the biggest tables')
    .addOption(shared.output())
    .addOption(shared.json())
    .addOption(shared.deadline())
    .action(bind(sizes, jsonMode, { readOnly: true }));
}

async function slow(call: Call): Promise<ExitCode> {
  const { options, output, args } = call;
  const project = await openCall(call);
  const { slowOf } = await import('../../app/tending/slow.ts');
  const deadline = options.number('deadline');
  const request = { app: args[0] ?? null, most: options.number('lines') ?? USUAL, ...(deadline === undefined ? {} : { deadline }) };
  const report = await output.busy('Looking at the servers', async () => await slowOf(project, request));
  const code = exitOfDiagnostics(report.diagnostics);
  output.result({ text: (style) => slowText(report, style), json: () => slowJson(report, code), paged: true });
  output.diagnostics(report.diagnostics);
  return code;
}

async function sizes(call: Call): Promise<ExitCode> {
  const { options, output, args } = call;
  const project = await openCall(call);
  const { sizesOf } = await import('../../app/tending/sizes.ts');
  const deadline = options.number('deadline');
  const request = { app: args[0] ?? null, tables: options.flag('tables'), ...(deadline === undefined ? {} : { deadline }) };
  const report = await output.busy('Looking at the servers', async () => await sizesOf(project, request));
  const code = exitOfDiagnostics(report.diagnostics);
  output.result({ text: (style) => sizesText(report, style), json: () => sizesJson(report, code), paged: true });
  output.diagnostics(report.diagnostics);
  return code;
}
