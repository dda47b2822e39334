import { dirname, join, resolve } from 'node:path';
import { fail } from '../../model/index.ts';
import { filesIn, textOrNull } from '../folder.ts';
import { appliedIn, type Files, type Rendered, type Revision, type Start, type Target, type Tool } from '../tool.ts';

export const alembic: Tool = {
  id: 'alembic',
  program: 'alembic',
  install: 'pip install alembic',
  wishes: ({ app, ledger }) => [
    { app, key: 'applied', schema: ledger.schema ?? null, table: ledger.table ?? 'alembic_version', columns: ['version_num'] },
  ],
  async files({ app, directory }) {
    const found = await filesIn(join((await homeOf(app, directory)).scripts, 'versions'), app, /\.py$/);
    return graph(found.flatMap(({ file, text }) => revisionIn(file, text)));
  },
  judge(files, tables) {
    const { table, drift } = appliedIn(tables);
    const current = (table?.rows ?? []).flatMap(([version]) => version ?? []);
    const byId = new Map(files.revisions.map((one) => [one.id, one]));
    const applied = new Set<string>();
    const visit = (id: string): void => {
      if (applied.has(id)) return;
      applied.add(id);
      for (const before of byId.get(id)?.needs ?? []) visit(before);
    };
    for (const id of current) visit(id);
    const lost = current.filter((id) => !byId.has(id)).map((id) => `${id} is in the ledger and has no file`);
    const pending = files.revisions.filter(({ id }) => !applied.has(id)).map(({ id }) => id);
    return { current, head: files.heads, pending, drift: [...files.drift, ...drift, ...lost] };
  },
  start: async ({ app, directory }, target) => await startIn(app, directory, wordsOf(target)),
  async render({ place: { app, directory }, files, standing, target, printed }) {
    const [first] = standing.current;
    if (standing.current.length > 1) return null;
    const back = target.to === 'back' || (target.to === 'revision' && target.back);
    const end = target.to === 'head' ? 'head' : target.to === 'revision' ? target.revision : before(files, first, target.steps);
    if (end === null || (back && first === undefined)) return null;
    const range = first === undefined ? end : `${first}:${end}`;
    const text = await printed(await startIn(app, directory, [back ? 'downgrade' : 'upgrade', range, '--sql']));
    return revisionsIn(text, files, back);
  },
};

function wordsOf(target: Target): readonly string[] {
  if (target.to === 'head') return ['upgrade', 'head'];
  if (target.to === 'back') return ['downgrade', `-${target.steps}`];
  return [target.back ? 'downgrade' : 'upgrade', target.revision];
}

async function startIn(app: string, directory: string, args: readonly string[]): Promise<Start> {
  const { cwd, config } = await homeOf(app, directory);
  return { args: [...(config === null ? [] : ['-c', config]), ...args], cwd };
}

/** The folder of `alembic.ini`, or that of the scripts beside or below it. */
async function homeOf(
  app: string,
  directory: string,
): Promise<{ readonly cwd: string; readonly scripts: string; readonly config: string | null }> {
  for (const cwd of [directory, dirname(directory)]) {
    const ini = await textOrNull(join(cwd, 'alembic.ini'));
    const said = ini === null ? undefined : /^\s*script_location\s*=\s*(.+?)\s*$/m.exec(ini)?.[1];
    if (said === undefined) continue;
    const scripts = resolve(cwd, said.replaceAll('%(here)s', cwd));
    if (cwd === directory || scripts === directory) return { cwd, scripts, config: null };
  }
  throw fail('CT4105', `the migrations of "${app}" cannot be read: there is no alembic.ini with a script_location in ${directory}`, {
    hint: '`directory` is the folder of alembic.ini, or that of the scripts below it',
  });
}

function revisionIn(file: string, text: string): readonly Revision[] {
  const id = assigned(text, 'revision')[0];
  if (id === undefined) return [];
  return [{ id, file, checksum: null, needs: [...assigned(text, 'down_revision'), ...assigned(text, 'depends_on')] }];
}

/** The texts that a name is set to at the top of a module: one, or a tuple or list of them. */
function assigned(text: string, name: string): readonly string[] {
  const value = new RegExp(`^${name}\\s*(?::[^=\\n]*)?=\\s*(\\([^)]*\\)|\\[[^\\]]*\\]|[^\\n]*)`, 'm').exec(text)?.[1] ?? '';
  return [...value.matchAll(/'([^']*)'|"([^"]*)"/g)].map(([, one, other]) => one ?? other ?? '');
}

/** Revisions so that each comes after those that it needs. */
function graph(found: readonly Revision[]): Files {
  const byId = new Map(found.map((one) => [one.id, one]));
  const revisions: Revision[] = [];
  const seen = new Set<string>();
  const visit = (one: Revision): void => {
    if (seen.has(one.id)) return;
    seen.add(one.id);
    for (const before of one.needs) {
      const other = byId.get(before);
      if (other) visit(other);
    }
    revisions.push(one);
  };
  for (const one of found.toSorted((a, b) => (a.id < b.id ? -1 : 1))) visit(one);
  const needed = new Set(found.flatMap(({ needs }) => needs));
  const heads = revisions.filter(({ id }) => !needed.has(id)).map(({ id }) => id);
  const ids = found.map(({ id }) => id);
  const twice = [...new Set(ids.filter((id, at) => ids.indexOf(id) !== at))].map((id) => `two files have the revision ${id}`);
  const lost = found.flatMap(({ id, needs }) =>
    needs.filter((one) => !byId.has(one)).map((one) => `${id} comes after ${one}, which has no file`),
  );
  const several = heads.length > 1 ? [`it has ${heads.length} heads: ${heads.join(', ')}`] : [];
  return { revisions, heads, drift: [...twice, ...lost, ...several] };
}

/** So many steps before a revision. */
function before({ revisions }: Files, from: string | undefined, steps: number): string | null {
  let at = from;
  for (let step = 0; step < steps; step++) {
    const [only, ...more] = revisions.find(({ id }) => id === at)?.needs ?? [];
    if (at === undefined || at === 'base' || more.length > 0) return null;
    at = only ?? 'base';
  }
  return at ?? null;
}

/** What `--sql` prints, taken apart at the remarks that the tool puts in front of each revision. */
function revisionsIn(text: string, { revisions }: Files, back: boolean): readonly Rendered[] {
  const byId = new Map(revisions.map((one) => [one.id, one]));
  const found: { revision: string; transaction: boolean; lines: string[] }[] = [];
  let open = false;
  for (const line of text.split('\n')) {
    const [, from = '', to = ''] = /^-- Running (?:upgrade|downgrade) (\S*) -> (\S*)/.exec(line) ?? [];
    if (from + to !== '') found.push({ revision: back ? from : to, transaction: open, lines: [] });
    else if (/^(?:BEGIN|START TRANSACTION|COMMIT);$/.test(line)) {
      open = line !== 'COMMIT;';
      const last = found.at(-1);
      if (last && !open && last.lines.every((one) => one.trim() === '')) last.transaction = false;
    } else found.at(-1)?.lines.push(line);
  }
  return found.map(({ revision, transaction, lines }) => ({
    revision,
    file: byId.get(revision)?.file ?? '',
    transaction,
    sql: `${lines.join('\n').trim()}\n`,
  }));
}
