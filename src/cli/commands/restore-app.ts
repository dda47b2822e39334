import { Command } from 'commander';
import { applyOptions, showApply } from '../apply-run.ts';
import { type Bind, type Call, openCall, required, streamMode } from '../call.ts';
import type { ExitCode } from '../exit-codes.ts';
import { withRunOptions } from '../options.ts';

export function restoreAppCommand(bind: Bind): Command {
  return withRunOptions(
    new Command('restore-app')
      .summary('bring a retired app back')
      .description(
        'Brings back an app that was removed from the manifest, under its old name and with its data. Its logins open with the next apply.\n\nExample: cotenant restore-app shop',
      )
      .helpGroup('Other commands:')
      .argument('<name>', 'the retired app'),
  ).action(bind(restoreApp, streamMode));
}

async function restoreApp(call: Call): Promise<ExitCode> {
  const project = await openCall(call);
  const { restoreApp: restore } = await import('../../app/restore.ts');
  return showApply(call, project, restore(project, required(call, 0), applyOptions(call)), { next: 'cotenant apply' });
}
