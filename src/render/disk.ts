import { randomBytes } from 'node:crypto';
import { chmod, lstat, mkdir, readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fail, type FileReport } from '../model/index.ts';
import { errorCode, replaceFile, whyNotWritten } from '../util/system.ts';
import { differenceOf } from './difference.ts';
import type { FileSet, MadeFile, OnceFile } from './file.ts';
import { marked, whose } from './mark.ts';

/** How every file stands. Writes nothing. */
export async function compareSet(folder: string, set: FileSet): Promise<readonly FileReport[]> {
  const once = await Promise.all(set.once.map(async ({ path }) => await onceReport(folder, path)));
  const made = await Promise.all(set.files.map(async (file) => await compareFile(folder, file)));
  const known = new Set([...set.files, ...set.once].map(({ path }) => path));
  return [...once, ...made, ...(await leftIn(folder, known))];
}

/** Writes what is not as it should be and is nobody else's. The reports tell how each stood before. */
export async function writeSet(folder: string, set: FileSet): Promise<readonly FileReport[]> {
  // Nothing is written where any path leads elsewhere.
  const reports = await compareSet(folder, set);
  const states = new Map(reports.map(({ path, state }) => [path, state]));
  for (const file of set.once) if (states.get(file.path) !== 'same') await writeOnce(folder, file, states.get(file.path) === 'exposed');
  for (const file of set.files) {
    const state = states.get(file.path);
    if (state === 'missing' || state === 'stale') await put(folder, file.path, marked(file), modeOf(file));
    if (state === 'exposed') await chmod(join(folder, file.path), SECRET);
  }
  return reports;
}

const SECRET = 0o600;
const modeOf = ({ secret }: MadeFile): number => (secret === true ? SECRET : 0o644);

async function compareFile(folder: string, file: MadeFile): Promise<FileReport> {
  const { path, secret } = file;
  const found = await read(folder, path);
  if (found === null) return { path, state: 'missing', difference: null };
  const wanted = marked(file);
  if (found.text === wanted) return { path, state: secret === true && found.open ? 'exposed' : 'same', difference: null };
  const by = whose(found.text);
  const difference = secret === true ? null : differenceOf(found.text, wanted);
  return { path, state: by === 'ours' ? 'stale' : by, difference };
}

async function onceReport(folder: string, path: string): Promise<FileReport> {
  const found = await read(folder, path);
  return { path, state: found === null ? 'missing' : found.open ? 'exposed' : 'same', difference: null };
}

async function writeOnce(folder: string, { path, from }: OnceFile, isThere: boolean): Promise<void> {
  if (isThere) {
    await chmod(join(folder, path), SECRET);
    return;
  }
  if (from === undefined) {
    await put(folder, path, randomBytes(32).toString('base64url'), SECRET);
    return;
  }
  const source = await read(folder, from.path);
  if (source === null) throw new Error(`${from.path} is written first`);
  await put(folder, path, await from.text(source.text.trim()), SECRET);
}

async function put(folder: string, path: string, text: string, mode: number): Promise<void> {
  const file = join(folder, path);
  try {
    await mkdir(dirname(file), { recursive: true, mode: path.startsWith('secrets/') || path.includes('/secrets/') ? 0o700 : 0o755 });
    await replaceFile(file, text, mode);
  } catch (error) {
    if (errorCode(error) === '') throw error;
    throw fail('CT9002', `The file ${file} could not be written: ${whyNotWritten(error)}`, {
      hint: 'Check its folder: that it is there, who may write in it, and that the disk has room',
    });
  }
}

/** The text of a file; null: it is not there. Throws CT4703 where a part of the path is no plain folder, or its end no plain file. */
async function read(folder: string, path: string): Promise<{ readonly text: string; readonly open: boolean } | null> {
  const parts = path.split('/');
  if (path.startsWith('/') || parts.some((part) => part === '' || part === '..' || part === '.')) throw elsewhere(path);
  for (const [index] of parts.entries()) {
    const at = join(folder, ...parts.slice(0, index + 1));
    const found = await lstat(at).catch((error: unknown) => {
      if (errorCode(error) === 'ENOENT') return null;
      throw error;
    });
    if (found === null) return null;
    const isLast = index === parts.length - 1;
    if (isLast ? !found.isFile() : !found.isDirectory()) throw elsewhere(path);
    if (isLast) return { text: await readFile(at, 'utf8'), open: (found.mode & 0o077) !== 0 };
  }
  return null;
}

function elsewhere(path: string): Error {
  return fail('CT4703', `${path} leads out of the folder, or is no plain file: nothing was written`, {
    hint: 'a symbolic link, or a folder where a file should be, has to go first',
  });
}

/** Files of the deepest kind that is ever written: `apps/shop/main/server.conf`. */
const DEPTH = 4;

/** Files that bear the mark of an earlier render, unchanged, and are not of this one. */
async function leftIn(folder: string, known: ReadonlySet<string>, under = '', depth = 1): Promise<readonly FileReport[]> {
  const entries = await readdir(join(folder, under), { withFileTypes: true }).catch(() => []);
  const found = entries.map(async (entry): Promise<readonly FileReport[]> => {
    const path = under === '' ? entry.name : `${under}/${entry.name}`;
    if (entry.isDirectory()) return depth < DEPTH && entry.name !== '.cotenant' ? await leftIn(folder, known, path, depth + 1) : [];
    if (!entry.isFile() || known.has(path)) return [];
    const text = await readFile(join(folder, path), 'utf8').catch(() => '');
    return whose(text) === 'ours' ? [{ path, state: 'left', difference: null }] : [];
  });
  return (await Promise.all(found)).flat().toSorted((a, b) => (a.path < b.path ? -1 : 1));
}
