import type { Diagnostic } from './diagnostic.ts';

/** Open connections by what they do. Each is counted once. */
export interface Connections {
  /** A statement is under way, and waits for nobody's lock. */
  readonly active: number;
  readonly idle: number;
  readonly idleInTransaction: number;
  /** A statement waits for a lock. */
  readonly waiting: number;
}

/** What an app has cost its server. Counted up from 0 since the watch began, and never down, whatever the server forgets. */
export const workKinds = ['seconds', 'calls', 'rows', 'blocksRead', 'walBytes', 'tempBytes', 'bytesIn', 'bytesOut', 'denied'] as const;
export type WorkKind = (typeof workKinds)[number];
/** Left out: this server does not tell. */
export type Work = Readonly<Partial<Record<WorkKind, number>>>;

export interface Size {
  readonly bytes: number;
  /** False: estimated from a sample. */
  readonly exact: boolean;
  /** ISO time at which it was asked for: seldom. */
  readonly at: string;
}

/** What one app, or one reader, uses of one instance. Those of all its logins are added up. */
export interface AppUsage {
  readonly app: string;
  readonly kind: 'app' | 'reader';
  /** null: lost in this round. */
  readonly connections: Connections | null;
  /** What the server allows all its logins together, whatever the manifest says; null: no limit, or not known. */
  readonly connectionLimit: number | null;
  readonly size: Size | null;
  readonly work: Work;
  /** Its sessions that wait for a lock; null: lost in this round, or the server does not tell. */
  readonly blocked: number | null;
  /** Seconds; null: none is open, or not known. */
  readonly oldestTransaction: number | null;
}

/** Sessions of one that wait for a lock of another. */
export interface Wait {
  /** The app or reader; null: neither. */
  readonly waiting: string | null;
  readonly holding: string | null;
  readonly sessions: number;
  /** The longest; null: the server does not tell. */
  readonly seconds: number | null;
}

/** Something by which a server dies for all apps at once. */
export interface Pressure {
  /** Stable, in small letters: `xid_age`. With the engine's name in front it is the name of a metric. */
  readonly metric: string;
  /** For people: `age of the oldest transaction number`. */
  readonly title: string;
  /** Whose, where a server has several: the name of a slot. */
  readonly of?: string;
  readonly value: number;
  readonly unit: 'bytes' | 'transactions' | 'seconds' | 'count';
  /** Where it ends; null: nothing sets an end. */
  readonly limit: number | null;
  /** A word that says how it stands, as the state of a slot or the policy of the memory. */
  readonly state?: string;
}

/** Figures that a server did not give in this round. */
export interface LostStatement {
  /** Stable: `activity`, `work`. */
  readonly statement: string;
  readonly why: string;
}

/** One round over one instance. Nothing in it is of an app that the manifest does not name. */
export interface Usage {
  readonly instance: string;
  readonly engine: string;
  /** ISO time. */
  readonly at: string;
  readonly version: string;
  /** Seconds since the server started; null: not known. */
  readonly uptime: number | null;
  readonly connections: {
    /** All that are open, those of nobody here among them. */
    readonly open: number | null;
    readonly max: number | null;
    /** Of those, kept for the operator. */
    readonly reserved: number;
  };
  readonly apps: readonly AppUsage[];
  /** Sessions that are no app's: the operator's, strangers'. */
  readonly others: Connections | null;
  readonly waits: readonly Wait[];
  readonly pressures: readonly Pressure[];
  /** Statements that failed: their own figures are lost, and nothing else. */
  readonly lost: readonly LostStatement[];
  /** What this server does not tell as it is set up, and what would have it tell. */
  readonly untold: readonly string[];
  /** Every statement that was sent, and how long it took. */
  readonly statements: readonly { readonly name: string; readonly seconds: number }[];
}

/** An instance that did not answer in this round. */
export interface UsageDown {
  readonly instance: string;
  readonly engine: string;
  readonly at: string;
  readonly diagnostics: readonly Diagnostic[];
}

export function isDown(one: Usage | UsageDown): one is UsageDown {
  return 'diagnostics' in one;
}
