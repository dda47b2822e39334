import { Command, InvalidArgumentError, Option } from 'commander';
import { printable } from '../../report/printable.ts';
import { type Bind, type Call, openCall } from '../call.ts';
import type { ExitCode } from '../exit-codes.ts';

export function logsCommand(bind: Bind): Command {
  return new Command('logs')
    .summary('show the log of a server that `up` started')
    .description(
      "Shows the last lines of the logs of the servers that `up` started. With an app's name: the lines about its logins and its data, where the log of its server says whose a line is.\n\nExample: cotenant logs shop --follow",
    )
    .helpGroup('Servers:')
    .argument('[name]', 'an instance or an app; all servers where it is left out')
    .option('-F, --follow', 'go on with what is written from now on, until Ctrl-C')
    .addOption(new Option('-n, --lines <n>', 'how many of the lines that are there').default(100, '100').argParser(parseLines))
    .action(bind(logs, () => 'text'));
}

function parseLines(text: string): number {
  if (!/^\d{1,7}$/.test(text)) throw new InvalidArgumentError('Write a number of lines.');
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
