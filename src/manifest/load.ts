import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { type Diagnostic, fail } from '../model/index.ts';
import { limits } from './limits.ts';
import { type ParseOptions, parseManifest } from './parse.ts';
import type { ManifestResult } from './types.ts';

const manifestNames = ['cotenant.yaml', 'cotenant.yml'] as const;

/** The manifest of this very folder, absolute; null: it has none. */
export async function manifestIn(folder: string): Promise<string | null> {
  for (const name of manifestNames) {
    const file = resolve(folder, name);
    if (await isFile(file)) return file;
  }
  return null;
}

/** The manifest of the folder or of the nearest folder above it, absolute; null: there is none. */
export async function findManifest(cwd: string): Promise<string | null> {
  let folder = resolve(cwd);
  for (;;) {
    const file = await manifestIn(folder);
    if (file !== null) return file;
    const parent = dirname(folder);
    if (parent === folder) return null;
    folder = parent;
  }
}

/** A manifest of the other name beside this one, which nobody reads; null: there is none. */
export async function manifestBeside(file: string): Promise<Diagnostic | null> {
  const [read, other] = manifestNames;
  if (basename(file) !== read || !(await isFile(join(dirname(file), other)))) return null;
  return {
    code: 'CT1090',
    severity: 'warning',
    message: `Only ${read} is read: the ${other} beside it has no effect.`,
    hint: `Remove one of them, or say --file ${other}.`,
  };
}

/** `findManifest`, or a DiagnosticError CT1018. */
export async function requireManifest(cwd: string): Promise<string> {
  const file = await findManifest(cwd);
  if (file !== null) return file;
  throw fail('CT1018', `There is no ${manifestNames[0]} in ${resolve(cwd)} or any folder above it.`, {
    hint: 'Create one with `cotenant init`, or point to one with --file.',
  });
}

async function isFile(file: string): Promise<boolean> {
  try {
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}

/** Reads and parses the file. A file that cannot be read is a diagnostic CT1003. */
export async function loadManifest(file: string, options: Omit<ParseOptions, 'file'>): Promise<ManifestResult> {
  const full = resolve(file);
  const read = await readText(full);
  if (typeof read === 'string') return parseManifest(read, { ...options, file: full });
  return { manifest: null, diagnostics: [read], locate: (diagnostic) => diagnostic };
}

async function readText(file: string): Promise<string | Diagnostic> {
  try {
    const { size } = await stat(file);
    // A character takes at most three bytes for one UTF-16 unit.
    if (size > limits.source * 3) return unreadable(file, `has ${Math.round(size / 1048576)} MiB`, 'CT1004');
    const bytes = await readUpTo(file, limits.source * 3);
    if (bytes === null) return unreadable(file, `has more than ${Math.floor((limits.source * 3) / 1048576)} MiB`, 'CT1004');
    return isUtf8(bytes) ? new TextDecoder().decode(bytes) : notText(file, bytes);
  } catch (error) {
    if (error instanceof Error && 'code' in error)
      return unreadable(file, reasons.get(String(error.code)) ?? `cannot be read (${String(error.code)})`);
    throw error;
  }
}

/** What stands in a pipe or comes from a device has no size to look at, and may have no end. null: there is more. */
async function readUpTo(file: string, most: number): Promise<Buffer | null> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of createReadStream(file) as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > most) return null;
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/** With the place of the first byte that is none of a text. */
function notText(file: string, bytes: Buffer): Diagnostic {
  const text = new TextDecoder().decode(bytes);
  const at = text.indexOf('\ufffd');
  const lines = text.slice(0, at).split('\n');
  // Without a frame: what stands there may be a secret, and nobody has read what it belongs to.
  const location = { file, line: lines.length, column: (lines.at(-1) ?? '').length + 1, frame: '' };
  return { ...unreadable(file, 'is not UTF-8 text'), location, hint: 'Save it as UTF-8.' };
}

const reasons = new Map([
  ['ENOENT', 'does not exist'],
  ['EACCES', 'is not readable by this user'],
  ['EISDIR', 'is a folder'],
  ['ENOTDIR', 'does not exist'],
]);

function unreadable(file: string, why: string, code = 'CT1003'): Diagnostic {
  const hint =
    'Pass the manifest with --file; by default cotenant looks for cotenant.yaml in the working directory and the folders above it.';
  return { code, severity: 'error', message: `The manifest ${file} ${why}.`, hint };
}
