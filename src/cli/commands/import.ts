import { dirname, relative, resolve } from 'node:path';
import { Command } from 'commander';
import { type Bind, type Call, jsonMode, required } from '../call.ts';
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
    .addOption(shared.output())
    .addOption(shared.json())
    .action(bind(importCall, jsonMode, { readOnly: true }));
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
  const request = { url: given.url, password, ...passwordFile, env: io.env, cwd: io.cwd, progress: output.far };
  const { yaml, diagnostics } = await output.busy('Reading the server', async () => await importServer(request));
  output.diagnostics(diagnostics);
  const code = exitOfDiagnostics(diagnostics);
  if (code !== 0) {
    output.failed(diagnostics, code);
    return code;
  }
  if (out !== undefined) await writeNew(io.cwd, out, yaml);
  const [{ document }, { writeImported }] = await Promise.all([
    import('../../report/documents/document.ts'),
    import('../../report/documents/beginnings.ts'),
  ]);
  const imported = { format: 1 as const, file: out ?? null, manifest: yaml, diagnostics };
  output.result({ text: () => (out === undefined ? yaml : ''), json: () => document(writeImported(imported)) });
  if (out !== undefined) output.note(`Wrote ${out}. Next: cotenant plan${out === 'cotenant.yaml' ? '' : ` --file ${out}`}`);
  return 0;
}

/** The file as a manifest names it that lies where `--out` says, or in the working directory. */
function fromManifest(cwd: string, out: string | undefined, file: string): string {
  return relative(out === undefined ? cwd : dirname(resolve(cwd, out)), resolve(cwd, file));
}
