import type { Interruption } from './interruption.ts';

type Env = Readonly<Record<string, string | undefined>>;

interface Out {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  write(text: string): boolean;
}

/** The world outside of a command. */
export interface Io {
  readonly version: string;
  readonly cwd: string;
  readonly env: Env;
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly stdout: Out & NodeJS.WritableStream;
  readonly stderr: Out & NodeJS.WritableStream;
  readonly interruption: Interruption;
  /** How this very program is called again, and where its checkout keeps unpacked servers. Absent in tests. */
  readonly program?: { readonly command: readonly string[]; readonly cache: string };
  /** What a Ctrl-C does while a question is open. */
  interrupt(): void;
}
