import { exitOfEnding } from '../app/exit-codes.ts';
import type { EventBody, Project } from '../app/types.ts';
import type { Step } from '../model/index.ts';
import { lockedText, type Progress } from '../report/progress-text.ts';
import { diagnosticLine, type Line, logLine, plannedLines, progressLine, resultLine, startLine, stepLines } from '../report/stream-json.ts';
import type { Emit, End } from './operations.ts';

export { diagnosticLine } from '../report/stream-json.ts';

/** The last line of what has no steps. */
export function endLine(what: string, { ending, exitCode }: End): Line {
  return { type: 'result', level: exitCode === 0 ? 'info' : 'error', message: `${what}: ${ending}`, ending, exitCode };
}

const STILL = 10_000;

interface UnderWay {
  readonly step: Step;
  readonly since: number;
  readonly progress: Progress | null;
}

/** Tells the events of a run in the lines of the command line, and how it ended. */
export async function tellRun(project: Project, events: AsyncGenerator<EventBody>, emit: Emit): Promise<End> {
  const running = new Map<string, UnderWay>();
  const timer = setInterval(() => {
    const now = performance.now();
    emit([...running.values()].map(({ step, since, progress }) => progressLine({ step, elapsed: now - since, progress })));
  }, STILL);
  try {
    let end: End = { ending: 'failed', exitCode: 1 };
    for await (const event of events) {
      emit(linesOf(project, event, running));
      if (event.type === 'result') end = { ending: event.ending, exitCode: exitOfEnding(event.ending) };
    }
    return end;
  } finally {
    clearInterval(timer);
  }
}

function linesOf(project: Project, event: EventBody, running: Map<string, UnderWay>): readonly Line[] {
  switch (event.type) {
    case 'planned': {
      const { plan } = event.outcome;
      return plannedLines({ ...event.outcome, plan: { ...plan, diagnostics: plan.diagnostics.map((one) => project.locate(one)) } });
    }
    case 'start':
      running.set(event.step.id, { step: event.step, since: performance.now(), progress: null });
      return [startLine(event.step)];
    case 'progress': {
      const { step, done, total, unit } = event;
      running.set(step.id, { step, since: running.get(step.id)?.since ?? performance.now(), progress: { done, total, unit } });
      return [];
    }
    case 'said':
      return [logLine(event.text, 'info', { app: event.step.app })];
    case 'step':
      running.delete(event.result.step.id);
      return stepLines(event.result);
    case 'diagnostic':
      return [diagnosticLine(project.locate(event.diagnostic))];
    case 'locked':
      return [logLine(lockedText(event.instance, event.holder), 'error', { instance: event.instance, holder: event.holder })];
    case 'result':
      return [resultLine(event.ending, exitOfEnding(event.ending), event.results)];
  }
}
