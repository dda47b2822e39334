import { filesIn, sha256, textIn } from '../folder.ts';
import { chain, judgeList } from '../lists.ts';
import { appliedIn, type Files, type Revision, type Standing, type Target, type Tool } from '../tool.ts';

/** The table of our own small ledger. */
export const SQL_LEDGER = 'cotenant_migrations';

/** Plain numbered files: `0001_first.sql`, and `0001_first.down.sql` for the way back. This process runs them, with the app's login. */
export const sql: Tool = {
  id: 'sql',
  program: null,
  install: '',
  wishes: ({ app, ledger }) => [
    { app, key: 'applied', schema: ledger.schema ?? null, table: ledger.table ?? SQL_LEDGER, columns: ['name', 'checksum'] },
  ],
  async files({ app, directory }) {
    const found = await filesIn(directory, app, /^\d+.*(?<!\.down)\.sql$/);
    return chain(
      found
        .map(({ name, file, text }) => ({ id: name.slice(0, -'.sql'.length), file, checksum: sqlChecksum(text) }))
        .toSorted((a, b) => Number.parseInt(a.id, 10) - Number.parseInt(b.id, 10) || (a.id < b.id ? -1 : 1)),
    );
  },
  judge(files, tables) {
    const { table, drift } = appliedIn(tables);
    const applied = (table?.rows ?? []).map(([id, checksum]) => ({ id: id ?? '', checksum: checksum ?? null, half: null }));
    const standing = judgeList(files, applied);
    return { ...standing, drift: [...standing.drift, ...drift] };
  },
  start: ({ directory }) => ({ args: [], cwd: directory }),
  async render({ place, files, standing, target }) {
    const { up, ids } = wayOf(files, standing, target);
    return await Promise.all(
      ids.map(async ({ id, file }) => {
        const path = up ? file : downOf(file);
        const text = await textIn(path, place.app);
        return { revision: id, file: path, transaction: !isAlone(text), sql: text };
      }),
    );
  },
};

export function sqlChecksum(text: string): string {
  return sha256(text);
}

/** True for a file that must not run inside a transaction, as it says itself in a line of its own. */
export function isAlone(text: string): boolean {
  return /^--\s*cotenant:\s*no transaction\s*$/im.test(text);
}

/** The file of the way back. */
export function downOf(file: string): string {
  return file.replace(/\.sql$/, '.down.sql');
}

/** What a run to a target does with a list of files, in its order. */
export function wayOf(
  { revisions }: Files,
  standing: Standing,
  target: Target,
): { readonly up: boolean; readonly ids: readonly Revision[] } {
  const pending = new Set(standing.pending);
  if (target.to === 'head') return { up: true, ids: revisions.filter(({ id }) => pending.has(id)) };
  const at = target.to === 'revision' ? revisions.findIndex(({ id }) => id === target.revision) : -1;
  if (target.to === 'revision' && !target.back) return { up: true, ids: revisions.slice(0, at + 1).filter(({ id }) => pending.has(id)) };
  const applied = revisions.filter(({ id }) => !pending.has(id)).toReversed();
  const stays = target.to === 'back' ? target.steps : applied.findIndex(({ id }) => id === target.revision);
  return { up: false, ids: applied.slice(0, Math.max(0, stays)) };
}
