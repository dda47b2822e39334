import type { InstanceInput, Runtime } from '../engine/index.ts';
import type { Home, Place } from './place.ts';
import type { Skipped, Way } from './ways.ts';

/** One server that is to run. */
export interface ServerJob {
  readonly place: Place & Home;
  readonly engine: { readonly id: string; readonly title: string };
  readonly input: InstanceInput;
  readonly runtime: Runtime;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where `scripts/debian-root` unpacks servers. */
  readonly cache: string;
  /** Program and first arguments of a command that calls `supervise` with the folder that follows. */
  readonly supervisor: readonly string[];
  readonly signal: AbortSignal;
  /** False: the secret store has no password of the admin, as it is now. */
  hasPassword(): Promise<boolean>;
  /** Projects that have a password of an instance of this name in the store: the server may be theirs. */
  otherProjects(): readonly string[];
  /** The admin's password, made and stored where there is none. */
  password(): Promise<string>;
  /** Only these; []: all. */
  readonly ways: readonly Way[];
}

/** What became of it. */
export interface ServerUp {
  readonly instance: string;
  /** False: it ran already, and nothing was done. */
  readonly started: boolean;
  readonly way: Way;
  /** For people: name, version and place. */
  readonly title: string;
  readonly host: string;
  readonly port: number;
  readonly passedOver: readonly Skipped[];
}
