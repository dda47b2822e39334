import { Command, InvalidArgumentError, Option } from 'commander';
import type { Diagnostic } from '../../model/index.ts';
import { passedOverText, serversJson, type ServerRow, serversText } from '../../report/servers-text.ts';
import { type Bind, type Call, jsonMode, openCall } from '../call.ts';
import { type ExitCode, exitOfDiagnostics } from '../exit-codes.ts';
import { shared } from '../options.ts';
import { namedFile } from '../usage.ts';

const ways = ['container', 'local', 'unpacked', 'embedded'] as const;

const description = `Starts the servers of all instances without a url in the manifest, and waits until each accepts its admin. Running servers are left alone; data is kept under .cotenant/, and a server keeps its port.

It uses the first provider that works: a container engine, programs of this system, programs that scripts/debian-root unpacked, an npm package. A server that crashes is restarted; after a reboot, run this again (--unit prints a systemd unit that does).

Example: cotenant up`;

export function upCommand(bind: Bind): Command {
  return new Command('up')
    .summary('start the local servers: instances without a url')
    .description(description)
    .helpGroup('Servers:')
    .argument('[instance...]', 'only these instances')
    .addOption(new Option('--way <way>', 'only this provider; may be repeated').choices(ways).argParser(collectWay))
    .option('--unit', 'start nothing; print a systemd user unit that runs it after a reboot')
    .addOption(shared.output())
    .addOption(shared.json())
    .action(bind(up, jsonMode));
}

function collectWay(value: string, previous: unknown): readonly string[] {
  if (!ways.some((one) => one === value)) throw new InvalidArgumentError(`Allowed choices are ${ways.join(', ')}.`);
  return [...(Array.isArray(previous) ? previous.filter((one) => typeof one === 'string') : []), value];
}

async function up(call: Call): Promise<ExitCode> {
  const { io, options, output } = call;
  if (options.flag('unit')) namedFile(options);
  const project = await openCall(call);
  if (options.flag('unit')) return unit(call, project.manifest.file, project.manifest.project);
  const program = io.program ?? { command: [], cache: '' };
  const { upProject } = await import('../../app/servers.ts');
  const rows: ServerRow[] = [];
  const trouble: Diagnostic[] = [];
  const instances = call.args.filter((name) => name !== undefined);
  const all = instances.length || project.own.size;
  const events = upProject(project, {
    instances,
    cache: io.env['COTENANT_CACHE'] ?? program.cache,
    supervisor: [...program.command, '__supervise'],
    ways: ways.filter((one) => options.list('way').includes(one)),
  });
  const start = async (): Promise<void> => {
    let ended = 0;
    output.far(ended, all, 'servers');
    for await (const event of events) {
      if (event.type === 'trouble') trouble.push(...event.diagnostics.map((one) => project.locate(one)));
      else {
        const { result } = event;
        rows.push({ ...result, state: result.started ? 'started' : 'runs already' });
      }
      output.far((ended += 1), all, 'servers');
    }
  };
  await output.busy('Starting', start);
  const order = project.manifest.instances.map(({ name }) => name);
  rows.sort((a, b) => order.indexOf(a.instance) - order.indexOf(b.instance));
  for (const row of rows) if (row.passedOver.length > 0) output.note(passedOverText(row));
  const nothing = rows.length + trouble.length === 0;
  output.result({
    text: (style) => (nothing ? 'Nothing to start: every instance has a url.\n' : serversText(rows, style)),
    json: () => serversJson(rows, trouble),
  });
  output.diagnostics(trouble);
  if (trouble.length === 0 && rows.length > 0) output.note('Next: cotenant plan');
  return exitOfDiagnostics(trouble);
}

async function unit(call: Call, file: string, project: string): Promise<ExitCode> {
  const { userUnit } = await import('../../report/user-unit.ts');
  const text = userUnit({ project, file, command: call.io.program?.command ?? [], path: call.io.env['PATH'] ?? '' });
  const [{ document }, { writeUnit }] = await Promise.all([
    import('../../report/documents/document.ts'),
    import('../../report/documents/pages.ts'),
  ]);
  call.output.result({ text: () => text, json: () => document(writeUnit({ format: 1, unit: text })) });
  return 0;
}
