import { applyFixes } from '../app/fix.ts';
import type { EventBody, Project } from '../app/types.ts';
import type { VerifyReport } from '../model/index.ts';
import { planText } from '../report/plan-text.ts';
import { fixEndingText } from '../report/verify-text.ts';
import { applyOptions, showApply } from './apply-run.ts';
import type { Call } from './call.ts';
import { type Fixed, verifyMode } from './verify-run.ts';

/** Shows what closes the findings, asks, sends it, and says how that ended. */
export async function fixFindings(call: Call, project: Project, report: VerifyReport): Promise<Fixed> {
  const text = verifyMode(call.options) === 'text';
  const { output, io } = call;
  let end: Fixed = { ending: 'failed', results: [] };
  // The plan of fixes is shown with its statements, and the end in words that are not those of an apply.
  async function* between(): AsyncGenerator<EventBody> {
    for await (const event of applyFixes(project, report, applyOptions(call))) {
      if (event.type === 'planned') {
        const { plan } = event.outcome;
        const shown = { plan, relaxations: [], foreign: [] };
        if (text) output.result({ text: (style) => `\n${planText(shown, { style, sql: true })}`, json: () => '' });
        output.diagnostics(plan.diagnostics);
      } else if (event.type === 'result') {
        end = { ending: io.interruption.signal.aborted ? 'interrupted' : event.ending, results: event.results };
      } else {
        yield event;
      }
    }
  }
  await showApply(call, project, between());
  if (text) output.result({ text: (style) => `${fixEndingText(end.ending, end.results, style)}\n\n`, json: () => '' });
  return end;
}
