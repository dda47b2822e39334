import { join } from 'node:path';
import { differences } from '../../backup/compare.ts';
import { folderOf } from '../../backup/document.ts';
import type { Repository, Snapshot } from '../../backup/repository.ts';
import type { StepIo } from '../../engine/index.ts';
import { DiagnosticError, fail } from '../../model/index.ts';
import { run } from '../run.ts';
import type { Project, RunEvent, RunOptions } from '../types.ts';
import { repositoryOf } from './access.ts';
import { type Backed, backed } from './apps.ts';
import { documentOf, notTheSame, pick } from './find.ts';
import { actOf, contextFor, type Work } from './lane.ts';
import { Staging } from './staging.ts';

/** Brings the newest backup of each app back into a place made for that, compares all of it, and removes the place. `apps` empty: all. */
export async function* drillApps(project: Project, apps: readonly string[], options: RunOptions): AsyncGenerator<RunEvent> {
  const all = await backed(project, apps);
  const repository = await repositoryOf(project);
  const kept = await repository.list({ project: project.manifest.project }, project.signal);
  const jobs = new Map(
    all.map((one): readonly [Backed, Work] => [
      one,
      async (io) => await drillOne(project, repository, { one, snapshot: pick(kept, 'latest', one.app) }, io),
    ]),
  );
  yield* run(project, actOf(project, 'drill', 'bring back and compare', jobs), options);
}

async function drillOne(
  project: Project,
  repository: Repository,
  { one, snapshot }: { readonly one: Backed; readonly snapshot: Snapshot },
  io: StepIo,
): Promise<void> {
  const begun = performance.now();
  await using staging = await Staging.open(project);
  const document = await documentOf(repository, snapshot, io.signal);
  await repository.restore(snapshot, staging.path, io.signal);
  for (const part of document.parts) {
    const here = one.parts.find(({ instance }) => instance.name === part.instance && instance.engine.id === part.engine);
    if (!here)
      throw fail('CT4315', `the backup ${document.run} of "${one.app}" has a part of "${part.instance}", where the app is not any more`, {
        hint: 'make a new backup: cotenant backup',
      });
    const context = await contextFor(project, here.instance, join(staging.path, folderOf(part)), io);
    const there = await here.ability.rehearse(here.instance.input, one.app, part, context);
    const found = differences(part.objects, there);
    if (found.length > 0) throw new DiagnosticError([notTheSame(one.app, `what came back of ${document.run}`, found)]);
    io.say(`${part.instance}: ${part.objects.length} of ${part.objects.length} objects, ${rowsIn(part.objects)} rows, as they were saved`);
  }
  await repository.prove(snapshot, snapshot.proved, new Date().toISOString(), io.signal);
  io.say(`proved ${document.run} in ${((performance.now() - begun) / 1000).toFixed(1)} s`);
}

function rowsIn(objects: readonly { readonly rows: number | null }[]): string {
  return objects.reduce((sum, { rows }) => sum + (rows ?? 0), 0).toLocaleString('en');
}
