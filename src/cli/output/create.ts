import type { OutputMode } from '../call.ts';
import type { Io } from '../io.ts';
import type { Options } from '../options.ts';
import { FileOutput } from './file.ts';
import { JsonOutput } from './json.ts';
import type { Output } from './output.ts';
import { StreamJsonOutput } from './stream-json.ts';
import { TextOutput } from './text.ts';

export function createOutput(mode: OutputMode, io: Io, options: Options): Output {
  if (mode === 'json') return new JsonOutput(io, options);
  if (mode === 'file') return new FileOutput(io, options);
  return mode === 'stream-json' ? new StreamJsonOutput(io, options) : new TextOutput(io, options);
}
