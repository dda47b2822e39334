import type { EventBody, RunOptions, Project } from '../app/types.ts';
import { addressKey, type Step } from '../model/index.ts';
import type { Progress } from '../report/progress-text.ts';
import type { Call } from './call.ts';
import type { Said } from './output/output.ts';
import { consentOf } from './consent.ts';
import { type ExitCode, exitOfEnding } from './exit-codes.ts';
import { onlyApps } from './options.ts';

const progressInterval = 10_000;

/** Options that `apply` and `restore-app` share. */
export function applyOptions(call: Call): RunOptions {
  const { options } = call;
  const lockTimeout = options.number('lockTimeout');
  return {
    ...consentOf(call),
    dryRun: options.flag('dryRun'),
    ...onlyApps(options),
    ...(lockTimeout === undefined ? {} : { lockTimeout }),
  };
}

/** Shows the events of an apply as they come, and answers with the exit code of its end. */
export async function showApply(call: Call, project: Project, events: AsyncGenerator<EventBody>, said: Said = {}): Promise<ExitCode> {
  const running = new Map<string, UnderWay>();
  call.io.interruption.watch(() => [...running.values()].map(({ step }) => `${addressKey(step.address)} (${step.title})`));
  const timer = setInterval(() => {
    for (const { step, since, progress } of running.values()) call.output.running({ step, elapsed: performance.now() - since, progress });
  }, progressInterval);
  try {
    let code: ExitCode = 1;
    for await (const event of begun(call, events)) code = show(call, located(project, event), running, said) ?? code;
    return code;
  } finally {
    clearInterval(timer);
  }
}

/** Until the first of them, which is the plan, the servers are looked at. */
async function* begun({ output }: Call, events: AsyncGenerator<EventBody>): AsyncGenerator<EventBody> {
  try {
    const first = await output.busy('Reading the servers', async () => await events.next());
    if (first.done !== true) yield first.value;
    yield* events;
  } finally {
    await events.return(undefined);
  }
}

interface UnderWay {
  readonly step: Step;
  readonly since: number;
  readonly progress: Progress | null;
}

function show(call: Call, event: EventBody, running: Map<string, UnderWay>, said: Said): ExitCode | null {
  const { output } = call;
  switch (event.type) {
    case 'planned':
      output.planned(event.outcome, said);
      return null;
    case 'start':
      running.set(event.step.id, { step: event.step, since: performance.now(), progress: null });
      output.started(event.step);
      return null;
    case 'progress': {
      const { step, done, total, unit } = event;
      running.set(step.id, { step, since: running.get(step.id)?.since ?? performance.now(), progress: { done, total, unit } });
      return null;
    }
    case 'said':
      output.said(event.step, event.text);
      return null;
    case 'step':
      running.delete(event.result.step.id);
      output.stepped(event.result);
      return null;
    case 'diagnostic':
      output.diagnostics([event.diagnostic]);
      return null;
    case 'locked':
      output.locked(event.instance, event.holder);
      return null;
    case 'result': {
      // Where it stopped because it was told to, what it was waiting for is not the reason.
      const cutShort = call.io.interruption.signal.aborted && exitOfEnding(event.ending) !== 0;
      const ending = cutShort ? 'interrupted' : event.ending;
      const code = ending === 'interrupted' ? call.io.interruption.code : exitOfEnding(ending);
      output.ended(ending, code, event.results, said);
      return code;
    }
  }
}

/** Gives what an event says about the manifest its line and column. */
function located(project: Project, event: EventBody): EventBody {
  if (event.type === 'diagnostic') return { ...event, diagnostic: project.locate(event.diagnostic) };
  if (event.type !== 'planned') return event;
  const { plan } = event.outcome;
  return { ...event, outcome: { ...event.outcome, plan: { ...plan, diagnostics: plan.diagnostics.map((d) => project.locate(d)) } } };
}
