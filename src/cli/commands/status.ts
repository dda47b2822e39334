import { Command } from 'commander';
import { type StatusReport, waitingIn } from '../../model/index.ts';
import { statusJson, statusText } from '../../report/status-text.ts';
import { type Bind, type Call, jsonMode, openCall } from '../call.ts';
import { type ExitCode, exitOfDiagnostics } from '../exit-codes.ts';
import { shared } from '../options.ts';

export function statusCommand(bind: Bind): Command {
  return new Command('status')
    .summary('show every app: its placement, size and drift')
    .description(
      'Shows a row for each app and instance: placement, size, connections and their limit, pending steps, drift, age of the credentials.\n\nExample: cotenant status',
    )
    .helpGroup('Main commands:')
    .addOption(shared.output())
    .addOption(shared.json())
    .option('--detailed-exitcode', 'exit code 0: as the manifest says, 1: error, 2: pending changes, drift, or something on hold')
    .action(bind(status, jsonMode, { readOnly: true }));
}

async function status(call: Call): Promise<ExitCode> {
  const project = await openCall(call);
  const { statusProject } = await import('../../app/status.ts');
  const found = await call.output.busy('Reading the servers', async () => await statusProject(project));
  const outcome: StatusReport = { ...found, diagnostics: found.diagnostics.map((d) => project.locate(d)) };
  call.output.result({ text: (style) => statusText(outcome, style), json: () => statusJson(outcome), paged: true });
  call.output.diagnostics(outcome.diagnostics);
  const trouble = exitOfDiagnostics(outcome.diagnostics);
  if (trouble !== 0) return trouble;
  if (outcome.instances.some((instance) => !instance.reached)) return 5;
  const { pending: rest = 0 } = outcome.shared ?? {};
  const differs = rest > 0 || outcome.placements.some(({ pending, drift }) => pending + drift > 0) || waitingIn(outcome).length > 0;
  if (differs) call.output.note('Next: cotenant plan');
  return differs && call.options.flag('detailedExitcode') ? 2 : 0;
}
