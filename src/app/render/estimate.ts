import type { RenderSize } from '../../engine/index.ts';
import type { Estimate } from '../../model/index.ts';
import { estimate, type EstimatedServer } from '../../render/estimate.ts';
import { contextOf } from '../../render/input.ts';
import { serviceName } from '../../render/names.ts';
import type { Project } from '../types.ts';

export interface EstimateRequest {
  /** Left out: as many as the manifest has. */
  readonly apps?: number;
  readonly size: RenderSize;
  readonly ownSize: RenderSize;
  /** Bytes. */
  readonly appMemory: number;
  readonly price: number | null;
}

/** What the apps of the manifest cost shared and isolated. Instances of an engine that says nothing of its servers are left out. */
export async function estimateProject({ manifest }: Project, request: EstimateRequest): Promise<Estimate> {
  const servers: EstimatedServer[] = [];
  for (const { name, engine, input } of manifest.instances) {
    const ability = await engine.render?.();
    if (ability === undefined) continue;
    const memoryOf = (size: RenderSize): number => ability.server(input, contextOf(serviceName(name), size)).memory;
    servers.push({
      instance: name,
      engine: engine.title,
      apps: input.placements.length,
      connections: ability.connections?.(input) ?? null,
      memory: memoryOf(request.size),
      ownMemory: memoryOf(request.ownSize),
      oneApp: ability.oneApp === true,
    });
  }
  const { length } = manifest.apps;
  const { appMemory, price, size, ownSize } = request;
  return estimate({ servers, apps: length, wanted: request.apps ?? length, appMemory, price, sizes: { shared: size, isolated: ownSize } });
}
