import { Command, Option } from 'commander';
import type { Pruning } from '../../app/backup/prune.ts';
import { type BackupRow, fail } from '../../model/index.ts';
import { confirmOption } from '../../util/confirm-option.ts';
import { prunedJson, prunedText } from '../../report/backups-text.ts';
import { type Bind, type Call, jsonMode, openCall, required } from '../call.ts';
import { confirmationMissing, consentMissing } from '../codes.ts';
import { printable } from '../../report/printable.ts';
import type { ExitCode } from '../exit-codes.ts';
import { collect, shared } from '../options.ts';

export function pruneCommand(bind: Bind): Command {
  return new Command('prune')
    .summary('remove old backups')
    .description(
      'Removes backups that `keep` of `backup` in the manifest does not keep, app by app, and then data that no backup needs. The newest backup of each app, and the newest that a drill has proved, always stay.\n\nExample: cotenant backup prune --dry-run',
    )
    .addOption(new Option('-y, --yes', 'agree to what `keep` does not keep'))
    .addOption(shared.noInput())
    .addOption(shared.dryRun('print what would be removed, but remove nothing'))
    .addOption(shared.output())
    .addOption(shared.json())
    .action(bind(prune, jsonMode));
}

export function forgetAppCommand(bind: Bind): Command {
  return new Command('forget-app')
    .summary('remove all backups of one app')
    .description(
      'Removes every backup of an app from the repository, the newest and those that a drill has proved too, and then data that no other backup needs. What the app has on the servers is not touched.\n\nExample: cotenant backup forget-app shop --dry-run',
    )
    .argument('<app>', 'whose backups; the app may have left the manifest')
    .addOption(new Option('--confirm <name>', 'agree to it: the name of the app').argParser(collect))
    .addOption(shared.noInput())
    .addOption(shared.dryRun('print what would be removed, but remove nothing'))
    .addOption(shared.output())
    .addOption(shared.json())
    .action(bind(forgetApp, jsonMode));
}

async function prune(call: Call): Promise<ExitCode> {
  const project = await openCall(call);
  const { pruningOf } = await import('../../app/backup/prune.ts');
  const pruning = await call.output.busy('Reading the repository', async () => await pruningOf(project));
  return await removed(call, pruning, async () => await agree(call, pruning.gone));
}

async function forgetApp(call: Call): Promise<ExitCode> {
  const app = required(call, 0);
  const project = await openCall(call);
  const { forgettingOf } = await import('../../app/backup/prune.ts');
  const pruning = await call.output.busy('Reading the repository', async () => await forgettingOf(project, app));
  return await removed(call, pruning, async () => await agreeByName(call, app, pruning.gone));
}

/** Shows what goes, and removes it where somebody has agreed. */
async function removed({ output, options }: Call, { gone, kept, remove }: Pruning, agreed: () => Promise<void>): Promise<ExitCode> {
  const show = (done: boolean): void => {
    const rows = { gone, kept, removed: done };
    output.result({ text: (style) => prunedText(rows, style), json: () => prunedJson(rows) });
  };
  if (gone.length === 0 || options.flag('dryRun')) {
    show(false);
    return 0;
  }
  await agreed();
  await output.busy('Removing backups', remove);
  show(true);
  return 0;
}

/** Throws CT4003 where nobody has agreed. */
async function agree({ options, output }: Call, gone: readonly BackupRow[]): Promise<void> {
  if (options.flag('yes')) return;
  const all = gone.map(({ app, run }) => `${app} ${run}`).join(', ');
  if (output.canAsk && /^y(es)?$/iu.test((await output.ask(`Remove for good: ${all}? [y/N] `)) ?? '')) return;
  throw fail(consentMissing, `${gone.length} backups would be removed, and nobody has agreed; nothing was changed`, {
    hint: 'look at them with --dry-run, then pass --yes',
  });
}

/** Throws CT4004 where nobody has confirmed it by name. */
async function agreeByName({ options, output }: Call, app: string, gone: readonly BackupRow[]): Promise<void> {
  if (options.list('confirm').includes(app)) return;
  const all = `All ${gone.length === 1 ? '1 backup' : `${gone.length} backups`} of "${printable(app)}", the newest from ${gone[0]?.at ?? '?'}`;
  if (output.canAsk && (await output.ask(`${all}, will be deleted. Type its name to confirm: `)) === app) return;
  throw fail(confirmationMissing, `${all}, would be deleted. Not confirmed; nothing was changed`, { hint: `Pass ${confirmOption(app)}` });
}
