import type { Repository, Snapshot } from '../../backup/repository.ts';
import { type BackupRow, fail } from '../../model/index.ts';
import type { KeepDecl } from '../../manifest/schema.ts';
import type { Project } from '../types.ts';
import { counted } from '../../util/progress.ts';
import { repositoryOf } from './access.ts';
import { notThere, rowOf } from './find.ts';

/** Which backups go, and which stay. */
export interface Pruning {
  readonly kept: readonly BackupRow[];
  readonly gone: readonly BackupRow[];
  /** Removes what is `gone`, and nothing that was not seen as that. Throws CT4312. */
  readonly remove: () => Promise<void>;
}

/** Changes nothing by itself. Throws CT4310 to CT4312, and CT4330 where the manifest has no rule. */
export async function pruningOf(project: Project): Promise<Pruning> {
  const { project: name, backup } = project.manifest;
  const keep = backup?.keep;
  if (!keep)
    throw fail('CT4330', 'nothing says which backups are kept', {
      path: ['backup'],
      hint: 'add `keep: { daily: 7, weekly: 4, monthly: 6 }` to `backup`',
    });
  const repository = await repositoryOf(project);
  const all = await repository.list({ project: name }, project.signal);
  const gone: Snapshot[] = [];
  const items = [...Map.groupBy(all, (one) => one.app)];
  const judge = counted({ items, of: 'apps', progress: project.progress }, async ([app, some]) => {
    const unkept = new Set(await repository.unkept({ project: name, app }, given(keep), project.signal));
    const always = new Set([some[0], some.find(({ proved }) => proved !== null)]);
    gone.push(...some.filter((one) => unkept.has(one.id) && !always.has(one)));
  });
  for (const item of items) await judge(item);
  return pruning(project, repository, all, gone);
}

/** All backups of an app go; it may have left the manifest. Changes nothing by itself. Throws CT4310 to CT4312, and CT4314 where there is none. */
export async function forgettingOf(project: Project, app: string): Promise<Pruning> {
  const repository = await repositoryOf(project);
  const all = await repository.list({ project: project.manifest.project }, project.signal);
  const gone = all.filter((one) => one.app === app);
  if (gone.length === 0) throw notThere(all, app);
  return pruning(project, repository, all, gone);
}

function pruning(project: Project, repository: Repository, all: readonly Snapshot[], gone: readonly Snapshot[]): Pruning {
  const going = new Set(gone);
  return {
    kept: all.filter((one) => !going.has(one)).map(rowOf),
    gone: gone.map(rowOf),
    // By their ids: one that a drill has proved meanwhile has another.
    remove: async () => {
      await repository.forget(
        gone.map(({ id }) => id),
        project.signal,
        project.progress,
      );
    },
  };
}

function given(keep: KeepDecl): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(keep).flatMap(([age, n]) => (n === undefined ? [] : [[age, n] as const])));
}
