import { relative, sep } from 'node:path';
import { Command } from 'commander';
import type { Checked } from '../../app/project.ts';
import { DiagnosticError, type Diagnostic } from '../../model/index.ts';
import { document } from '../../report/documents/document.ts';
import { writeValidated } from '../../report/documents/small.ts';
import { printable } from '../../report/printable.ts';
import { type Bind, type Call, openOptions } from '../call.ts';
import { type ExitCode, exitOfDiagnostics } from '../exit-codes.ts';
import { outputOf, shared } from '../options.ts';

const formats = ['text', 'json', 'sarif'] as const;

export function validateCommand(bind: Bind): Command {
  return new Command('validate')
    .summary('check the manifest without asking any server')
    .description(
      'Checks everything in the manifest that needs neither a server nor a secret: form, names, references, limits. For editors, CI and pre-commit. Exit code 0: no errors, 1: errors.\n\nExample: cotenant validate --output sarif > cotenant.sarif',
    )
    .helpGroup('Main commands:')
    .addOption(shared.output(formats))
    .addOption(shared.formerly('format', formats))
    .addOption(shared.json())
    .action(bind(validate, (options) => (outputOf(options) === 'text' ? 'text' : 'json'), { readOnly: true }));
}

async function validate(call: Call): Promise<ExitCode> {
  const { output, options, io } = call;
  const { checkManifest } = await import('../../app/project.ts');
  const [checked, diagnostics] = await check(async () => await checkManifest(await openOptions(call)));
  output.diagnostics(diagnostics);
  const code = exitOfDiagnostics(diagnostics);
  const file = checked ? nameOf(checked.manifest.file, io.cwd) : null;
  const sarif = outputOf(options) === 'sarif' ? await sarifOf(diagnostics, call) : null;
  const apps = checked?.manifest.apps.length ?? 0;
  const instances = checked?.manifest.instances.length ?? 0;
  output.result({
    text: () => (file === null ? '' : `${printable(file)} is valid: ${counted(apps, 'app')} on ${counted(instances, 'instance')}.\n`),
    json: () => sarif ?? document(writeValidated({ format: 1, valid: code === 0, file, apps, instances, diagnostics })),
  });
  return code;
}

/** The manifest where it has no errors, and what there is to say in both cases. */
async function check(read: () => Promise<Checked>): Promise<readonly [Checked | null, readonly Diagnostic[]]> {
  try {
    const checked = await read();
    return [checked, checked.diagnostics];
  } catch (error) {
    if (error instanceof DiagnosticError) return [null, error.diagnostics];
    throw error;
  }
}

async function sarifOf(diagnostics: readonly Diagnostic[], { io }: Call): Promise<string> {
  const [{ diagnosticsSarif }, { diagnosticCodes }] = await Promise.all([import('../../report/validate.ts'), import('../../app/codes.ts')]);
  const uriOf = (file: string): string => encodeURI(nameOf(file, io.cwd).split(sep).join('/'));
  return diagnosticsSarif(diagnostics, { version: io.version, codes: await diagnosticCodes(), uriOf });
}

function nameOf(file: string, cwd: string): string {
  return relative(cwd, file);
}

function counted(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`;
}
