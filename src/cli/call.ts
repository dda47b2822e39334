import type { Command } from 'commander';
import type { OpenOptions, Project } from '../app/types.ts';
import { unlessAborted } from '../util/abort.ts';
import type { Io } from './io.ts';
import { type Options, outputOf } from './options.ts';
import type { Output } from './output/output.ts';

/** One command as it was called. */
export interface Call {
  /** Arguments in order; one that was left out is undefined. */
  readonly args: readonly (string | undefined)[];
  readonly options: Options;
  readonly output: Output;
  readonly io: Io;
}

/** Any other code is that of a program that was called in place of this one. */
type Handler = (call: Call) => Promise<number>;
/** `file`: stdout is a file of a form that has no place for an error. */
export type OutputMode = 'text' | 'json' | 'stream-json' | 'file';

export interface Conduct {
  /** It changes nothing, so a signal ends it at once. */
  readonly readOnly?: boolean | ((options: Options) => boolean);
}

/** Turns a handler into what commander calls. */
export type Bind = (handler: Handler, mode?: (options: Options) => OutputMode, conduct?: Conduct) => (this: Command) => Promise<void>;

export function jsonMode(options: Options): OutputMode {
  return outputOf(options) === 'json' ? 'json' : 'text';
}

export function streamMode(options: Options): OutputMode {
  return outputOf(options) === 'stream-json' ? 'stream-json' : jsonMode(options);
}

/** Reads the manifest and prints its warnings. Throws a DiagnosticError where it has errors. */
export async function openCall(call: Call): Promise<Project> {
  const { openProject } = await import('../app/project.ts');
  const project = await openProject(await openOptions(call));
  call.output.diagnostics(project.diagnostics);
  return project;
}

/** Which manifest is meant: `--file -` is standard input. */
export async function openOptions({ io, options, output }: Call): Promise<OpenOptions> {
  const file = options.text('file');
  const { cwd, env, interruption, stdin } = io;
  const { text } = await import('node:stream/consumers');
  const source = file === '-' ? { source: await unlessAborted(text(stdin), interruption.signal) } : {};
  return { cwd, env, signal: interruption.signal, progress: output.far, ...(file === undefined ? {} : { file }), ...source };
}

/** An argument that commander has checked to be there. */
export function required(call: Call, index: number): string {
  const value = call.args[index];
  if (value === undefined) throw new Error(`argument ${index} is missing`);
  return value;
}

/** The apps that are the arguments; none: all. */
export function namedApps({ args }: Call): readonly string[] {
  return args.flatMap((name) => name ?? []);
}
