import type { ConfigFile, PoolerContext, RenderContext, RenderedPooler, RenderedServer } from '../engine/index.ts';

export const strategies = ['hybrid', 'single', 'separate'] as const;
export type Strategy = (typeof strategies)[number];

/** A server that gets a container. */
export interface ServerInput {
  readonly instance: string;
  /** How it is called in its networks. */
  readonly service: string;
  readonly server: RenderedServer;
  readonly config: readonly ConfigFile[];
  /** null: apps go to the server itself. */
  readonly pooler: { readonly service: string; readonly rendered: RenderedPooler } | null;
  /** The port on the loopback address of the host; null: none. */
  readonly published: number | null;
}

export interface AppInput {
  readonly name: string;
  readonly service: string;
  /** The servers among those of the set that it uses, by their services. */
  readonly servers: readonly string[];
  /** Other apps that are deployed before it. */
  readonly after: readonly string[];
  /** Its file of variables, as the file with its service sees it. */
  readonly environment: string;
}

/** How the container of cotenant sees the set. */
export interface WorkInput {
  readonly image: string;
  /** The folder of the set and the manifest in it, as paths inside. */
  readonly folder: string;
  readonly manifest: string;
  /** What else it has to read, as paths on the host relative to the set, each with its path inside. */
  readonly reads: readonly { readonly source: string; readonly target: string }[];
  /** Variables of its environment that the manifest reads. */
  readonly variables: readonly string[];
  /** True where some instance is elsewhere, so that it needs a way out. */
  readonly outside: boolean;
}

/** Everything that a set of files is made from. */
export interface SetInput {
  /** As names of containers and networks begin. */
  readonly project: string;
  /** The folder in front of every path, with a slash at its end; ''. */
  readonly under: string;
  readonly servers: readonly ServerInput[];
  readonly apps: readonly AppInput[];
  readonly work: WorkInput;
  /** Apps stand in the same file as the servers. */
  readonly together: boolean;
}

/** The name of a secret, which is that of its file too. */
export const secretNames = {
  admin: (service: string): string => `${service}-admin`,
  own: (service: string, name: string): string => `${service}-${name}`,
};

const MOUNTED = '/run/secrets';

/** Where the secrets of a server are seen inside its container. */
export function contextOf(service: string, size: RenderContext['size']): RenderContext {
  return {
    size,
    admin: `${MOUNTED}/${secretNames.admin(service)}`,
    secret: (name) => `${MOUNTED}/${secretNames.own(service, name)}`,
  };
}

/** The same for a pooler in front of it. */
export function poolerContextOf(server: string): PoolerContext {
  const pooler = `${server}-pooler`;
  const path = (name: string): string => `${MOUNTED}/${name}`;
  return {
    server,
    pooler,
    admin: path(secretNames.admin(server)),
    password: path(secretNames.admin(pooler)),
    secret: (name) => path(secretNames.own(pooler, name)),
  };
}
