import { Command, Option } from 'commander';
import { backupJson, backupsJson, backupsText, backupText } from '../../report/backups-text.ts';
import { applyOptions, showApply } from '../apply-run.ts';
import type { Which } from '../../app/backup/find.ts';
import { type Bind, type Call, jsonMode, namedApps, openCall, required, streamMode } from '../call.ts';
import type { ExitCode } from '../exit-codes.ts';
import { parseDuration, parseMoment, shared, streams, withRunOptions } from '../options.ts';
import { forgetAppCommand, pruneCommand } from './backup-prune.ts';

export function backupCommand(bind: Bind): Command {
  return new Command('backup')
    .summary('save apps, and see what is saved')
    .description(
      'Saves each app alone, with its own login, as one snapshot of a restic repository that `backup` of the manifest or RESTIC_REPOSITORY names. The snapshot says what it holds, down to the rows, so that a drill or a restore can be compared with it.\n\nExample: cotenant backup shop',
    )
    .helpGroup('Main commands:')
    .helpCommand(false)
    .addCommand(runCommand(bind), { isDefault: true })
    .addCommand(listCommand(bind))
    .addCommand(showCommand(bind))
    .addCommand(checkCommand(bind))
    .addCommand(pruneCommand(bind))
    .addCommand(forgetAppCommand(bind));
}

function runCommand(bind: Bind): Command {
  return new Command('run')
    .summary('save apps; what `backup` does by itself')
    .description('Saves the apps that are named, or all.\n\nExample: cotenant backup run shop blog')
    .argument('[apps...]', 'only these apps')
    .addOption(shared.dryRun())
    .addOption(shared.lockTimeout())
    .addOption(shared.output(streams))
    .addOption(shared.json())
    .action(bind(save, streamMode));
}

function listCommand(bind: Bind): Command {
  return new Command('list')
    .summary('show the backups of a project')
    .description(
      'Shows the backups that the repository has, the newest first, and which of them a drill has brought back.\n\nExample: cotenant backup list shop',
    )
    .argument('[app]', 'only backups of this app; it may have left the manifest')
    .addOption(shared.output())
    .addOption(shared.json())
    .action(bind(list, jsonMode, { readOnly: true }));
}

function showCommand(bind: Bind): Command {
  return new Command('show')
    .summary('show what one backup holds')
    .description(
      'Shows when and how a backup was taken, and what it holds. With --json object by object.\n\nExample: cotenant backup show 20260131T030000000-1a2b3c4d',
    )
    .argument('<backup>', 'its name, as `backup list` shows it')
    .addOption(shared.output())
    .addOption(shared.json())
    .action(bind(show, jsonMode, { readOnly: true }));
}

function checkCommand(bind: Bind): Command {
  return new Command('check')
    .summary('check the repository itself')
    .description(
      'Checks that the repository is whole. What was saved is proved by a drill.\n\nExample: cotenant backup check --read-data 5%',
    )
    .option('--read-data <share>', 'read so much of the data as well, such as 5% or 100%')
    .addOption(shared.output())
    .addOption(shared.json())
    .action(bind(check, jsonMode, { readOnly: true }));
}

export function drillCommand(bind: Bind): Command {
  return new Command('drill')
    .summary('bring backups back, and compare them')
    .description(
      'Brings the newest backup of each app back into a place made for that, compares all of it with what was saved, and removes the place again. A backup that was never brought back counts as unproved.\n\nExample: cotenant drill shop',
    )
    .helpGroup('Main commands:')
    .argument('[apps...]', 'only these apps')
    .addOption(
      new Option('--timeout <duration>', 'how long the drill of one app may take, such as 30m (default: 6h)').argParser(parseDuration),
    )
    .addOption(shared.dryRun())
    .addOption(shared.lockTimeout())
    .addOption(shared.output(streams))
    .addOption(shared.json())
    .action(bind(drill, streamMode));
}

