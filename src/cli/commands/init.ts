import { Command } from 'commander';
import type { Bind, Call } from '../call.ts';
import type { ExitCode } from '../exit-codes.ts';

export function initCommand(bind: Bind): Command {
  return new Command('init')
    .summary('write a first manifest')
    .description(
      'Writes a cotenant.yaml to start from into this folder, with the servers and databases found in the environment.\n\nExample: cotenant init',
    )
    .helpGroup('Getting started:')
    .option('--force', 'overwrite an existing file')
    .action(bind(init));
}

async function init(call: Call): Promise<ExitCode> {
  const { io, options, output } = call;
  const { initManifest } = await import('../../app/init.ts');
  const file = options.text('file');
  const {
    file: written,
    apps,
    local,
  } = await initManifest({
    cwd: io.cwd,
    env: io.env,
    force: options.flag('force'),
    ...(file === undefined ? {} : { file }),
  });
  output.note(
    `Wrote ${written}${apps.length === 0 ? '' : ` with ${apps.join(', ')}`}. Next: edit it, then cotenant ${local ? 'up' : 'plan'}`,
  );
  return 0;
}
