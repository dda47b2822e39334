import { fail } from '../../model/index.ts';
import { chain, judgeList } from '../lists.ts';
import { fileOfNumber, numberedIn, numberOf } from '../numbered.ts';
import { fileBack, isSeveral, renderFiles } from '../render.ts';
import { appliedIn, type Target, type Tool } from '../tool.ts';
import { withParameter } from '../url.ts';

/** Its ledger is one row: the newest version, and whether that one has come to its end. */
export const golangMigrate: Tool = {
  id: 'golang-migrate',
  program: 'migrate',
  install: 'go install -tags ENGINE github.com/golang-migrate/migrate/v4/cmd/migrate@latest',
  wishes: ({ app, ledger }) => [
    { app, key: 'applied', schema: ledger.schema ?? null, table: ledger.table ?? 'schema_migrations', columns: ['version', 'dirty'] },
  ],
  async files({ app, directory }) {
    const found = await numberedIn(directory, app, /^(\d+_.*)\.up\.\w+$/);
    return chain(found.map(({ id, file }) => ({ id, file, checksum: null })));
  },
  judge(files, tables) {
    const { table, drift } = appliedIn(tables);
    const [version = null, dirty] = table?.rows[0] ?? [];
    const id = version === null ? null : fileOfNumber(files.revisions, version);
    const at = files.revisions.findIndex((one) => one.id === id);
    const before = files.revisions.slice(0, Math.max(0, at)).map((one) => ({ id: one.id, checksum: null, half: null }));
    const half =
      dirty === 'true' || dirty === '1'
        ? 'it was begun and not ended; put right what it left, then `migrate force` says which version that is'
        : null;
    const standing = judgeList(files, id === null ? [] : [...before, { id, checksum: null, half }]);
    const current = id === null ? [] : [id];
    return { ...standing, current, drift: [...standing.drift, ...drift] };
  },
  start(place, target, way) {
    if (way.dsn !== null)
      throw fail(
        'CT4127',
        'golang-migrate takes the password of this server in its arguments only, where everybody on the machine reads it',
        {
          hint: 'use a tool that reads it from its environment, such as goose or dbmate',
        },
      );
    const table = place.ledger.table;
    const url = table === undefined ? way.url : withParameter(way.url, 'x-migrations-table', table);
    return { args: ['-path', place.directory, '-database', url, ...wordsOf(target)], cwd: place.directory };
  },
  render: async (rendering) =>
    await renderFiles(rendering, async (text, up, { file }) =>
      up ? { sql: text, transaction: isSeveral(text) } : await fileBack(file.replace(/\.up(\.\w+)$/, '.down$1')),
    ),
};

function wordsOf(target: Target): readonly string[] {
  if (target.to === 'head') return ['up'];
  return target.to === 'back' ? ['down', String(target.steps)] : ['goto', numberOf(target.revision)];
}
