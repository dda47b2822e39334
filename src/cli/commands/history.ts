import { Command, InvalidArgumentError, Option } from 'commander';
import { historyJson, historyText } from '../../report/history-text.ts';
import { type Bind, type Call, jsonMode, openCall } from '../call.ts';
import type { ExitCode } from '../exit-codes.ts';
import { shared } from '../options.ts';

const usual = 20;

export function historyCommand(bind: Bind): Command {
  return new Command('history')
    .summary('show what was done from here, by whom and how it ended')
    .description(
      'Shows the runs that changed something, newest first: who asked for what, when, and how it ended. It is what this folder remembers; what the servers are like `status` tells.\n\nExample: cotenant history shop --steps',
    )
    .helpGroup('Other commands:')
    .argument('[app]', 'only what was done with this app')
    .option('--steps', 'print the steps of each run')
    .addOption(new Option('--limit <n>', `at most so many runs (default: ${usual})`).argParser(parseLimit))
    .addOption(shared.json())
    .action(bind(history, jsonMode, { readOnly: true }));
}

function parseLimit(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('Write a number from 1 on.');
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
  });
  return 0;
}
