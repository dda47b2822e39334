import type { RenderAbility, RenderSize } from '../../engine/index.ts';
import { isLoopback } from '../../engine/index.ts';
import type { InstanceDecl } from '../../manifest/types.ts';
import { fail } from '../../model/index.ts';
import { contextOf, poolerContextOf, type ServerInput } from '../../render/input.ts';
import { serviceName } from '../../render/names.ts';
import { nearOf } from '../apps.ts';
import type { Project } from '../types.ts';

/** An instance whose server is rendered. */
export interface Hosted {
  readonly instance: InstanceDecl;
  readonly ability: RenderAbility;
  readonly service: string;
}

export interface ServersRequest {
  /** Instances whose servers are elsewhere, whatever their address says. */
  readonly external: readonly string[];
  /** A port on the host's loopback address, by instance. */
  readonly publish: ReadonlyMap<string, number>;
  readonly size: RenderSize;
}

/** Names of folders and services that every set has. */
const TAKEN = ['apps', 'secrets', 'cotenant', 'monitoring', 'serve'];

/**
 * The instances whose servers are rendered: those without an address, those at a loopback address, which no container can reach,
 * and those whose host is a single word, as a service has it. Throws CT2051, CT4706 and CT4707.
 */
export async function hostedOf(project: Project, { external, publish }: ServersRequest): Promise<readonly Hosted[]> {
  const { instances } = project.manifest;
  const names = instances.map(({ name }) => name);
  for (const name of [...external, ...publish.keys()])
    if (!names.includes(name)) throw fail('CT2051', `the manifest has no instance "${name}"`, { hint: nearOf(name, names, 'instances') });
  const chosen = instances.filter((one) => !external.includes(one.name) && isHere(project, one));
  const hosted = await Promise.all(
    chosen.map(async (instance): Promise<Hosted> => {
      const ability = await instance.engine.render?.();
      if (ability === undefined)
        throw fail('CT4706', `no files can be made for a server of ${instance.engine.title}: "${instance.name}"`, {
          hint: `give it a url, and pass --external ${instance.name}`,
        });
      const service = serviceName(instance.name);
      return { instance, ability, service: TAKEN.includes(service) ? `${service}-server` : service };
    }),
  );
  differ(hosted.map(({ instance, service }) => [instance.name, service]));
  for (const name of publish.keys())
    if (!hosted.some(({ instance }) => instance.name === name))
      throw fail('CT4706', `"${name}" is not among the servers that are rendered, so no port of it can be published`);
  return hosted;
}

/** Throws CT4707 where two names are one as a service. */
export function differ(names: readonly (readonly [name: string, service: string])[]): void {
  const seen = new Map<string, string>();
  for (const [name, service] of names) {
    const other = seen.get(service);
    if (other !== undefined)
      throw fail('CT4707', `"${other}" and "${name}" would both be the service ${service}`, { hint: 'rename one of them' });
    seen.set(service, name);
  }
}

function isHere({ own }: Project, { name, input }: InstanceDecl): boolean {
  if (own.has(name)) return true;
  const { config } = input;
  const url = typeof config === 'object' && config !== null && 'url' in config ? String(config.url) : '';
  const host = /^[a-z0-9+.-]+:\/\/(?:[^@/]*@)?(\[[^\]]*\]|[^:/?]*)/i.exec(url)?.[1] ?? '';
  return isLoopback(host.replace(/^\[|\]$/g, '')) || /^[A-Za-z0-9_-]+$/.test(host);
}

export function serverInput({ instance, ability, service }: Hosted, { publish, size }: ServersRequest): ServerInput {
  const context = contextOf(service, size);
  const { input } = instance;
  return {
    instance: instance.name,
    service,
    server: ability.server(input, context),
    config: ability.config(input, context),
    pooler: poolerOf({ instance, ability, service }),
    published: publish.get(instance.name) ?? null,
  };
}

/** null: apps go to the server itself. */
export function poolerOf({ instance, ability, service }: Hosted): ServerInput['pooler'] {
  const context = poolerContextOf(service);
  const rendered = ability.pooler?.(instance.input, context) ?? null;
  return rendered === null ? null : { service: context.pooler, rendered };
}
