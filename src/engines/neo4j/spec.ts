import type { PasswordState } from '../../engine/index.ts';
import type { Observed, Resource } from '../../model/index.ts';
import type { Mark } from './marks/mark.ts';

/** What the user of an app is to be. On Community it has every right, whatever anybody says. */
export interface UserSpec {
  readonly secret: string;
  /** Keeps the password that it has. */
  readonly adopt: boolean;
}

/** A user as it is. The server tells nothing about passwords: who has ours is found out by logging in. */
export interface UserSeen {
  /** null: nobody asks for it, so nobody tried. */
  readonly password: PasswordState | null;
  /** It has to choose a new password before it can do anything. */
  readonly mustChange: boolean;
  /** The store has a password for it: without one nobody can bring it back as it was. */
  readonly stored: boolean;
}

/** The user that bears a mark: it has a password that nobody knows. */
export interface LedgerSeen {
  readonly mark: Mark;
  /** Somebody has given it a password to log in with. */
  readonly opened: boolean;
}

export interface Specs {
  readonly user: UserSpec;
}

export interface Seen {
  readonly user: UserSeen;
  readonly ledger: LedgerSeen;
}

export function isWanted<K extends keyof Specs>(one: Resource, kind: K): one is Resource<Specs[K]> {
  return one.address.kind === kind;
}

export function isSeen<K extends keyof Seen>(one: Observed, kind: K): one is Observed<Seen[K]> {
  return one.address.kind === kind;
}

/** What the server is. Part of what decides a plan. */
export interface ServerFacts {
  readonly version: string;
  readonly edition: string;
  /** As whom cotenant is logged in. */
  readonly user: string;
  /** The standard database; '' where there is none. */
  readonly database: string;
  /** Databases besides that and `system`. */
  readonly databases: readonly string[];
  /** False: everybody is let in. */
  readonly authEnabled: boolean;
}

/** What lies in the database, where that decides something: nobody's mark is there, or a delete is asked for. */
export interface Basis {
  readonly graph: Content | null;
}

export interface Counts {
  readonly nodes: number;
  readonly relationships: number;
}

export interface Content extends Counts {
  readonly constraints: number;
  /** Without those of constraints, and those that every database has. */
  readonly indexes: number;
}
