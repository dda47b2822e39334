import { readFile, realpath, stat } from 'node:fs/promises';
import { basename, relative, resolve } from 'node:path';
import { requireManifest } from '../manifest/index.ts';
import { DiagnosticError, fail } from '../model/index.ts';
import { lookUp, putIn } from '../util/record.ts';
import { replaceFile } from '../util/system.ts';
import { nearOf } from './apps.ts';
import { type Plain, plain, plainApp, withApp } from './edit-manifest.ts';
import { type Checked, checkManifest } from './project.ts';
import type { OpenOptions } from './types.ts';

export interface AddAppOptions extends Omit<OpenOptions, 'source'> {
  readonly name: string;
  /** Instances; left out: the only one there is. */
  readonly on: readonly string[];
  /** An app whose entry is copied, but for names that only one can have. */
  readonly like?: string;
}

export interface AddedApp {
  /** Relative to `cwd`. */
  readonly file: string;
  readonly instances: readonly string[];
  /** Instances among them whose local server was never started. */
  readonly notStarted: readonly string[];
}

/** Adds an app to the manifest and leaves everything else in the file as it is. Throws a DiagnosticError where the manifest would not be right with it. */
export async function addApp(options: AddAppOptions): Promise<AddedApp> {
  const { name, cwd } = options;
  const file = await realpath(options.file === undefined ? await requireManifest(cwd) : resolve(cwd, options.file)).catch(() =>
    resolve(cwd, options.file ?? ''),
  );
  const before = await checkManifest({ ...options, file });
  isFree(before, name);
  const source = await readFile(file, 'utf8');
  const { text, checked } = await fitting(source, entryFor(before, source, options), { ...options, file });
  await replaceFile(file, text, (await stat(file)).mode & 0o777);
  const instances = checked.manifest.apps.find((app) => app.name === name)?.instances ?? [];
  return { file: relative(cwd, file), instances, notStarted: instances.filter((one) => checked.own.get(one)?.state === null) };
}

function isFree({ manifest }: Checked, name: string): void {
  const kind = manifest.apps.some((app) => app.name === name)
    ? 'an app'
    : manifest.readers.some((one) => one.name === name)
      ? 'a reader'
      : null;
  if (kind !== null) throw fail('CT1202', `The manifest has ${kind} called "${name}" already.`, { hint: 'Choose another name.' });
}

/** What the app is to have, where nothing of it clashes. */
function entryFor(before: Checked, source: string, { on, like }: AddAppOptions): Plain {
  const names = before.manifest.instances.map((one) => one.name);
  for (const one of on) {
    if (!names.includes(one)) throw fail('CT2051', `the manifest has no instance "${one}"`, { hint: nearOf(one, names, 'instances') });
  }
  if (like === undefined) return { uses: Object.fromEntries(chosen(on, names).map((one) => [one, {}])) };
  const apps = before.manifest.apps.map((app) => app.name);
  if (!apps.includes(like)) throw fail('CT2016', `the manifest has no app "${like}"`, { hint: nearOf(like, apps, 'apps') });
  const entry = plainApp(source, like);
  if (entry === null) {
    throw fail('CT2056', `"${like}" is one of several apps that \`for\` makes, so it has no entry that could be copied`, {
      hint: 'add a value to its `for` instead',
    });
  }
  const uses = plain(entry['uses']);
  return { ...entry, uses: Object.fromEntries((on.length === 0 ? Object.keys(uses) : on).map((one) => [one, plain(lookUp(uses, one))])) };
}

function chosen(on: readonly string[], names: readonly string[]): readonly string[] {
  if (on.length > 0) return [...new Set(on)];
  if (names.length === 1) return names;
  throw fail('CT2055', `the manifest has ${names.length} instances: ${names.join(', ')}`, {
    hint: `name those that the app uses: --on ${names[0] ?? 'main'}`,
  });
}

/** Fields of a placement that name what one app has: never taken over, and those that are not where the copy would clash. */
const never = ['adopt', 'names'];
const mayClash = [...never, 'user', 'prefix', 'schema', 'workspace'];
const unique: readonly (readonly string[])[] = [never, mayClash, [...mayClash, 'database'], [...mayClash, 'database', 'logins']];

interface Fitting {
  readonly text: string;
  readonly checked: Checked;
}

/** The manifest with the app, each placement as full as it can be beside what is there. Throws what is wrong where it cannot be at all. */
async function fitting(source: string, entry: Plain, options: AddAppOptions & { readonly file: string }): Promise<Fitting> {
  const uses: Record<string, unknown> = {};
  for (const [instance, placement] of Object.entries(plain(entry['uses']))) {
    putIn(uses, instance, await placementThatFits(source, instance, plain(placement), options));
  }
  return await withEntry(source, { ...entry, uses }, options);
}

async function placementThatFits(
  source: string,
  instance: string,
  placement: Plain,
  options: AddAppOptions & { readonly file: string },
): Promise<Plain> {
  let wrong: DiagnosticError | null = null;
  for (const keys of unique) {
    const cut = Object.fromEntries(Object.entries(placement).filter(([key]) => !keys.includes(key)));
    try {
      await withEntry(source, { uses: { [instance]: cut } }, options);
      return cut;
    } catch (error) {
      if (!(error instanceof DiagnosticError)) throw error;
      // What is wrong with the fullest says most.
      wrong ??= error;
    }
  }
  throw wrong ?? new Error('no placement to try');
}

async function withEntry(source: string, entry: Plain, options: AddAppOptions & { readonly file: string }): Promise<Fitting> {
  const text = withApp(source, options.name, entry);
  if (text !== null) return { text, checked: await checkManifest({ ...options, source: text }) };
  throw fail('CT2056', `The app cannot be put into ${basename(options.file)} without changing what stands there.`, {
    hint: `Add it by hand: ${options.name}: ${JSON.stringify(entry)}`,
  });
}
