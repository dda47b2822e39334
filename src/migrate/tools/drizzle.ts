import { join } from 'node:path';
import { z } from 'zod';
import { fail } from '../../model/index.ts';
import { sha256, textIn, textOrNull } from '../folder.ts';
import { type Home, homeOf } from '../home.ts';
import { chain, judgeList } from '../lists.ts';
import { cannot } from '../numbered.ts';
import { renderFiles } from '../render.ts';
import { appliedIn, type Place, type Tool } from '../tool.ts';

const journal = z.object({ entries: z.array(z.object({ tag: z.string(), when: z.number() })) });

/** The ledger has no names: a row is told by the time that the journal gives its file. */
export const drizzle: Tool = {
  id: 'drizzle',
  program: 'drizzle-kit',
  install: 'npm install drizzle-kit drizzle-orm',
  wishes: ({ app, ledger }) => [
    { app, key: 'applied', schema: ledger.schema ?? null, table: ledger.table ?? '__drizzle_migrations', columns: ['hash', 'created_at'] },
  ],
  async files(place) {
    const { files: folder } = await at(place);
    const found = await Promise.all(
      (await journalIn(folder, place.app)).map(async ({ tag, when }) => {
        const file = join(folder, `${tag}.sql`);
        const text = await textOrNull(file);
        return { id: tag, file, key: String(when), checksum: text === null ? null : sha256(text) };
      }),
    );
    const files = chain(found);
    const lost = found.filter(({ checksum }) => checksum === null).map(({ id }) => `${id} is in the journal and has no file`);
    return { ...files, drift: [...files.drift, ...lost] };
  },
  judge(files, tables) {
    const { table, drift } = appliedIn(tables);
    const rows = table?.rows ?? [];
    const byTime = new Map(files.revisions.map((one) => [one.key, one.id]));
    const applied = rows.map(([hash = null, when]) => ({
      id: byTime.get(when ?? '') ?? `the row of ${dated(when)}`,
      checksum: hash,
      half: null,
    }));
    const standing = judgeList(files, applied, false);
    const newest = Math.max(...rows.map(([, when]) => Number(when)));
    const open = new Set(standing.pending);
    const passed = files.revisions.filter(({ id, key }) => open.has(id) && Number(key) <= newest);
    const skipped = passed.map(
      ({ id }) => `${id} is older than what was applied last: drizzle-kit passes over it and says that all is well`,
    );
    return { ...standing, drift: [...standing.drift, ...drift, ...skipped] };
  },
  async start(place, target) {
    if (target.to !== 'head')
      throw cannot(place, 'drizzle-kit', 'go to one revision, or back', 'write a new migration that undoes the last one');
    const { cwd, config } = await at(place);
    return { args: ['migrate', ...(config === null ? [] : ['--config', config])], cwd };
  },
  render: async (rendering) => await renderFiles(rendering, (sql, up) => (up ? { sql, transaction: true } : null)),
};

async function at(place: Place): Promise<Home> {
  return await homeOf(place, { config: /^drizzle\.config\.\w+$/, folder: 'drizzle', said: /\bout['"]?\s*:\s*['"`]([^'"`$]+)['"`]/ });
}

async function journalIn(folder: string, app: string): Promise<z.infer<typeof journal>['entries']> {
  const file = join(folder, 'meta/_journal.json');
  const text = await textIn(file, app);
  try {
    return journal.parse(JSON.parse(text)).entries;
  } catch {
    throw fail('CT4105', `the migrations of "${app}" cannot be read: ${file} is no journal of drizzle-kit`);
  }
}

function dated(when: string | null | undefined): string {
  const time = new Date(Number(when ?? Number.NaN));
  return Number.isNaN(time.valueOf()) ? String(when) : time.toISOString();
}
