import { type Diagnostic, DiagnosticError } from '../model/index.ts';

/** An answer with its age. */
export interface Kept<T> {
  /** ISO time. */
  readonly at: string;
  readonly value: T;
}

/** Expected trouble as it is; anything else is a defect of ours, and ends neither the round nor the service. */
export function troubleOf(error: unknown): readonly Diagnostic[] {
  if (error instanceof DiagnosticError) return error.diagnostics;
  return [{ code: 'CT9001', severity: 'error', message: `internal error: ${error instanceof Error ? error.message : String(error)}` }];
}

/** The last answer of one kind, and what went wrong since. */
export class Slot<T> {
  #kept: Kept<T> | null = null;
  #trouble: readonly Diagnostic[] | null = null;

  get kept(): Kept<T> | null {
    return this.#kept;
  }

  /** null: the last round went well, or there was none. */
  get trouble(): readonly Diagnostic[] | null {
    return this.#trouble;
  }

  keep(value: T): void {
    this.#kept = { at: new Date().toISOString(), value };
    this.#trouble = null;
  }

  fail(error: unknown): void {
    this.#trouble = troubleOf(error);
  }
}
