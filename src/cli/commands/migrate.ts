import { Command, Option } from 'commander';
import { migrationsJson, migrationsText, noMigrations } from '../../report/migrations-text.ts';
import { adoptCommand, downCommand, hasMigrations, lintCommand, planCommand } from './migrate-more.ts';
import { applyOptions, showApply } from '../apply-run.ts';
import { type Bind, type Call, jsonMode, namedApps, openCall, streamMode } from '../call.ts';
import { type ExitCode, exitOfDiagnostics } from '../exit-codes.ts';
import { parseCount, shared, streams } from '../options.ts';

export function migrateCommand(bind: Bind): Command {
  return new Command('migrate')
    .summary('run the migrations of apps with their own tools')
    .description(
      'Each app keeps its migrations in its own tool and its own ledger, as `migrations` in the manifest says.\n\nExample: cotenant migrate status',
    )
    .helpGroup('Main commands:')
    .helpCommand(false)
    .addCommand(statusCommand(bind))
    .addCommand(planCommand(bind))
    .addCommand(lintCommand(bind))
    .addCommand(upCommand(bind))
    .addCommand(downCommand(bind))
    .addCommand(adoptCommand(bind));
}

function statusCommand(bind: Bind): Command {
  return new Command('status')
    .summary('show where each app stands: files against ledger')
    .description(
      'Shows a row for each app with migrations: what is applied, what is pending, and where its files and its ledger contradict each other. Starts no tool.\n\nExample: cotenant migrate status shop',
    )
    .argument('[apps...]', 'only these apps')
    .addOption(shared.output())
    .addOption(shared.json())
    .option('--detailed-exitcode', 'exit code 0: all is applied, 1: error, 2: something is pending or drifted')
    .action(bind(status, jsonMode, { readOnly: true }));
}

function upCommand(bind: Bind): Command {
  return new Command('up')
    .summary('bring apps up to date, and prove it')
    .description(
      'Runs the tool of each app that has something pending, with the app’s own login: apps in the order of `after`, one at a time within a database, side by side across databases. Afterwards files, ledger and catalog are compared, whatever the tool said. An app that fails stops only those that come after it; a second run goes on where this one stopped.\n\nExample: cotenant migrate up shop',
    )
    .argument('[apps...]', 'only these apps')
    .option('--to <revision>', 'up to this revision; for one app')
    .option('--canary <app>', 'run this app first, and the others only if it succeeds')
    .addOption(new Option('--concurrency <n>', 'at most this many apps at a time on one instance (default: 4)').argParser(parseCount(3)))
    .option('--keep-going', 'also run apps that come after one that failed')
    .addOption(shared.confirm())
    .addOption(shared.noInput())
    .addOption(shared.dryRun())
    .addOption(shared.lockTimeout())
    .addOption(shared.output(streams))
    .addOption(shared.json())
    .action(bind(up, streamMode));
}

async function up(call: Call): Promise<ExitCode> {
  const { options } = call;
  const project = await openCall(call);
  const { migrateUp } = await import('../../app/migrate/up.ts');
  const [to, canary, concurrency] = [options.text('to'), options.text('canary'), options.number('concurrency')];
  const request = {
    apps: namedApps(call),
    keepGoing: options.flag('keepGoing'),
    ...(to === undefined ? {} : { to }),
    ...(canary === undefined ? {} : { canary }),
    ...(concurrency === undefined ? {} : { concurrency }),
  };
  const nothing = hasMigrations(project) ? 'Nothing to do. Every app is at its head.' : noMigrations;
  const words = { done: 'Migrated', nothing, again: 'migrate up' };
  return await showApply(call, project, migrateUp(project, request, applyOptions(call)), { words });
}

async function status(call: Call): Promise<ExitCode> {
  const { output, options } = call;
  const project = await openCall(call);
  const { migrationStatus } = await import('../../app/migrate/status.ts');
  const report = await output.busy('Reading the ledgers', async () => await migrationStatus(project, namedApps(call)));
  output.result({ text: (style) => migrationsText(report, style), json: () => migrationsJson(report), paged: true });
  output.diagnostics(report.diagnostics);
  const trouble = exitOfDiagnostics(report.diagnostics);
  if (trouble !== 0) return trouble;
  const differs = report.rows.some(({ state }) => state !== 'current');
  if (report.rows.some(({ state }) => state === 'behind')) output.note('Next: cotenant migrate up');
  return differs && options.flag('detailedExitcode') ? 2 : 0;
}
