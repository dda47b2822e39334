import type { Diagnostic } from './diagnostic.ts';
import type { Connections, Pressure, Wait, Work } from './usage.ts';

/** What one app did on one instance between two rounds. */
export interface TopRow {
  readonly app: string;
  readonly kind: 'app' | 'reader';
  readonly instance: string;
  readonly engine: string;
  /** null: lost in this round. */
  readonly connections: Connections | null;
  /** null: no limit, or not known. */
  readonly connectionLimit: number | null;
  /** Its part of what all apps of this instance did, between 0 and 1; null: the server does not tell, or nobody did anything. */
  readonly share: number | null;
  /** By second. */
  readonly rates: Work;
  /** Sessions that wait for a lock. */
  readonly blocked: number | null;
  /** Sessions of others that wait for one of its locks. */
  readonly blocking: number;
  readonly oldestTransaction: number | null;
  /** Bytes; null: not known. */
  readonly size: number | null;
  readonly sizeIsExact: boolean;
}

export interface TopInstance {
  readonly name: string;
  readonly engine: string;
  readonly up: boolean;
  readonly version: string;
  readonly open: number | null;
  readonly max: number | null;
  readonly reserved: number;
  readonly others: Connections | null;
  readonly pressures: readonly Pressure[];
  /** What it did not tell in this round, and why. */
  readonly lost: readonly string[];
  /** What it never tells as it is set up. */
  readonly untold: readonly string[];
}

/** One look at all instances. */
export interface TopReport {
  readonly format: 1;
  readonly at: string;
  /** Between the two rounds that are compared. */
  readonly seconds: number;
  readonly instances: readonly TopInstance[];
  /** Who does most comes first. */
  readonly rows: readonly TopRow[];
  readonly waits: readonly (Wait & { readonly instance: string })[];
  readonly diagnostics: readonly Diagnostic[];
}
