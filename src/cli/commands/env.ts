import { Command } from 'commander';
import { fail } from '../../model/index.ts';
import type { EnvFormat } from '../../report/env.ts';
import { type Bind, type Call, jsonMode, openCall, required } from '../call.ts';
import { maskedOutput } from '../codes.ts';
import type { ExitCode } from '../exit-codes.ts';
import { outputOf, shared } from '../options.ts';

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
    .addOption(shared.output(envFormats).default('dotenv'))
    .addOption(shared.formerly('format', envFormats))
    .addOption(shared.json())
    .option('--as <login>', 'for another login of the app, such as migrator')
    .option('--for <recipe>', 'also by the names that this application reads, such as directus')
    .option('--reveal', 'print the secrets in plain text')
    .action(bind(env, jsonMode, { readOnly: true }));
}

async function env(call: Call): Promise<ExitCode> {
  const { options, output, io } = call;
  const format = envFormat(outputOf(options));
  const project = await openCall(call);
  const [{ envOfApp }, { formatEnv }] = await Promise.all([import('../../app/env.ts'), import('../../report/env.ts')]);
  const [login, recipe] = [options.text('as'), options.text('for')];
  const { app, variables, hints, needs } = await envOfApp(project, required(call, 0), {
    ...(login === undefined ? {} : { login }),
    ...(recipe === undefined ? {} : { recipe }),
  });
  if (needs.length > 0) output.note(`${recipe} needs ${needs.join(', ')} on its server: write recipe: ${recipe} under the app.`);
  if (recipe !== undefined) for (const hint of hints) output.note(`${recipe}: ${hint}`);
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

function envFormat(text: string): EnvFormat {
  return envFormats.find((format) => format === text) ?? 'dotenv';
}

function lineEnd(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n`;
}
