import type { LedgerTable } from '../../engine/index.ts';
import { chain, judgeList } from '../lists.ts';
import { afterBack, appliedOf, fileOfNumber, numberedIn, numberOf } from '../numbered.ts';
import { renderFiles, sectionOf } from '../render.ts';
import { appliedIn, type Target, type Tool } from '../tool.ts';

const SECTION = /^\s*--\s*\+goose\s+(?:up|down)\b[^\n]*\n?/gim;

export const goose: Tool = {
  id: 'goose',
  program: 'goose',
  install: 'go install github.com/pressly/goose/v3/cmd/goose@latest',
  wishes: ({ app, ledger }) => [
    {
      app,
      key: 'applied',
      schema: ledger.schema ?? null,
      table: ledger.table ?? 'goose_db_version',
      columns: ['id', 'version_id', 'is_applied'],
    },
  ],
  async files({ app, directory }) {
    const found = await numberedIn(directory, app, /^(\d+_.*)(?<!_test)\.(?:sql|go)$/);
    return chain(found.map(({ id, file }) => ({ id, file, checksum: null })));
  },
  judge(files, tables) {
    const { table, drift } = appliedIn(tables);
    const rows = versionsIn(table?.rows ?? []).map((version) => ({
      id: fileOfNumber(files.revisions, version),
      checksum: null,
      half: null,
    }));
    const standing = judgeList(files, rows);
    return { ...standing, drift: [...standing.drift, ...drift] };
  },
  async start(place, target, way, standing) {
    const applied = appliedOf((await this.files(place)).revisions, standing);
    const table = place.ledger.table === undefined ? [] : ['-table', place.ledger.table];
    const env = { GOOSE_DRIVER: way.dialect, GOOSE_DBSTRING: way.dsn ?? way.variables['DATABASE_URL'] ?? '' };
    return { args: ['-dir', place.directory, ...table, ...wordsOf(target, applied)], cwd: place.directory, env };
  },
  render: async (rendering) =>
    await renderFiles(rendering, (text, up, { file }) => {
      const found = file.endsWith('.sql') ? sectionOf(text, SECTION, up ? /Up/i : /Down/i) : null;
      return found && { sql: found.sql, transaction: !/^\s*--\s*\+goose\s+NO\s+TRANSACTION/im.test(text) };
    }),
};

/** The newest row of a version says whether it is applied. Version 0 is the table itself. */
function versionsIn(rows: LedgerTable['rows']): readonly string[] {
  const newest = new Map<string, boolean>();
  for (const [, version, isApplied] of rows.toSorted(([a], [b]) => Number(a) - Number(b))) {
    if (version !== null && version !== undefined && version !== '0') newest.set(version, isApplied === 'true' || isApplied === '1');
  }
  return [...newest].flatMap(([version, isApplied]) => (isApplied ? [version] : []));
}

function wordsOf(target: Target, applied: readonly string[]): readonly string[] {
  if (target.to === 'head') return ['up'];
  if (target.to === 'revision') return [target.back ? 'down-to' : 'up-to', numberOf(target.revision)];
  return ['down-to', numberOf(afterBack(applied, target.steps) ?? '0')];
}
