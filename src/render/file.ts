/** What a file is for: what `--target` can say. */
export const renderTargets = ['compose', 'config', 'pooler', 'monitoring', 'env'] as const;
export type RenderTarget = (typeof renderTargets)[number];

export interface MadeFile {
  /** Relative to the folder of all files, with `/`. */
  readonly path: string;
  readonly target: RenderTarget;
  /** Without the mark. */
  readonly body: string;
  /** Holds secrets: only its owner reads it, and nothing of it is shown. */
  readonly secret?: true;
}

/** A secret of its own: made once, and never written again. */
export interface OnceFile {
  readonly path: string;
  readonly target: RenderTarget;
  /** The file is worked out from this other one; left out: it is random. */
  readonly from?: { readonly path: string; readonly text: (secret: string) => string | Promise<string> };
}

export interface FileSet {
  readonly files: readonly MadeFile[];
  readonly once: readonly OnceFile[];
  /** What people should know, each a sentence. */
  readonly notes: readonly string[];
}
