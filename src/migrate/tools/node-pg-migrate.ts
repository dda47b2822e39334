import { type Home, homeOf } from '../home.ts';
import { chain, judgeList } from '../lists.ts';
import { appliedOf, numberedIn } from '../numbered.ts';
import { renderFiles, sectionOf } from '../render.ts';
import { appliedIn, type Place, type Standing, type Target, type Tool } from '../tool.ts';

/** How a file of SQL is divided. */
const SECTION = /^\s*--[\s-]*(?:up|down)\s+migration[^\n]*\n?/gim;

export const nodePgMigrate: Tool = {
  id: 'node-pg-migrate',
  program: 'node-pg-migrate',
  install: 'npm install node-pg-migrate',
  advisoryKey: '7241865325823964',
  wishes: ({ app, ledger }) => [
    { app, key: 'applied', schema: ledger.schema ?? null, table: ledger.table ?? 'pgmigrations', columns: ['name'] },
  ],
  async files(place) {
    const found = await numberedIn((await at(place)).files, place.app, /^(\d.*?)(?<!\.d)\.(?:js|cjs|mjs|ts|cts|mts|sql)$/);
    return chain(found.map(({ id, file }) => ({ id, file, checksum: null })));
  },
  judge(files, tables) {
    const { table, drift } = appliedIn(tables);
    const rows = (table?.rows ?? []).map(([id]) => ({ id: id ?? '', checksum: null, half: null }));
    const standing = judgeList(files, rows);
    return { ...standing, drift: [...standing.drift, ...drift] };
  },
  async start(place, target, way, standing) {
    const { cwd, files } = await at(place);
    const applied = appliedOf((await this.files(place)).revisions, standing);
    const { ledger } = place;
    // What a file with its settings says wins over these.
    const settings = {
      'migrations-dir': files,
      schema: way.schema ?? undefined,
      'migrations-schema': ledger.schema,
      'migrations-table': ledger.table,
    };
    const options = Object.entries(settings).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, value]));
    return { args: [...wordsOf(target, standing, applied), ...options], cwd };
  },
  render: async (rendering) =>
    await renderFiles(rendering, (text, up, { file }) => {
      if (!file.endsWith('.sql')) return null;
      const sql = sectionOf(text, SECTION, up ? /\bup\b/i : /\bdown\b/i)?.sql ?? (up ? text : null);
      return sql === null ? null : { sql, transaction: true };
    }),
};

function wordsOf(target: Target, { pending }: Standing, applied: readonly string[]): readonly string[] {
  if (target.to === 'head') return ['up'];
  if (target.to === 'back') return ['down', String(target.steps)];
  return target.back
    ? ['down', String(applied.length - 1 - applied.indexOf(target.revision))]
    : ['up', String(pending.indexOf(target.revision) + 1)];
}

async function at(place: Place): Promise<Home> {
  return await homeOf(place, { config: /^package\.json$/, folder: 'migrations' });
}
