import type { Session } from '../engine/index.ts';
import { type ExecuteEvent, execute } from '../execute/execute.ts';
import { type Diagnostic, hasErrors, type Plan, type Step, type StepResult } from '../model/index.ts';
import { isSafe, unconfirmed } from '../plan/risk.ts';
import { merge } from '../util/merge.ts';
import { appExists } from './apps.ts';
import { assemble } from './plan.ts';
import { isTrouble, observed, Sessions } from './sessions.ts';
import type { ApplyEvent, ApplyOptions, Ending, Project } from './types.ts';


/**
 * Makes the servers as the manifest says: lock, look, plan, ask, execute. Every event as it happens; the last one is
 * the result. Running it again goes on from wherever this run ended.
 */
export async function* applyProject(project: Project, options: ApplyOptions): AsyncGenerator<ApplyEvent> {
  if (options.app !== undefined) appExists(project, options.app);
  yield* applyWith(project, options, 'apply', assemble);
}

export async function* applyWith(project: Project, options: ApplyOptions, verb: string, planner: typeof assemble): AsyncGenerator<ApplyEvent> {
  await using sessions = await Sessions.open(project, options.deadline);
  await using locks = new AsyncDisposableStack();
  if (options.dryRun !== true) {
    for (const { instance, session } of sessions.reached) {
      const outcome = await session.lock(verb, options.lockTimeout ?? 0);
      if (!outcome.ok) {
        yield { type: 'locked', instance: instance.name, holder: outcome.holder };
        yield result('locked');
        return;
      }
      locks.use(outcome.lock);
    }
  }
  const looked = await Promise.all(sessions.reached.map(async (reached) => ({ reached, observation: await observed(reached) })));
  const outcome = planner(project, looked, sessions.missed, options);
  const refusal = await refuse(outcome.plan, options, () => looked.some(({ observation }) => !isTrouble(observation)));
  yield { type: 'planned', outcome };
  for (const diagnostic of refusal?.diagnostics ?? []) yield { type: 'diagnostic', diagnostic };
  if (refusal) {
    yield result(refusal.ending);
    return;
  }
  if (options.dryRun !== true && !isSafe(outcome.plan) && !(await options.consent(outcome.plan))) {
    yield result('refused');
    return;
  }
  yield* run(project, sessions, outcome.plan, options);
}

interface Refusal {
  readonly ending: Ending;
  readonly diagnostics: readonly Diagnostic[];
}

/** Why nothing may be sent; null: go on. */
async function refuse(plan: Plan, options: ApplyOptions, anyReached: () => boolean): Promise<Refusal | null> {
  const { saved } = options;
  if (!anyReached() && plan.unreached.length > 0) {
    return { ending: plan.diagnostics.some((one) => one.code === 'CT3002') ? 'credentials' : 'unreachable', diagnostics: [] };
  }
  const broken = plan.diagnostics.filter((one) => one.severity === 'error' && !(one.instance !== undefined && plan.unreached.includes(one.instance)));
  if (hasErrors(broken)) {
    return { ending: 'failed', diagnostics: [{ code: 'CT4007', severity: 'error', message: `the plan has ${broken.length} error${broken.length > 1 ? 's' : ''}; nothing was sent` }] };
  }
  if (saved && !sameGround(saved, plan)) {
    return { ending: 'stale', diagnostics: [{ code: 'CT4002', severity: 'error', message: 'the saved plan is stale: the manifest or a server has changed since it was made', hint: 'make a new plan and look at it' }] };
  }
  const missing = unconfirmed(plan, options.confirm ?? []);
  if (missing.length > 0 && options.dryRun !== true) {
    const names = [...new Set(missing.map((step) => step.confirm))].sort();
    return {
      ending: 'refused',
      diagnostics: names.map((name) => ({
        code: 'CT4004',
        severity: 'error' as const,
        message: `this plan ends data of "${name}": ${missing.filter((step) => step.confirm === name).map((step) => `${step.title} ${step.address.name}`).join(', ')}`,
        hint: `pass --confirm=${name} if that is meant`,
      })),
    };
  }
  return null;
}

function sameGround(saved: Plan, now: Plan): boolean {
  const instances = new Set([...Object.keys(saved.observed), ...Object.keys(now.observed)]);
  const ids = (plan: Plan): string => plan.steps.map((step) => step.id).join('\n');
  return saved.manifestHash === now.manifestHash && [...instances].every((name) => saved.observed[name] === now.observed[name]) && ids(saved) === ids(now);
}

async function* run(project: Project, sessions: Sessions, plan: Plan, options: ApplyOptions): AsyncGenerator<ApplyEvent> {
  const steps = plan.steps;
  const results: StepResult[] = [];
  const refs = steps.flatMap((step) => step.statements.flatMap((statement) => Object.values(statement.params ?? {}).filter((value) => typeof value === 'object' && value !== null)));
  // Made and stored before the first statement: a password that a server has must never be one that we lost.
  if (options.dryRun !== true && refs.length > 0) await project.secrets.ensureAll(refs);
  const streams = sessions.reached.map(({ instance, session }) => executeInstance(steps.filter((step) => step.address.instance === instance.name), session, project, options));
  for await (const event of merge(streams)) {
    if (event.type === 'step') results.push(event.result);
    yield event;
  }
  yield { type: 'result', ending: endingOf(plan, results, project.signal), results };
}

function executeInstance(steps: readonly Step[], session: Session, project: Project, options: ApplyOptions): AsyncGenerator<ExecuteEvent> {
  return execute(steps, session, { signal: project.signal, dryRun: options.dryRun === true });
}

function endingOf(plan: Plan, results: readonly StepResult[], signal: AbortSignal): Ending {
  if (signal.aborted && results.some((one) => one.status === 'not-executed')) return 'interrupted';
  const failed = results.some((one) => one.status === 'failed' || one.status === 'not-executed');
  if (failed) return results.some((one) => one.status === 'done') ? 'partly' : 'failed';
  if (plan.unreached.length > 0) return results.length > 0 ? 'partly' : plan.diagnostics.some((one) => one.code === 'CT3002') ? 'credentials' : 'unreachable';
  return results.length === 0 ? 'nothing-to-do' : 'done';
}

function result(ending: Ending): ApplyEvent {
  return { type: 'result', ending, results: [] };
}

