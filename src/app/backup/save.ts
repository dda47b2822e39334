import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DOCUMENT, folderOf } from '../../backup/document.ts';
import type { Repository } from '../../backup/repository.ts';
import type { StepIo } from '../../engine/index.ts';
import { newRunId } from '../../journal/journal.ts';
import { fail, type SavedApp, type SavedPart } from '../../model/index.ts';
import { bytes as inBytes } from '../../util/bytes.ts';
import { run } from '../run.ts';
import type { Project, RunEvent, RunOptions } from '../types.ts';
import { repositoryOf } from './access.ts';
import { type Backed, backed } from './apps.ts';
import { actOf, contextFor } from './lane.ts';
import { Staging } from './staging.ts';

/** Saves apps, each as one snapshot of the repository. `apps` empty: all. Throws CT2016, CT4310, CT4311 and CT4313. */
export async function* backupApps(project: Project, apps: readonly string[], options: RunOptions): AsyncGenerator<RunEvent> {
  const all = await backed(project, apps);
  const repository = await repositoryOf(project);
  if (options.dryRun !== true) await repository.init(project.signal);
  const jobs = new Map(all.map((one) => [one, async (io: StepIo) => await saveOne(project, repository, one, io)] as const));
  yield* run(project, actOf(project, 'backup', 'back up', jobs), options);
}

/** Saves one app. Whoever calls it holds the lock of the app. */
export async function saveOne(project: Project, repository: Repository, { app, parts }: Backed, io: StepIo): Promise<void> {
  await using staging = await Staging.open(project);
  const startedAt = new Date();
  const id = newRunId(startedAt);
  const saved: SavedPart[] = [];
  // One after the other: what is saved last refers to nothing that is younger than what was saved first.
  for (const { instance, ability } of parts) {
    const folder = await staging.folder(folderOf({ engine: instance.engine.id, instance: instance.name }));
    const part = await ability.save(instance.input, app, await contextFor(project, instance, folder, io));
    for (const left of part.left) io.say(`not saved: ${left}`);
    saved.push(part);
  }
  const times = saved.map(({ at }) => Date.parse(at));
  const document: SavedApp = {
    format: 1,
    run: id,
    project: project.manifest.project,
    app,
    startedAt: startedAt.toISOString(),
    endedAt: new Date().toISOString(),
    grade: saved.length > 1 ? 'ordered' : 'independent',
    skew: Math.max(...times) - Math.min(...times),
    parts: saved,
  };
  await writeFile(join(staging.path, DOCUMENT), `${JSON.stringify(document, null, 2)}\n`, { mode: 0o600 });
  const { bytes, added } = await repository.keep(
    staging.path,
    { project: project.manifest.project, app, run: id, grade: document.grade },
    io.signal,
    (done, total) => io.progress(done, total, 'bytes'),
  );
  if (bytes === null) throw fail('CT4312', 'restic did not say what it has kept');
  io.say(`kept as ${id}: ${inBytes(bytes)}, of which ${inBytes(added ?? 0)} are new`);
}
