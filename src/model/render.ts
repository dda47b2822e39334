export const fileStates = ['same', 'missing', 'stale', 'edited', 'foreign', 'exposed', 'left'] as const;

/**
 * How a file stands on disk to what would be written. `edited`: a person has changed it since it was written. `foreign`: it bears no
 * mark. `exposed`: it holds a secret, and others can read it. `left`: an earlier render made it, and this one does not.
 */
export type FileState = (typeof fileStates)[number];

/** One file, and how it stood before. */
export interface FileReport {
  readonly path: string;
  readonly state: FileState;
  /** Lines that differ, `-` those on disk and `+` those that would be written; null where there are none to be shown. */
  readonly difference: string | null;
}
