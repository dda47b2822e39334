import type { Json } from './json.ts';

/** One thing of an app that a backup holds, so that a restore can be compared with it. */
export interface SavedObject {
  readonly kind: string;
  /** As people would write it; with `kind` it names one object. */
  readonly name: string;
  /** null: it has none. */
  readonly rows: number | null;
  /** Of its definition, and of its rows in no particular order. */
  readonly hash: string;
}

/** What a backup holds of one placement. */
export interface SavedPart {
  readonly engine: string;
  readonly instance: string;
  /** The server's version. */
  readonly server: string;
  /** The program that wrote it, with its version. */
  readonly tool: string;
  /** Where in the server's history it was taken, as the server counts; null: it does not tell. */
  readonly point: string | null;
  /** ISO time at which its view of the data was opened. */
  readonly at: string;
  /** What the engine has to know to bring it back. */
  readonly place: Json;
  readonly objects: readonly SavedObject[];
  /** What is there and not saved, in words. */
  readonly left: readonly string[];
}

/** What a backup holds, as `manifest.json` beside its files says. */
export interface SavedApp {
  readonly format: 1;
  /** Its name. Sorts by time. */
  readonly run: string;
  readonly project: string;
  readonly app: string;
  /** ISO times. */
  readonly startedAt: string;
  readonly endedAt: string;
  /** `independent`: one part. `ordered`: several, one after the other, in the order of `parts`. */
  readonly grade: 'independent' | 'ordered';
  /** Milliseconds between the moments of the first and the last part. */
  readonly skew: number;
  readonly parts: readonly SavedPart[];
}

/** A backup as the repository lists it. */
export interface BackupRow {
  readonly run: string;
  readonly app: string;
  /** ISO time. */
  readonly at: string;
  /** Of its files; null: not known. */
  readonly bytes: number | null;
  /** By which the repository has grown; null: not known. */
  readonly added: number | null;
  /** ISO time of the last drill that brought all of it back; null: none has. */
  readonly proved: string | null;
}
