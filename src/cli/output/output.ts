import type { Ending } from '../../app/types.ts';
import type { Diagnostic, Step, StepResult } from '../../model/index.ts';
import type { EndingWords, Running } from '../../report/progress-text.ts';
import type { Style } from '../../report/style.ts';
import type { Holder, PlanReport } from '../../report/types.ts';
import type { Progress } from '../../util/progress.ts';
import type { ExitCode } from '../exit-codes.ts';

/** What a command found, in both forms. */
export interface Result {
  text(style: Style): string;
  json(): string;
  /** At a terminal it is read in a pager where it is longer than the screen. */
  readonly paged?: true;
}

/** How a command speaks of its end. */
export interface Said {
  /** The command that people may want after it, where all went well. */
  readonly next?: string;
  /** In place of the words of `apply`. */
  readonly words?: EndingWords;
}

/** Where a command speaks. Commands never know which implementation is active. */
export interface Output {
  /** The answer, on stdout; once a command. */
  result(result: Result): void;
  /** Each diagnostic is said once, however often it is given. */
  diagnostics(diagnostics: readonly Diagnostic[]): void;
  /** A remark for people, on stderr. */
  note(text: string): void;
  /** Says that work has begun, until it has ended; `far` says how far it is meanwhile. */
  busy<T>(text: string, work: () => Promise<T>): Promise<T>;
  readonly far: Progress;
  /** The line that the person at the terminal types, or null where nobody can be asked or nothing more will come. Rejects on Ctrl-C. */
  ask(question: string): Promise<string | null>;
  readonly canAsk: boolean;
  planned(report: PlanReport, said: Said): void;
  started(step: Step): void;
  running(running: Running): void;
  /** A line of what a step's program says. */
  said(step: Step, text: string): void;
  stepped(result: StepResult): void;
  locked(instance: string, holder: Holder | null): void;
  ended(ending: Ending, code: ExitCode, results: readonly StepResult[], said: Said): void;
  /** The command ended without a result. Its diagnostics have been said. */
  failed(diagnostics: readonly Diagnostic[], code: ExitCode): void;
  /** Resolves when everything that was said has been read. */
  read(): Promise<void>;
}
