import type { Ending } from '../../app/types.ts';
import { type Diagnostic, type Step, type StepResult, waitingIn } from '../../model/index.ts';
import { planText } from '../../report/plan-text.ts';
import { endingText, lockedText, type Running, runningLine, startLine, stepLine, wouldRunText } from '../../report/progress-text.ts';
import type { Holder, PlanReport } from '../../report/types.ts';
import type { ExitCode } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import type { Options } from '../options.ts';
import { askLine, canAsk } from '../prompt.ts';
import { HumanSide } from './base.ts';
import type { Output, Result } from './output.ts';

/** For people. The plan, a dry run and the closing line are data and go to stdout; the rest goes to stderr. */
export class TextOutput implements Output {
  readonly #human: HumanSide;
  readonly #io: Io;
  readonly canAsk: boolean;
  readonly #app: string | undefined;
  #waits: readonly string[] = [];

  constructor(io: Io, options: Options) {
    this.#io = io;
    this.#human = new HumanSide(io, options);
    this.canAsk = canAsk(io, options);
    this.#app = options.text('app');
  }

  result(result: Result): void {
    this.#human.print(result.text(this.#human.outStyle));
  }

  diagnostics(diagnostics: readonly Diagnostic[]): void {
    this.#human.sayDiagnostics(diagnostics);
  }

  note(text: string): void {
    this.#human.say(text);
  }

  busy(text: string): () => void {
    if (this.#human.quiet || this.#io.stderr.isTTY !== true || this.#io.env['TERM'] === 'dumb') return () => {};
    this.#io.stderr.write(`${text}…`);
    return () => void this.#io.stderr.write('\r\u001b[K');
  }

  ask(question: string): Promise<string | null> {
    return this.canAsk ? askLine(this.#io, question) : Promise.resolve(null);
  }

  planned(report: PlanReport): void {
    this.#waits = waitingIn(report.plan);
    this.#human.print(planText(report, { style: this.#human.outStyle, ...(this.#app === undefined ? {} : { app: this.#app }) }));
    this.diagnostics(report.plan.diagnostics);
  }

  started(step: Step): void {
    if (this.#human.verbose) this.note(startLine(step, this.#human.errStyle));
  }

  running(running: Running): void {
    this.note(runningLine(running, this.#human.errStyle));
  }

  stepped(result: StepResult): void {
    if (result.status === 'would-run') this.#human.print(`${wouldRunText(result, this.#human.outStyle)}\n`);
    else this.note(stepLine(result, this.#human.errStyle));
    if (result.diagnostic !== undefined) this.diagnostics([result.diagnostic]);
  }

  locked(instance: string, holder: Holder | null): void {
    this.#human.insist(lockedText(instance, holder));
  }

  ended(ending: Ending, code: ExitCode, results: readonly StepResult[]): void {
    // The plan has said so already.
    if (ending === 'nothing-to-do') return;
    if (code === 0) this.#human.print(`${endingText(ending, results, this.#human.outStyle)}\n`);
    else this.#human.insist(endingText(ending, results, this.#human.errStyle, this.#waits));
  }

  failed(): void {}
}
