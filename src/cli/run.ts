import { type Command, CommanderError } from 'commander';
import { type Diagnostic, DiagnosticError } from '../model/index.ts';
import type { Bind } from './call.ts';
import { internalError } from './codes.ts';
import { type ExitCode, exitOfDiagnostics } from './exit-codes.ts';
import type { Io } from './io.ts';
import { Options } from './options.ts';
import { createOutput } from './output/create.ts';
import type { Output } from './output/output.ts';
import { buildProgram } from './program.ts';

/** Runs one command line and answers with its exit code. Never throws for expected trouble. */
export async function run(argv: readonly string[], io: Io): Promise<ExitCode> {
  let code: ExitCode = 0;
  const bind: Bind = (handler, mode, { readOnly = false } = {}) =>
    async function action(this: Command): Promise<void> {
      const options = new Options(this.optsWithGlobals());
      const output = createOutput(mode?.(options) ?? 'text', io, options);
      try {
        const confirm = options.list('confirm');
        const named = confirm.some((name) => name.startsWith('@'))
          ? await (await import('./confirm-files.ts')).namedIn(confirm, io.cwd)
          : confirm;
        const work = handler({ args: this.args, options: options.with('confirm', named), output, io });
        code = await (readOnly ? Promise.race([work, io.interruption.endsAtOnce()]) : work);
      } catch (error) {
        code = failed(error, io, options, output);
      }
    };
  const program = buildProgram({
    version: io.version,
    bind,
    writeOut: (text) => io.stdout.write(text),
    writeErr: (text) => io.stderr.write(text),
  });
  try {
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 64;
    throw error;
  }
  return code;
}

function failed(error: unknown, io: Io, options: Options, output: Output): ExitCode {
  if (io.interruption.signal.aborted && followsFrom(io.interruption.signal, error)) {
    output.failed([], io.interruption.code);
    return io.interruption.code;
  }
  const diagnostics = error instanceof DiagnosticError ? error.diagnostics : [unexpected(error)];
  output.diagnostics(diagnostics);
  if (options.flag('debug') && error instanceof Error && error.stack !== undefined) io.stderr.write(`${error.stack}\n`);
  const code = exitOfDiagnostics(diagnostics) || 1;
  output.failed(diagnostics, code);
  return code;
}

/** What an interruption brings about: the reason itself, trouble that is expected, and a connection or a file that is closed. */
function followsFrom({ reason }: AbortSignal, error: unknown): boolean {
  if (error === reason || error instanceof DiagnosticError) return true;
  return error instanceof Error && (error.name === 'AbortError' || error.message === 'interrupted' || 'code' in error);
}

function unexpected(error: unknown): Diagnostic {
  return {
    code: internalError,
    severity: 'error',
    message: `Internal error: ${error instanceof Error ? error.message : String(error)}`,
    hint: 'This is a bug in cotenant. Please report it with the output of the same command with --debug',
  };
}
