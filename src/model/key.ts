/** What a key of `serve` may do: see everything, see and start, or see what concerns one app. */
export type KeyScope = 'read' | 'operate' | `app:${string}`;

/** A key as it is shown: never the key itself. */
export interface KeyInfo {
  /** The middle of the key, by which it is found. */
  readonly id: string;
  readonly name: string;
  readonly scope: KeyScope;
  /** ISO times. `expires` null: never. */
  readonly made: string;
  readonly expires: string | null;
  /** To the hour; null: not yet. */
  readonly used: string | null;
}
