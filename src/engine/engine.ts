import type { BackupAbility } from './backup.ts';
import type { ClientAbility } from './client.ts';
import type { ZodType } from 'zod';
import type {
  CheckText,
  Codes,
  Diagnostic,
  FieldChange,
  Observed,
  Path,
  Relaxation,
  Resource,
  SecretRef,
  ShareStatus,
  Step,
} from '../model/index.ts';
import type { Containers } from './first.ts';
import type { MigrationAbility } from './migrations.ts';
import type { Operation } from './operation.ts';
import type { InstanceInput, PlacementInput } from './input.ts';
import type { SecretInput } from './secret-input.ts';
import type { LintAbility } from './lint.ts';
import type { RenderAbility } from './render.ts';
import type { LocalAbility } from './runtime.ts';
import type { UsageAbility } from './usage.ts';
import type { VacuumAbility } from './vacuum.ts';
import type { ProbeInfo } from './verify.ts';
import type { Observation, Session, SessionContext } from './session.ts';

/** What one instance's part of the manifest comes to. Pure data. */
export interface Compiled {
  readonly resources: readonly Resource[];
  readonly diagnostics: readonly Diagnostic[];
  readonly relaxations: readonly Relaxation[];
}

export interface PlanContext<Config = unknown, Placement = unknown> {
  readonly input: InstanceInput<Config, Placement>;
  readonly observation: Observation;
  /** ISO day, for names of retired apps. */
  readonly today: string;
  /** For each app, and under '' for what serves several: the hash of what the manifest asks for here. An engine keeps it as its mark when all steps of the app are done. */
  readonly hashes: ReadonlyMap<string, string>;
  /** Words given with `--confirm`, where something is about to be sent; left out where a plan is looked at. */
  readonly confirmed?: readonly string[];
}

/** A difference between desired and observed. `desired` null: not wanted any more. `observed` null: not there yet. */
export interface Change {
  readonly desired: Resource | null;
  readonly observed: Observed | null;
  readonly fields: readonly FieldChange[];
}

/** A step before core gives it its cause: what the marks tell, unless the engine knows better and states it. */
export type StepDraft = Omit<Step, 'cause'> & Partial<Pick<Step, 'cause'>>;

/** How a difference of one engine becomes steps. Pure. */
export interface Planned {
  readonly steps: readonly StepDraft[];
  readonly diagnostics: readonly Diagnostic[];
}

/** One variable of an app's environment. */
export interface EnvVar {
  readonly name: string;
  readonly value: string;
  /** True where the value holds a secret: masked unless it is asked for. */
  readonly secret: boolean;
  /** What is shown instead of a secret value, where a part of it may be seen: a URL without its password. */
  readonly masked?: string;
  /** True for a name that several engines use for theirs. Left out where another engine of the same app makes it. */
  readonly common?: boolean;
  /** The word by which `env` of an app refers to it, such as `database`. One variable of a placement has it. */
  readonly part?: string;
}

/** The name of a variable before there is a value, and where in the manifest it comes from. */
export interface EnvName {
  readonly name: string;
  readonly path: Path;
  /** Both as for EnvVar. */
  readonly common?: boolean;
  readonly part?: string;
}

export interface EnvContext {
  /** Set where the app has two placements of this engine: stands in front of every name. */
  readonly prefix: string | null;
  /** One of `Engine.logins`, where the environment is to be that login's; left out: the app's usual one. */
  readonly login?: string;
  secret(ref: SecretRef): string | null;
  /** What the engine keeps beside a secret, as `SecretSource.derived`: where the server chose something that an app has to know. */
  derived?(ref: SecretRef): string | null;
  /** What `{ env }` or `{ file }` of the manifest points at, for what apps may read: the authority of a certificate. `path` null: it is no file. */
  file?(input: SecretInput): { readonly path: string | null; readonly text: string };
}

/**
 * `ours`: the one in the store. `staged`: the one that waits in the store, since a run died before it could say so. `other`: another one, which an apply replaces. `kept`: another one, which stays.
 * `none`: it has none, or cannot log in. `unknown`: the server does not tell.
 */
export type PasswordState = 'ours' | 'staged' | 'other' | 'kept' | 'none' | 'unknown';

/** A hand-made server read into manifest form. */
export interface Imported {
  /** The instance's block and each app's `uses` entry for it, ready to be written as YAML. */
  readonly instance: Readonly<Record<string, unknown>>;
  readonly apps: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Logins of the operator, each with words of `operatorRights`. */
  readonly operators?: Readonly<Record<string, readonly string[]>>;
  /** Logins that belong to nobody here and keep what they have. */
  readonly known?: readonly { readonly user: string; readonly why: string }[];
  /** What one app may read of another now, as entries of `shares`. */
  readonly shares?: readonly Readonly<Record<string, unknown>>[];
  /** For each app: what people should know about it, as comments. */
  readonly comments?: Readonly<Record<string, readonly string[]>>;
  /** What was found and left out, each with why, as comments. */
  readonly left?: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
}

