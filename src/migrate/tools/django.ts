import { djangoFiles, labelOf } from '../django-files.ts';
import { type Home, homeOf } from '../home.ts';
import { appliedOf, cannot } from '../numbered.ts';
import { wayOf } from './sql.ts';
import { appliedIn, type Files, type Place, type Revision, type Standing, type Target, type Tool } from '../tool.ts';

/** Between the migrations of one print. */
const MARK = '-- cotenant: ';

export const django: Tool = {
  id: 'django',
  program: 'python3',
  install: 'pip install Django, in the virtual environment `.venv` beside manage.py',
  wishes: ({ app, ledger }) => [
    { app, key: 'applied', schema: ledger.schema ?? null, table: ledger.table ?? 'django_migrations', columns: ['app', 'name'] },
  ],
  files: async (place) => await djangoFiles((await at(place)).cwd, place.app),
  judge(files, tables) {
    const { table, drift } = appliedIn(tables);
    const rows = new Set((table?.rows ?? []).map(([label, name]) => `${label}.${name}`));
    const standing = judgeGraph(files, rows);
    return { ...standing, drift: [...files.drift, ...drift, ...standing.drift] };
  },
  async start(place, target, _way, standing) {
    const { cwd } = await at(place);
    return { args: ['manage.py', 'migrate', '--no-input', ...(await wordsOf(place, target, standing))], cwd };
  },
  async render({ place, files, standing, target, printed }) {
    const { up, ids } = wayOf(files, standing, target);
    const stood = new Set(files.revisions.flatMap(({ replaces = [] }) => replaces));
    const some = ids.filter(({ id }) => up || !stood.has(id));
    const calls = some.flatMap(({ id }) => {
      const words = [labelOf(id), nameOf(id)].map((word) => JSON.stringify(word)).join(', ');
      return [`print(${JSON.stringify(MARK + id)})`, `call_command("sqlmigrate", ${words}, backwards=${up ? 'False' : 'True'})`];
    });
    const script = ['from django.core.management import call_command', ...calls].join('\n');
    const text = await printed({ args: ['manage.py', 'shell', '-c', script], cwd: (await at(place)).cwd });
    const parts = new Map(
      text
        .split(MARK)
        .slice(1)
        .map((part) => [part.slice(0, part.indexOf('\n')).trim(), part.slice(part.indexOf('\n') + 1)]),
    );
    return some.map(({ id, file }) => {
      const sql = parts.get(id) ?? '';
      return { revision: id, file, transaction: /^BEGIN;/m.test(sql), sql: sql.replaceAll(/^(?:BEGIN|COMMIT);$/gm, '') };
    });
  },
};

function nameOf(id: string): string {
  return id.slice(labelOf(id).length + 1);
}

/** A squashed migration counts as applied once all that it stands for are; with a part of them it does not count at all. */
function judgeGraph({ revisions, heads }: Files, rows: ReadonlySet<string>): Standing {
  const done = new Set(rows);
  const hidden = new Set<string>();
  for (const { id, replaces = [] } of revisions) {
    const count = replaces.filter((one) => done.has(one)).length;
    if (replaces.length > 0 && count === replaces.length) done.add(id);
    if (replaces.length > 0 && count > 0 && !done.has(id)) hidden.add(id);
    else for (const one of replaces) hidden.add(one);
  }
  const active = revisions.filter(({ id }) => !hidden.has(id));
  const known = new Set([...revisions.map(({ id }) => id), ...revisions.flatMap(({ replaces = [] }) => replaces)]);
  const labels = new Set(revisions.map(({ id }) => labelOf(id)));
  const lost = [...rows].filter((id) => labels.has(labelOf(id)) && !known.has(id)).map((id) => `${id} is in the ledger and has no file`);
  const early = active.flatMap(({ id, needs }) =>
    done.has(id)
      ? needs.filter((one) => !done.has(one) && !hidden.has(one)).map((one) => `${id} is applied, and ${one} before it is not`)
      : [],
  );
  return {
    current: newest(active.filter(({ id }) => done.has(id))),
    head: heads,
    pending: active.filter(({ id }) => !done.has(id)).map(({ id }) => id),
    drift: [...lost, ...early],
  };
}

/** Of each Django app that which nothing of the same app comes after. */
function newest(applied: readonly Revision[]): readonly string[] {
  const needed = new Set(applied.flatMap(({ id, needs }) => needs.filter((one) => labelOf(one) === labelOf(id))));
  return applied.filter(({ id }) => !needed.has(id)).map(({ id }) => id);
}

async function wordsOf(place: Place, target: Target, standing: Standing): Promise<readonly string[]> {
  if (target.to === 'head') return [];
  if (target.to === 'revision') return [labelOf(target.revision), nameOf(target.revision)];
  const { revisions } = await django.files(place);
  const done = appliedOf(revisions, standing);
  const stood = new Set(revisions.filter(({ id }) => done.includes(id)).flatMap(({ replaces = [] }) => replaces));
  const applied = done.filter((id) => !stood.has(id));
  const undone = applied.slice(-target.steps);
  const [label = '', ...others] = [...new Set(undone.map(labelOf))];
  if (others.length > 0)
    throw cannot(
      place,
      'Django',
      `take back ${target.steps} migrations of several of its apps at once`,
      'go back one app at a time, with `--to label.name`',
    );
  const left = applied.slice(0, -target.steps).findLast((id) => labelOf(id) === label);
  return [label, left === undefined ? 'zero' : left.slice(label.length + 1)];
}

async function at(place: Place): Promise<Home> {
  return await homeOf(place, { config: /^manage\.py$/, folder: '.' });
}
