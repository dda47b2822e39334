import type { Address } from './address.ts';
import type { Intent } from './intent.ts';

/** What became of one step of a run that is over, or cut short. */
export interface PastStep {
  /** ISO time, as every time here. */
  readonly at: string;
  readonly id: string;
  readonly address: Address;
  readonly app: string | null;
  readonly action: string;
  readonly title: string;
  readonly status: 'done' | 'failed' | 'not-executed';
  /** Milliseconds. */
  readonly elapsed: number;
  /** Code and message of what went wrong. */
  readonly why?: string;
}

/** One run as its journal tells it. */
export interface PastRun {
  readonly head: {
    readonly run: string;
    readonly at: string;
    readonly project: string;
    readonly intent: Intent;
    readonly by: { readonly user: string; readonly host: string; readonly pid: number };
    /** The run whose checkpoints it went on from. */
    readonly resumes?: string;
  };
  /** How it ended; `running`: it has not; `cut-short`: its process is gone. */
  readonly ending: string;
  /** Of its last entry. */
  readonly until: string;
  readonly steps: readonly PastStep[];
  /** How many steps its plan had; null: that is not known. */
  readonly planned: number | null;
}
