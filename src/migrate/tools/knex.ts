import { extname, join } from 'node:path';
import { namesIn, textOrNull } from '../folder.ts';
import type { LedgerTable } from '../../engine/index.ts';
import { type Home, homeOf } from '../home.ts';
import { chain, judgeList } from '../lists.ts';
import { appliedOf } from '../numbered.ts';
import { appliedIn, type LockRow, lockWords, type Place, type Start, type Standing, type Target, type Tool } from '../tool.ts';

const TABLE = 'knex_migrations';
const COMMAND = 'knex migrate:unlock';
/** What it loads unless its configuration says otherwise: `.mjs` is not among them. */
const ENDS = ['.co', '.coffee', '.eg', '.iced', '.js', '.cjs', '.litcoffee', '.ls', '.ts'];
const LOADED = /\bloadExtensions['"]?\s*:\s*\[([^\]]*)\]/;

export const knex: Tool = {
  id: 'knex',
  program: 'knex',
  install: 'npm install knex',
  wishes({ app, ledger }) {
    const [schema, table] = [ledger.schema ?? null, ledger.table ?? TABLE];
    return [
      { app, key: 'applied', schema, table, columns: ['name'] },
      { app, key: 'lock', schema, table: `${table}_lock`, columns: ['is_locked'] },
    ];
  },
  async files(place) {
    const { cwd, files, config } = await at(place);
    const said = LOADED.exec((config === null ? null : await textOrNull(join(cwd, config))) ?? '')?.[1];
    const ends = said === undefined ? ENDS : [...said.matchAll(/['"`](\.\w+)['"`]/g)].map(([, end = '']) => end);
    const names = (await namesIn(files, place.app)).filter((name) => ends.includes(extname(name)));
    return chain(names.map((name) => ({ id: name, file: join(files, name), checksum: null })));
  },
  judge(files, tables) {
    const { table, drift } = appliedIn(tables);
    const rows = (table?.rows ?? []).map(([id]) => ({ id: id ?? '', checksum: null, half: null }));
    // It runs what is missing, wherever in the order.
    const standing = judgeList(files, rows, false);
    const lock = lockOf(tables);
    return { ...standing, lock, drift: [...standing.drift, ...drift, ...(lock ? [lock.words] : [])] };
  },
  async mayBeHalf(place, next) {
    const { cwd, config } = await at(place);
    const settings = (config === null ? null : await textOrNull(join(cwd, config))) ?? '';
    if (/\bdisableTransactions\b/.test(settings)) return 'its migrations run outside of transactions';
    if (/\bmin['"]?\s*:\s*0\b/.test(settings)) return 'its pool keeps no session open between two statements';
    const text = next === null ? null : await textOrNull(next.file);
    return /\btransaction['"]?\s*:\s*false/.test(text ?? '') ? `${next?.id ?? ''} runs outside of a transaction` : null;
  },
  async start(place, target, _way, standing) {
    const { cwd, config } = await at(place);
    const { args, times = 1 } = wordsOf(target, standing, appliedOf((await this.files(place)).revisions, standing));
    return { args: [...args, ...(config === null ? [] : ['--knexfile', config])], cwd, times };
  },
  // Its files are programs.
  render: async () => await Promise.resolve(null),
};

/** It does not say who has it. */
function lockOf(tables: readonly LedgerTable[]): LockRow | undefined {
  const table = tables.find(({ key, rows }) => key === 'lock' && rows.some(([locked]) => locked === '1'));
  const words = lockWords('taken', COMMAND);
  return table && { table, taken: 'taken', words, was: { is_locked: '1' }, free: { is_locked: '0' }, command: COMMAND };
}

/** `migrate:up` and `migrate:down` go one step. */
function wordsOf(target: Target, { pending }: Standing, applied: readonly string[]): Pick<Start, 'args' | 'times'> {
  if (target.to === 'head') return { args: ['migrate:latest'] };
  if (target.to === 'back') return { args: ['migrate:down'], times: target.steps };
  return target.back
    ? { args: ['migrate:down'], times: applied.length - 1 - applied.indexOf(target.revision) }
    : { args: ['migrate:up'], times: pending.indexOf(target.revision) + 1 };
}

async function at(place: Place): Promise<Home> {
  return await homeOf(place, { config: /^knexfile\.\w+$/, folder: 'migrations', said: /\bdirectory['"]?\s*:\s*['"`]([^'"`$]+)['"`]/ });
}
