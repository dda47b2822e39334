import { Command } from 'commander';
import type { PlanOutcome } from '../../app/types.ts';
import { waitingIn } from '../../model/index.ts';
import { planJson, savedPlanJson } from '../../report/plan-json.ts';
import { planText } from '../../report/plan-text.ts';
import { type Bind, type Call, jsonMode, openCall } from '../call.ts';
import { type ExitCode, exitOfDiagnostics } from '../exit-codes.ts';
import { writeWhole } from '../files.ts';
import { onlyApps, shared } from '../options.ts';

export function planCommand(bind: Bind): Command {
  return new Command('plan')
    .summary('show what an apply would do')
    .description(
      'Compares the manifest with the servers and shows what an apply would do. Changes nothing.\n\nExample: cotenant plan --sql',
    )
    .helpGroup('Main commands:')
    .addOption(shared.output())
    .addOption(shared.json())
    .option('--sql', 'print the statements under each step')
    .option('--detailed-exitcode', 'exit code 0: no changes, 1: error, 2: changes, or something is on hold')
    .addOption(shared.out('save the plan for `cotenant apply <file>`'))
    .addOption(shared.app())
    .action(bind(plan, jsonMode, { readOnly: true }));
}

async function plan(call: Call): Promise<ExitCode> {
  const { options, output } = call;
  const project = await openCall(call);
  const { planProject } = await import('../../app/plan.ts');
  const only = onlyApps(options);
  const found = await output.busy('Reading the servers', async () => await planProject(project, only));
  const outcome: PlanOutcome = { ...found, plan: { ...found.plan, diagnostics: found.plan.diagnostics.map((d) => project.locate(d)) } };
  const code = exitOf(call, outcome);
  output.result({
    text: (style) => planText(outcome, { style, steps: options.flag('sql') || options.flag('verbose'), sql: options.flag('sql'), ...only }),
    json: () => planJson(outcome),
    paged: true,
  });
  output.diagnostics(outcome.plan.diagnostics);
  const out = options.text('out');
  if (out !== undefined && code !== 1) {
    await writeWhole(call.io.cwd, out, savedPlanJson(outcome.plan), 0o600);
    output.note(`Saved. Next: cotenant apply ${out}`);
  } else if (outcome.plan.steps.length > 0 && code !== 1) {
    output.note('Next: cotenant apply');
  }
  return code;
}

function exitOf(call: Call, { plan }: PlanOutcome): ExitCode {
  const { diagnostics, steps, unreached } = plan;
  const trouble = exitOfDiagnostics(diagnostics);
  if (trouble !== 0) return trouble;
  if (unreached.length > 0) return 5;
  return call.options.flag('detailedExitcode') && steps.length + waitingIn(plan).length > 0 ? 2 : 0;
}
