import type { Container, LocalWay, NoPrograms, Programs } from '../engine/index.ts';
import { localMachine } from './machine.ts';
import { type ContainerCli, findContainerEngine } from './container.ts';
import type { ServerJob } from './job.ts';
import type { ServerState } from './state.ts';

export type Way = LocalWay | 'container';

/** A way to start a server that this machine has. */
export type Candidate =
  | { readonly way: 'container'; readonly title: string; readonly cli: ContainerCli; readonly container: (password: string) => Container }
  | Programs;

/** A way that was not taken, and why. `get`: the command that would make it serve. */
export interface Skipped {
  readonly way: Way;
  readonly why: string;
  readonly get?: string;
}

export interface Ways {
  readonly candidates: readonly Candidate[];
  readonly passedOver: readonly Skipped[];
}

/**
 * Ways to start the server, in the order in which they are tried: a container engine that answers, then what the engine finds.
 * Where there is data already, only those that can work on it.
 * @param data the data folder of an earlier start, or null
 */
export async function findWays(job: ServerJob, state: ServerState | null, data: string | null): Promise<Ways> {
  const candidates: Candidate[] = [];
  const passedOver: Skipped[] = [];
  const before = state?.run.way ?? null;
  if (data === null && wanted(job, 'container')) {
    const found = await containerWay(job);
    if ('why' in found) passedOver.push(found);
    else candidates.push(found);
  }
  if (before !== 'container') {
    const found = await job.runtime.find(localMachine(), { config: job.input.config, data, cache: job.cache });
    for (const one of found.filter(({ way }) => wanted(job, way))) {
      if (isMissing(one)) passedOver.push(one);
      else candidates.push(one);
    }
  }
  // What the data was made with comes first.
  candidates.sort((a, b) => Number(b.way === before) - Number(a.way === before));
  return { candidates, passedOver };
}

function wanted(job: ServerJob, way: Way): boolean {
  return job.ways.length === 0 || job.ways.includes(way);
}

function isMissing(one: Programs | NoPrograms): one is NoPrograms {
  return 'why' in one;
}

async function containerWay(job: ServerJob): Promise<Candidate | Skipped> {
  const { runtime, input, engine } = job;
  if (!runtime.container) return { way: 'container', why: `no container image is known for ${engine.title}` };
  const cli = await findContainerEngine(job.env);
  if (typeof cli !== 'string') return { way: 'container', ...cli };
  const container = (password: string): Container => runtime.container?.({ input, password }) ?? never();
  return { way: 'container', title: `${engine.title} in a container of ${cli}`, cli, container };
}

function never(): never {
  throw new Error('the provider was available a moment ago');
}
