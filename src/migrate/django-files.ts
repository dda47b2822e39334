import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { filesIn, textOrNull } from './folder.ts';
import { pairsIn, textIn } from './python.ts';
import type { Files, Revision } from './tool.ts';

/** Folders below that of manage.py in which apps are looked for. */
const DEPTH = 6;
const FOREIGN = /^(?:\.|_|node_modules$|site-packages$)/;

interface Migration {
  readonly label: string;
  readonly id: string;
  readonly file: string;
  readonly replaces: readonly string[];
  readonly dependencies: readonly (readonly [string, string])[];
  readonly before: readonly (readonly [string, string])[];
}

/** Every `migrations/*.py` below a folder. The id is `label.name`, as Django shows it. What packages bring lies elsewhere, and is not seen. */
export async function djangoFiles(folder: string, app: string): Promise<Files> {
  const folders = await migrationFolders(folder, DEPTH);
  return filesOf((await Promise.all(folders.map(async (one) => await migrationsIn(one, app)))).flat());
}

export function labelOf(id: string): string {
  return id.slice(0, id.indexOf('.'));
}

async function migrationFolders(folder: string, depth: number): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  if (entries.some(({ name }) => name === 'pyvenv.cfg')) return [];
  const below = entries.filter((one) => one.isDirectory() && !FOREIGN.test(one.name)).map(({ name }) => name);
  const found = await Promise.all(
    below.map(async (name) => {
      if (name === 'migrations') return [join(folder, name)];
      return depth > 0 ? await migrationFolders(join(folder, name), depth - 1) : [];
    }),
  );
  return found.flat();
}

async function migrationsIn(folder: string, app: string): Promise<readonly Migration[]> {
  const above = dirname(folder);
  const label = textIn((await textOrNull(join(above, 'apps.py'))) ?? '', 'label') ?? above.split('/').at(-1) ?? '';
  const files = await filesIn(folder, app, /^[^_~.].*\.py$/);
  return files
    .filter(({ text }) => /^class\s+Migration\b/m.test(text))
    .map(({ name, file, text }) => ({
      label,
      id: `${label}.${name.slice(0, -'.py'.length)}`,
      file,
      replaces: pairsIn(text, 'replaces').map((pair) => pair.join('.')),
      dependencies: pairsIn(text, 'dependencies'),
      before: pairsIn(text, 'run_before'),
    }));
}

function filesOf(found: readonly Migration[]): Files {
  const byId = new Map(found.map((one) => [one.id, one]));
  const stands = new Map(found.flatMap(({ id, replaces }) => replaces.map((one) => [one, id] as const)));
  const needs = new Map(found.map((one) => [one.id, new Set<string>()]));
  const lost: string[] = [];
  for (const { id, dependencies, before } of found) {
    for (const [label, name] of dependencies) {
      const wanted = named(found, label, name).map((one) => (byId.has(one) ? one : (stands.get(one) ?? one)));
      for (const one of wanted) if (byId.has(one) && one !== id) needs.get(id)?.add(one);
      // An app of which nothing lies here comes with a package.
      if (found.some((one) => one.label === label) && !wanted.some((one) => byId.has(one)))
        lost.push(`${id} comes after ${label}.${name}, which has no file`);
    }
    for (const pair of before) needs.get(pair.join('.'))?.add(id);
  }
  const order: Revision[] = [];
  const seen = new Set<string>();
  const visit = (id: string): void => {
    const one = byId.get(id);
    if (!one || seen.has(id)) return;
    seen.add(id);
    for (const other of needs.get(id) ?? []) visit(other);
    order.push({ id, file: one.file, checksum: null, replaces: one.replaces, needs: [...(needs.get(id) ?? [])] });
  };
  for (const { id } of found.toSorted((a, b) => (a.id < b.id ? -1 : 1))) visit(id);
  const heads = headsOf(order, stands);
  const several = [...Map.groupBy(heads, labelOf)].filter(([, ids]) => ids.length > 1);
  const drift = several.map(([label, ids]) => `${label} has ${ids.length} heads: ${ids.join(', ')}`);
  return { revisions: order, heads, drift: [...lost, ...drift] };
}

/** Newest of each app: nothing of the same app comes after it. What a squashed one stands for does not count. */
function headsOf(order: readonly Revision[], stands: ReadonlyMap<string, string>): readonly string[] {
  const mine = order.filter(({ id }) => !stands.has(id));
  const needed = new Set(
    mine.flatMap(({ id, needs }) => needs.map((one) => stands.get(one) ?? one).filter((one) => labelOf(one) === labelOf(id) && one !== id)),
  );
  return mine.filter(({ id }) => !needed.has(id)).map(({ id }) => id);
}

/** A migration by its name, or by `__first__` and `__latest__`. */
function named(found: readonly Migration[], label: string, name: string): readonly string[] {
  if (name !== '__first__' && name !== '__latest__') return [`${label}.${name}`];
  const all = found
    .filter((one) => one.label === label)
    .map(({ id }) => id)
    .toSorted();
  return name === '__first__' ? all.slice(0, 1) : all.slice(-1);
}
