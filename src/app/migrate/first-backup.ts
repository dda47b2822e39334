import type { Lane, StepIo, UnitOutcome } from '../../engine/index.ts';
import { type Diagnostic, DiagnosticError, fail, type Step } from '../../model/index.ts';
import { hasRepository, repositoryOf } from '../backup/access.ts';
import { type Backed, backed } from '../backup/apps.ts';
import { type Work, WorkLane } from '../backup/lane.ts';
import { saveOne } from '../backup/save.ts';
import type { Project } from '../types.ts';
import type { Migrating } from './apps.ts';

/** `true`: a backup is taken. A function is asked once it is known what is lost; null: nobody can tell. Left out: it is said how. */
export type WantsBackup = true | ((lost: readonly string[] | null) => Promise<boolean>) | undefined;

/** A backup that a run takes before it takes something away, in one plan with it. */
export interface FirstBackup {
  readonly step: Step;
  readonly work: Work;
}

/** What stands in front of a run that takes something away. */
export interface First {
  readonly backup: FirstBackup | null;
  readonly advice: readonly Diagnostic[];
}

/** Decides on a backup before something of one app is lost. Throws CT4301, CT4310, CT4311 and CT4313 where one is wanted and cannot be taken. */
export async function firstOf(
  project: Project,
  one: Migrating,
  lost: readonly string[] | null,
  { wants, again, dryRun }: { readonly wants: WantsBackup; readonly again: string; readonly dryRun: boolean },
): Promise<First> {
  const none: First = { backup: null, advice: [] };
  if (wants === true) return { ...none, backup: await backupOf(project, one, dryRun) };
  const saved = lost?.length === 0 || !hasRepository(project) ? null : await savable(project, one);
  if (saved === null) return none;
  const message = `nothing of "${one.app.name}" is backed up before this`;
  const refused = await refusalOf(saved);
  if (refused) return { ...none, advice: [{ code: 'CT4126', severity: 'info', message: `${message}, nor can it be: ${refused.message}` }] };
  if (wants !== undefined && !dryRun && (await wants(lost))) return { ...none, backup: await backupOf(project, one, dryRun) };
  return { ...none, advice: [{ code: 'CT4126', severity: 'info', message, hint: `to take a backup first: ${again} --backup` }] };
}

async function savable(project: Project, one: Migrating): Promise<Backed | null> {
  try {
    return await savedOf(project, one);
  } catch (error) {
    if (error instanceof DiagnosticError) return null;
    throw error;
  }
}

/** Of any part of the app: a backup takes all of them. */
async function refusalOf({ app, parts }: Backed): Promise<Diagnostic | null> {
  for (const { instance } of parts) {
    const refused = (await instance.engine.backup?.())?.refusal?.(instance.input, app);
    if (refused) return refused;
  }
  return null;
}

/** The app with all its parts, of which the one that is migrated must not be left out. */
async function savedOf(project: Project, { app, instance, decl }: Migrating): Promise<Backed> {
  const [found] = await backed(project, [app.name]);
  if (found?.parts.some((part) => part.instance.name === instance.name) === true) return found;
  throw fail('CT4313', `"${app.name}" is migrated on "${instance.name}", and backup.exclude leaves that out`, {
    path: decl.path,
    instance: instance.name,
    hint: 'take it out of backup.exclude, or go without --backup',
  });
}

async function backupOf(project: Project, one: Migrating, dryRun: boolean): Promise<FirstBackup> {
  const saved = await savedOf(project, one);
  const refused = await refusalOf(saved);
  if (refused) throw new DiagnosticError([project.locate({ ...refused, path: one.decl.path })]);
  const repository = await repositoryOf(project);
  const work = async (io: StepIo): Promise<void> => {
    await repository.init(io.signal);
    await saveOne(project, repository, saved, io);
  };
  return { step: stepFor(one), work: dryRun ? async () => await Promise.resolve() : work };
}

function stepFor({ app, instance, where }: Migrating): Step {
  return {
    id: `${instance.name}/backup/${app.name}`,
    address: { engine: instance.engine.id, instance: instance.name, kind: 'backup', name: app.name },
    app: app.name,
    action: 'run',
    cause: 'intended',
    title: 'back up',
    facts: {},
    fields: [],
    commands: [{ op: 'backup', text: `back up ${app.name}`, args: { app: app.name } }],
    reverse: null,
    risk: 'safe',
    needs: [],
    lane: `migrate ${where}`,
    unit: null,
  };
}

/** A lane of migrations that takes a backup as well. */
export class LaneWithBackup implements Lane {
  readonly #backup: FirstBackup;
  readonly #work: Lane;
  readonly #lane: Lane;

  constructor(backup: FirstBackup, lane: Lane) {
    this.#backup = backup;
    this.#work = new WorkLane(new Map([[backup.step.id, backup.work]]));
    this.#lane = lane;
  }

  async run(steps: readonly Step[], io: StepIo): Promise<UnitOutcome> {
    return await (steps[0]?.id === this.#backup.step.id ? this.#work : this.#lane).run(steps, io);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#lane[Symbol.asyncDispose]();
  }
}