/** A first instance for `init`, in manifest form. Secrets stand in it by reference only. */
export interface Initial {
  /** True where the environment speaks of this engine. */
  readonly found: boolean;
  /** What to call the instance. */
  readonly name: string;
  /** The instance's block besides `engine`. */
  readonly instance: Readonly<Record<string, unknown>>;
  /** Each app's `uses` entry for it. */
  readonly apps: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/**
 * Everything that core asks of an engine. An absent member is an absent ability.
 * @typeParam Config what stands under `instances.<name>` after parsing
 * @typeParam Placement what stands under `apps.<app>.uses.<instance>` after parsing
 */
export interface Engine<Config = unknown, Placement = unknown> {
  readonly id: string;
  /** How its makers write it, for people to read. */
  readonly title: string;
  /** URL schemes that name it, for `import`. */
  readonly schemes: readonly string[];
  /** Fields of an instance besides `engine`. */
  readonly instanceSchema: ZodType<Config>;
  /** Fields of a placement. Parsed from `{...defaults.<engine>, ...placement}`. */
  readonly placementSchema: ZodType<Placement>;
  /** What may stand under `defaults.<engine>`: a partial placement. */
  readonly defaultsSchema: ZodType;
  /** Desired resources, with every check that needs no server: names, claims, limits, budgets. Pure. */
  compile(input: InstanceInput<Config, Placement>): Compiled;
  /** [] means in sync. Both specs are in normal form. Called only with resources of one address. Pure. */
  diff(desired: Resource, observed: Observed, observation: Observation): readonly FieldChange[];
  /** Steps for all changes of one instance, in order, grants before revokes. Pure. */
  steps(changes: readonly Change[], context: PlanContext<Config, Placement>): Planned;
  /** Opens the instance. The session knows from `input` what it has to look at. Throws a DiagnosticError CT3001 or CT3002. */
  connect(input: InstanceInput<Config, Placement>, context: SessionContext): Promise<Session>;
  /** The environment of one app, or null where the app is not on this instance. */
  env(input: InstanceInput<Config, Placement>, app: string, context: EnvContext): readonly EnvVar[] | null;
  /** The logins of an app as `env --as` calls them, where it can have several. Pure. */
  logins?(input: InstanceInput<Config, Placement>, app: string): readonly string[];
  /** Opens the server's own client. Loaded when it is asked for. */
  client?(): Promise<ClientAbility<Config, Placement>>;
  /** Reads an app's migrations before they run. Loaded when it is asked for. */
  lint?(): Promise<LintAbility<Config, Placement>>;
  /** Reads a hand-made server. `url` names it; the password comes apart from it. */
  readImport?(url: string, password: string | null, context: SessionContext): Promise<Imported>;
  /** What a first manifest says about this engine, from the variables that people set for its servers. Pure. */
  initial?(env: Readonly<Record<string, string | undefined>>): Initial;
  /** Services in compose files that are servers of this engine, for a first manifest. */
  readonly containers?: Containers;
  /** Steps that bring a retired app back under its name. Pure. */
  restore?(app: string, context: PlanContext<Config, Placement>): Planned;
  /** Servers that cotenant starts itself, where the manifest gives no address. */
  readonly local?: LocalAbility<Config, Placement>;
  /** How the login that a resource is stands to the password in the secret store; null: it is no login with a password. Pure. */
  passwordState?(desired: Resource, observed: Observed): PasswordState | null;
  /** What `operators.<login>.may` can say on this engine: the word, and what it stands for. */
  readonly operatorRights?: Readonly<Record<string, string>>;
  /** What it can do with an app besides applying, by the verb. Each is loaded when it is asked for. */
  readonly operations?: Readonly<Record<string, () => Promise<Operation>>>;
  /** Tells what apps use, over time. Loaded when it is asked for. */
  usage?(): Promise<UsageAbility<Config, Placement>>;
  /** Tidies up the tables of one app, as the app itself. Loaded when it is asked for. */
  vacuum?(): Promise<VacuumAbility<Config, Placement>>;
  /** Saves apps and brings them back. Loaded when it is asked for. */
  backup?(): Promise<BackupAbility<Config, Placement>>;
  /** What files for its servers are made of. Loaded when it is asked for. */
  render?(): Promise<RenderAbility<Config, Placement>>;
  /** Runs migrations of apps. Loaded when it is asked for. */
  migrations?(): Promise<MigrationAbility<Config, Placement>>;
  /** Names of what an app or a reader has together with others here besides shares and readers, for the lock of an act on it. Pure. */
  sharedBy?(input: InstanceInput<Config, Placement>, app: string): readonly string[];
  /** False for a step of no app in particular that leaves alone what other apps have: an act on one app may send it beside others. Left out: none is. Pure. */
  touchesOthers?(step: Step): boolean;
  /** What the codes of diagnostics mean that only this engine gives. Loaded when it is asked for. */
  codes?(): Promise<Codes>;
  /** Every probe of `verify`, for the documentation and the reports. Loaded when it is asked for. */
  probes?(): Promise<readonly ProbeInfo[]>;
  /** Every check of `doctor` on this engine, for the documentation and the reports. Loaded when it is asked for. */
  checks?(): Promise<readonly CheckText[]>;
  /** Diagnostics that need the server's limits, as connection budgets. Pure. */
  judge?(input: InstanceInput<Config, Placement>, observation: Observation): readonly Diagnostic[];
  /** The shares of this instance, as far as the observation tells how they stand. Pure. */
  shares?(input: InstanceInput<Config, Placement>, observation: Observation): readonly ShareStatus[];
  /** Where an app lives here, in words, as `database shop`. Pure. */
  location?(placed: PlacementInput<Placement>): string;
  /** How the variables of `name` are called, for the collision check before anything is planned. */
  envNames?(input: InstanceInput<Config, Placement>, app: string, prefix: string | null): readonly EnvName[];
}
