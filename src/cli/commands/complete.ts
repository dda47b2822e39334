import { Argument, Command } from 'commander';
import { type Bind, type Call, openOptions, required } from '../call.ts';
import { dynamicKinds } from '../completion/kinds.ts';
import type { ExitCode } from '../exit-codes.ts';

/** Called by completion scripts. Says nothing where it cannot know: a completion must not print errors. */
export function completeCommand(bind: Bind): Command {
  return new Command('__complete').addArgument(new Argument('<what>').choices(dynamicKinds)).action(bind(complete));
}

async function complete(call: Call): Promise<ExitCode> {
  const what = required(call, 0);
  const names = await (what === 'codes' ? codes() : ofManifest(call, what)).catch(() => []);
  const print = names.map((name) => `${name}\n`).join('');
  call.output.result({ text: () => print, json: () => print });
  return 0;
}

async function ofManifest(call: Call, what: string): Promise<readonly string[]> {
  const { checkManifest } = await import('../../app/project.ts');
  const { apps, readers, instances } = (await checkManifest(await openOptions(call))).manifest;
  const who = [...apps, ...readers].map(({ name }) => name);
  const where = instances.map(({ name }) => name);
  return what === 'instances' ? where : what === 'apps' ? who : [...new Set([...where, ...who])];
}

async function codes(): Promise<readonly string[]> {
  const { diagnosticCodes, probesById } = await import('../../app/codes.ts');
  return [...Object.keys(await diagnosticCodes()), ...[...(await probesById()).values()].map(({ id }) => id)];
}
