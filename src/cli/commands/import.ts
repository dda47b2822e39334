import { dirname, relative, resolve } from 'node:path';
import { Command } from 'commander';
import { type Bind, type Call, required } from '../call.ts';
import { type ExitCode, exitOfDiagnostics } from '../exit-codes.ts';
import { writeNew } from '../files.ts';
import { shared } from '../options.ts';
import { readPassword } from '../password-file.ts';
import { splitUrl } from '../url.ts';

export function importCommand(bind: Bind): Command {
  return new Command('import')
    .summary('write a manifest for a server that was set up by hand')
    .description(
      'Reads a server that was set up by hand and writes a manifest for it. Changes nothing on the server.\n\nExample: cotenant import <url> --password-file admin.txt --out cotenant.yaml',
    )
    .helpGroup('Getting started:')
    .argument('<url>', 'URL of the server, with the admin user')
    .option('--password-file <file>', 'a file with the password; - reads stdin')
    .addOption(shared.out('write the manifest to a new file instead of stdout'))
    .action(bind(importCall, undefined, { readOnly: true }));
}

async function importCall(call: Call): Promise<ExitCode> {
  const { options, output, io } = call;
  const given = splitUrl(required(call, 0));
  const file = options.text('passwordFile');
  const password = file === undefined ? given.password : await readPassword(call, file);
  if (given.password !== null) {
    output.note('The password is on the command line, where other users of this machine can read it. Use --password-file instead');
  }
  const { importServer } = await import('../../app/import.ts');
  const out = options.text('out');
  const passwordFile = file === undefined || file === '-' ? {} : { passwordFile: fromManifest(io.cwd, out, file) };
  const { yaml, diagnostics } = await importServer({ url: given.url, password, ...passwordFile, env: io.env, cwd: io.cwd });
  output.diagnostics(diagnostics);
  const code = exitOfDiagnostics(diagnostics);
  if (code !== 0) return code;
  if (out === undefined) {
    output.result({ text: () => yaml, json: () => yaml });
  } else {
    await writeNew(io.cwd, out, yaml);
    output.note(`Wrote ${out}. Next: cotenant plan`);
  }
  return 0;
}

/** The file as a manifest names it that lies where `--out` says, or in the working directory. */
function fromManifest(cwd: string, out: string | undefined, file: string): string {
  return relative(out === undefined ? cwd : dirname(resolve(cwd, out)), resolve(cwd, file));
}
