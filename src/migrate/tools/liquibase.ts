import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { LedgerTable } from '../../engine/index.ts';
import { fail } from '../../model/index.ts';
import { changesetId, changesetsIn } from '../changelog.ts';
import { textOrNull } from '../folder.ts';
import { chain, judgeList } from '../lists.ts';
import { appliedOf } from '../numbered.ts';
import { appliedIn, type LockRow, lockWords, type Place, type Standing, type Target, type Tool, type Way } from '../tool.ts';

const TABLE = 'databasechangelog';
const COMMAND = 'liquibase release-locks';
/** A boolean, a number, a bit. */
const TAKEN: ReadonlySet<string | null | undefined> = new Set(['true', '1', '\u0001']);
/**
 * What prints SQL takes no lock and all the same frees the row in the end, whoever has taken it. Of a table that is not there it only
 * prints that.
 */
const NO_LOCK = { LIQUIBASE_DATABASE_CHANGELOG_LOCK_TABLE_NAME: 'cotenant_takes_no_lock' };
/** A changeset in what `update-sql` and `rollback-count-sql` print. A comment begins with one space more on some servers. */
const PRINTED =
  /^-- {1,2}(?:Changeset|Rolling Back ChangeSet:) (\S.*)\n([\s\S]*?)(?=^-- {1,2}(?:Changeset|Rolling Back ChangeSet:|Release Database Lock)|(?![\s\S]))/gm;

/** The checksums of its ledger are those of what it makes of a changeset: a changed one is seen by Liquibase itself. */
export const liquibase: Tool = {
  id: 'liquibase',
  program: 'liquibase',
  install: 'as https://docs.liquibase.com says',
  wishes({ app, ledger }) {
    const { schema = null, table = TABLE } = ledger;
    // It writes names in capitals: some servers make small ones of them, others keep them.
    return [...new Set([table, table.toUpperCase()])].flatMap((name) => [
      { app, key: 'applied', schema, table: name, columns: ['id', 'author', 'filename', 'exectype'] },
      { app, key: 'lock', schema, table: lockOfLedger(name), columns: ['locked', 'lockedby', 'lockgranted'] },
    ]);
  },
  async files(place) {
    const { root } = await at(place);
    return chain(await changesetsIn(root, { root: place.directory, app: place.app, seen: new Set() }));
  },
  judge(files, tables) {
    const { table, drift } = appliedIn(tables);
    const rows = (table?.rows ?? []).map(([id, author, path, how]) => ({
      id: changesetId(path ?? '', id ?? '', author ?? ''),
      checksum: null,
      half: how === 'FAILED' ? 'it has failed' : null,
    }));
    // It runs what is missing, wherever in the order.
    const standing = judgeList(files, rows, false);
    const lock = lockOf(tables);
    return { ...standing, lock, drift: [...standing.drift, ...drift, ...(lock ? [lock.words] : [])] };
  },
  async mayBeHalf(_place, next) {
    const text = next === null ? null : await textOrNull(next.file);
    return /\brunInTransaction['"]?\s*[:=]\s*['"]?false/i.test(text ?? '') ? `${next?.id ?? ''} runs outside of a transaction` : null;
  },
  async start(place, target, way, standing) {
    const applied = appliedOf((await this.files(place)).revisions, standing);
    return { args: [...wordsOf(target, standing, applied)], cwd: place.directory, env: await environment(place, way) };
  },
  async render({ place, files, standing, target, way, printed }) {
    const { args, cwd, env } = await this.start(place, target, way, standing);
    const [word = '', ...rest] = args;
    const text = await printed({ args: [`${word}-sql`, ...rest], cwd, env: { ...env, ...NO_LOCK } });
    return [...text.matchAll(PRINTED)].map(([, revision = '', sql = '']) => ({
      revision,
      file: files.revisions.find(({ id }) => id === revision)?.file ?? cwd,
      transaction: true,
      sql,
    }));
  },
};

/** Its own name for it, in the same letters: a second one would lock nobody out. */
function lockOfLedger(name: string): string {
  return `${name}${/[a-z]/.test(name) ? 'lock' : 'LOCK'}`;
}

function lockOf(tables: readonly LedgerTable[]): LockRow | undefined {
  for (const table of tables) {
    const [locked, by = null, since = null] = (table.key === 'lock' ? table.rows : []).find(([one]) => TAKEN.has(one)) ?? [];
    if (locked === undefined || locked === null) continue;
    const taken = `taken by ${by ?? '?'} since ${since ?? '?'}`;
    return {
      table,
      taken,
      words: lockWords(taken, COMMAND),
      was: { locked, lockedby: by },
      free: { locked: locked === 'true' ? 'false' : '0', lockedby: null, lockgranted: null },
      command: COMMAND,
    };
  }
  return undefined;
}

function wordsOf(target: Target, { pending }: Standing, applied: readonly string[]): readonly string[] {
  if (target.to === 'head') return ['update'];
  if (target.to === 'back') return ['rollback-count', String(target.steps)];
  return target.back
    ? ['rollback-count', String(applied.length - 1 - applied.indexOf(target.revision))]
    : ['update-count', String(pending.indexOf(target.revision) + 1)];
}

async function environment(place: Place, { variables, schema }: Way): Promise<Readonly<Record<string, string>>> {
  const { said, name } = await at(place);
  const own = place.ledger.schema ?? schema;
  const url = variables['JDBC_DATABASE_URL'];
  return {
    LIQUIBASE_SEARCH_PATH: place.directory,
    ...(said ? {} : { LIQUIBASE_COMMAND_CHANGELOG_FILE: name }),
    ...(url === undefined ? {} : { LIQUIBASE_COMMAND_URL: url }),
    ...(schema === null ? {} : { LIQUIBASE_COMMAND_DEFAULT_SCHEMA_NAME: schema }),
    ...(own === null ? {} : { LIQUIBASE_LIQUIBASE_SCHEMA_NAME: own }),
    ...(place.ledger.table === undefined
      ? {}
      : {
          LIQUIBASE_DATABASE_CHANGELOG_TABLE_NAME: place.ledger.table,
          LIQUIBASE_DATABASE_CHANGELOG_LOCK_TABLE_NAME: lockOfLedger(place.ledger.table),
        }),
  };
}

/** The changelog that everything begins with: what liquibase.properties says, else the one of the usual names. */
async function at({ app, directory }: Place): Promise<{ readonly root: string; readonly name: string; readonly said: boolean }> {
  const properties = await textOrNull(join(directory, 'liquibase.properties'));
  const said = /^\s*(?:liquibase\.command\.)?change-?log-?file\s*[=:]\s*(\S+)\s*$/im.exec(properties ?? '')?.[1];
  const names = (await readdir(directory).catch(() => [])).toSorted((a, b) => (a < b ? -1 : 1));
  const name = said ?? names.find((one) => /^(?:db\.)?changelog(?:[-.]master|[-.]root)?\.(?:xml|ya?ml|json|sql)$/.test(one));
  if (name === undefined)
    throw fail(
      'CT4105',
      `the migrations of "${app}" cannot be read: there is no liquibase.properties with a changeLogFile, and no changelog, in ${directory}`,
      {
        hint: '`directory` is the folder of liquibase.properties, and paths in its changelogs begin there',
      },
    );
  return { root: resolve(directory, name), name, said: said !== undefined };
}
