import { join } from 'node:path';
import { differences } from '../../backup/compare.ts';
import { folderOf } from '../../backup/document.ts';
import type { Repository, Snapshot } from '../../backup/repository.ts';
import type { BackupContext, ReplaceAbility, StepIo } from '../../engine/index.ts';
import type { InstanceDecl } from '../../manifest/types.ts';
import {
  type Diagnostic,
  DiagnosticError,
  fail,
  type Loss,
  type SavedApp,
  type SavedObject,
  type SavedPart,
  type Step,
} from '../../model/index.ts';
import type { Act } from '../act.ts';
import { applyWithin } from '../apply.ts';
import type { Project, RunOptions } from '../types.ts';
import { verifyProject } from '../verify.ts';
import type { Backed } from './apps.ts';
import { notTheSame } from './find.ts';
import { actWith, contextFor, stepOf, type Work } from './lane.ts';
import { Staging } from './staging.ts';

/** A part of a backup, and the place that it takes. */
export interface Replaced {
  readonly part: SavedPart;
  readonly instance: InstanceDecl;
  readonly replace: ReplaceAbility;
  /** What the app has there now. */
  readonly state: (context: BackupContext) => Promise<readonly SavedObject[]>;
}

export interface InPlace {
  readonly target: Backed;
  readonly parts: readonly Replaced[];
  readonly repository: Repository;
  readonly snapshot: Snapshot;
  readonly document: SavedApp;
  readonly losses: readonly Loss[];
}

/**
 * Puts a backup in the place of what an app has: brings it back beside that, compares all of it, changes names, builds the walls
 * and proves them. A run that was cut goes on where the servers stand; until names change the app has what it had.
 */
export function inPlaceOf(project: Project, what: InPlace, options: RunOptions): Act {
  const { target, parts, repository, snapshot, document, losses } = what;
  const { app } = target;
  let isThere = false;
  const bring: Work = async (io) => {
    await using staging = await Staging.open(project);
    isThere = await isAsSaved(project, what, staging, options, io);
    if (isThere) {
      io.say(`"${app}" is as ${document.run} has it already: nothing is replaced`);
      return;
    }
    await repository.restore(snapshot, staging.path, io.signal);
    for (const { part, instance, replace } of parts) {
      const context = await contextFor(project, instance, join(staging.path, folderOf(part)), io);
      const found = differences(part.objects, await replace.beside(instance.input, app, part, context));
      if (found.length > 0) throw new DiagnosticError([notTheSame(app, `what came back of ${document.run}`, found)]);
      io.say(`${instance.name}: ${part.objects.length} of ${part.objects.length} objects, as they were saved`);
    }
  };
  const change: Work = async (io) => {
    if (!isThere) await swapAll(project, target, parts, 'beside', io);
  };
  const first = stepIn(target, 'beside', `bring ${document.run} back beside what it has`);
  const then = afterwards(project, target, parts, { change, title: `replace it by ${document.run}`, needs: [first.id], losses, options });
  return actWith(project, { verb: 'restore', app, args: { from: document.run } }, new Map([[first, bring], ...then]));
}

/** Puts back what the last restore in place has put aside; what the app has now is put aside in turn. */
export function undoOf(
  project: Project,
  { target, parts, losses }: Pick<InPlace, 'target' | 'losses'> & { readonly parts: readonly Pick<Replaced, 'instance' | 'replace'>[] },
  options: RunOptions,
): Act {
  const change: Work = async (io) => await swapAll(project, target, parts, 'aside', io);
  const title = 'replace it by what the last restore has put aside';
  const steps = afterwards(project, target, parts, { change, title, needs: [], losses, options });
  return actWith(project, { verb: 'restore', app: target.app, args: { undo: true } }, new Map(steps));
}

interface Change {
  readonly change: Work;
  readonly title: string;
  /** Ids of steps that come first. */
  readonly needs: readonly string[];
  /** Of others than the app. */
  readonly losses: readonly Loss[];
  readonly options: RunOptions;
}

function afterwards(
  project: Project,
  target: Backed,
  parts: readonly Pick<Replaced, 'instance' | 'replace'>[],
  { change, title, needs, losses, options }: Change,
): readonly (readonly [Step, Work])[] {
  const { app } = target;
  const own = parts.map(({ instance }) => ({
    who: app,
    of: app,
    what: [`what it has on "${instance.name}" now, and the sessions that are open there: its data is put aside, and nothing of it deleted`],
    sessions: null,
    keep: null,
    confirm: app,
  }));
  const names: Step = { ...stepIn(target, 'replace', title), needs, risk: 'access-reducing', losses: [...own, ...losses] };
  const walls = stepIn(target, 'prove', 'build its walls and prove them');
  return [
    [names, change],
    [{ ...walls, needs: [names.id] }, async (io) => await buildAndProve(project, app, options, io)],
  ];
}

function stepIn(target: Backed, verb: string, title: string): Step {
  const { app } = target;
  return { ...stepOf(target, verb, title, { text: `${title} (${app})` }), lane: `restore ${app}` };
}

