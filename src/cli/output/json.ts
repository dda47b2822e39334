import type { Ending } from '../../app/types.ts';
import type { Diagnostic, StepResult } from '../../model/index.ts';
import { document } from '../../report/documents/document.ts';
import { outcomes } from '../../report/documents/parts.ts';
import { writeEnded, writeFailed } from '../../report/documents/small.ts';
import { lockedText } from '../../report/progress-text.ts';
import type { Holder } from '../../report/types.ts';
import { endingOfFailure, type ExitCode } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import type { Options } from '../options.ts';
import { HumanSide } from './base.ts';
import type { Output, Result } from './output.ts';

/** Exactly one JSON document on stdout, whatever happens; people read stderr. */
export class JsonOutput implements Output {
  readonly #human: HumanSide;
  readonly #io: Io;
  readonly canAsk = false;

  constructor(io: Io, options: Options) {
    this.#io = io;
    this.#human = new HumanSide(io, options);
  }

  result(result: Result): void {
    this.#io.stdout.write(result.json());
  }

  diagnostics(diagnostics: readonly Diagnostic[]): void {
    this.#human.sayDiagnostics(diagnostics);
  }

  note(text: string): void {
    this.#human.say(text);
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

  planned(): void {}
  started(): void {}
  running(): void {}
  said(): void {}
  stepped(): void {}

  locked(instance: string, holder: Holder | null): void {
    this.#human.say(lockedText(instance, holder));
  }

  ended(ending: Ending, code: ExitCode, results: readonly StepResult[]): void {
    this.#io.stdout.write(document(writeEnded({ format: 1, ending, exitCode: code, steps: outcomes(results) })));
  }

  failed(diagnostics: readonly Diagnostic[], code: ExitCode): void {
    this.#io.stdout.write(document(writeFailed({ format: 1, ending: endingOfFailure(code), exitCode: code, diagnostics })));
  }
}
