import { Command, Option } from 'commander';
import { fail } from '../../model/index.ts';
import type { EnvFormat } from '../../report/env.ts';
import { type Bind, type Call, openCall, required } from '../call.ts';
import { maskedOutput } from '../codes.ts';
import type { ExitCode } from '../exit-codes.ts';

// Spelled out here so that the command tree loads without what formats need.
const envFormats = ['dotenv', 'shell', 'json', 'docker', 'k8s'] as const satisfies readonly EnvFormat[];

export function envCommand(bind: Bind): Command {
  return new Command('env')
    .summary('print the environment of one app')
    .description(
      'Prints what an app needs to reach its databases. Without --reveal secrets are masked, and nothing is printed into a pipe or a file.\n\nExample: cotenant env shop --reveal > .env',
    )
    .helpGroup('Main commands:')
    .argument('<app>', 'an app of the manifest')
    .addOption(new Option('--format <format>', 'the output format').choices(envFormats).default('dotenv'))
    .option('--as <login>', 'for another login of the app, such as migrator')
    .option('--reveal', 'print the secrets in plain text')
    .action(bind(env, undefined, { readOnly: true }));
}

async function env(call: Call): Promise<ExitCode> {
  const { options, output, io } = call;
  const format = envFormat(options.text('format'));
  const project = await openCall(call);
  const [{ envOfApp }, { formatEnv }] = await Promise.all([import('../../app/env.ts'), import('../../report/env.ts')]);
  const login = options.text('as');
  const { app, variables } = await envOfApp(project, required(call, 0), login === undefined ? {} : { login });
  const reveal = options.flag('reveal');
  // Whoever reads it there would take the mask for the value.
  const hides = !reveal && variables.some((variable) => variable.secret);
  if (hides && io.stdout.isTTY !== true)
    throw fail(maskedOutput, 'the values of secrets would be written as ******** into a pipe or a file', {
      hint: 'pass --reveal; without it they are shown, masked, at a terminal only',
    });
  const print = (): string => lineEnd(formatEnv(variables, { format, reveal, name: app }));
  output.result({ text: print, json: print });
  if (hides) output.note('Secrets are masked. --reveal prints them.');
  return 0;
}

function envFormat(text: string | undefined): EnvFormat {
  return envFormats.find((format) => format === text) ?? 'dotenv';
}

function lineEnd(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n`;
}
