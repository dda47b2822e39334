import type { Foreign, PastRun, Plan, Relaxation } from '../model/index.ts';

/** A plan with what its readers need beside it. */
export interface PlanReport {
  readonly plan: Plan;
  /** Where the apps of the manifest live, in words: by instance, then by name. */
  readonly places?: ReadonlyMap<string, ReadonlyMap<string, string>>;
  readonly relaxations: readonly Relaxation[];
  readonly foreign: readonly Foreign[];
  /** Each step is shown, and not only how many an app has. */
  readonly detailed?: true;
}

/** Who holds an instance's lock. `since` is an ISO time. */
export interface Holder {
  readonly who: string;
  readonly since: string;
}

export interface HistoryReport {
  readonly runs: readonly PastRun[];
}
