import type { Diagnostic, Foreign, Json, PastRun, Plan, Relaxation, ShareStatus, StatusRow } from '../model/index.ts';

/** A plan with what its readers need beside it. */
export interface PlanReport {
  readonly plan: Plan;
  /** Where the apps of the manifest live, in words: by instance, then by name. */
  readonly places?: ReadonlyMap<string, ReadonlyMap<string, string>>;
  readonly relaxations: readonly Relaxation[];
  readonly foreign: readonly Foreign[];
}

/** Who holds an instance's lock. `since` is an ISO time. */
export interface Holder {
  readonly who: string;
  readonly since: string;
}

/** A server that cotenant starts. */
export interface LocalServerRow {
  readonly state: string;
  readonly way?: string;
  readonly title?: string;
  readonly host?: string;
  readonly port?: number;
  /** ISO time. */
  readonly since?: string;
  /** How often it has ended by itself since it was brought up. */
  readonly ends?: number;
  readonly lastEnd?: string;
}

export interface HistoryReport {
  readonly runs: readonly PastRun[];
}

export interface StatusReport {
  /** What a plan would do about objects of no app in particular. Left out: nothing. */
  readonly shared?: { readonly pending: number; readonly drift: number };
  readonly placements: readonly StatusRow[];
  readonly instances: readonly {
    readonly name: string;
    readonly engine: string;
    readonly reached: boolean;
    readonly server: Readonly<Record<string, Json>>;
    readonly own?: LocalServerRow;
  }[];
  readonly shares: readonly ShareStatus[];
  readonly relaxations: readonly Relaxation[];
  readonly foreign: readonly Foreign[];
  readonly diagnostics: readonly Diagnostic[];
}
