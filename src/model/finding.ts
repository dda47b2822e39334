import type { Loss, Command } from './plan.ts';
import type { Relaxation } from './status.ts';

/**
 * BREACH: data or command reached. UNPROVEN: could not be tried; as loud as BREACH. LATENT: a right that nobody can use today,
 * and somebody can after one more act (a member, a new table, a restart). LEAK: metadata or inference. STARVE: can take what
 * others need. RESIDUAL: known, cannot be closed on a shared server. BLOCKED: tried and refused. The worst first.
 */
export const verdicts = ['BREACH', 'UNPROVEN', 'LATENT', 'LEAK', 'STARVE', 'RESIDUAL', 'BLOCKED'] as const;

export type Verdict = (typeof verdicts)[number];

/** What is told of a probe. */
export interface ProbeText {
  /** Stable, as `X-P01`. */
  readonly id: string;
  readonly title: string;
  /** What the attacker does, in a sentence or two. */
  readonly attack: string;
  /** The statement or call, with `app_a` attacking `app_b`. */
  readonly example: string;
  /** What is lost when it works. */
  readonly why: string;
  /** What closes it. */
  readonly hardening: string;
  /** What it means when it works. */
  readonly verdict: Verdict;
}

/** What became of the attempts of a proof, controls aside. They add up to all of them. */
export interface Tries {
  readonly refused: number;
  /** Open as the manifest declares. */
  readonly declared: number;
  /** Known risks that cannot be closed here. */
  readonly residual: number;
  readonly unproven: number;
  /** Came through. */
  readonly found: number;
}

/** What closes a finding, and where it is sent: the lane of a plan. */
export interface Fix {
  readonly lane: string;
  readonly statement: Command;
  /** Set where it ends data: the name that `--confirm=` must repeat. */
  readonly confirm?: string;
  /** Who loses what by it, besides whom the finding is about. */
  readonly losses?: readonly Loss[];
}

export interface Finding {
  /** The probe's id, as `X-P01`. */
  readonly probe: string;
  readonly verdict: Verdict;
  /** Which half found it; `disagreement`: one half says open and the other says closed. */
  readonly half: 'analysis' | 'attack' | 'both' | 'disagreement';
  readonly instance: string;
  /** The app (or role) that reaches; null: any login. */
  readonly from: string | null;
  /** The app, database or server that is reached; null: the whole instance. */
  readonly to: string | null;
  /** What was tried, or the catalog fact that was read. */
  readonly statement: string;
  /** What the server answered. Never a secret and never a tenant's data. */
  readonly answer: string;
  readonly why: string;
  readonly fix: readonly Fix[];
  /** Set where it follows from something that has a finding of its own, and ends with that: as `a → b`, a membership. */
  readonly under?: string;
}

/** A risk that every shared server of this kind has. Listed always, never counted as passed. */
export interface Residual {
  readonly probe: string;
  readonly instance: string;
  readonly what: string;
  /** Seen on this very server; left out: every server of this kind has it. */
  readonly seen?: true;
}

/** One pair of the matrix: the worst that `from` can do to `to` on this instance. */
export interface Cell {
  readonly instance: string;
  /** null, in a sparse matrix: every app. */
  readonly from: string | null;
  readonly to: string | null;
  readonly verdict: Verdict;
  /** Attempts of the attack half on this pair; 0: analysed only. */
  readonly attempts: number;
  /** Reached on purpose: a declared share or reader. */
  readonly declared: boolean;
}

/** A matrix in which only the pairs of which there is something to say have a cell. A pair is as bad as the worst of what concerns it. */
export interface Sparse {
  readonly instance: string;
  readonly apps: readonly string[];
  /** Places that a cell names as what is reached: who lives there is reached. */
  readonly places: Readonly<Record<string, readonly string[]>>;
  /** The least that every pair says. */
  readonly verdict: Verdict;
  /** Only pairs with these apps; null: all. */
  readonly only: readonly string[] | null;
}

export interface VerifyReport {
  readonly format: 1;
  /** Chooses the pairs that get connections of their own. */
  readonly seed: number;
  readonly scope: {
    /** null: all apps. */
    readonly apps: readonly string[] | null;
    /** Every pair got connections of its own. */
    readonly exhaustive: boolean;
    readonly destructive: boolean;
  };
  readonly apps: readonly string[];
  readonly cells: readonly Cell[];
  /** Instances whose matrix is sparse. */
  readonly sparse: readonly Sparse[];
  /** Everything that is not as it should be, the worst first. */
  readonly findings: readonly Finding[];
  readonly residual: readonly Residual[];
  readonly relaxations: readonly Relaxation[];
  readonly counts: { readonly attempts: number; readonly blocked: number; readonly controls: number; readonly analysed: number };
}
