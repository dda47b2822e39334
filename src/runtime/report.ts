import { existsSync } from 'node:fs';
import type { ServerReport } from '../model/index.ts';
import { livingSupervisor } from './alive.ts';
import { isContainerRunning } from './container.ts';
import type { Place } from './place.ts';
import { readState } from './state.ts';

export async function reportServer(place: Place, env: Readonly<Record<string, string | undefined>>): Promise<ServerReport> {
  const state = existsSync(place.folder) ? await readState(place.state) : null;
  if (state === null) return { state: 'never started' };
  const { title, host, port, run } = state;
  const known = { way: run.way, title, host, port };
  if (run.way === 'container')
    return { ...known, state: (await isContainerRunning({ cli: run.cli, name: run.name, env })) ? 'running' : 'stopped' };
  const living = await livingSupervisor(place);
  if (living === null) return { ...known, state: 'stopped' };
  const { server, ends = 0, last } = living.says ?? { server: null, last: null };
  return {
    ...known,
    state: server === null ? 'restarting' : 'running',
    ...(server === null ? {} : { since: server.since }),
    ends,
    ...(last === null ? {} : { lastEnd: `${last.how} at ${last.at}` }),
  };
}
