import type { EnvVar, LockHolder, Unit } from '../engine/index.ts';
import type { Manifest } from '../manifest/types.ts';
import type { Address, Diagnostic, FieldChange, Foreign, Plan, Relaxation, Step, StepResult } from '../model/index.ts';
import type { SecretStore } from '../secrets/store.ts';
import type { Progress } from '../util/progress.ts';
import type { LocalServer } from './own.ts';

export type { Progress } from '../util/progress.ts';

/** A manifest that was read and found without errors, with the secret store beside it. */
export interface Project {
  readonly manifest: Manifest;
  /** Warnings of the manifest. */
  readonly diagnostics: readonly Diagnostic[];
  readonly relaxations: readonly Relaxation[];
  /** @internal */
  readonly secrets: SecretStore;
  /**
   * Instances without an address in the manifest: cotenant starts their servers. By name.
   * @internal
   */
  readonly own: ReadonlyMap<string, LocalServer>;
  readonly env: OpenOptions['env'];
  readonly signal: AbortSignal;
  /** Told how far whatever is done with the project is. */
  readonly progress?: Progress;
  locate(diagnostic: Diagnostic): Diagnostic;
}

export interface OpenOptions {
  /** Where the search for `cotenant.yaml` starts, upwards. */
  readonly cwd: string;
  /** Names the file instead. */
  readonly file?: string;
  /** The manifest's text, where it comes from elsewhere; relative files in it start from `cwd`. */
  readonly source?: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal;
  readonly progress?: Progress;
}

export interface PlanOptions {
  /** Only the steps of these apps, and what they need. */
  readonly apps?: readonly string[];
  /** Milliseconds to reach an instance. */
  readonly deadline?: number;
  /** Words of consent: what would wait for one that is not among them is left out. Left out: everything is planned. */
  readonly confirmed?: readonly string[];
  /** ISO day of the plan; today unless set. */
  readonly day?: string;
}

/** A plan with what a report needs beside it. */
export interface PlanOutcome {
  readonly plan: Plan;
  /** Where the apps and readers of the manifest live, in words: by instance, then by name. Left out: nobody knows. */
  readonly places?: ReadonlyMap<string, ReadonlyMap<string, string>>;
  readonly relaxations: readonly Relaxation[];
  readonly foreign: readonly Foreign[];
  /** Each step is shown, and not only how many an app has. */
  readonly detailed?: true;
}

/** How a command ended; the CLI maps it to an exit code. */
export type Ending =
  | 'done'
  | 'nothing-to-do'
  | 'partly'
  /** All that could be done was, and the plan says what waits for somebody. */
  | 'waiting'
  | 'failed'
  | 'stale'
  | 'locked'
  | 'refused'
  | 'unreachable'
  | 'credentials'
  | 'interrupted';

/** What happens in a run. */
export type EventBody =
  | { readonly type: 'planned'; readonly outcome: PlanOutcome }
  | { readonly type: 'start'; readonly step: Step }
  | { readonly type: 'progress'; readonly step: Step; readonly done: number; readonly total: number | null; readonly unit: Unit }
  | { readonly type: 'said'; readonly step: Step; readonly text: string }
  | { readonly type: 'step'; readonly result: StepResult }
  | { readonly type: 'diagnostic'; readonly diagnostic: Diagnostic }
  | { readonly type: 'locked'; readonly instance: string; readonly holder: LockHolder | null }
  | { readonly type: 'result'; readonly ending: Ending; readonly results: readonly StepResult[] };

/** One event of a run: which run, its number in it from 0 on, and when, as ISO time. */
export type RunEvent = EventBody & { readonly run: string; readonly seq: number; readonly at: string };

export interface RunOptions extends PlanOptions {
  /** A saved plan: refused where the manifest or the server has moved on. */
  readonly saved?: Plan;
  readonly dryRun?: boolean;
  /** Milliseconds to wait for the lock of each instance. Default 0. */
  readonly lockTimeout?: number;
  /** Names that destructive steps may act on. */
  readonly confirm?: readonly string[];
  /** Who wants it, as the history calls them. Left out: the user of this process. */
  readonly by?: string;
  /** Asked once, for a plan with steps that are more than safe. Not asked where every step is safe. */
  consent(plan: Plan): Promise<boolean>;
}

/** A difference that shows without a look into the databases. */
export interface CheckDifference {
  readonly address: Address;
  readonly app: string | null;
  /** `left`: cotenant made it and the manifest no longer asks for it. */
  readonly what: 'missing' | 'changed' | 'left';
  readonly fields: readonly FieldChange[];
}

export interface CheckOutcome {
  readonly differences: readonly CheckDifference[];
  readonly diagnostics: readonly Diagnostic[];
  readonly unreached: readonly string[];
}

export interface EnvOutcome {
  readonly app: string;
  readonly variables: readonly EnvVar[];
  /** What the recipe of the app has to say. */
  readonly hints: readonly string[];
  /** Fields that it wants in the manifest, which does not name it. */
  readonly needs: readonly string[];
}
