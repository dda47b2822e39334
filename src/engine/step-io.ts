import type { Json } from '../model/index.ts';

/** What progress counts. */
export type Unit = 'bytes' | 'rows' | 'keys' | 'points' | 'items';

/** What a unit of steps has of the run around it. */
export interface StepIo {
  /** Aborted when the run is told to end: a long step ends where it can go on later. */
  readonly signal: AbortSignal;
  /** Says how far it is. `total` null: nobody knows. */
  progress(done: number, total: number | null, unit: Unit): void;
  /** Shows a line of what a program says. Holds no secret. */
  say(text: string): void;
  /** Keeps a token, from which a later try of the same step can go on: on disk when it resolves. Throws CT5201. */
  checkpoint(token: Json): Promise<void>;
  /** The last token of an earlier try of the same step that did not end well; null: none. It is a hint: what is true the server tells. */
  readonly resume: Json | null;
  /** What another step makes while this one runs. Ends only when that step has ended well; fails where it has not. */
  read(artifact: string): ReadableStream<Uint8Array>;
  /** Where this step puts what it makes, as fast as it is read. */
  write(artifact: string): WritableStream<Uint8Array>;
}
