import { dirname, join } from 'node:path';
import type { Session } from '../engine/index.ts';
import { execute } from '../execute/execute.ts';
import { lastTry, type JournaledRun, rotate } from '../journal/history.ts';
import { Journal, newRunId } from '../journal/journal.ts';
import { type Diagnostic, fail, type Intent, type Plan, type StepResult, waitingIn } from '../model/index.ts';
import { unlessAborted } from '../util/abort.ts';
import type { Act } from './act.ts';
import { Locks } from './locks.ts';
import { Passwords, settleStaged } from './passwords.ts';
import { lookAtAll, withShared } from './plan.ts';
import { endingOfUnreached, refuse, withoutConsent } from './refusal.ts';
import { isTrouble, type Reached, Sessions } from './sessions.ts';
import type { Ending, EventBody, PlanOptions, PlanOutcome, Project, RunEvent, RunOptions } from './types.ts';

/** Where a project's runs are remembered. */
export function journalFolder({ manifest }: Pick<Project, 'manifest'>): string {
  return join(dirname(manifest.file), '.cotenant', 'runs');
}

/**
 * The one way in which anything is done: lock, look, plan, ask, execute. Every event as it happens, numbered; the last one is
 * the result. Running the same intent again goes on from wherever this run ended.
 */
export async function* run(project: Project, act: Act, options: RunOptions): AsyncGenerator<RunEvent> {
  const id = newRunId();
  let seq = 0;
  for await (const event of steps(project, act, options, id)) {
    yield { ...event, run: id, seq, at: new Date().toISOString() };
    seq += 1;
  }
}

/** Told to end before anything was sent, a run has done nothing, and says no more. */
async function* steps(project: Project, act: Act, options: RunOptions, id: string): AsyncGenerator<EventBody> {
  try {
    yield* whole(project, act, options, id);
  } catch (error) {
    if (!project.signal.aborted || error !== project.signal.reason) throw error;
    yield result('interrupted');
  }
}

async function* whole(project: Project, act: Act, options: RunOptions, id: string): AsyncGenerator<EventBody> {
  await using sessions = await Sessions.openAll(project, options.deadline);
  await using locks = new Locks(sessions.reached, act, options.lockTimeout ?? 0);
  // Two entries for one server would wait for each other. Nothing is sent then.
  const locking = options.dryRun !== true && act.locks !== 'none' && sessions.shared.length === 0;
  const look = async (): Promise<Looked> => await unlessAborted(lookAndPlan(project, sessions, act, options), project.signal);
  let held = locking ? await locks.take() : null;
  let planned = held ? null : await look();
  if (locking && planned && locks.isTooNarrow(planned.outcome.plan)) {
    held = await locks.widen();
    planned = held ? null : await look();
  }
  if (held || !planned) {
    if (held) yield { type: 'locked', ...held };
    yield result('locked');
    return;
  }
  const { outcome, anyReached } = planned;
  yield { type: 'planned', outcome };
  const refusal = refuse(outcome.plan, options.saved, anyReached) ?? (await withoutConsent(outcome.plan, options));
  if (refusal) {
    for (const diagnostic of refusal.diagnostics) yield { type: 'diagnostic', diagnostic };
    yield result(refusal.ending);
    return;
  }
  project.signal.throwIfAborted();
  yield* effects(project, sessions, { plan: outcome.plan, act, id, dryRun: options.dryRun === true, by: options.by });
}

interface Looked {
  readonly outcome: PlanOutcome;
  readonly anyReached: boolean;
}

async function lookAndPlan(project: Project, sessions: Sessions, act: Act, options: RunOptions): Promise<Looked> {
  const changes = options.dryRun !== true && act.locks !== 'none';
  // Whoever held the lock before may have made passwords: they are no strange ones.
  if (changes) await project.secrets.reload();
  let looked = await (act.look?.(sessions.reached) ?? lookAtAll(sessions, project.progress));
  if (changes && !act.look && (await settleStaged(project, looked, act.locks === 'instance')))
    looked = await lookAtAll(sessions, project.progress);
  const outcome = withShared(project, act.plan(project, looked, sessions.missed, consented(options)), sessions);
  return { outcome, anyReached: looked.some(({ observation }) => !isTrouble(observation)) };
}

/** What would wait for a word that was not given is left out, but of a plan that somebody has looked at. */
function consented({ confirm = [], ...options }: RunOptions): PlanOptions {
  return options.saved ? options : { ...options, confirmed: confirm };
}

interface Work {
  readonly plan: Plan;
  readonly act: Act;
  readonly id: string;
  readonly dryRun: boolean;
  readonly by: string | undefined;
}

