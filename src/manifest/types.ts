import type { BackupDecl } from './schema.ts';
import type { Engine, InstanceInput } from '../engine/index.ts';
import type { Diagnostic, MigrationTool, Path } from '../model/index.ts';

/** One app after `for` and `defaults` are expanded. */
export interface AppDecl {
  readonly name: string;
  /** Apps that are deployed before this one. */
  readonly after: readonly string[];
  /** Instances that it uses, in the order of the file. */
  readonly instances: readonly string[];
  /** The recipe that it names; null: none. */
  readonly recipe: string | null;
  /** Variables that it names itself. */
  readonly env: readonly EnvDecl[];
  /** null: it has none. */
  readonly migrations: MigrationsDecl | null;
  /** null: nothing. */
  readonly requires: RequiresDecl | null;
  readonly path: Path;
}

/** Which tool brings an app's tables up to date, and where its files lie. */
export interface MigrationsDecl {
  readonly tool: MigrationTool;
  /** Absolute. */
  readonly directory: string;
  /** How the tool is called; null: by its usual name. */
  readonly command: readonly string[] | null;
  readonly env: readonly EnvDecl[];
  /** The instance on which they run. */
  readonly instance: string;
  /** Where the tool keeps what it has done, where that is not its usual place. */
  readonly ledger: { readonly schema?: string | undefined; readonly table?: string | undefined; readonly column?: string | undefined };
  /** Milliseconds after which a run of the tool is ended. */
  readonly deadline: number;
  readonly path: Path;
}

/** What an app needs to find before it starts. */
export interface RequiresDecl {
  readonly tables: readonly string[];
  readonly columns: Readonly<Record<string, readonly string[]>>;
  readonly extensions: readonly string[];
  /** A revision of its migrations that must have been applied; null: the newest. */
  readonly revision: string | null;
  readonly path: Path;
}

/** A variable that an app names itself. */
export interface EnvDecl {
  readonly name: string;
  /** The name of a part of the app, or a text with such names in braces. */
  readonly text: string;
  /** The text stands for itself. */
  readonly fixed: boolean;
  /** It came from the environment, so it may be a secret. */
  readonly secret: boolean;
  readonly path: Path;
}

export interface ReaderDecl {
  readonly name: string;
  readonly reads: readonly string[];
  readonly path: Path;
}

/** The parsed file. Frozen. Every part that an engine owns has gone through that engine's schema. */
export interface Manifest {
  /** Absolute. */
  readonly file: string;
  readonly project: string;
  readonly removal: 'retain' | 'delete';
  readonly apps: readonly AppDecl[];
  readonly readers: readonly ReaderDecl[];
  /**
   * Where and how apps are backed up; null: the manifest does not say.
   * @internal
   */
  readonly backup: BackupDecl | null;
  /** In the order of the file. */
  readonly instances: readonly InstanceDecl[];
  /** SHA-256 (hex) of the meaning: the same for files that differ in comments and order of keys only. */
  readonly hash: string;
}

export interface InstanceDecl {
  readonly name: string;
  /** @internal */
  readonly engine: Engine;
  /** @internal */
  readonly input: InstanceInput;
}

/** Errors and warnings carry their location. `manifest` is null where errors make it useless. */
export interface ManifestResult {
  readonly manifest: Manifest | null;
  readonly diagnostics: readonly Diagnostic[];
  /** Gives a diagnostic with a `path` its file, line, column and code frame. */
  locate(diagnostic: Diagnostic): Diagnostic;
}
