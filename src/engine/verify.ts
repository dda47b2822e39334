import type { Finding, ProbeText, Residual, Verdict } from '../model/index.ts';
import type { Stuck } from './findings.ts';

/** One attack of the catalogue. The documentation page of the probe is made from this. */
export interface ProbeInfo extends ProbeText {
  readonly verdict: Extract<Verdict, 'BREACH' | 'LATENT' | 'LEAK' | 'STARVE'>;
  /** Isolation levels that it speaks of. */
  readonly levels: readonly string[];
  /** Halves that see it. Where it is `both`, they must agree on every pair that was attacked. */
  readonly half: 'analysis' | 'attack' | 'both';
  /** Tried only with `--destructive`. */
  readonly destructive: boolean;
}

/** One thing that was tried with a tenant's own credentials. */
export interface Attempt {
  readonly probe: string;
  readonly from: string;
  /** The app that is attacked, or a database, or null for the server. */
  readonly to: string | null;
  readonly statement: string;
  /** True: the same statement against the tenant's own resource, which must succeed. */
  readonly control: boolean;
  /** True: the manifest declares it (a share, a reader, a relaxation), so it must succeed. */
  readonly declared: boolean;
  /** By error code, never by text. `broken`: neither a success nor a refusal, so that nothing is proved. */
  readonly outcome: 'denied' | 'succeeded' | 'broken';
  /** The engine's error code, or ''. */
  readonly code: string;
  readonly answer: string;
  readonly fix: Finding['fix'];
  /** Set where it gets through what cotenant cannot close; on a control: where it cannot be tried. */
  readonly stuck?: Stuck | null;
}

/** Which pairs get connections of their own. */
export interface AttackPlan {
  /** attacker to victims. Every app attacks, and is attacked by, at least three others where there are that many. */
  readonly pairs: ReadonlyMap<string, readonly string[]>;
  readonly destructive: boolean;
  /** No other attacker begins after it. */
  readonly signal: AbortSignal;
}

/** What the operator reads: all pairs, nothing sampled. */
export interface Analysis {
  readonly findings: readonly Finding[];
  /** Pairs (from, to) that the manifest opens on purpose. */
  readonly declared: readonly { readonly from: string; readonly to: string }[];
  readonly residual: readonly Residual[];
  /** What several apps share, by the name that findings call it, and those apps: what reaches it reaches them. */
  readonly places?: ReadonlyMap<string, readonly string[]>;
  /** How many facts were judged, for the report. */
  readonly analysed: number;
}

/** The proof of one instance. The operator's session reads catalogs only and never touches a tenant's object. */
export interface Verifier {
  /** Apps and readers that can be attacked from here. */
  readonly apps: readonly string[];
  analyse(): Promise<Analysis>;
  attack(plan: AttackPlan): AsyncIterable<Attempt>;
}
