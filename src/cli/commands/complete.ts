import { Argument, Command } from 'commander';
import { type Bind, type Call, openCall, required } from '../call.ts';
import type { ExitCode } from '../exit-codes.ts';

/** Called by completion scripts. Says nothing where it cannot know: a completion must not print errors. */
export function completeCommand(bind: Bind): Command {
  return new Command('__complete').addArgument(new Argument('<what>').choices(['apps', 'codes'])).action(bind(complete));
}

async function complete(call: Call): Promise<ExitCode> {
  const names = await (required(call, 0) === 'apps' ? apps(call) : codes()).catch(() => []);
  const print = names.map((name) => `${name}\n`).join('');
  call.output.result({ text: () => print, json: () => print });
  return 0;
}

async function apps(call: Call): Promise<readonly string[]> {
  return (await openCall(call)).manifest.apps.map((app) => app.name);
}

async function codes(): Promise<readonly string[]> {
  const { diagnosticCodes, probesById } = await import('../../app/codes.ts');
  return [...Object.keys(await diagnosticCodes()), ...[...(await probesById()).values()].map(({ id }) => id)];
}
