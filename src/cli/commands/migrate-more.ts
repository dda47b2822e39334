import { Command, Option } from 'commander';
import type { Project } from '../../app/types.ts';
import { lintJson, lintText } from '../../report/lint-text.ts';
import { printable } from '../../report/printable.ts';
import { adoptJson, adoptText, renderedJson, renderedText } from '../../report/migrations-more.ts';
import { noMigrations } from '../../report/migrations-text.ts';
import type { Style } from '../../report/style.ts';
import { applyOptions, showApply } from '../apply-run.ts';
import { type Bind, type Call, jsonMode, namedApps, openCall, required, streamMode } from '../call.ts';
import { type ExitCode, exitOfDiagnostics } from '../exit-codes.ts';
import { parseCount, shared, streams } from '../options.ts';
import { UsageError } from '../usage.ts';

export function planCommand(bind: Bind): Command {
  return new Command('plan')
    .summary('print the SQL that is pending, and what is wrong with it')
    .description(
      'Prints the SQL that `migrate up` would send, revision by revision, as the tool of each app renders it, with what the rules of `migrate lint` find in it. Changes nothing.\n\nExample: cotenant migrate plan shop',
    )
    .argument('[apps...]', 'only these apps')
    .addOption(shared.output())
    .addOption(shared.json())
    .action(bind(plan, jsonMode, { readOnly: true }));
}

async function plan(call: Call): Promise<ExitCode> {
  const project = await openCall(call);
  const { planMigrations } = await import('../../app/migrate/lint.ts');
  const found = await call.output.busy('Rendering', async () => await planMigrations(project, namedApps(call)));
  const text = (style: Style): string => (hasMigrations(project) ? renderedText(found, style) : `${noMigrations}\n`);
  call.output.result({ text, json: () => renderedJson(found), paged: true });
  call.output.diagnostics(found.diagnostics);
  const trouble = exitOfDiagnostics(found.diagnostics);
  if (trouble === 0 && found.migrations.length > 0) call.output.note('Next: cotenant migrate up');
  return trouble;
}

export function hasMigrations({ manifest }: Project): boolean {
  return manifest.apps.some(({ migrations }) => migrations !== null);
}

export function lintCommand(bind: Bind): Command {
  return new Command('lint')
    .summary('look for what pending migrations would do')
    .description(
      'Reads the SQL that is pending with the server’s own parser, before it runs: what would be another app’s or everybody’s, what would stop the app for long at the size its tables have, what cannot be brought back. docs/migrations-lint.md has the rules.\n\nExample: cotenant migrate lint shop',
    )
    .argument('[apps...]', 'only these apps')
    .addOption(shared.output())
    .addOption(shared.json())
    .option('--detailed-exitcode', 'exit code 2 for warnings as well, not only for errors')
    .action(bind(lint, jsonMode, { readOnly: true }));
}

async function lint(call: Call): Promise<ExitCode> {
  const { output, options } = call;
  const project = await openCall(call);
  const { lintMigrations } = await import('../../app/migrate/lint.ts');
  const found = await output.busy('Rendering', async () => await lintMigrations(project, namedApps(call)));
  const text = (style: Style): string => (hasMigrations(project) ? lintText(found, style) : `${noMigrations}\n`);
  output.result({ text, json: () => lintJson(found), paged: true });
  output.diagnostics(found.diagnostics);
  const trouble = exitOfDiagnostics(found.diagnostics);
  if (trouble !== 0) return trouble;
  if (found.findings.some(({ severity }) => severity === 'error')) return 2;
  return found.findings.length > 0 && options.flag('detailedExitcode') ? 2 : 0;
}

export function downCommand(bind: Bind): Command {
  return new Command('down')
    .summary('take migrations of one app back')
    .description(
      'Takes revisions of one app back with its own tool. What that would lose is named first, and wants --confirm=<app>; so does what nobody can tell beforehand. Where a repository for backups is configured, a terminal asks whether the app is backed up first.\n\nExample: cotenant migrate down shop --steps 1 --confirm=shop',
    )
    .argument('<app>', 'the app')
    .addOption(new Option('--steps <n>', 'take back so many revisions').argParser(parseCount(5)).conflicts('to'))
    .option('--to <revision>', 'take back everything after this revision')
    .option('--backup', 'back the app up first; without a backup nothing is taken back')
    .addOption(shared.confirm())
    .addOption(shared.noInput())
    .addOption(shared.dryRun())
    .addOption(shared.lockTimeout())
    .addOption(shared.output(streams))
    .addOption(shared.json())
    .action(bind(down, streamMode));
}

async function down(call: Call): Promise<ExitCode> {
  const { options, output } = call;
  const [steps, to] = [options.number('steps'), options.text('to')];
  if (steps === undefined && to === undefined) throw new UsageError('say how far: --steps <n> or --to <revision>');
  const project = await openCall(call);
  const { migrateDown } = await import('../../app/migrate/down.ts');
  const end = to === undefined ? { steps: steps ?? 1 } : { to };
  const words = { done: 'Taken back', nothing: 'Nothing to do. It is there already.', again: 'migrate down' };
  const app = required(call, 0);
  const asks = async (lost: readonly string[] | null): Promise<boolean> => {
    const loses = lost === null ? 'what nobody can tell' : lost.join(', ');
    const answer = await output.ask(`This loses ${printable(loses)}. Back up "${printable(app)}" first? [Y/n] `);
    return answer !== null && !/^no?$/i.test(answer);
  };
  const backup = options.flag('backup') ? { backup: true as const } : output.canAsk ? { backup: asks } : {};
  return await showApply(call, project, migrateDown(project, { app, end, ...backup }, applyOptions(call)), { words });
}

export function adoptCommand(bind: Bind): Command {
  return new Command('adopt')
    .summary('look whether an existing database can be taken as it is')
    .description(
      'Looks whether the ledger that a tool left in an existing database agrees with the files, and whether what lies there belongs to the app. Changes nothing: from then on `migrate up` goes on from that ledger.\n\nExample: cotenant migrate adopt shop',
    )
    .argument('<app>', 'the app')
    .addOption(shared.output())
    .addOption(shared.json())
    .action(bind(adopt, jsonMode, { readOnly: true }));
}

async function adopt(call: Call): Promise<ExitCode> {
  const project = await openCall(call);
  const { adoptMigrations } = await import('../../app/migrate/adopt.ts');
  const report = await call.output.busy('Reading the ledger', async () => await adoptMigrations(project, required(call, 0)));
  call.output.result({ text: (style) => adoptText(report, style), json: () => adoptJson(report) });
  return report.adopted ? 0 : 1;
}
