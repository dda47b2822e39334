import type { LedgerTable, Migrations, MigrationWorker } from '../../engine/index.ts';
import type { Files, Standing } from '../../migrate/tool.ts';
import type { Diagnostic } from '../../model/index.ts';
import { diagnosticsOf, type Reached } from '../sessions.ts';
import { mapPool } from '../../util/pool.ts';
import { type Progress, together } from '../../util/progress.ts';
import type { Migrating } from './apps.ts';
import { type Lock, lockOf, withWords } from './lock-row.ts';

/** Milliseconds for what a tool that is gone still does on the server. */
export const LEFTOVERS = 20_000;

/** How the migrations of one app stand, or why that cannot be told. */
export interface Seen {
  readonly one: Migrating;
  readonly files: Files | null;
  readonly standing: Standing | null;
  readonly worker: MigrationWorker | null;
  /** A lock row of its tool that is taken. */
  readonly lock: Lock | null;
  readonly trouble: readonly Diagnostic[];
}

/** Files that several apps have in common are read once. */
class FilesCache {
  readonly #known = new Map<string, Promise<Files>>();

  async of({ tool, place }: Migrating): Promise<Files> {
    const key = JSON.stringify([tool.id, place.directory]);
    const known = this.#known.get(key) ?? tool.files(place);
    this.#known.set(key, known);
    return await known;
  }
}

/** What files and ledgers say of all these apps: one message for each database, and no process. */
export async function look(apps: readonly Migrating[], reached: readonly Reached[], progress?: Progress): Promise<readonly Seen[]> {
  const cache = new FilesCache();
  const part = together(progress);
  const found = await Promise.all(
    reached.map(async ({ instance, session }) => {
      const some = apps.filter((one) => one.instance.name === instance.name);
      const reader = await session.migrations?.();
      if (!reader || some.length === 0) return [];
      return await lookAt(some, reader, cache, part());
    }),
  );
  const byApp = new Map(found.flat().map((seen) => [seen.one.app.name, seen]));
  return apps.flatMap((one) => byApp.get(one.app.name) ?? []);
}

async function lookAt(apps: readonly Migrating[], reader: Migrations, cache: FilesCache, progress: Progress): Promise<readonly Seen[]> {
  const names = apps.map(({ app }) => app.name);
  const [tables, absent, workers, files] = await Promise.all([
    reader
      .ledgers(
        apps.flatMap(({ tool, place }) => tool.wishes(place)),
        progress,
      )
      .catch((error: unknown) => diagnosticsOf(error)),
    reader.absent(names),
    reader.workers(names),
    Promise.all(apps.map(async (one) => await cache.of(one).catch((error: unknown) => diagnosticsOf(error)))),
  ]);
  const byApp = isTrouble(tables) ? new Map<string, LedgerTable[]>() : Map.groupBy(tables, ({ app }) => app);
  return await mapPool([...apps.entries()], apps.length, async ([at, one]): Promise<Seen> => {
    const { name } = one.app;
    const worker = workers.find(({ app }) => app === name) ?? null;
    const said = files[at];
    const none = { one, files: null, standing: null, worker, lock: null };
    if (said === undefined || 'length' in said) return { ...none, trouble: said ?? [] };
    if (isTrouble(tables)) return { ...none, files: said, trouble: tables };
    if (absent.includes(name)) return { ...none, files: said, trouble: [notApplied(one)] };
    const standing = one.tool.judge(said, byApp.get(name) ?? []);
    const lock = standing.lock ? await lockOf(one, { files: said, standing, row: standing.lock }, reader) : null;
    return { one, files: said, standing: lock ? withWords(standing, lock) : standing, worker, lock, trouble: [] };
  });
}

/** What keeps a tool from going on; a lock row that can be freed does not. */
export function contradictionsIn({ standing, lock }: Seen): readonly string[] {
  return (standing?.drift ?? []).filter((what) => lock?.kept !== null || what !== lock.words);
}

function isTrouble(value: readonly LedgerTable[] | readonly Diagnostic[]): value is readonly Diagnostic[] {
  const [first] = value;
  return first !== undefined && 'code' in first;
}

function notApplied({ app, instance, where }: Migrating): Diagnostic {
  return {
    code: 'CT4111',
    severity: 'error',
    message: `the place of "${app.name}" does not exist yet: ${where} on ${instance.name}`,
    path: app.path,
    hint: 'run cotenant apply first',
  };
}