export function restoreCommand(bind: Bind): Command {
  return withRunOptions(
    new Command('restore')
      .summary('bring a backup of an app back')
      .description(
        'Brings a backup back, and compares all of it with what was saved. It writes over nothing: where the app has something already, add an app to the manifest, apply, and bring it back beside that with --as.\n\nExample: cotenant restore shop --as shop_copy',
      )
      .helpGroup('Other commands:')
      .argument('<app>', 'whose backup; the app may have left the manifest')
      .addOption(new Option('--from <backup>', 'which one: latest, or its name (default: latest)'))
      .addOption(
        new Option('--at <time>', 'the newest one of this moment or before, such as 2026-01-31T03:00:00Z')
          .argParser(parseMoment)
          .conflicts('from'),
      )
      .option('--as <app>', 'the app of the manifest into which it goes (default: the same)')
      .option('--to <instance>', 'the instance to which the part of its engine goes (default: the one from which it is)'),
  ).action(bind(restore, streamMode));
}

async function save(call: Call): Promise<ExitCode> {
  const project = await openCall(call);
  const { backupApps } = await import('../../app/backup/save.ts');
  return await showApply(call, project, backupApps(project, namedApps(call), applyOptions(call)), {
    words: { done: 'Saved', nothing: 'Nothing to save.', again: 'backup' },
    next: 'cotenant drill',
  });
}

async function drill(call: Call): Promise<ExitCode> {
  const project = await openCall(call);
  const { drillApps } = await import('../../app/backup/drill.ts');
  return await showApply(call, project, drillApps(project, namedApps(call), { ...applyOptions(call), ...limitOf(call) }), {
    words: { done: 'Proved', nothing: 'Nothing to prove.', again: 'drill' },
  });
}

function limitOf({ options }: Call): { readonly limit?: number } {
  const limit = options.number('timeout');
  return limit === undefined ? {} : { limit };
}

async function restore(call: Call): Promise<ExitCode> {
  const { options } = call;
  const project = await openCall(call);
  const { restoreBackup } = await import('../../app/backup/restore.ts');
  const app = required(call, 0);
  const to = options.text('to');
  const request = {
    app,
    from: whichOf(options.text('from'), options.text('at')),
    as: options.text('as') ?? app,
    ...(to === undefined ? {} : { to }),
  };
  return await showApply(call, project, restoreBackup(project, request, applyOptions(call)), {
    words: { done: 'Restored', nothing: 'Nothing to restore.', again: 'restore' },
  });
}

function whichOf(run = 'latest', until?: string): Which {
  if (until !== undefined) return { until };
  return run === 'latest' ? run : { run };
}

async function list(call: Call): Promise<ExitCode> {
  const { output, args } = call;
  const project = await openCall(call);
  const { backupsOf } = await import('../../app/backup/find.ts');
  const rows = await output.busy('Reading the repository', async () => await backupsOf(project, args[0]));
  output.result({ text: (style) => backupsText(rows, style), json: () => backupsJson(rows), paged: true });
  return 0;
}

async function show(call: Call): Promise<ExitCode> {
  const { output } = call;
  const project = await openCall(call);
  const { backupNamed } = await import('../../app/backup/find.ts');
  const saved = await output.busy('Reading the repository', async () => await backupNamed(project, required(call, 0)));
  output.result({ text: (style) => backupText(saved, style), json: () => backupJson(saved), paged: true });
  return 0;
}

async function check(call: Call): Promise<ExitCode> {
  const { output, options } = call;
  const project = await openCall(call);
  const { checkRepository } = await import('../../app/backup/find.ts');
  const readData = options.text('readData') ?? null;
  await output.busy('Checking the repository', async () => await checkRepository(project, readData));
  const [{ document }, { writeChecked }] = await Promise.all([
    import('../../report/documents/document.ts'),
    import('../../report/documents/pages.ts'),
  ]);
  output.result({ text: () => '', json: () => document(writeChecked({ format: 1, whole: true, readData })) });
  output.note('The repository is whole. What it holds is proved by a drill: cotenant drill');
  return 0;
}
