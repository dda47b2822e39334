import type { Ending } from '../../app/types.ts';
import type { Diagnostic, Step, StepResult } from '../../model/index.ts';
import type { Running } from '../../report/progress-text.ts';
import type { Style } from '../../report/style.ts';
import type { Holder, PlanReport } from '../../report/types.ts';
import type { ExitCode } from '../exit-codes.ts';

/** What a command found, in both forms. */
export interface Result {
  text(style: Style): string;
  json(): string;
}

/** Where a command speaks. Commands never know which implementation is active. */
export interface Output {
  /** The answer, on stdout; once a command. */
  result(result: Result): void;
  /** Each diagnostic is said once, however often it is given. */
  diagnostics(diagnostics: readonly Diagnostic[]): void;
  /** A remark for people, on stderr. */
  note(text: string): void;
  /** Says that work has begun; the returned function takes the words back. */
  busy(text: string): () => void;
  /** The line that the person at the terminal types, or null where nobody can be asked or nothing more will come. */
  ask(question: string): Promise<string | null>;
  readonly canAsk: boolean;
  planned(report: PlanReport): void;
  started(step: Step): void;
  running(running: Running): void;
  stepped(result: StepResult): void;
  locked(instance: string, holder: Holder | null): void;
  ended(ending: Ending, code: ExitCode, results: readonly StepResult[]): void;
  /** The command ended without a result. Its diagnostics have been said. */
  failed(diagnostics: readonly Diagnostic[], code: ExitCode): void;
}
