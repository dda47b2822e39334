import { Command, Option } from 'commander';
import { readyJson, readyText } from '../../report/migrations-more.ts';
import { printable } from '../../report/printable.ts';
import { type Bind, type Call, jsonMode, openCall, required } from '../call.ts';
import { type ExitCode, exitOfDiagnostics } from '../exit-codes.ts';
import { parseDuration, shared } from '../options.ts';

export function readyCommand(bind: Bind): Command {
  return new Command('ready')
    .summary('check that an app can start')
    .description(
      'For the entrypoint of a container: logs in with the app’s own credentials, and checks that its migrations are at their head and that everything that `requires` names is there. Prints exactly what is missing, with the command that brings it about. The credentials come from the secret store, else from the variables that `cotenant env` gives.\n\nExample: cotenant ready shop --wait 60s && exec shop',
    )
    .helpGroup('Main commands:')
    .argument('<app>', 'the app')
    .addOption(new Option('--wait <duration>', 'how long to wait for it, such as 60s (default: do not wait)').argParser(parseDuration))
    .addOption(shared.output())
    .addOption(shared.json())
    .action(bind(readyNow, jsonMode, { readOnly: true }));
}

async function readyNow(call: Call): Promise<ExitCode> {
  const project = await openCall(call);
  const { ready } = await import('../../app/migrate/ready.ts');
  const wait = call.options.number('wait');
  const app = required(call, 0);
  const request = { app, ...(wait === undefined ? {} : { wait }) };
  const busy = wait === undefined ? 'Looking' : `Waiting up to ${Math.ceil(wait / 1000)} s for ${printable(app)}`;
  const report = await call.output.busy(busy, async () => await ready(project, request));
  call.output.result({ text: (style) => readyText(report, style), json: () => readyJson(report) });
  call.output.diagnostics(report.diagnostics);
  return report.ready ? 0 : exitOfDiagnostics(report.diagnostics) || 1;
}
