import type { InstanceInput } from './input.ts';

/** How much memory and how many processors a rendered server gets. */
export const renderSizes = ['minimum', 'recommended', 'high'] as const;
export type RenderSize = (typeof renderSizes)[number];

export interface RenderContext {
  readonly size: RenderSize;
  /** The path inside the container of the file that holds the admin's password alone. */
  readonly admin: string;
  /** The path inside the container of one of the service's own `secrets`. */
  readonly secret: (name: string) => string;
}

/** A file that a server reads at its start. Holds no secret. */
export interface ConfigFile {
  /** Its name in the instance's folder. */
  readonly name: string;
  /** Without a mark, which core writes in front as comments that begin with `#`. */
  readonly text: string;
}

/** A file with a secret that is worked out from the admin's password. */
export interface SecretFile {
  readonly name: string;
  readonly text: (password: string) => string | Promise<string>;
}

/** A server in a container. Nothing in it holds a secret. Core quotes what the format of its file asks for. */
export interface RenderedServer {
  /** With its exact version. */
  readonly image: string;
  /** In place of the image's own. */
  readonly entrypoint?: readonly string[];
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly port: number;
  /** The folder inside that outlives the container. */
  readonly data: string;
  /** Where the folder with the configuration files is seen inside; null: there are none. */
  readonly configFolder: string | null;
  readonly secrets: readonly SecretFile[];
  /** A line for `sh -c` inside the image. Ends with 0 only where the server did what an app would ask of it. */
  readonly health: string;
  /** Seconds that a first start may take before a failure counts. */
  readonly startPeriod: number;
  /** Seconds that a clean stop may take. */
  readonly stopPeriod: number;
  /** Bytes of shared memory, where the default is too little. */
  readonly sharedMemory?: number;
  readonly memory: number;
  readonly processors: number;
  /** What people should know of it. */
  readonly notes: readonly string[];
}

/** One thing that somebody is to be told of. */
export interface Alert {
  readonly name: string;
  /** In PromQL, over what `cotenant serve` gives. */
  readonly expr: string;
  readonly for: string;
  readonly severity: 'warning' | 'page';
  /** Goes on behind the name of the app and the instance; with a capital, a sentence of its own. */
  readonly says: string;
  /** The command that tells more. */
  readonly run: string;
}

/** What an engine knows of files for its servers. All of it is pure. */
export interface RenderAbility<Config = unknown, Placement = unknown> {
  /** The fields of an instance that say which server it is and how it is reached: a rendered one has others. */
  readonly addressFields: readonly string[];
  /** The admin's address, without a password, of a server that is called so. */
  adminUrl(host: string): string;
  server(input: InstanceInput<Config, Placement>, context: RenderContext): RenderedServer;
  /** Throws CT4705 where a name cannot stand in such a file. */
  config(input: InstanceInput<Config, Placement>, context: RenderContext): readonly ConfigFile[];
  /** What all apps and readers may open together. Left out: the server counts no connections of a login. */
  connections?(input: InstanceInput<Config, Placement>): number;
  /** What hurts on such a server alone. */
  readonly alerts?: readonly Alert[];
  /** A server has one app, whatever the manifest says. */
  readonly oneApp?: true;
  /** null: the manifest asks for none. Left out: there is none for such a server. */
  pooler?(input: InstanceInput<Config, Placement>, context: PoolerContext): RenderedPooler | null;
}

export interface PoolerContext {
  /** How the server is called in its network, and the pooler. */
  readonly server: string;
  readonly pooler: string;
  /** Paths inside the containers: the admin's password, that of the pooler's own login, and one of its own `secrets`. */
  readonly admin: string;
  readonly password: string;
  readonly secret: (name: string) => string;
}

/** A pooler in front of a server. */
export interface RenderedPooler {
  readonly image: string;
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly port: number;
  readonly configFolder: string;
  readonly config: readonly ConfigFile[];
  /** Worked out from the password of the pooler's own login. */
  readonly secrets: readonly SecretFile[];
  readonly health: string;
  /** A line for `sh -c` in the server's image, which the admin runs before the pooler starts, as often as that does. */
  readonly setup: string;
  /** Fields of the instance, so that apps go through the pooler. */
  readonly instance: Readonly<Record<string, unknown>>;
  /** The login of the pooler, and what it may do. */
  readonly operator: { readonly login: string; readonly may: readonly string[] };
}