async function* effects(project: Project, sessions: Sessions, { plan, act, id, dryRun, by }: Work): AsyncGenerator<EventBody> {
  const { intent } = act;
  const journaled = !dryRun && plan.steps.length > 0;
  const before = journaled ? await lastTry(journalFolder(project), project.manifest.project, intent) : null;
  const opened = journaled ? await openJournal(project, { intent, run: id, ...(by === undefined ? {} : { by }) }, before) : null;
  await using journal = opened instanceof Journal ? opened : null;
  if (opened !== null && !(opened instanceof Journal)) yield { type: 'diagnostic', diagnostic: opened };
  journal?.note({ type: 'planned', steps: plan.steps.length, instances: Object.keys(plan.observed) });
  let ending: Ending = 'interrupted';
  let passwords: Passwords | null = null;
  try {
    const results: StepResult[] = [];
    // Before the first command: a password that a server has must never be one that we lost.
    if (!dryRun) passwords = await Passwords.of(project, plan);
    const open = new Map(sessions.reached.map((one) => [one.instance.name, act.lane ? withLane(one, act.lane) : one.session]));
    const resume = before?.checkpoints ?? new Map();
    const checkpoint: Parameters<typeof execute>[2]['checkpoint'] = async (step, token) => {
      if (journal === null) throw fail('CT5201', 'how far a step has got cannot be kept');
      await journal.checkpoint(step, token);
    };
    const { width, keepGoing } = act;
    for await (const event of execute(plan.steps, open, { signal: project.signal, dryRun, resume, checkpoint, width, keepGoing })) {
      if (event.type === 'start') passwords?.started(event.step);
      if (event.type === 'step') {
        results.push(event.result);
        noteStep(journal, event.result);
        await passwords?.ended(event.result);
      }
      yield event;
    }
    const unsaved = (await passwords?.end()) ?? [];
    for (const diagnostic of unsaved) yield { type: 'diagnostic', diagnostic };
    ending = unsaved.length > 0 ? 'partly' : endingOf(plan, results, project.signal);
    const trouble = await journal?.end(ending);
    if (trouble) yield { type: 'diagnostic', diagnostic: trouble };
    yield { type: 'result', ending, results };
  } finally {
    // Also where whoever listened has gone, or a defect ended it.
    try {
      await passwords?.end();
    } finally {
      await journal?.end(ending);
    }
  }
}

/** The same session, whose steps core runs itself. */
function withLane(reached: Reached, lane: NonNullable<Act['lane']>): Session {
  const { session } = reached;
  return {
    observe: (depth) => session.observe(depth),
    lock: (who, timeout, only) => session.lock(who, timeout, only),
    usage: () => session.usage(),
    lane: async () => await lane(reached),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** A journal, or why there is none: that stops nothing which can do without. */
async function openJournal(
  project: Project,
  begin: { readonly run: string; readonly intent: Intent; readonly by?: string },
  before: JournaledRun | null,
): Promise<Journal | Diagnostic> {
  const folder = journalFolder(project);
  try {
    const journal = await Journal.open(folder, { ...begin, project: project.manifest.project, resumes: before?.head.run ?? null });
    for (const [step, token] of before?.checkpoints ?? []) await journal.checkpoint(step, token);
    await rotate(folder);
    return journal;
  } catch (error) {
    const message = `this run is not recorded in the history: ${error instanceof Error ? error.message : String(error)}`;
    return { code: 'CT5201', severity: 'warning', message };
  }
}

function noteStep(journal: Journal | null, { step, status, elapsed, diagnostic }: StepResult): void {
  if (journal === null || status === 'would-run') return;
  const { id, address, app, action, title } = step;
  const why = diagnostic === undefined ? {} : { why: `${diagnostic.code}: ${diagnostic.message}` };
  journal.note({ type: 'step', id, address, app, action, title, status, elapsed, ...why });
}

function endingOf(plan: Plan, results: readonly StepResult[], signal: AbortSignal): Ending {
  if (signal.aborted && results.some((one) => one.status === 'not-executed' || one.status === 'failed')) return 'interrupted';
  const failed = results.some((one) => one.status === 'failed' || one.status === 'not-executed');
  if (failed) return results.some((one) => one.status === 'done') ? 'partly' : 'failed';
  if (plan.unreached.length > 0) return results.length > 0 ? 'partly' : endingOfUnreached(plan);
  if (waitingIn(plan).length > 0) return 'waiting';
  return results.length === 0 ? 'nothing-to-do' : 'done';
}

function result(ending: Ending): EventBody {
  return { type: 'result', ending, results: [] };
}
