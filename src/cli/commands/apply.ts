import { Command } from 'commander';
import { applyOptions, showApply } from '../apply-run.ts';
import { type Bind, type Call, openCall, streamMode } from '../call.ts';
import type { ExitCode } from '../exit-codes.ts';
import { shared, withRunOptions } from '../options.ts';

export function applyCommand(bind: Bind): Command {
  return withRunOptions(
    new Command('apply')
      .summary('make the servers match the manifest')
      .description(
        'Makes the servers match the manifest, or applies a saved plan if nothing has changed since.\n\nExample: cotenant apply --yes',
      )
      .helpGroup('Main commands:')
      .argument('[file]', 'a plan saved by `cotenant plan --out`'),
  )
    .addOption(shared.app())
    .action(bind(apply, streamMode));
}

async function apply(call: Call): Promise<ExitCode> {
  const file = call.args[0];
  const saved = file === undefined ? null : await (await import('../saved-plan.ts')).readSavedPlan(call.io.cwd, file);
  const project = await openCall(call);
  const { applyProject } = await import('../../app/apply.ts');
  return showApply(call, project, applyProject(project, { ...applyOptions(call), ...(saved === null ? {} : { saved }) }), {
    next: 'cotenant verify',
  });
}
