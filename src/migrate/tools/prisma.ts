import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { namesIn, sha256, textOrNull } from '../folder.ts';
import { type Home, homeOf } from '../home.ts';
import { chain, judgeList } from '../lists.ts';
import { cannot } from '../numbered.ts';
import { renderFiles } from '../render.ts';
import { appliedIn, type Place, type Tool } from '../tool.ts';

/** Run with its schema engine as WebAssembly; the one that it downloads could not be had here. */
export const prisma: Tool = {
  id: 'prisma',
  program: 'prisma',
  install: 'npm install prisma',
  advisoryKey: '72707369',
  wishes: ({ app, ledger }) => [
    {
      app,
      key: 'applied',
      schema: ledger.schema ?? null,
      table: ledger.table ?? '_prisma_migrations',
      columns: ['migration_name', 'checksum', 'finished_at', 'rolled_back_at'],
    },
  ],
  async files(place) {
    const { files: folder } = await at(place);
    const found = await Promise.all(
      (await namesIn(folder, place.app)).map(async (id) => {
        const file = join(folder, id, 'migration.sql');
        const text = await textOrNull(file);
        return text === null ? [] : [{ id, file, checksum: sha256(text) }];
      }),
    );
    return chain(found.flat());
  },
  judge(files, tables) {
    const { table, drift } = appliedIn(tables);
    // What was rolled back was put right by hand, and runs once more.
    const rows = (table?.rows ?? []).filter(([, , , rolledBack]) => rolledBack === null);
    const applied = rows.map(([id, checksum = null, finished]) => ({
      id: id ?? '',
      checksum,
      half: finished === null ? 'it was begun and not ended; `prisma migrate resolve` says what became of it' : null,
    }));
    const standing = judgeList(files, applied);
    return { ...standing, drift: [...standing.drift, ...drift] };
  },
  async start(place, target) {
    if (target.to !== 'head')
      throw cannot(place, 'Prisma', 'go to one revision, or back', 'write a new migration that undoes the last one');
    return { args: ['migrate', 'deploy'], cwd: (await at(place)).cwd };
  },
  render: async (rendering) => await renderFiles(rendering, (sql, up) => (up ? { sql, transaction: true } : null)),
};

/** `directory` is the folder of prisma.config.ts, of schema.prisma, or of the migrations, which lie beside the schema unless the configuration says otherwise. */
async function at({ app, directory }: Place): Promise<Home> {
  const names: readonly string[] = await readdir(directory).catch(() => []);
  const hasConfig = names.some((name) => CONFIG.test(name));
  const hasSchema = names.includes('schema.prisma');
  if (hasSchema && !hasConfig) return { cwd: directory, files: join(directory, 'migrations'), config: null };
  const config = hasConfig ? CONFIG : /^(?:prisma\.config\.\w+|schema\.prisma)$/;
  const folder = hasSchema ? 'migrations' : 'prisma/migrations';
  return await homeOf({ app, directory }, { config, folder, said: /\bpath\s*:\s*['"`]([^'"`$]+)['"`]/ });
}

const CONFIG = /^prisma\.config\.\w+$/;
