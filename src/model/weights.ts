import type { Diagnostic } from './diagnostic.ts';

/** What one kind of statement has cost, since the server began to count. */
export interface SlowStatement {
  /** null: the server does not tell whose it is. */
  readonly app: string | null;
  /** Without texts, numbers and comments, and cut where it is long. */
  readonly text: string;
  readonly calls: number;
  /** All of them together, and the longest. */
  readonly seconds: number;
  readonly longest: number;
  /** That it gave or changed; null: not known. */
  readonly rows: number | null;
}

export interface SlowReport {
  readonly format: 1;
  /** null: of all apps. */
  readonly app: string | null;
  /** Those that took most come first. */
  readonly statements: readonly (SlowStatement & { readonly instance: string; readonly engine: string })[];
  /** What servers do not tell, and what would have them tell. */
  readonly untold: readonly { readonly instance: string; readonly what: string }[];
  readonly diagnostics: readonly Diagnostic[];
}

/** One table, with its indexes. */
export interface TableSize {
  /** null: several apps share it. */
  readonly app: string | null;
  /** With its schema, where there is one. */
  readonly table: string;
  readonly bytes: number;
  /** Of those, in indexes; null: not known. */
  readonly indexBytes: number | null;
  /** About so many; null: not known. */
  readonly rows: number | null;
}

export interface AppSize {
  readonly app: string;
  readonly instance: string;
  readonly engine: string;
  /** null: not known, or shared with others. */
  readonly bytes: number | null;
  /** False: an estimate from a sample. */
  readonly exact: boolean;
}

export interface SizesReport {
  readonly format: 1;
  readonly app: string | null;
  /** The biggest comes first. */
  readonly apps: readonly AppSize[];
  /** Left out: they were not asked for. */
  readonly tables?: readonly (TableSize & { readonly instance: string; readonly engine: string })[];
  readonly untold: readonly { readonly instance: string; readonly what: string }[];
  readonly diagnostics: readonly Diagnostic[];
}
