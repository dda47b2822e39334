import { Command } from 'commander';
import type { Doomed } from '../../app/servers.ts';
import { type Diagnostic, DiagnosticError } from '../../model/index.ts';
import { confirmOption } from '../../util/confirm-option.ts';
import { stoppedJson, stoppedText } from '../../report/servers-text.ts';
import { type Bind, type Call, jsonMode, openCall } from '../call.ts';
import { confirmationMissing } from '../codes.ts';
import { type ExitCode, exitOfDiagnostics } from '../exit-codes.ts';
import { shared } from '../options.ts';

export function downCommand(bind: Bind): Command {
  return new Command('down')
    .summary('stop the servers that `up` started')
    .description(
      'Shuts down the servers that `up` started. Their data, ports and passwords are kept, and `up` starts them again.\n\nExample: cotenant down',
    )
    .helpGroup('Servers:')
    .argument('[instance...]', 'only these instances')
    .option('--volumes', 'also delete their data for good; asks for the name of each instance')
    .option('--remove-orphans', 'also servers whose instance the manifest has no longer')
    .addOption(shared.confirm())
    .addOption(shared.dryRun('print what would be stopped or deleted, but do nothing'))
    .addOption(shared.noInput())
    .addOption(shared.output())
    .addOption(shared.json())
    .action(bind(down, jsonMode));
}

async function down(call: Call): Promise<ExitCode> {
  const { options, output } = call;
  const project = await openCall(call);
  const [{ doomed, downProject }, { runningOrphans }] = await Promise.all([import('../../app/servers.ts'), import('../../app/orphans.ts')]);
  const instances = call.args.filter((name) => name !== undefined);
  const destroy = options.flag('volumes');
  const choice = { instances, orphans: options.flag('removeOrphans') };
  if (options.flag('dryRun')) return wouldStop(call, doomed(project, choice), destroy);
  // What was never started has no data.
  const there = new Set(doomed(project, choice).map(({ instance }) => instance));
  if (destroy) await agree(call, doomed(project, choice));
  const stopped: { instance: string; ran: boolean; destroyed: boolean }[] = [];
  const trouble: Diagnostic[] = [];
  const all = instances.length || project.own.size;
  const stop = async (): Promise<void> => {
    for await (const event of downProject(project, { ...choice, destroy })) {
      if (event.type === 'trouble') trouble.push(...event.diagnostics.map((one) => project.locate(one)));
      else stopped.push({ instance: event.instance, ran: event.result, destroyed: destroy && there.has(event.instance) });
      output.far(stopped.length, Math.max(all, stopped.length), 'servers');
    }
  };
  await output.busy('Stopping', stop);
  output.result({ text: (style) => stoppedText(stopped, style), json: () => stoppedJson(stopped, trouble) });
  output.diagnostics(trouble);
  if (instances.length === 0) output.diagnostics(await runningOrphans(project));
  return exitOfDiagnostics(trouble);
}

function wouldStop({ output }: Call, servers: readonly Doomed[], destroy: boolean): ExitCode {
  const stopped = servers.map(({ instance }) => ({
    instance,
    ran: false,
    destroyed: false,
    would: destroy ? ('delete' as const) : ('stop' as const),
  }));
  output.result({ text: (style) => stoppedText(stopped, style), json: () => stoppedJson(stopped, []) });
  return 0;
}

/** Every instance is named, with what goes with it: by `--confirm`, or typed. Throws CT4004 for those that are not. */
async function agree(call: Call, servers: readonly Doomed[]): Promise<void> {
  const { options, output } = call;
  const confirmed = options.list('confirm');
  const missing: Diagnostic[] = [];
  for (const { instance, engine, apps } of servers.filter((one) => !confirmed.includes(one.instance))) {
    const what = `All data of "${instance}" (${engine}; ${apps.length === 0 ? 'no apps' : apps.join(', ')}) will be deleted`;
    if (output.canAsk && (await output.ask(`${what}. Type its name to confirm: `)) === instance) continue;
    const message = `${what}. Not confirmed, so nothing was changed.`;
    missing.push({ code: confirmationMissing, severity: 'error', message, instance, hint: `Pass ${confirmOption(instance)}` });
    if (output.canAsk) break;
  }
  if (missing.length > 0) throw new DiagnosticError(missing);
}
