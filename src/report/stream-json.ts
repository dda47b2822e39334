import { addressKey, type Diagnostic, type Step, type StepResult } from '../model/index.ts';
import { writeDiagnostic, writeLoss } from './documents/plan.ts';
import { progressText, type Running } from './progress-text.ts';
import { planLine, summarize } from './summary.ts';
import type { PlanReport } from './types.ts';

/** Version of the line protocol. The minor number grows with additions, the major one with breaking changes. */
const uiVersion = '1.0';

export type Level = 'info' | 'warn' | 'error';

/** One line of `--output stream-json`, before its time stamp. */
export interface Line {
  readonly type:
    | 'version'
    | 'log'
    | 'diagnostic'
    | 'drift'
    | 'planned_change'
    | 'change_summary'
    | 'apply_start'
    | 'apply_progress'
    | 'apply_complete'
    | 'apply_errored'
    | 'result';
  readonly level: Level;
  readonly message: string;
  readonly [key: string]: unknown;
}

/** The line as it is printed. `timestamp` is an ISO time. */
export function lineText(line: Line, timestamp: string): string {
  const { type, level, message, ...rest } = line;
  return `${JSON.stringify({ level, message, timestamp, type, ...rest })}\n`;
}

export function versionLine(version: string): Line {
  return { type: 'version', level: 'info', message: `cotenant ${version}`, cotenant: version, ui: uiVersion };
}

export function logLine(message: string, level: Level = 'info', more: Readonly<Record<string, unknown>> = {}): Line {
  return { type: 'log', level, message, ...more };
}

export function diagnosticLine(d: Diagnostic): Line {
  const level: Level = d.severity === 'error' ? 'error' : d.severity === 'warning' ? 'warn' : 'info';
  return { type: 'diagnostic', level, message: `${d.code}: ${d.message}`, diagnostic: writeDiagnostic(d) };
}

/** The plan: a line for each change, its diagnostics, then the counts. */
export function plannedLines(report: PlanReport): readonly Line[] {
  const changes = report.plan.steps.map((step): Line => {
    const { id, app, action, cause, risk, fields, facts, confirm, losses } = step;
    const base = { id, address: step.address, app, action, cause, risk, facts, fields };
    const named = confirm === undefined ? {} : { confirm };
    const change = { ...base, ...named, ...(losses === undefined ? {} : { losses: losses.map(writeLoss) }) };
    return {
      type: cause === 'drift' ? 'drift' : 'planned_change',
      level: 'info',
      message: `${addressKey(step.address)}: ${step.title}`,
      change,
    };
  });
  const { unreached } = report.plan;
  return [
    ...changes,
    ...report.plan.diagnostics.map(diagnosticLine),
    {
      type: 'change_summary',
      level: 'info',
      message: planLine(report.plan),
      changes: { operation: 'plan', ...summarize(report.plan.steps) },
      unreached,
    },
  ];
}

export function startLine(step: Step): Line {
  return { type: 'apply_start', level: 'info', message: `${addressKey(step.address)}: ${step.title}`, hook: hook(step) };
}

export function progressLine({ step, elapsed, progress }: Running): Line {
  const far = progress === null ? '' : `, ${progressText(progress)}`;
  const message = `${addressKey(step.address)}: still running${far}`;
  return { type: 'apply_progress', level: 'info', message, hook: { ...hook(step), elapsed, ...(progress === null ? {} : { progress }) } };
}

/** What became of one step. A step that was not executed is a `log` line. */
export function stepLines(result: StepResult): readonly Line[] {
  const { step, status, elapsed, diagnostic } = result;
  const base = { hook: { ...hook(step), status, elapsed } };
  const message = `${addressKey(step.address)}: ${step.title}`;
  const said = diagnostic === undefined ? [] : [diagnosticLine(diagnostic)];
  if (status === 'failed') return [{ type: 'apply_errored', level: 'error', message: `${message}: failed`, ...base }, ...said];
  if (status === 'not-executed') return [{ type: 'log', level: 'warn', message: `${message}: not executed`, ...base }, ...said];
  const would = status === 'would-run' ? { commands: step.commands } : {};
  return [{ type: 'apply_complete', level: 'info', message: `${message}: ${status}`, ...base, ...would }, ...said];
}

/** The last line of every stream. */
export function resultLine(ending: string, exitCode: number, results: readonly StepResult[]): Line {
  const tally = (status: StepResult['status']): number => results.filter((r) => r.status === status).length;
  const steps = { done: tally('done'), failed: tally('failed'), notExecuted: tally('not-executed'), wouldRun: tally('would-run') };
  const changes = { operation: 'apply', ...summarize(results.filter((r) => r.status === 'done').map((r) => r.step)) };
  return { type: 'result', level: exitCode === 0 ? 'info' : 'error', message: `Apply: ${ending}`, ending, exitCode, steps, changes };
}

function hook(step: Step): Readonly<Record<string, unknown>> {
  return { id: step.id, address: step.address, app: step.app, action: step.action };
}
