import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { LedgerTable } from '../../engine/index.ts';
import { namesIn, textIn } from '../folder.ts';
import { type Home, homeOf } from '../home.ts';
import { chain, judgeList } from '../lists.ts';
import { cannot } from '../numbered.ts';
import { renderFiles } from '../render.ts';
import { appliedIn, type Files, type Place, type Revision, type Standing, type Tool, type Way } from '../tool.ts';

/** `V2__orders.sql` runs once, `R__views.sql` whenever it has changed. */
const FILE = /^(?:V([\d._]+)|R)__(.*)\.sql$/;
/** What it runs outside of a transaction by itself. */
const ALONE = /\bCONCURRENTLY\b|^\s*VACUUM\b/im;
/** Rows that are no file's. */
const NO_FILE = new Set(['SCHEMA', 'BASELINE']);

export const flyway: Tool = {
  id: 'flyway',
  program: 'flyway',
  install: 'as https://documentation.red-gate.com/flyway says',
  wishes: ({ app, ledger }) => [
    {
      app,
      key: 'applied',
      schema: ledger.schema ?? null,
      table: ledger.table ?? 'flyway_schema_history',
      columns: ['installed_rank', 'version', 'description', 'type', 'checksum', 'success'],
    },
  ],
  async files(place) {
    const { files: folder } = await at(place);
    await namesIn(folder, place.app);
    const names = (await readdir(folder, { recursive: true })).filter((name) => FILE.test(basename(name)));
    const found = await Promise.all(
      names.map(async (name) => {
        const file = join(folder, name);
        const id = basename(name).slice(0, -'.sql'.length);
        return { id, file, key: keyOf(id), checksum: checksumOf(await textIn(file, place.app)) };
      }),
    );
    return chain(found.toSorted((a, b) => compareKeys(a.key, b.key)));
  },
  judge(files, tables) {
    const { table, drift } = appliedIn(tables);
    const standing = judgeHistory(files, table?.rows ?? []);
    return { ...standing, drift: [...standing.drift, ...drift] };
  },
  async start(place, target, way) {
    if (target.to === 'back' || (target.to === 'revision' && target.back))
      throw cannot(place, 'Flyway', 'go back', 'write a new migration that undoes the last one');
    const { cwd, files } = await at(place);
    const stop = target.to === 'head' ? [] : [`-target=${target.revision.replace(/^V/, '').replace(/__.*$/s, '')}`];
    return { args: [...stop, 'migrate'], cwd, env: environment(place, files, way) };
  },
  render: async (rendering) => await renderFiles(rendering, (sql, up) => (up ? { sql, transaction: !ALONE.test(sql) } : null)),
};

function environment({ ledger }: Place, files: string, way: Way): Readonly<Record<string, string>> {
  const schema = ledger.schema ?? way.schema;
  const url = way.variables['JDBC_DATABASE_URL'];
  return {
    FLYWAY_LOCATIONS: `filesystem:${files}`,
    ...(url === undefined ? {} : { FLYWAY_URL: url }),
    ...(schema === null ? {} : { FLYWAY_DEFAULT_SCHEMA: schema }),
    ...(ledger.table === undefined ? {} : { FLYWAY_TABLE: ledger.table }),
  };
}

function judgeHistory(files: Files, rows: LedgerTable['rows']): Standing {
  const newest = new Map<string, { readonly checksum: string | null; readonly half: string | null }>();
  let baseline = '';
  for (const [, version, description, type, checksum = null, success] of rows.toSorted(([a], [b]) => Number(a) - Number(b))) {
    const key = version === null || version === undefined ? `R ${description}` : versionOf(version);
    if (type === 'BASELINE' || type === 'SQL_BASELINE') baseline = key;
    if (type === 'DELETE' || type?.startsWith('UNDO') === true) newest.delete(key);
    else if (!NO_FILE.has(type ?? ''))
      newest.set(key, { checksum, half: isTrue(success) ? null : 'its run has failed; `flyway repair` says that it is put right' });
  }
  const byKey = new Map(files.revisions.map((one) => [one.key ?? '', one]));
  const old = files.revisions.filter(
    ({ key = '' }) => baseline !== '' && !isRepeatable(key) && !newest.has(key) && compareKeys(key, baseline) <= 0,
  );
  const applied = [...newest].flatMap(([key, { checksum, half }]) => {
    const file = byKey.get(key);
    // A file that runs on each change has changed: it is pending, and nothing is wrong.
    if (file && isRepeatable(key) && file.checksum !== checksum) return [];
    return [{ id: file?.id ?? key, checksum, half }];
  });
  return judgeList(files, [...old.map(({ id }) => ({ id, checksum: null, half: null })), ...applied], true, isOnce);
}

const isOnce = ({ key = '' }: Revision): boolean => !isRepeatable(key);
const isRepeatable = (key: string): boolean => key.startsWith('R ');
const isTrue = (text: string | null | undefined): boolean => text === 'true' || text === '1';

/** `V1_2__x` is 1.2, and 1.2.0 is the same; `R__some_views` is "R some views". */
function keyOf(id: string): string {
  const [, version, description = ''] = FILE.exec(`${id}.sql`) ?? [];
  return version === undefined ? `R ${description.replaceAll('_', ' ')}` : versionOf(version);
}

function versionOf(text: string): string {
  const parts = text.split(/[._]/).map((part) => part.replace(/^0+(?=\d)/, ''));
  while (parts.length > 1 && parts.at(-1) === '0') parts.pop();
  return parts.join('.');
}

/** Versions part by part; what repeats comes after them, by name. */
function compareKeys(one: string, other: string): number {
  if (isRepeatable(one) || isRepeatable(other)) return Number(isRepeatable(one)) - Number(isRepeatable(other)) || (one < other ? -1 : 1);
  const [a, b] = [one.split('.'), other.split('.')];
  for (let at_ = 0; at_ < Math.max(a.length, b.length); at_ += 1) {
    const [x, y] = [BigInt(a[at_] ?? '0'), BigInt(b[at_] ?? '0')];
    if (x !== y) return x < y ? -1 : 1;
  }
  return 0;
}

/** As Flyway counts it: CRC-32 of the lines without their ends. */
function checksumOf(text: string): string {
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\r|\n/);
  return String(crc32(lines.join('')) | 0);
}

async function at(place: Place): Promise<Home> {
  return await homeOf(place, {
    config: /^flyway\.(?:toml|conf)$/,
    folder: 'sql',
    said: /\blocations\s*=\s*\[?\s*"?filesystem:([^"\s,\]]+)/,
  });
}
