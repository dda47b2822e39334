import type { EventBody, Project } from '../app/types.ts';
import type { StepResult } from '../model/index.ts';
import { planText } from '../report/plan-text.ts';
import type { Style } from '../report/style.ts';
import { showApply } from './apply-run.ts';
import type { Call } from './call.ts';
import type { Fixed } from './verify-run.ts';

export interface Sending {
  /** Those of a run. */
  readonly events: AsyncIterable<EventBody>;
  /** True where stdout is for people. */
  readonly isText: boolean;
  /** How it ended, in words that are not those of an apply. */
  readonly endingText: (ending: string, results: readonly StepResult[], style: Style) => string;
}

/** Shows the plan of what closes findings with its statements, sends it, and says how that ended. */
export async function sendFixes(call: Call, project: Project, { events, isText, endingText }: Sending): Promise<Fixed> {
  const { output, io } = call;
  let end: Fixed = { ending: 'failed', results: [] };
  async function* between(): AsyncGenerator<EventBody> {
    for await (const event of events) {
      if (event.type === 'planned') {
        const { plan } = event.outcome;
        const shown = { plan, relaxations: [], foreign: [] };
        if (isText) output.result({ text: (style) => `\n${planText(shown, { style, sql: true })}`, json: () => '' });
        output.diagnostics(plan.diagnostics);
      } else if (event.type === 'result') {
        end = { ending: io.interruption.signal.aborted ? 'interrupted' : event.ending, results: event.results };
      } else {
        yield event;
      }
    }
  }
  await showApply(call, project, between());
  if (isText) output.result({ text: (style) => `${endingText(end.ending, end.results, style)}\n\n`, json: () => '' });
  return end;
}
