import type { Address } from './address.ts';
import type { Diagnostic, Path } from './diagnostic.ts';
import type { Json } from './json.ts';

/** One app on one instance, as `status` shows it. */
export interface PlacementStatus {
  readonly app: string;
  readonly instance: string;
  readonly engine: string;
  readonly isolation: string;
  /** Where its data lives, in the engine's words: `database digi_core`, `engarde.madansara`. */
  readonly location: string;
  /** Bytes; null where it cannot be read. */
  readonly size: number | null;
  readonly connections: number | null;
  /** null: no limit. */
  readonly connectionLimit: number | null;
  /** `unknown`: its instance was not reached. */
  readonly state: 'ready' | 'incomplete' | 'absent' | 'retired' | 'unknown';
  /** Set on a retired app: the ISO day, and the name it had. */
  readonly retired?: string;
}

/** A wall that is open on purpose between two apps, as `status` shows it. */
export interface ShareStatus {
  readonly from: string;
  readonly to: string;
  readonly instance: string;
  readonly engine: string;
  /** `columns` null: all. */
  readonly tables: readonly { readonly table: string; readonly columns: readonly string[] | null }[];
  /** Where `to` finds them, in the engine's words: a schema. */
  readonly location: string;
  /** `incomplete`: some of it is not open, or the next apply changes it. `absent`: nothing of it is open. */
  readonly state: 'ready' | 'incomplete' | 'absent';
  /** What `from` does not have yet, as `orders` or `orders.note`. */
  readonly missing: readonly string[];
}

/** A wall that is open on purpose, or that this server cannot build. Every report lists them. */
export interface Relaxation {
  readonly app: string | null;
  readonly instance: string;
  /** The manifest's field, as `advisoryLocks: allow`. */
  readonly name: string;
  /** What it opens. */
  readonly opens: string;
  readonly path?: Path;
  /** Nobody chose it: so is the default of the field. Reports for people leave it out. */
  readonly usual?: true;
}

/** Something in the engine that cotenant did not make and will not touch. */
export interface Foreign {
  readonly address: Address;
  readonly note?: string;
}

/** One app on one instance, with what a plan would find. */
export interface StatusRow extends PlacementStatus {
  /** Steps that a plan would take for this app on this instance. */
  readonly pending: number;
  readonly drift: number;
  /** Days since the credential was made; null: none yet. */
  readonly credentialAge: number | null;
}

/** A server that cotenant starts, as `status` shows it. */
export interface ServerReport {
  /** `restarting`: it has ended by itself and is about to be started again. */
  readonly state: 'running' | 'restarting' | 'stopped' | 'never started';
  /** Where its programs come from. */
  readonly way?: string;
  readonly title?: string;
  readonly host?: string;
  readonly port?: number;
  /** ISO time. */
  readonly since?: string;
  /** How often it has ended by itself since it was brought up, and how the last time. */
  readonly ends?: number;
  readonly lastEnd?: string;
}

/** What is saved of an app. */
export interface AppBackups {
  readonly app: string;
  /** The newest; null: none. `at`: ISO time. `grade`: what of it is one moment; null: not known. */
  readonly last: { readonly run: string; readonly at: string; readonly grade: string | null } | null;
  /** The last that a drill has brought back, when, and how many seconds that took (null: not known); null: none ever was. */
  readonly proved: { readonly run: string; readonly at: string; readonly seconds: number | null } | null;
}

/** Everything that `status` shows. */
export interface StatusReport {
  /** What a plan would do about objects of no app in particular. Left out: nothing. */
  readonly shared?: { readonly pending: number; readonly drift: number };
  readonly placements: readonly StatusRow[];
  readonly instances: readonly {
    readonly name: string;
    readonly engine: string;
    readonly reached: boolean;
    readonly server: Readonly<Record<string, Json>>;
    /** Where cotenant starts the server: how it is. */
    readonly own?: ServerReport;
  }[];
  readonly shares: readonly ShareStatus[];
  readonly relaxations: readonly Relaxation[];
  readonly foreign: readonly Foreign[];
  /** Left out: nothing says where backups are, or they cannot be read. */
  readonly backups?: readonly AppBackups[];
  readonly diagnostics: readonly Diagnostic[];
}
