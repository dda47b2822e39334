import type { SecretRef } from '../model/index.ts';

/** A value that a server is about to get, or has got by a run that died before it could say so. */
export interface StagedSecret {
  readonly value: string;
  readonly derived: string | null;
}

/** Where a session reads and makes secrets. Values never leave the session. */
export interface SecretSource {
  /** The value that a server is to get: the staged one, else the one in use; where there is neither, one is made (256 bits) and staged. */
  ensure(ref: SecretRef): Promise<string>;
  /** The value in use, or null. Makes nothing. */
  peek(ref: SecretRef): string | null;
  /** The value that waits beside it, or null. */
  staged(ref: SecretRef): StagedSecret | null;
  /** Remembers what was derived for the server (a verifier) from what `ensure` gives, so that it can be compared without deriving it again. */
  setDerived(ref: SecretRef, derived: string): Promise<void>;
  /** What was derived from the value in use. */
  derived(ref: SecretRef): string | null;
}

/** A value that a server may have under this name. */
export interface Candidate extends StagedSecret {
  readonly isStaged: boolean;
}

/** The value in use and the one that waits: a run may have died between the server and the store, so either can be the server's. */
export function candidatesOf(source: SecretSource, ref: SecretRef): readonly Candidate[] {
  const value = source.peek(ref);
  const staged = source.staged(ref);
  return [
    ...(value === null ? [] : [{ value, derived: source.derived(ref), isStaged: false }]),
    ...(staged ? [{ ...staged, isStaged: true }] : []),
  ];
}
