import { type Home, homeOf } from '../home.ts';
import { chain, judgeList } from '../lists.ts';
import { appliedOf, cannot, fileOfNumber, numberedIn } from '../numbered.ts';
import { renderFiles, sectionOf } from '../render.ts';
import { appliedIn, type Place, type Tool } from '../tool.ts';
import { withParameter } from '../url.ts';

const SECTION = /^--\s*migrate:(?:up|down)[^\n]*\n?/gm;

export const dbmate: Tool = {
  id: 'dbmate',
  program: 'dbmate',
  install: 'npm install dbmate',
  wishes: ({ app, ledger }) => [
    { app, key: 'applied', schema: ledger.schema ?? null, table: ledger.table ?? 'schema_migrations', columns: ['version'] },
  ],
  async files(place) {
    const found = await numberedIn((await at(place)).files, place.app, /^(\d+.*)\.sql$/);
    return chain(found.map(({ id, file }) => ({ id, file, checksum: null })));
  },
  judge(files, tables) {
    const { table, drift } = appliedIn(tables);
    const rows = (table?.rows ?? []).map(([version]) => ({ id: fileOfNumber(files.revisions, version ?? ''), checksum: null, half: null }));
    // It runs what is missing, wherever in the order.
    const standing = judgeList(files, rows, false);
    return { ...standing, drift: [...standing.drift, ...drift] };
  },
  async start(place, target, way, standing) {
    const { cwd, files } = await at(place);
    const schema = place.ledger.schema ?? way.schema;
    const url = way.variables['DATABASE_URL'];
    // It asks for the schema of its own table by this name, and takes `public` else.
    const env = schema === null || url === undefined ? {} : { DATABASE_URL: withParameter(url, 'search_path', schema) };
    const table = place.ledger.table === undefined ? [] : ['--migrations-table', place.ledger.table];
    // `up` would try to create the database, and both would dump the schema.
    const args = ['--no-dump-schema', '--migrations-dir', files, ...table];
    if (target.to === 'head') return { args: [...args, 'migrate'], cwd, env };
    if (target.to === 'revision' && !target.back)
      throw cannot(
        place,
        'dbmate',
        'stop at one revision on the way up',
        'bring it to its newest revision, or take the later files out of the folder',
      );
    const applied = appliedOf((await this.files(place)).revisions, standing);
    const steps = target.to === 'back' ? target.steps : applied.length - 1 - applied.indexOf(target.revision);
    return { args: [...args, 'rollback'], cwd, env, times: steps };
  },
  render: async (rendering) =>
    await renderFiles(rendering, (text, up) => {
      const found = sectionOf(text, SECTION, up ? /:up/ : /:down/);
      return found && { sql: found.sql, transaction: !/transaction:\s*false/.test(found.mark) };
    }),
};

async function at(place: Place): Promise<Home> {
  return await homeOf(place, { config: /^\.dbmate$/, folder: 'db/migrations' });
}
