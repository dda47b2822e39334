import { filesIn } from '../folder.ts';
import { chain, judgeList } from '../lists.ts';
import { cannot, compareNumbers, numberOf } from '../numbered.ts';
import { appliedIn, type Files, type Standing, type Tool } from '../tool.ts';

/** Anything else: `command` brings the app to its newest revision, and `ledger` names the table and column in which that is kept. */
export const command: Tool = {
  id: 'command',
  program: null,
  install: 'as its own documentation says',
  wishes: ({ app, ledger: { schema = null, table, column } }) =>
    table === undefined || column === undefined ? [] : [{ app, key: 'applied', schema, table, columns: [column] }],
  async files({ app, directory }) {
    const found = await filesIn(directory, app, /^[^._].*\.\w+$/);
    const files = found.map(({ name, file }) => ({ id: name.replace(/\.\w+$/, ''), file, checksum: null }));
    return chain(files.toSorted((a, b) => compareNumbers(a.id, b.id)));
  },
  judge(files, tables) {
    const { table, drift } = appliedIn(tables);
    const values = (table?.rows ?? []).flatMap(([value]) =>
      value === null || value === undefined || value === '' || value === '0' ? [] : [value],
    );
    const standing = judgeValues(files, values);
    return { ...standing, drift: [...standing.drift, ...drift] };
  },
  start(place, target) {
    if (target.to !== 'head')
      throw cannot(place, '`tool: command`', 'go to one revision, or back', 'write a new migration that undoes the last one');
    return { args: [], cwd: place.directory };
  },
  render: async () => await Promise.resolve(null),
};

/** One row is where it stands; with several there is one for each file. */
function judgeValues(files: Files, values: readonly string[]): Standing {
  const ids = values.map((value) => files.revisions.find(({ id }) => isCalled(id, value))?.id ?? value);
  const [only = ''] = ids;
  const at = ids.length === 1 ? files.revisions.findIndex(({ id }) => id === only) : -1;
  const before = files.revisions.slice(0, Math.max(0, at)).map(({ id }) => id);
  return judgeList(
    files,
    [...before, ...ids].map((id) => ({ id, checksum: null, half: null })),
    ids.length === 1,
  );
}

/** `3`, `003` and `003_orders` all name `003_orders.php`. */
function isCalled(id: string, value: string): boolean {
  const plain = value.replace(/\.\w+$/, '');
  if (id === value || id === plain) return true;
  if (/^\d+$/.test(value)) return numberOf(id) === numberOf(value);
  return id.startsWith(plain) && /^[_.-]/.test(id.slice(plain.length));
}
