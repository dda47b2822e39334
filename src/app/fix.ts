import type { Finding, Fix, Plan, Step, VerifyReport } from '../model/index.ts';
import { fingerprint } from '../util/canonical.ts';
import type { Act } from './act.ts';
import { assemble, type Looked } from './plan.ts';
import { run } from './run.ts';
import type { Missed } from './sessions.ts';
import type { PlanOptions, PlanOutcome, Project, RunEvent, RunOptions } from './types.ts';
import { noFix } from './unapplied.ts';
import { withOwnWords } from '../plan/words.ts';

/**
 * Sends what closes the findings of a report, under each instance's lock: plan, ask, execute. Events as an apply gives
 * them; the last one is the result. What came of it only a new proof tells.
 */
export async function* applyFixes(project: Project, report: VerifyReport, options: RunOptions): AsyncGenerator<RunEvent> {
  const plan: Act['plan'] = (_, looked, missed, frame) => fixes(project, report, looked, missed, frame);
  const { steps } = fixPlan(project, report);
  const intent = { verb: 'verify --fix', args: { fixes: steps.map(({ id }) => id) } };
  const touches: Act['touches'] = ({ name }) => steps.some(({ address }) => address.instance === name);
  yield* run(project, { intent, locks: 'instance', plan, touches }, options);
}

function fixes(
  project: Project,
  report: VerifyReport,
  looked: readonly Looked[],
  missed: readonly Missed[],
  options: PlanOptions,
): PlanOutcome {
  const frame = assemble(project, looked, missed, options);
  const { unreached, observed } = frame.plan;
  const away = (instance: string | undefined): boolean => instance !== undefined && unreached.includes(instance);
  const steps = fixPlan(project, report).steps.filter((step) => !away(step.address.instance));
  const touched = new Set(steps.map(({ address }) => address.instance));
  // Read again under the lock: the manifest or the server may be another one than when the findings were made.
  const refused = [...touched].flatMap((instance) => noFix(instance, frame.plan) ?? []);
  const diagnostics = [...frame.plan.diagnostics.filter(({ instance }) => away(instance)), ...refused];
  return { ...frame, plan: { ...fixPlan(project, report), observed, unreached, steps, diagnostics } };
}

/**
 * The fixes of a report as a plan, each statement once. Those of one finding build on each other: where one fails, the
 * next is not sent. What cotenant manages, `apply` corrects by itself.
 */
export function fixPlan(project: Project, report: VerifyReport): Plan {
  const steps = new Map<string, Step>();
  for (const finding of report.findings) {
    let before: string | null = null;
    for (const fix of finding.fix) {
      const step = stepOf(project, finding, fix);
      if (!steps.has(step.id)) steps.set(step.id, before === null ? step : { ...step, needs: [before] });
      before = step.id;
    }
  }
  return {
    format: 2,
    manifestHash: project.manifest.hash,
    observed: {},
    steps: withOwnWords([...steps.values()]),
    diagnostics: [],
    unreached: [],
  };
}

function stepOf(project: Project, { instance, probe, from, to }: Finding, { lane, statement, confirm, losses = [] }: Fix): Step {
  const engine = project.manifest.instances.find(({ name }) => name === instance)?.engine.id ?? '';
  return {
    id: `fix/${instance}/${fingerprint([lane, statement.text]).slice(0, 12)}`,
    address: { engine, instance, kind: 'finding', name: probe },
    app: null,
    action: 'run',
    cause: 'intended',
    title: 'Close what verify found',
    facts: { from: from ?? 'any login', to: to ?? 'the server' },
    fields: [],
    commands: [statement],
    reverse: null,
    risk: confirm === undefined ? 'access-reducing' : 'destructive',
    ...(confirm === undefined ? {} : { confirm }),
    ...(losses.length === 0 ? {} : { losses }),
    needs: [],
    lane,
    unit: null,
  };
}
