import { Command, Option } from 'commander';
import { historyJson, historyText } from '../../report/history-text.ts';
import { type Bind, type Call, jsonMode, openCall } from '../call.ts';
import type { ExitCode } from '../exit-codes.ts';
import { parseCount, shared } from '../options.ts';

const usual = 20;

export function historyCommand(bind: Bind): Command {
  return new Command('history')
    .summary('show past runs: who did what, and how it ended')
    .description(
      'Shows the runs that changed something, newest first: who started what, when, and how it ended. It covers runs from this folder; see `status` for the state of the servers.\n\nExample: cotenant history shop --steps',
    )
    .helpGroup('Other commands:')
    .argument('[app]', 'only runs that concern this app')
    .option('--steps', 'print the steps of each run')
    .addOption(new Option('--limit <n>', `show at most this many runs (default: ${usual})`).argParser(parseCount(6)))
    .addOption(shared.output())
    .addOption(shared.json())
    .action(bind(history, jsonMode, { readOnly: true }));
}

async function history(call: Call): Promise<ExitCode> {
  const { options, output, args } = call;
  const project = await openCall(call);
  const [{ historyOf }, { appExists }] = await Promise.all([import('../../app/history.ts'), import('../../app/apps.ts')]);
  const [app] = args;
  const found = await historyOf(project, { ...(app === undefined ? {} : { app }), limit: options.number('limit') ?? usual });
  // Who left the manifest has a history.
  if (app !== undefined && found.runs.length === 0) appExists(project, app);
  output.result({
    text: (style) => historyText(found, { steps: options.flag('steps'), style }),
    json: () => historyJson(found),
    paged: true,
  });
  return 0;
}
