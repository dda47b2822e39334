import type { LockHolder } from '../engine/index.ts';
import { execute } from '../execute/execute.ts';
import type { InstanceDecl } from '../manifest/types.ts';
import type { Plan, StepResult } from '../model/index.ts';
import { appExists } from './apps.ts';
import { assemble } from './plan.ts';
import { refuse, withoutConsent } from './refusal.ts';
import { isTrouble, observed, type Reached, Sessions } from './sessions.ts';
import type { ApplyEvent, ApplyOptions, Ending, PlanOptions, Project } from './types.ts';

/**
 * Makes the servers as the manifest says: lock, look, plan, ask, execute. Every event as it happens; the last one is
 * the result. Running it again goes on from wherever this run ended.
 */
export async function* applyProject(project: Project, options: ApplyOptions): AsyncGenerator<ApplyEvent> {
  const app = options.app ?? options.saved?.app;
  if (app !== undefined) appExists(project, app);
  const { day } = options.saved ?? {};
  yield* applyWith(
    project,
    { ...options, ...(app === undefined ? {} : { app }), ...(day === undefined ? {} : { day }) },
    {
      verb: 'apply',
      planner: assemble,
      touches: ({ input }) =>
        app === undefined || [...input.placements.map((one) => one.app), ...input.readers.map(({ name }) => name)].includes(app),
    },
  );
}

/** What is done under the locks. */
export interface Act {
  /** Who waits for a lock is told. */
  readonly verb: string;
  readonly planner: typeof assemble;
  /** False: the act has nothing to do there, and nobody has to wait for it. */
  readonly touches?: (instance: InstanceDecl) => boolean;
}

export async function* applyWith(
  project: Project,
  options: ApplyOptions,
  { verb, planner, touches = () => true }: Act,
): AsyncGenerator<ApplyEvent> {
  await using sessions = await Sessions.open(project, options.deadline);
  await using locks = new AsyncDisposableStack();
  if (options.dryRun !== true) {
    const held = await lockAll(
      sessions.reached.filter(({ instance }) => touches(instance)),
      verb,
      options.lockTimeout ?? 0,
      locks,
    );
    if (held) {
      yield { type: 'locked', ...held };
      yield result('locked');
      return;
    }
    // Whoever held the lock before may have made passwords: they are no strange ones.
    await project.secrets.reload();
  }
  const looked = await Promise.all(sessions.reached.map(async (reached) => ({ reached, observation: await observed(reached) })));
  const outcome = planner(project, looked, sessions.missed, consented(options));
  yield { type: 'planned', outcome };
  const anyReached = looked.some(({ observation }) => !isTrouble(observation));
  const refusal = refuse(outcome.plan, options.saved, anyReached) ?? (await withoutConsent(outcome.plan, options));
  if (refusal) {
    for (const diagnostic of refusal.diagnostics) yield { type: 'diagnostic', diagnostic };
    yield result(refusal.ending);
    return;
  }
  yield* run(project, sessions, outcome.plan, options);
}

/** What would wait for a word that was not given is left out, but of a plan that somebody has looked at. */
function consented({ confirm = [], ...options }: ApplyOptions): PlanOptions {
  return options.saved ? options : { ...options, confirmed: confirm };
}

/** Takes all the locks, in one order for everybody: two runs never wait for each other. Gives the one that somebody else holds. */
async function lockAll(
  reached: readonly Reached[],
  verb: string,
  timeout: number,
  locks: AsyncDisposableStack,
): Promise<{ readonly instance: string; readonly holder: LockHolder | null } | null> {
  const named = await Promise.all(
    reached.map(async (one) => ({ ...one, identity: (await one.session.identity?.()) ?? one.instance.name })),
  );
  for (const { instance, session } of named.sort((a, b) => (a.identity < b.identity ? -1 : a.identity > b.identity ? 1 : 0))) {
    const outcome = await session.lock(verb, timeout);
    if (!outcome.ok) return { instance: instance.name, holder: outcome.holder };
    locks.use(outcome.lock);
  }
  return null;
}

async function* run(project: Project, sessions: Sessions, plan: Plan, options: ApplyOptions): AsyncGenerator<ApplyEvent> {
  const steps = plan.steps;
  const results: StepResult[] = [];
  const refs = steps.flatMap((step) => step.commands.flatMap((statement) => Object.values(statement.secrets ?? {})));
  // Made and stored before the first statement: a password that a server has must never be one that we lost.
  if (options.dryRun !== true && refs.length > 0) await project.secrets.ensureAll(refs);
  const open = new Map(sessions.reached.map(({ instance, session }) => [instance.name, session]));
  for await (const event of execute(steps, open, { signal: project.signal, dryRun: options.dryRun === true })) {
    if (event.type === 'step') results.push(event.result);
    yield event;
  }
  yield { type: 'result', ending: endingOf(plan, results, project.signal), results };
}

function endingOf(plan: Plan, results: readonly StepResult[], signal: AbortSignal): Ending {
  if (signal.aborted && results.some((one) => one.status === 'not-executed')) return 'interrupted';
  const failed = results.some((one) => one.status === 'failed' || one.status === 'not-executed');
  if (failed) return results.some((one) => one.status === 'done') ? 'partly' : 'failed';
  if (plan.unreached.length > 0)
    return results.length > 0 ? 'partly' : plan.diagnostics.some((one) => one.code === 'CT3002') ? 'credentials' : 'unreachable';
  return results.length === 0 ? 'nothing-to-do' : 'done';
}

function result(ending: Ending): ApplyEvent {
  return { type: 'result', ending, results: [] };
}
