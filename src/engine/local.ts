/**
 * What an engine needs from this machine to start a local server: the engine says how, the runtime does it.
 * Nothing here reaches a process that was not started through it.
 */
export interface Machine {
  /** The user that servers run as where this process is root; null: as this process. */
  readonly user: ServerUser | null;
  /** A TCP port on the loopback address that was free a moment ago. Another process can take it: start again then. */
  freePort(): Promise<number>;
  /** A new folder, mode 0700, that belongs to the server's user: in `where` if it can enter that. Goes when this process ends. */
  tempFolder(prefix: string, where?: string): Promise<TempFolder>;
  /** Copies a folder, owners and modes included, to a path that does not exist yet. */
  copyTree(from: string, to: string): Promise<void>;
  /** Gives files to the server's user, folders with everything in them. */
  chownToServer(path: string): Promise<void>;
  /** True where the server's user can enter the folder. */
  canRead(folder: string): boolean;
  /** The folder as the server's user can read it: itself, or a copy inside `into`. */
  readable(folder: string, into: string): Promise<string>;
  /** Runs a program as the server's user to its end. Throws CT6003 where it cannot start. */
  run(command: string, args: readonly string[], options?: RunOptions): Promise<RunResult>;
  /** Starts a server as the server's user, outside the terminal's process group. Throws CT6003. */
  start(command: string, args: readonly string[], options: StartOptions): Promise<LocalProcess>;
  /**
   * Asks `probe` until it says true. A probe that throws ends the wait with its error.
   * Throws CT6002 after `timeout` milliseconds, CT6001 when the process ends first.
   */
  untilReady(process: LocalProcess, probe: () => Promise<boolean>, timeout: number): Promise<void>;
}

export interface ServerUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

export interface TempFolder extends AsyncDisposable {
  readonly path: string;
  remove(): Promise<void>;
}

export interface RunOptions {
  /** The whole environment besides PATH: nothing of this process leaks into it. */
  readonly env?: Readonly<Record<string, string>>;
  /** Milliseconds. Default 60 000. */
  readonly timeout?: number;
}

export interface RunResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What servers are asked to stop with. Not Node's own type: who uses the library need not have it. */
export type StopSignal = 'SIGINT' | 'SIGTERM' | 'SIGQUIT' | 'SIGKILL';

export interface StartOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Output is appended to it; made with mode 0600. */
  readonly logFile: string;
  /** Signals for a stop, the gentle one first. SIGKILL comes after the last. */
  readonly stopSignals: readonly StopSignal[];
  /** Milliseconds that each signal gets. Default 10 000. */
  readonly patience?: number;
  /** The server ends with this process even when that is killed, and these folders go with it. */
  readonly watchParent?: { readonly remove: readonly string[] };
}

export interface ProcessEnd {
  readonly code: number | null;
  /** As `SIGKILL`. */
  readonly signal: string | null;
}

/** A process that this one started. */
export interface LocalProcess {
  readonly pid: number;
  readonly logFile: string;
  /** null while it runs. */
  readonly end: ProcessEnd | null;
  /** Never rejects. */
  readonly ended: Promise<ProcessEnd>;
  /** Sends the stop signals in turn, each after `patience` milliseconds (default: as it was started with) without effect, then SIGKILL. */
  stop(patience?: number): Promise<ProcessEnd>;
  /** SIGKILL, now. */
  kill(): Promise<ProcessEnd>;
}
