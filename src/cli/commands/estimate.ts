import { Command, InvalidArgumentError, Option } from 'commander';
import { estimateJson, estimateText } from '../../report/estimate-text.ts';
import { type Bind, type Call, jsonMode, openCall } from '../call.ts';
import type { ExitCode } from '../exit-codes.ts';
import { parseCount, shared } from '../options.ts';

const sizes = ['minimum', 'recommended', 'high'] as const;
const MIB = 1024 ** 2;

export function estimateCommand(bind: Bind): Command {
  return new Command('estimate')
    .summary('what the apps cost shared, and with servers of their own')
    .description(
      'Prints what the apps of the manifest, or another number of such apps, take on servers that they share and with a server each: memory, connections, containers, backups, and money where a price is given. Figures are those of `cotenant render`; every assumption is shown, with the option that changes it. Asks no server.\n\nExample: cotenant estimate --apps 20 --price 4',
    )
    .helpGroup('Other commands:')
    .addOption(new Option('--apps <number>', 'so many apps, in the proportions of the manifest').argParser(parseCount(5)))
    .addOption(new Option('--size <size>', 'of a server that apps share').choices(sizes).default('recommended'))
    .addOption(new Option('--own-size <size>', 'of a server that one app has').choices(sizes).default('minimum'))
    .addOption(new Option('--app-memory <MiB>', 'memory of an app on a server, besides').argParser(parseCount(6)).default(32))
    .addOption(new Option('--price <price>', 'of a GiB of memory a month').argParser(parsePrice))
    .addOption(shared.output())
    .addOption(shared.json())
    .action(bind(estimateNow, jsonMode, { readOnly: true }));
}

function parsePrice(text: string): number {
  if (!/^\d{1,6}(\.\d{1,4})?$/.test(text)) throw new InvalidArgumentError('Use a number, such as 4 or 3.50.');
  return Number(text);
}

async function estimateNow(call: Call): Promise<ExitCode> {
  const { options, output } = call;
  const project = await openCall(call);
  const { estimateProject } = await import('../../app/render/estimate.ts');
  const apps = options.number('apps');
  const found = await estimateProject(project, {
    size: sizes.find((one) => one === options.text('size')) ?? 'recommended',
    ownSize: sizes.find((one) => one === options.text('ownSize')) ?? 'minimum',
    appMemory: (options.number('appMemory') ?? 32) * MIB,
    price: options.number('price') ?? null,
    ...(apps === undefined ? {} : { apps }),
  });
  output.result({ text: (style) => estimateText(found, style), json: () => estimateJson(found) });
  return 0;
}
