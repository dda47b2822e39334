import type { Address } from './address.ts';
import type { Diagnostic } from './diagnostic.ts';
import type { Json } from './json.ts';
import type { FieldChange } from './resource.ts';

export type Action = 'create' | 'update' | 'replace' | 'delete' | 'run';

/** `safe` adds; `blocking` takes locks that stop a live app for a while; `access-reducing` takes rights away; `destructive` ends data. */
export type Risk = 'safe' | 'blocking' | 'access-reducing' | 'destructive';

/** `intended`: the manifest changed. `drift`: the engine was changed behind cotenant's back. */
export type Cause = 'intended' | 'drift';

/** A secret by name. The engine resolves it at the moment it is sent; plans and logs only ever hold this. */
export interface SecretRef {
  readonly secret: string;
}

/**
 * One thing that is done on a server. `text` is what people read and paste, and what an engine sends where `op` is left out;
 * no code looks into it to decide anything. A secret stands in it as `:name`, with `secrets.name` its reference.
 */
export interface Command {
  /** The code of the engine that runs it, as `sessions/end`. Left out: the text is sent as it is. */
  readonly op?: string;
  readonly text: string;
  /** What `op` works with. */
  readonly args?: Json;
  readonly secrets?: Readonly<Record<string, SecretRef>>;
}

/**
 * What somebody can do less after a step, as the server's own tables tell it before and after: effective rights, not the words
 * of the statement.
 */
export interface Loss {
  /** The login, as the server calls it. */
  readonly who: string;
  /** The app, reader or operator of the manifest whose login it is; null: nobody that the manifest names. */
  readonly of: string | null;
  /** Each thing that goes, in plain words: `connect to database "shop"`, `column "m" of "erp"."orders" (its type is dropped)`. */
  readonly what: readonly string[];
  /** Sessions of it that are open now; null: not known. */
  readonly sessions: number | null;
  /** The entry of the manifest that would keep it, as `operators: { backup: { may: [connect] } }`; null: there is none. */
  readonly keep: string | null;
  /** What `--confirm=` must repeat, where that is not the login of a stranger. */
  readonly confirm?: string;
  /** Its open sessions go on with it until they end. Left out: they lose it at once, or it is nothing that a session has. */
  readonly lingers?: true;
}

/** What will be done about one change. */
export interface Step {
  /** Deterministic: the same change gives the same id. */
  readonly id: string;
  readonly address: Address;
  readonly app: string | null;
  /** Objects besides its own that it works in, or with: they are there, and called so, while it runs. Left out: none. */
  readonly touches?: readonly Address[];
  readonly action: Action;
  readonly cause: Cause;
  /** The id of the step that brings it about, and whose cause it has. Left out: it is there for itself. */
  readonly follows?: string;
  /** A constant phrase; what varies is in `facts`. */
  readonly title: string;
  readonly facts: Readonly<Record<string, string | number | boolean>>;
  readonly fields: readonly FieldChange[];
  readonly commands: readonly Command[];
  /** null: cannot be undone, and the plan says so. */
  readonly reverse: readonly Command[] | null;
  readonly risk: Risk;
  /** The name that `--confirm=` must repeat before this step runs; set on destructive steps. */
  readonly confirm?: string;
  /** Who can do less afterwards. A loss of somebody whom the manifest does not name wants `--confirm=<login>`. Left out: nobody. */
  readonly losses?: readonly Loss[];
  /** The stream of bytes that it makes for another step; both run at the same time. Left out: none. */
  readonly makes?: string;
  /** Streams that other steps make, and this one takes. Left out: none. */
  readonly takes?: readonly string[];
  /** Ids of steps, in other lanes or on other instances, that must be done first. */
  readonly needs: readonly string[];
  /** Steps of one lane run in order on one connection; lanes run side by side. */
  readonly lane: string;
  /** Neighbours of one lane with the same unit succeed or fail together; null: on its own. */
  readonly unit: string | null;
}

/** Plain data: can be printed, saved, approved and applied. Holds no secret and no time stamp. */
export interface Plan {
  readonly format: 2;
  readonly manifestHash: string;
  /** ISO day that stands in the names of what is retired: that of the plan, whenever it is applied. */
  readonly day?: string;
  /** Set where the plan is for these apps only. */
  readonly apps?: readonly string[];
  /** Fingerprint of what was observed, for each instance that was reached. */
  readonly observed: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
  readonly diagnostics: readonly Diagnostic[];
  /** Instances that could not be reached; nothing is planned for them. */
  readonly unreached: readonly string[];
}

export type StepStatus = 'done' | 'failed' | 'not-executed' | 'would-run';

/** What became of one step. */
export interface StepResult {
  readonly step: Step;
  readonly status: StepStatus;
  /** Milliseconds. Steps of one unit share the time of the unit. */
  readonly elapsed: number;
  readonly diagnostic?: Diagnostic;
}

/** The word that somebody must repeat to agree to a loss; null: none, it goes with the step. */
export function confirmOf({ who, of, confirm }: Loss): string | null {
  return confirm ?? (of === null ? who : null);
}

/** Whose things the plan leaves undone until somebody acts: apps by name, sorted. */
export function waitingIn({ apps, diagnostics }: Pick<Plan, 'apps' | 'diagnostics'>): readonly string[] {
  const all = diagnostics.flatMap(({ waits }) => (waits === undefined || apps?.includes(waits) === false ? [] : [waits]));
  return [...new Set(all)].sort((a, b) => (a < b ? -1 : 1));
}

/** Losses that want a word of their own, by that word. */
export function lossesToConfirm(plan: Plan): ReadonlyMap<string, readonly Loss[]> {
  const words = new Map<string, Loss[]>();
  for (const step of plan.steps) {
    for (const loss of step.losses ?? []) {
      const word = confirmOf(loss);
      if (word !== null) words.set(word, [...(words.get(word) ?? []), loss]);
    }
  }
  return words;
}
