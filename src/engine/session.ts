import type { ReadFile, SecretInput } from './secret-input.ts';
import type { SecretSource } from './secrets.ts';
import type { StepIo } from './step-io.ts';
import type { Migrations } from './migrations.ts';
import type { Doctor } from './doctor.ts';
import type { Tending } from './tending.ts';
import type { Verifier } from './verify.ts';
import type { Progress } from '../util/progress.ts';
import type { Diagnostic, Foreign, Json, Observed, PlacementStatus, SecretRef, Step } from '../model/index.ts';

export interface SessionContext {
  readonly instance: string;
  readonly project: string;
  /** Milliseconds after which opening a connection counts as "unreachable". */
  readonly deadline: number;
  readonly secrets: SecretSource;
  /** Set where cotenant started the server: the admin's password is this secret, whatever the configuration says. */
  readonly admin?: SecretRef;
  /** Reads a secret that the manifest points at. Throws a DiagnosticError where it is missing. */
  reveal(input: SecretInput): Promise<string>;
  /** As for the environment of an app. */
  readonly file?: ReadFile;
  readonly signal: AbortSignal;
  /** Told how far a long reading is. */
  readonly progress?: Progress;
}

/** An app as the engine's own marks tell it, whether the manifest still names it or not. */
export interface AppMark {
  /** '' stands for what serves several apps. */
  readonly app: string;
  /** Hash of the desired resources when the last apply finished; null: an apply never finished. */
  readonly applied: string | null;
  /** ISO day of retirement; null: in use. */
  readonly retired: string | null;
}

/** `shared`: only what the engine tells about all apps at once, without a look into each. */
export type Depth = 'shared' | 'whole';

/** Facts on a server that change what can be done: version, rights of the admin, limits. */
export type ServerFacts = Readonly<Record<string, Json>>;

/** What the engine has. Everything that decides a plan is in here, so that its hash tells whether a plan is stale. */
export interface Observation {
  readonly resources: readonly Observed[];
  /** Kinds that were looked at; left out: all. */
  readonly kinds?: readonly string[];
  readonly marks: readonly AppMark[];
  readonly foreign: readonly Foreign[];
  readonly server: ServerFacts;
  readonly diagnostics: readonly Diagnostic[];
  /** What steps are worked out from besides, and is nothing that could be changed: plain data. Shown nowhere. */
  readonly basis?: unknown;
  /** What the engine tells itself again when it plans: who else is on the server, and what they have open. Decides no step, so it is in no fingerprint. */
  readonly facts?: unknown;
}

/** The result of one unit: all done, or none of it but what `done` names. */
export type UnitOutcome =
  | { readonly ok: true }
  | {
      readonly ok: false;
      readonly diagnostic: Diagnostic;
      /** Index in the unit of the step that failed. */
      readonly failed: number;
      /** Indexes of steps that took effect all the same, where the server has no transaction around them. Left out: none. */
      readonly done?: readonly number[];
    };

/** One connection on which the steps of one lane run in order. */
export interface Lane extends AsyncDisposable {
  /** Runs neighbours of one unit together. Already true counts as done. A checkpoint or progress is that of the first of them. */
  run(unit: readonly Step[], io: StepIo): Promise<UnitOutcome>;
}

export interface LockHolder {
  readonly who: string;
  /** ISO time. */
  readonly since: string;
}

export type LockOutcome =
  | { readonly ok: true; readonly lock: AsyncDisposable }
  | { readonly ok: false; readonly holder: LockHolder | null };

/** An open instance. The only thing that talks to a server. */
export interface Session extends AsyncDisposable {
  /** Default `whole`. `progress` is told of databases, by engines that read one after the other. */
  observe(depth?: Depth, progress?: Progress): Promise<Observation>;
  /** The same for everybody who reaches this server, however they name it: runs take the locks of several servers in its order. */
  identity?(): Promise<string>;
  /** Whether another session of the same identity, made by the same engine, has this server and not one that is called alike. Absent: it has. */
  isSameAs?(other: Session): Promise<boolean>;
  /**
   * Takes the instance's apply lock, waiting at most `timeout` milliseconds. `only`: for what has these names alone, the app's
   * own first. Two runs with a name in common exclude each other, and one without names excludes all.
   */
  lock(who: string, timeout: number, only?: readonly string[]): Promise<LockOutcome>;
  /** Called before the first lane with all that will run, so that slow work on this side can be done while the server is busy. */
  prepare?(steps: readonly Step[]): void;
  lane(name: string): Promise<Lane>;
  /** Sizes and connections for each app that the marks name. */
  usage(): Promise<readonly PlacementStatus[]>;
  /** Reads what migration tools have done, as the operator. Absent: this engine has none yet. */
  migrations?(): Promise<Migrations>;
  /** The proof that the walls hold. Absent: this engine has none yet. */
  verifier?(): Promise<Verifier>;
  /** Looks for what ails the server. Absent: this engine has no checks yet. */
  doctor?(): Promise<Doctor>;
  /** Looks at who is connected, and ends sessions. Absent: this engine does not tell yet. */
  tending?(): Promise<Tending>;
}
