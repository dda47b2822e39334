import { Command, InvalidArgumentError, Option } from 'commander';
import { historyJson, historyText } from '../../report/history-text.ts';
import { type Bind, type Call, jsonMode, openCall } from '../call.ts';
import type { ExitCode } from '../exit-codes.ts';
import { shared } from '../options.ts';

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
    .addOption(new Option('--limit <n>', `show at most this many runs (default: ${usual})`).argParser(parseLimit))
    .addOption(shared.output())
    .addOption(shared.json())
    .action(bind(history, jsonMode, { readOnly: true }));
}

function parseLimit(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('Use a number of at least 1.');
  return Number(text);
}

async function history(call: Call): Promise<ExitCode> {
  const { options, output, args } = call;
  const project = await openCall(call);
  const { historyOf } = await import('../../app/history.ts');
  const [app] = args;
  const found = await historyOf(project, { ...(app === undefined ? {} : { app }), limit: options.number('limit') ?? usual });
  output.result({
    text: (style) => historyText(found, { steps: options.flag('steps'), style }),
    json: () => historyJson(found),
    paged: true,
  });
  return 0;
}
