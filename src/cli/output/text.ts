import type { Ending } from '../../app/types.ts';
import { type Diagnostic, type Step, type StepResult, waitingIn } from '../../model/index.ts';
import { ApplyTally } from '../../report/apply-text.ts';
import { printable } from '../../report/printable.ts';
import { planText } from '../../report/plan-text.ts';
import { endingText, lockedText, type Running, runningLine, startLine, stepLine, wouldRunText } from '../../report/progress-text.ts';
import type { Holder, PlanReport } from '../../report/types.ts';
import type { Progress } from '../../util/progress.ts';
import type { ExitCode } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { onlyApps, type Options } from '../options.ts';
import { askLine, canAsk } from '../prompt.ts';
import { HumanSide } from './base.ts';
import { BusyLine } from './busy.ts';
import type { Output, Result, Said } from './output.ts';

/** For people. The plan, a dry run and the closing line are data and go to stdout; the rest goes to stderr. */
export class TextOutput implements Output {
  readonly #human: HumanSide;
  readonly #io: Io;
  readonly canAsk: boolean;
  readonly #options: Options;
  #waits: readonly string[] = [];
  #tally: ApplyTally | null = null;
  #busy: BusyLine | null = null;

  constructor(io: Io, options: Options) {
    this.#io = io;
    this.#human = new HumanSide(io, options);
    this.canAsk = canAsk(io, options);
    this.#options = options;
  }

  result(result: Result): void {
    const text = result.text(this.#human.outStyle);
    if (result.paged === true) this.#human.printPaged(text);
    else this.#human.print(text);
  }

  diagnostics(diagnostics: readonly Diagnostic[]): void {
    this.#human.sayDiagnostics(diagnostics);
  }

  note(text: string): void {
    this.#human.say(text);
  }

  async busy<T>(text: string, work: () => Promise<T>): Promise<T> {
    using line = new BusyLine(this.#human, text);
    this.#busy = line;
    try {
      return await work();
    } finally {
      this.#busy = null;
    }
  }

  readonly far: Progress = (done, all, of) => this.#busy?.far(done, all, of);

  async ask(question: string): Promise<string | null> {
    if (!this.canAsk) return null;
    await this.read();
    const answer = await this.#human.withoutFoot(async () => await askLine(this.#io, question));
    // Ctrl-C is no answer.
    this.#io.interruption.signal.throwIfAborted();
    return answer;
  }

  read(): Promise<void> {
    return this.#human.read();
  }

  planned(report: PlanReport, { words }: Said): void {
    const { plan } = report;
    this.#waits = waitingIn(plan);
    this.#tally = new ApplyTally(report);
    // Of what is no apply the end says that there is nothing to do; the servers were not compared.
    if (words !== undefined && plan.steps.length + plan.unreached.length + this.#waits.length === 0) {
      this.diagnostics(plan.diagnostics);
      return;
    }
    const text = planText(report, {
      style: this.#human.outStyle,
      steps: this.#human.verbose || report.detailed === true,
      ...onlyApps(this.#options),
    });
    // What nobody is asked about goes on at once, and its steps are not to be read behind a pager.
    const asks =
      this.canAsk && !this.#options.flag('yes') && plan.steps.some(({ risk, losses }) => risk !== 'safe' || losses !== undefined);
    if (asks) this.#human.printPaged(text);
    else this.#human.print(text);
    this.diagnostics(plan.diagnostics);
  }

  started(step: Step): void {
    if (this.#human.verbose) this.note(startLine(step, this.#human.errStyle));
    this.#tally?.started(step);
    this.#progress();
  }

  running(running: Running): void {
    if (this.#human.hasFoot && this.#tally !== null) this.#progress();
    else this.note(runningLine(running, this.#human.errStyle, this.#tally?.counts));
  }

  said(step: Step, text: string): void {
    this.note(`${printable(step.app ?? step.address.name)} | ${printable(text)}`);
  }

  stepped(result: StepResult): void {
    const style = this.#human.errStyle;
    const line = this.#tally?.ended(result, style) ?? null;
    if (result.status === 'would-run') this.#human.print(`${wouldRunText(result, this.#human.outStyle)}\n`);
    else if (this.#tally === null || this.#human.verbose || result.status === 'failed') this.note(stepLine(result, style));
    if (result.diagnostic !== undefined) this.diagnostics([result.diagnostic]);
    if (line !== null && result.status !== 'would-run' && !this.#human.verbose) this.note(line);
    this.#progress();
  }

  locked(instance: string, holder: Holder | null): void {
    this.#human.insist(lockedText(instance, holder));
  }

  ended(ending: Ending, code: ExitCode, results: readonly StepResult[], { next, words }: Said): void {
    this.#human.foot('');
    // The plan has said so already.
    if (ending === 'nothing-to-do' && words === undefined) return;
    if (code === 0) this.#human.print(`${endingText(ending, results, this.#human.outStyle, [], words)}\n`);
    else this.#human.insist(endingText(ending, results, this.#human.errStyle, this.#waits, words));
    if (next !== undefined && ending === 'done' && results.some(({ status }) => status === 'done')) this.note(`Next: ${next}`);
  }

  failed(): void {
    this.#human.foot('');
  }

  #progress(): void {
    if (this.#tally !== null) this.#human.foot(this.#tally.far());
  }
}
