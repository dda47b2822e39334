import { Command } from 'commander';
import { applyOptions, showApply } from '../apply-run.ts';
import { type Bind, type Call, openCall, streamMode } from '../call.ts';
import type { ExitCode } from '../exit-codes.ts';
import { shared } from '../options.ts';

export function applyCommand(bind: Bind): Command {
  return new Command('apply')
    .summary('make the servers match the manifest')
    .description(
      'Makes the servers match the manifest, or applies a saved plan if nothing has changed since.\n\nExample: cotenant apply --yes',
    )
    .helpGroup('Main commands:')
    .argument('[file]', 'a plan saved by `cotenant plan --out`')
    .addOption(shared.yes())
    .addOption(shared.autoApprove())
    .addOption(shared.noInput())
    .addOption(shared.confirm())
    .addOption(shared.dryRun())
    .addOption(shared.lockTimeout())
    .addOption(shared.outputFormat())
    .addOption(shared.app())
    .action(bind(apply, streamMode));
}

async function apply(call: Call): Promise<ExitCode> {
  const file = call.args[0];
  const saved = file === undefined ? null : await (await import('../saved-plan.ts')).readSavedPlan(call.io.cwd, file);
  const project = await openCall(call);
  const { applyProject } = await import('../../app/apply.ts');
  return showApply(
    call,
    project,
    applyProject(project, { ...applyOptions(call), ...(saved === null ? {} : { saved }) }),
    'cotenant verify',
  );
}