/** Where a run was cut after names had changed, there is nothing more to bring back. */
async function isAsSaved(
  project: Project,
  { target: { app }, parts }: InPlace,
  staging: Staging,
  options: RunOptions,
  io: StepIo,
): Promise<boolean> {
  for (const { part, instance, state } of parts) {
    const context = await contextFor(project, instance, await staging.folder(folderOf(part)), io);
    const look = async (): Promise<readonly SavedObject[]> => await state(context);
    const here = await look().catch(async (error: unknown) => {
      if (!(error instanceof DiagnosticError)) throw error;
      // Cut when names had changed and before its walls were built, it lets nobody in yet.
      await build(project, app, options);
      return await look();
    });
    if (differences(part.objects, here).length > 0) return false;
  }
  return true;
}

async function swapAll(
  project: Project,
  { app }: Backed,
  parts: readonly Pick<Replaced, 'instance' | 'replace'>[],
  from: 'beside' | 'aside',
  io: StepIo,
): Promise<void> {
  await using staging = await Staging.open(project);
  const today = new Date().toISOString().slice(0, 10);
  for (const { instance, replace } of parts) {
    const context: BackupContext = await contextFor(project, instance, staging.path, io);
    const kept = await replace.swap(instance.input, app, from, { ...context, today });
    io.say(`${instance.name}: what "${app}" had is kept as ${kept}; cotenant restore ${app} --undo brings it back`);
  }
}

/** Throws what stands against an apply of the app, and CT4333. */
async function build(project: Project, app: string, options: RunOptions): Promise<void> {
  const trouble: Diagnostic[] = [];
  let ending = '';
  for await (const event of applyWithin(project, app, { ...options, dryRun: false, consent: () => Promise.resolve(true) })) {
    if (event.type === 'diagnostic') trouble.push(event.diagnostic);
    if (event.type === 'planned') trouble.push(...event.outcome.plan.diagnostics.filter(({ severity }) => severity === 'error'));
    if (event.type === 'step' && event.result.diagnostic) trouble.push(event.result.diagnostic);
    if (event.type === 'result') ending = event.ending;
  }
  if (ending === 'done' || ending === 'nothing-to-do' || ending === 'waiting') return;
  throw new DiagnosticError(trouble.length > 0 ? trouble : [unbuilt(app, `apply ended as ${ending}`)]);
}

async function buildAndProve(project: Project, app: string, options: RunOptions, io: StepIo): Promise<void> {
  await build(project, app, options);
  const { report, diagnostics } = await verifyProject(project, { apps: [app] });
  const [worst] = report.findings;
  if (diagnostics.length > 0) throw new DiagnosticError(diagnostics);
  if (worst)
    throw new DiagnosticError([
      unbuilt(app, `verify found ${report.findings.length}: ${worst.verdict} ${worst.probe}, ${worst.statement}: ${worst.answer}`),
    ]);
  io.say(`its walls hold: ${report.counts.blocked} of ${report.counts.attempts} attempts were refused, and the others are its own`);
}

function unbuilt(app: string, why: string): Diagnostic {
  return {
    code: 'CT4333',
    severity: 'error',
    message: `"${app}" has its backup, and its walls are not proved: ${why}`,
    hint: `cotenant plan and cotenant verify --app ${app} say more; cotenant restore ${app} --undo brings back what it had`,
  };
}

/** Throws CT4331 and what engines say where a part cannot be replaced. */
export function replacedBy(
  target: Backed,
  parts: readonly { readonly part: SavedPart; readonly instance: InstanceDecl; readonly ability: Backed['parts'][number]['ability'] }[],
): readonly Replaced[] {
  return parts.map(({ part, instance, ability }) => {
    const state = async (context: BackupContext): Promise<readonly SavedObject[]> => {
      if (!ability.state) throw new Error('what can be replaced can be compared');
      return await ability.state(instance.input, target.app, context);
    };
    return { part, instance, state, replace: replaceOf(target.app, instance, ability) };
  });
}

export function replaceOf(app: string, instance: InstanceDecl, { replace }: Backed['parts'][number]['ability']): ReplaceAbility {
  if (!replace) {
    throw fail(
      'CT4331',
      `"${app}" has something on "${instance.name}" already, and ${instance.engine.title} cannot put a backup in the place of that yet`,
      {
        instance: instance.name,
        hint: 'add an app to the manifest, apply, and bring the backup back beside it with --as',
      },
    );
  }
  const refused = replace.refusal(instance.input, app);
  if (refused) throw new DiagnosticError([refused]);
  return replace;
}

/** Of others than the app: what is in its place now has rights that nothing gives again. */
export async function lossesOf(
  project: Project,
  app: string,
  parts: readonly Pick<Replaced, 'instance' | 'replace'>[],
): Promise<readonly Loss[]> {
  await using staging = await Staging.open(project);
  const quiet = { signal: project.signal, say: () => undefined };
  const all: Loss[] = [];
  for (const { instance, replace } of parts)
    all.push(...(await replace.losses(instance.input, app, await contextFor(project, instance, staging.path, quiet))));
  return all;
}
