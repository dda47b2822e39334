import { Command, Option } from 'commander';
import { type Bind, type Call, jsonMode, required } from '../call.ts';
import type { ExitCode } from '../exit-codes.ts';
import { collect, shared } from '../options.ts';
import { namedFile } from '../usage.ts';

const example = 'Example: cotenant add app blog --on main';

export function addCommand(bind: Bind): Command {
  const app = new Command('app')
    .summary('add an app to the manifest')
    .description(`Adds an app to the manifest; comments, order and everything else stay as they are. Asks no server.\n\n${example}`)
    .argument('<name>', 'the name of the new app')
    .addOption(new Option('--on <instance>', 'an instance that it uses, if there are several; may be repeated').argParser(collect))
    .option('--like <app>', 'with the placements and variables of this app, but for names that only one can have')
    .addOption(shared.output())
    .addOption(shared.json())
    .action(bind(add, jsonMode));
  return new Command('add')
    .summary('add an app to the manifest')
    .description(`Adds to the manifest.\n\n${example}`)
    .helpGroup('Getting started:')
    .helpCommand(false)
    .addCommand(app);
}

async function add(call: Call): Promise<ExitCode> {
  const { options, output, io } = call;
  const { addApp } = await import('../../app/add-app.ts');
  const [file, like] = [namedFile(options), options.text('like')];
  const name = required(call, 0);
  const {
    file: changed,
    instances,
    notStarted,
  } = await addApp({
    name,
    cwd: io.cwd,
    env: io.env,
    on: options.list('on'),
    ...(file === undefined ? {} : { file }),
    ...(like === undefined ? {} : { like }),
  });
  const next = notStarted.length > 0 ? `cotenant up ${notStarted.join(' ')}` : `cotenant plan --app ${name}`;
  const [{ document }, { writeAdded }] = await Promise.all([
    import('../../report/documents/document.ts'),
    import('../../report/documents/beginnings.ts'),
  ]);
  const added = { format: 1 as const, file: changed, app: name, instances, next };
  output.result({ text: () => '', json: () => document(writeAdded(added)) });
  output.note(`Added ${name} on ${instances.join(', ')} to ${changed}. Next: ${next}`);
  return 0;
}
