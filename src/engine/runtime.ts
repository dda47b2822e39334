import type { InstanceInput } from './input.ts';
import type { Machine, StopSignal } from './local.ts';
import type { Json, SecretRef } from '../model/index.ts';

/** Where the programs of a server come from, besides a container engine: the system, `scripts/debian-root`, a package. */
export type LocalWay = 'local' | 'unpacked' | 'embedded';

/** Programs of one server on this machine. */
export interface Programs {
  readonly way: LocalWay;
  /** For people, its name, version and place. */
  readonly title: string;
  /** What `init` and `launch` need to know of them, in the engine's own form. */
  readonly programs: Json;
}

/** A way that does not serve here. */
export interface NoPrograms {
  readonly way: LocalWay;
  /** As `no server among the programs of this system`. */
  readonly why: string;
  /** The command that would get them. */
  readonly get?: string;
}

export interface Search<Config = unknown> {
  readonly config: Config;
  /** The data folder of an earlier start: only programs that can read it serve. null: there is none yet. */
  readonly data: string | null;
  /** Servers that `scripts/debian-root` unpacked lie in its folder `debian`. */
  readonly cache: string;
}

/** A server that is to be started. */
export interface Setup<Config = unknown, Placement = unknown> {
  readonly input: InstanceInput<Config, Placement>;
  /** As `find` gave it. */
  readonly programs: Json;
  /** Absolute, without symbolic links, mode 0700, of the server's user. The log does not go in here. */
  readonly data: string;
  /** Loopback. Nothing else is listened on, and no Unix socket. */
  readonly host: string;
  readonly port: number;
  /** The admin's: 43 letters of base64url. It never stands in arguments or in the environment. */
  readonly password: string;
  /** A folder that the server's user can enter, for copies of programs that it cannot read where they are. It is there. */
  readonly copies: string;
}

/** The command that runs a server in the foreground, with its log on stdout or stderr. Holds no secret. */
export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  /** The whole environment besides PATH. */
  readonly env: Readonly<Record<string, string>>;
  /** Signals for a clean stop, the gentle one first. SIGKILL comes after the last. */
  readonly stopSignals: readonly StopSignal[];
  /** Milliseconds that each signal gets. Default 10 000. */
  readonly patience?: number;
}

/** How a container engine runs the server. Holds no secret. */
export interface Container {
  readonly image: string;
  /** The port that the server listens on inside. */
  readonly port: number;
  /** The folder inside that outlives the container. */
  readonly data: string;
  readonly env: Readonly<Record<string, string>>;
  readonly args: readonly string[];
  /** Files made for it with mode 0600, each with the path under which it is seen inside. May hold the password. */
  readonly files: readonly { readonly name: string; readonly text: string; readonly inside: string }[];
}

/** Where a server of ours listens, and the admin's password. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
  readonly password: string;
  /** The data folder as the server should know it; null in a container. */
  readonly data: string | null;
}

/** Says of each line of a log whether it is about one app. null: it belongs to the line before. */
export type LineFilter = (line: string) => boolean | null;

/** How servers of an engine are started on this machine. Core chooses a way, keeps the process alive and remembers the port. */
export interface Runtime<Config = unknown, Placement = unknown> {
  /** What this machine has, the preferred one first; for each way that does not serve, why. */
  find(machine: Machine, search: Search<Config>): Promise<readonly (Programs | NoPrograms)[]>;
  /**
   * Fills the empty folder `setup.data` with the data of a new server whose admin has the password. Core moves the folder to
   * another path before the first start, and throws it away where this does not come to its end. Throws CT6010.
   */
  init(machine: Machine, setup: Setup<Config, Placement>): Promise<void>;
  /** Writes what the server reads at its start (its port among it), and says how it is started. The server does not run. */
  launch(machine: Machine, setup: Setup<Config, Placement>): Promise<Launch>;
  /**
   * True where a query with the admin's credentials got its answer from this very server; a ping is not enough. False while it
   * does not serve yet. Throws CT3002 where the credentials are refused.
   */
  ready(endpoint: Endpoint): Promise<boolean>;
  /** Which server the manifest asks for, in words, with the version; null: any. */
  asked(config: Config): string | null;
  /** Whether a server that was started from these programs is that one, whatever lies in their place by now. `data`: its folder. */
  isAsked(config: Config, programs: Json, data: string): Promise<boolean>;
  /** Absent: no container image is known. */
  container?(setup: Pick<Setup<Config, Placement>, 'input' | 'password'>): Container;
  /** Absent: the log does not tell apps apart. */
  linesOf?(input: InstanceInput<Config, Placement>, app: string): LineFilter;
}

/** What core asks before anything is started. */
export interface LocalAbility<Config = unknown, Placement = unknown> {
  /** True where the manifest gives no address: the server is cotenant's own to start. */
  isOwn(config: Config): boolean;
  /** The configuration with the address of the started server, as if it stood in the manifest. Pure. */
  at(config: Config, host: string, port: number): Config;
  /** Loaded when something is started or stopped. */
  runtime(): Promise<Runtime<Config, Placement>>;
}

/** Under which name the secret store keeps the admin's password of a server that cotenant started. */
export function adminSecret(instance: string): SecretRef {
  // No instance's name has a colon.
  return { secret: `server:${instance}/admin` };
}
