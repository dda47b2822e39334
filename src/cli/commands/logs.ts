import { Command, InvalidArgumentError, Option } from 'commander';
import { printable } from '../../report/printable.ts';
import { type Bind, type Call, openCall } from '../call.ts';
import type { ExitCode } from '../exit-codes.ts';

export function logsCommand(bind: Bind): Command {
  return new Command('logs')
    .summary('show the log of a server that `up` started')
    .description(
      "Shows the last lines of the logs of the servers that `up` started. With an app's name, shows only the lines about its logins and data, if the server's log says which app a line is about.\n\nExample: cotenant logs shop --follow",
    )
    .helpGroup('Servers:')
    .argument('[name]', 'an instance or an app; default: all servers')
    .option('-F, --follow', 'keep printing new lines until Ctrl-C; here -f is short for it too')
    .addOption(new Option('-n, --lines <n>', 'how many existing lines to print').default(100, '100').argParser(parseLines))
    .action(bind(logs, () => 'text'));
}

function parseLines(text: string): number {
  if (!/^\d{1,7}$/.test(text)) throw new InvalidArgumentError('Use a number of lines.');
  return Number(text);
}

async function logs(call: Call): Promise<ExitCode> {
  const { options, io } = call;
  const project = await openCall(call);
  const { logsProject } = await import('../../app/servers.ts');
  const [name] = call.args;
  const follow = options.flag('follow');
  const lines = options.number('lines') ?? 100;
  const several = project.own.size > 1 && !project.own.has(name ?? '');
  for await (const { instance, line } of logsProject(project, { lines, follow, ...(name === undefined ? {} : { name }) })) {
    io.stdout.write(`${several ? `${instance} | ` : ''}${printable(line)}\n`);
  }
  return 0;
}
