import { join } from 'node:path';
import { differences } from '../../backup/compare.ts';
import { folderOf } from '../../backup/document.ts';
import type { StepIo } from '../../engine/index.ts';
import { type Diagnostic, DiagnosticError, fail, type SavedApp, type SavedPart } from '../../model/index.ts';
import { run } from '../run.ts';
import type { Project, RunEvent, RunOptions } from '../types.ts';
import { repositoryOf } from './access.ts';
import { type Backed, backed } from './apps.ts';
import { documentOf, notTheSame, pick, type Which } from './find.ts';
import { actOf, contextFor } from './lane.ts';
import { Staging } from './staging.ts';

export interface RestoreRequest {
  /** Whose backup. It may have left the manifest. */
  readonly app: string;
  readonly from: Which;
  /** The app of the manifest that it becomes. */
  readonly as: string;
  /** The instance to which parts of its engine go. Left out: the one from which they are. */
  readonly to?: string;
}

/**
 * Brings a backup back into the place of an app, and compares all of it. Writes over nothing: where the app has something there it
 * throws CT4306.
 */
export async function* restoreBackup(
  project: Project,
  { app, from, as, to }: RestoreRequest,
  options: RunOptions,
): AsyncGenerator<RunEvent> {
  const [target] = await backed(project, [as]);
  if (!target) throw fail('CT4315', `"${as}" lives nowhere that a backup could be brought back to`);
  const repository = await repositoryOf(project);
  const snapshot = pick(await repository.list({ project: project.manifest.project }, project.signal), from, app);
  const document = await documentOf(repository, snapshot, project.signal);
  const engineTo = to === undefined ? null : engineAt(project, to, document);
  // Last what nobody could tell from something else, if a later part failed.
  const parts = document.parts
    .map((part) => ({ part, ...placeFor(target, part, document, engineTo, to) }))
    .sort((a, b) => Number(a.ability.state === undefined) - Number(b.ability.state === undefined));
  const work = async (io: StepIo): Promise<void> => {
    await using staging = await Staging.open(project);
    const found = await placesOf(project, as, parts, staging, io);
    const taken = found.find(({ there }) => there.length > 0);
    // A part that is as it was saved is what an earlier run has brought back before it was cut.
    const goesOn = found.some(({ there }) => there.length === 0) && found.every(({ there, isSaved }) => there.length === 0 || isSaved);
    if (taken && !goesOn) throw occupied(as, taken.instance.name, taken.there);
    await fitsAll(project, as, found, staging, io);
    await repository.restore(snapshot, staging.path, io.signal);
    for (const { part, instance, ability, isSaved } of found) {
      if (isSaved) {
        io.say(`${instance.name}: brought back by an earlier run already, as it was saved`);
        continue;
      }
      const context = await contextFor(project, instance, join(staging.path, folderOf(part)), io);
      const wrong = differences(part.objects, await ability.load(instance.input, as, part, context));
      if (wrong.length > 0) throw new DiagnosticError([notTheSame(as, `what came back of ${document.run}`, wrong)]);
      io.say(`${instance.name}: ${part.objects.length} of ${part.objects.length} objects, as they were saved`);
    }
  };
  const about = { app: as, facts: { backup: document.run, of: app }, text: `restore ${document.run} of ${app} into ${as}` };
  yield* run(project, actOf(project, 'restore', 'bring back', new Map([[target, work]]), about), options);
}

/** Throws all that stands against it, of all parts. */
async function fitsAll(project: Project, app: string, parts: readonly Found[], staging: Staging, io: StepIo): Promise<void> {
  const stops: Diagnostic[] = [];
  for (const { part, instance, ability, isSaved } of parts) {
    if (isSaved || !ability.fit) continue;
    const context = await contextFor(project, instance, await staging.folder(folderOf(part)), io);
    stops.push(...(await ability.fit(instance.input, app, part, context)));
  }
  if (stops.length > 0) throw new DiagnosticError(stops);
}

interface Found extends Placed {
  /** In words; none: the place is empty. */
  readonly there: readonly string[];
  /** It is what the backup holds. */
  readonly isSaved: boolean;
}

async function placesOf(
  project: Project,
  app: string,
  parts: readonly Placed[],
  staging: Staging,
  io: Pick<StepIo, 'signal' | 'say'>,
): Promise<readonly Found[]> {
  const found: Found[] = [];
  for (const one of parts) {
    const { part, instance, ability } = one;
    const context = await contextFor(project, instance, await staging.folder(folderOf(part)), io);
    const there = await ability.present(instance.input, app, context);
    const state = there.length === 0 ? undefined : await ability.state?.(instance.input, app, context);
    found.push({ ...one, there, isSaved: state !== undefined && differences(part.objects, state).length === 0 });
  }
  return found;
}

interface Placed {
  readonly part: SavedPart;
  readonly instance: Backed['parts'][number]['instance'];
  readonly ability: Backed['parts'][number]['ability'];
}

/** Which parts are meant. Throws CT4315 where that is none, or more than one. */
function engineAt({ manifest }: Project, to: string, { run: name, parts }: SavedApp): string {
  const engine = manifest.instances.find((one) => one.name === to)?.engine.id;
  const count = parts.filter((part) => part.engine === engine).length;
  if (engine !== undefined && count === 1) return engine;
  const why =
    engine === undefined
      ? `there is no instance "${to}"`
      : `the backup ${name} has ${count === 0 ? 'no part' : `${count} parts`} of its kind`;
  throw fail('CT4315', `nothing can be brought back to "${to}": ${why}`, { hint: 'cotenant backup show says which parts a backup has' });
}

/** The instance of that name, else the only one of its engine. */
function placeFor(
  { app, parts }: Backed,
  part: SavedPart,
  { run: name }: SavedApp,
  engineTo: string | null,
  to = part.instance,
): Backed['parts'][number] {
  const same = parts.filter(({ instance }) => instance.engine.id === part.engine);
  const isSent = engineTo === part.engine;
  const wanted = isSent ? to : part.instance;
  const found = same.find(({ instance }) => instance.name === wanted) ?? (same.length === 1 && !isSent ? same[0] : undefined);
  if (found) return found;
  if (isSent)
    throw fail('CT4315', `"${app}" is not on "${to}", and the part of "${part.instance}" in the backup ${name} is to go there`, {
      path: ['apps', app],
      hint: `put "${app}" on it and run cotenant apply`,
    });
  throw fail(
    'CT4315',
    `the backup ${name} has a part of "${part.instance}" (${part.engine}), and "${app}" is on ${same.length === 0 ? 'no instance' : `${same.length} instances`} of that kind`,
    {
      path: ['apps', app],
      hint: `put "${app}" on one of them and run cotenant apply`,
    },
  );
}

function occupied(app: string, instance: string, there: readonly string[]): Error {
  const more = there.length > 3 ? ` and ${there.length - 3} more` : '';
  return fail('CT4306', `"${app}" has something on "${instance}" already: ${there.slice(0, 3).join(', ')}${more}`, {
    instance,
    hint: `a restore writes over nothing: add an app to the manifest, apply, and bring the backup back beside it with --as`,
  });
}
