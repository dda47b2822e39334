export type Severity = 'error' | 'warning' | 'info';

/** Keys and indexes that lead from the top of the manifest to a value, as `['apps', 'shop', 'uses', 'main']`. */
export type Path = readonly (string | number)[];

/** A place in a file. Lines and columns count from 1. */
export interface Location {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** The lines around the place with a caret under it, ready to print. */
  readonly frame: string;
}

/** Expected trouble, for people: what, where, and what to do about it. Never holds a secret. */
export interface Diagnostic {
  /** Stable, as `CT1203`; the catalogue of codes gives the title and the explanation. */
  readonly code: string;
  readonly severity: Severity;
  readonly message: string;
  /** What would have been right, where that can be said shortly. */
  readonly expected?: string;
  readonly hint?: string;
  /** Where in the manifest. `locate` turns it into `location`. */
  readonly path?: Path;
  readonly location?: Location;
  /** The instance that it is about, where it is about one. */
  readonly instance?: string;
  /** Set where a plan leaves something undone until somebody acts: the app, or the database that several share. */
  readonly waits?: string;
}

/** Diagnostics that stop a command, carried as one error. Outer layers print them and choose the exit code. */
export class DiagnosticError extends Error {
  readonly diagnostics: readonly Diagnostic[];
  constructor(diagnostics: readonly Diagnostic[]) {
    super(diagnostics.map((d) => `${d.code}: ${d.message}`).join('\n'));
    this.name = 'DiagnosticError';
    this.diagnostics = diagnostics;
  }
}

/** One error diagnostic as an exception. */
export function fail(code: string, message: string, more: Partial<Diagnostic> = {}): DiagnosticError {
  return new DiagnosticError([{ code, severity: 'error', message, ...more }]);
}

export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some((d) => d.severity === 'error');
}
