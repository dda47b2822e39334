import type { Ending } from '../../app/types.ts';
import type { Diagnostic, Step, StepResult } from '../../model/index.ts';
import { lockedText, type Running } from '../../report/progress-text.ts';
import {
  diagnosticLine,
  type Line,
  lineText,
  logLine,
  plannedLines,
  progressLine,
  resultLine,
  startLine,
  stepLines,
  versionLine,
} from '../../report/stream-json.ts';
import type { Holder, PlanReport } from '../../report/types.ts';
import { endingOfFailure, type ExitCode } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import type { Options } from '../options.ts';
import { HumanSide } from './base.ts';
import type { Output, Result } from './output.ts';

/** One JSON object a line on stdout: `version` first, `result` last. */
export class StreamJsonOutput implements Output {
  readonly #io: Io;
  readonly #human: HumanSide;
  readonly canAsk = false;

  constructor(io: Io, options: Options) {
    this.#io = io;
    this.#human = new HumanSide(io, options);
    this.#print([versionLine(io.version)]);
  }

  #print(lines: readonly Line[]): void {
    const now = new Date().toISOString();
    for (const line of lines) this.#io.stdout.write(lineText(line, now));
  }

  result(result: Result): void {
    this.#print([logLine('result', 'info', { result: JSON.parse(result.json()) })]);
  }

  diagnostics(diagnostics: readonly Diagnostic[]): void {
    this.#print(this.#human.fresh(diagnostics).map(diagnosticLine));
  }

  note(text: string): void {
    this.#print([logLine(text)]);
  }

  busy<T>(_text: string, work: () => Promise<T>): Promise<T> {
    return work();
  }

  far(): void {}

  read(): Promise<void> {
    return Promise.resolve();
  }

  ask(): Promise<null> {
    return Promise.resolve(null);
  }

  planned(report: PlanReport): void {
    this.#human.fresh(report.plan.diagnostics);
    this.#print(plannedLines(report));
  }

  started(step: Step): void {
    this.#print([startLine(step)]);
  }

  running(running: Running): void {
    this.#print([progressLine(running)]);
  }

  said(step: Step, text: string): void {
    this.#print([logLine(text, 'info', { app: step.app })]);
  }

  stepped(result: StepResult): void {
    if (result.diagnostic !== undefined) this.#human.fresh([result.diagnostic]);
    this.#print(stepLines(result));
  }

  locked(instance: string, holder: Holder | null): void {
    this.#print([logLine(lockedText(instance, holder), 'error', { instance, holder })]);
  }

  ended(ending: Ending, code: ExitCode, results: readonly StepResult[]): void {
    this.#print([resultLine(ending, code, results)]);
  }

  failed(_diagnostics: readonly Diagnostic[], code: ExitCode): void {
    this.#print([resultLine(endingOfFailure(code), code, [])]);
  }
}
