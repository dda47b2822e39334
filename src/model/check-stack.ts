import type { Diagnostic, Severity } from './diagnostic.ts';

/** What a morning look asks, in the order in which it is told. */
export const stackQuestions = ['reached', 'drift', 'health', 'backups', 'migrations', 'walls'] as const;
export type StackQuestion = (typeof stackQuestions)[number];

/** One answer of a morning look. */
export interface StackAnswer {
  readonly question: StackQuestion;
  /** `unknown`: it could not be asked, or nothing says so. `skipped`: nobody wanted it asked. */
  readonly state: 'pass' | 'warn' | 'fail' | 'unknown' | 'skipped';
  /** A sentence. */
  readonly what: string;
  /** Each thing that is not as it should be, in a line. */
  readonly details: readonly string[];
  /** The command that says more. */
  readonly next: string | null;
}

export interface StackReport {
  readonly format: 1;
  readonly at: string;
  readonly answers: readonly StackAnswer[];
  readonly diagnostics: readonly Diagnostic[];
}

/** What a finding comes to in a look of this kind. */
export function stateOfSeverity(severity: Severity): StackAnswer['state'] {
  return severity === 'error' ? 'fail' : severity === 'warning' ? 'warn' : 'pass';
}
