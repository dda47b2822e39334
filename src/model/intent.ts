import type { Json } from './json.ts';

/** What somebody asked for, as data: it can be journaled, shown and asked for again. Holds no secret. */
export interface Intent {
  /** As `apply`, `restore-app`, `fix`. */
  readonly verb: string;
  /** Set where it is about one app only. */
  readonly app?: string;
  /** Set where it is about some apps, and not about one. */
  readonly apps?: readonly string[];
  readonly args: Json;
}
