import type { Diagnostic } from './diagnostic.ts';

/** What became of one table. */
export interface VacuumedTable {
  readonly app: string;
  readonly instance: string;
  readonly engine: string;
  /** With its schema, where there is one. */
  readonly table: string;
  /** `skipped`: somebody holds a lock on it. */
  readonly state: 'done' | 'skipped' | 'failed';
  readonly why?: string;
  readonly seconds: number;
}

export interface VacuumReport {
  readonly format: 1;
  /** null: all apps. */
  readonly app: string | null;
  readonly tables: readonly VacuumedTable[];
  readonly diagnostics: readonly Diagnostic[];
}
