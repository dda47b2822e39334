import { type Command, CommanderError } from 'commander';
import { type Diagnostic, DiagnosticError, unreachableCodes } from '../model/index.ts';
import { errorCode, unusableFile, whyNotWritten } from '../util/system.ts';
import { machineMode, readArgv } from './argv.ts';
import type { Bind } from './call.ts';
import { badCommandLine, fileNotWritten, internalError, roomHint } from './codes.ts';
import { keepCrash } from './crash-log.ts';
import { type ExitCode, exitOfDiagnostics } from './exit-codes.ts';
import { withEnvironment } from './global-options.ts';
import type { Io } from './io.ts';
import { Options } from './options.ts';
import { createOutput } from './output/create.ts';
import type { Output } from './output/output.ts';
import { buildProgram } from './program.ts';
import { readHelp, shortUsage, UsageError } from './usage.ts';

/** Runs one command line and answers with its exit code. Never throws for expected trouble. */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  let code = 0;
  const bind: Bind = (handler, mode, { readOnly = false } = {}) =>
    async function action(this: Command): Promise<void> {
      const given = (option: string): boolean => this.getOptionValueSourceWithGlobals(option) === 'cli';
      const { values, origins } = withEnvironment(this.optsWithGlobals(), io.env, given);
      const options = new Options(values, origins);
      const output = createOutput(mode?.(options) ?? 'text', io, options);
      try {
        const confirm = options.list('confirm');
        const named = confirm.some((name) => name.startsWith('@'))
          ? await (await import('./confirm-files.ts')).namedIn(confirm, io.cwd)
          : confirm;
        const work = handler({ args: this.args, options: options.with('confirm', named), output, io });
        const looks = typeof readOnly === 'function' ? readOnly(options) : readOnly;
        code = await (looks ? Promise.race([work, io.interruption.endsAtOnce()]) : work);
      } catch (error) {
        if (error instanceof UsageError) this.error(`error: ${error.message}`);
        code = failed(error, { argv, io, options, output });
      }
      await output.read();
    };
  const program = buildProgram({
    version: io.version,
    bind,
    writeOut: (text) => io.stdout.write(text),
    writeErr: (text) => io.stderr.write(text),
  });
  if (argv.length === 0) {
    io.stderr.write(shortUsage(program));
    return 64;
  }
  const helped = readHelp(argv, program);
  const said = 'refused' in helped ? helped : readArgv(helped.words, program);
  if ('refused' in said) {
    io.stderr.write(`error: ${said.refused}\n`);
    return misused(said.refused, argv, io);
  }
  try {
    await program.parseAsync(said.words, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : misused(error.message.replace(/^error: /, ''), argv, io);
    throw error;
  }
  return code;
}

/** Whoever asked for documents reads stdout whatever happens; commander has told people. */
function misused(why: string, argv: readonly string[], io: Io): ExitCode {
  const code: ExitCode = 64;
  const mode = machineMode(argv);
  if (mode !== null) createOutput(mode, io, new Options({})).failed([{ code: badCommandLine, severity: 'error', message: why }], code);
  return code;
}

interface Failing {
  readonly argv: readonly string[];
  readonly io: Io;
  readonly options: Options;
  readonly output: Output;
}

function failed(error: unknown, { argv, io, options, output }: Failing): ExitCode {
  const { interruption } = io;
  const wasCut = interruption.signal.aborted;
  if (wasCut && followsFrom(interruption.signal, error)) {
    output.failed([], interruption.code);
    return interruption.code;
  }
  const diagnostics =
    error instanceof DiagnosticError ? error.diagnostics : [ofFile(error) ?? unexpected(error, keepCrash(error, argv, io))];
  output.diagnostics(diagnostics);
  if (options.flag('debug') && error instanceof Error && error.stack !== undefined) io.stderr.write(`${error.stack}\n`);
  const code = wasCut && error instanceof DiagnosticError ? interruption.code : exitOfDiagnostics(diagnostics) || 1;
  output.failed(diagnostics, code);
  return code;
}

/** What an interruption brings about, and nothing else: its own reason, and connections that are given up with it. */
function followsFrom({ reason }: AbortSignal, error: unknown): boolean {
  if (error instanceof DiagnosticError) return error.diagnostics.every(({ code }) => unreachableCodes.has(code));
  return error === reason || (error instanceof Error && error.name === 'AbortError') || GIVEN_UP.has(errorCode(error));
}

/** Of connections that end while somebody waits for them. */
const GIVEN_UP: ReadonlySet<string> = new Set(['ABORT_ERR', 'ECONNRESET', 'ERR_STREAM_PREMATURE_CLOSE', 'ERR_STREAM_DESTROYED']);

/** What the machine says of a file is no defect, wherever nobody has thought of it. */
function ofFile(error: unknown): Diagnostic | null {
  const file = unusableFile(error);
  if (file === null) return null;
  return {
    code: fileNotWritten,
    severity: 'error',
    message: `The file ${file} could not be used: ${whyNotWritten(error)}`,
    hint: roomHint,
  };
}

function unexpected(error: unknown, file: string | null): Diagnostic {
  return {
    code: internalError,
    severity: 'error',
    message: `Internal error: ${error instanceof Error ? error.message : String(error)}`,
    hint: `This is a bug in cotenant. Please report it with ${file ?? 'the output of the same command with --debug'}`,
  };
}
