import type { Diagnostic } from './diagnostic.ts';

/** One connection to a server, as the server lists it. Nothing of what it says is in it. */
export interface ServerSession {
  /** As the server numbers it. */
  readonly id: string;
  /** With the number it names this one session and no later one; '' where a number is given only once. */
  readonly started: string;
  /** null: of no app of the manifest. */
  readonly app: string | null;
  /** `cotenant`: one of its own. `other`: whoever the manifest does not name, the operator among them. */
  readonly kind: 'app' | 'reader' | 'cotenant' | 'other';
  readonly login: string;
  /** null: in none. */
  readonly database: string | null;
  /** The address that it comes from; '' where the server does not tell. */
  readonly from: string;
  readonly state: 'active' | 'idle' | 'idle in transaction' | 'waiting';
  /** Seconds in that state, and since its transaction began; null: none, or not known. */
  readonly seconds: number | null;
  readonly transaction: number | null;
  /** Numbers of the sessions whose locks it waits for. */
  readonly waitsFor: readonly string[];
}

export interface ListedSession extends ServerSession {
  readonly instance: string;
  readonly engine: string;
}

export interface SessionsReport {
  readonly format: 1;
  /** null: of all apps. */
  readonly app: string | null;
  readonly sessions: readonly ListedSession[];
  readonly diagnostics: readonly Diagnostic[];
}

/** What became of one session that was to end. */
export interface EndedSession extends ListedSession {
  /** True where the server lists it no more. */
  readonly gone: boolean;
  /** Why it is still there. */
  readonly why?: string;
}

export interface KillReport {
  readonly format: 1;
  readonly target: string;
  readonly sessions: readonly EndedSession[];
  readonly diagnostics: readonly Diagnostic[];
}
