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

export interface DrillOptions extends RunOptions {
  /** Milliseconds that the drill of one app may take: 6 hours unless set. */
  readonly limit?: number;
}

const LIMIT = 6 * 3_600_000;

/** Brings the newest backup of each app back into a place made for that, compares all of it, and removes the place. `apps` empty: all. */
export async function* drillApps(project: Project, apps: readonly string[], options: DrillOptions): AsyncGenerator<RunEvent> {
  const all = await backed(project, apps);
  const repository = await repositoryOf(project);
  const kept = await repository.list({ project: project.manifest.project }, project.signal);
  const jobs = new Map(
    all.map((one): readonly [Backed, Work] => [
      one,
      async (io) =>
        await within(options.limit ?? LIMIT, one.app, io, async (limited) => {
          await drillOne(project, repository, { one, snapshot: pick(kept, 'latest', one.app) }, limited);
        }),
    ]),
  );
  yield* run(project, actOf(project, 'drill', 'bring back and compare', jobs), options);
}

type Io = Pick<StepIo, 'signal' | 'say'>;

/** Throws CT4334 where it is not at its end by then. */
async function within(limit: number, app: string, io: StepIo, work: (io: Io) => Promise<void>): Promise<void> {
  const over = AbortSignal.timeout(limit);
  try {
    await work({ signal: AbortSignal.any([io.signal, over]), say: (line) => io.say(line) });
  } catch (error) {
    if (!over.aborted || io.signal.aborted) throw error;
    throw fail('CT4334', `the drill of "${app}" was given up after ${limit / 1000} s, and its place removed`, {
      hint: 'give it longer with --timeout, or see what the server has to do at that time',
    });
  }
}

async function drillOne(
  project: Project,
  repository: Repository,
  { one, snapshot }: { readonly one: Backed; readonly snapshot: Snapshot },
  io: Io,
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
  const seconds = Math.round((performance.now() - begun) / 100) / 10;
  await repository.prove(snapshot, { at: new Date().toISOString(), seconds }, io.signal);
  io.say(`proved ${document.run} in ${seconds.toFixed(1)} s`);
}

function rowsIn(objects: readonly { readonly rows: number | null }[]): string {
  return objects.reduce((sum, { rows }) => sum + (rows ?? 0), 0).toLocaleString('en');
}
