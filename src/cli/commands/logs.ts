import { Command, InvalidArgumentError, Option } from 'commander';
import type { LogLine } from '../../app/servers.ts';
import { printable } from '../../report/printable.ts';
import { type Bind, type Call, jsonMode, openCall } from '../call.ts';
import type { ExitCode } from '../exit-codes.ts';
import { outputOf, shared } from '../options.ts';

export function logsCommand(bind: Bind): Command {
  return new Command('logs')
    .summary('show the log of a server')
    .description(
      "Shows the last lines of the logs of the servers that `up` started. With an app's name, shows only the lines about its logins and data, if the server's log says which app a line is about. Of a server that has a url it shows the last lines, named by its instance or by an app, where the server gives them, and else says where they are. With --follow and --json each line is a document.\n\nExample: cotenant logs shop --follow",
    )
    .helpGroup('Servers:')
    .argument('[instance-or-app]', 'an instance or an app; default: all servers')
    .option('-F, --follow', 'keep printing new lines until Ctrl-C; here -f is short for it too')
    .addOption(new Option('-n, --lines <n>', 'how many existing lines to print').default(100, '100').argParser(parseLines))
    .addOption(shared.output())
    .addOption(shared.json())
    .action(bind(logs, jsonMode, { readOnly: true }));
}

function parseLines(text: string): number {
  if (!/^\d{1,7}$/.test(text)) throw new InvalidArgumentError('Use a number of lines.');
  return Number(text);
}

async function logs(call: Call): Promise<ExitCode> {
  const { options, io, output } = call;
  const project = await openCall(call);
  const { logsProject } = await import('../../app/servers.ts');
  const [name] = call.args;
  const follow = options.flag('follow');
  const lines = options.number('lines') ?? 100;
  const found = logsProject(project, { lines, follow, ...(name === undefined ? {} : { name }) });
  if (outputOf(options) === 'json') return await printDocuments(call, found, follow);
  const several = project.own.size > 1 && !project.own.has(name ?? '');
  for await (const { instance, line } of found) io.stdout.write(`${several ? `${instance} | ` : ''}${printable(line)}\n`);
  if (name === undefined && project.own.size === 0) output.note('There is no log: every instance has a url, and its server keeps its own.');
  return 0;
}

/** One document with all lines; of a log that is followed, one for each. */
async function printDocuments({ output, io }: Call, found: AsyncIterable<LogLine>, follow: boolean): Promise<ExitCode> {
  const [{ document }, { writeLogLine, writeLogs }] = await Promise.all([
    import('../../report/documents/document.ts'),
    import('../../report/documents/pages.ts'),
  ]);
  const lines: LogLine[] = [];
  for await (const one of found) {
    if (follow) io.stdout.write(`${JSON.stringify(writeLogLine({ format: 1, ...one }))}\n`);
    else lines.push(one);
  }
  if (!follow) output.result({ text: () => '', json: () => document(writeLogs({ format: 1, lines })) });
  return 0;
}
