import type { DoctorReport, Plan, Step } from '../../model/index.ts';
import { fingerprint } from '../../util/canonical.ts';
import type { Act } from '../act.ts';
import { assemble } from '../plan.ts';
import { run } from '../run.ts';
import type { Project, RunEvent, RunOptions } from '../types.ts';

/**
 * Sends what the findings of a report offer, under each instance's lock: plan, ask, execute. Events as an apply gives them; the
 * last one is the result. What came of it only another look tells.
 */
export async function* sendRemedies(project: Project, report: DoctorReport, options: RunOptions): AsyncGenerator<RunEvent> {
  const steps = remedySteps(project, report);
  const plan: Act['plan'] = (_, looked, missed, frame) => {
    const outcome = assemble(project, looked, missed, frame);
    const { unreached, observed, diagnostics } = outcome.plan;
    const away = (instance: string | undefined): boolean => instance !== undefined && unreached.includes(instance);
    const mine: Plan = {
      format: 2,
      manifestHash: project.manifest.hash,
      observed,
      unreached,
      steps: steps.filter(({ address }) => !away(address.instance)),
      diagnostics: diagnostics.filter(({ instance }) => away(instance)),
    };
    return { ...outcome, plan: mine };
  };
  const intent = { verb: 'doctor --fix', args: { fixes: steps.map(({ id }) => id) } };
  const touches: Act['touches'] = ({ name }) => steps.some(({ address }) => address.instance === name);
  yield* run(project, { intent, locks: 'instance', plan, touches }, options);
}

/** What `--fix` sends, each statement once. Those of one finding build on each other: where one fails, the next is not sent. */
function remedySteps(project: Project, report: DoctorReport): readonly Step[] {
  const steps = new Map<string, Step>();
  for (const { instance, id: check, remedy, what } of report.findings) {
    const engine = project.manifest.instances.find(({ name }) => name === instance)?.engine.id ?? '';
    let before: string | null = null;
    for (const { lane, text } of remedy) {
      if (lane === undefined || text === undefined) continue;
      const id = `remedy/${instance}/${fingerprint([lane, text]).slice(0, 12)}`;
      if (!steps.has(id))
        steps.set(id, {
          id,
          address: { engine, instance, kind: 'finding', name: check },
          app: null,
          action: 'run',
          cause: 'intended',
          title: 'Correct what doctor found',
          facts: { because: what },
          fields: [],
          commands: [{ text }],
          reverse: null,
          // What takes anything from anybody is no remedy that is sent.
          risk: 'safe',
          needs: before === null ? [] : [before],
          lane,
          unit: null,
        });
      before = id;
    }
  }
  return [...steps.values()];
}
