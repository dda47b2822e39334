import { readdir, rm } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isContainerRunning, removeContainer, stopContainer } from './container.ts';
import type { Home, Place } from './place.ts';
import { stopSupervisor } from './spawn.ts';
import { readState } from './state.ts';
import { takeStartLock } from './start-lock.ts';

export interface StopJob {
  readonly place: Place & Home;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  /** The data goes too, and what is known of the server. */
  readonly destroy: boolean;
}

/** Stops one server cleanly. Gives false where it did not run. Throws CT6020, CT6024, CT6025. */
export async function stopServer(job: StopJob): Promise<boolean> {
  const { place, env } = job;
  if (!existsSync(place.folder)) return false;
  using _lock = await takeStartLock(place, job.signal);
  const state = await readState(place.state);
  if (state?.run.way === 'container') {
    const point = { cli: state.run.cli, name: state.run.name, env };
    const ran = await isContainerRunning(point);
    if (job.destroy) await removeContainer(point, state.run.volume, place.folder);
    else if (ran) await stopContainer(point);
    if (job.destroy) await clear(place);
    return ran;
  }
  const ran = await stopSupervisor(place);
  if (job.destroy) await clear(place);
  return ran;
}

/** The locks stay: another run may be waiting for one. */
async function clear(place: Place & Home): Promise<void> {
  if (place.home !== place.folder) {
    await remove(place.home);
    if (existsSync(dirname(place.home)) && (await readdir(dirname(place.home))).length === 0) await remove(dirname(place.home));
  }
  const kept = [basename(place.startLock), basename(place.supervisorLock)];
  for (const name of await readdir(place.folder)) if (!kept.includes(name)) await remove(join(place.folder, name));
}

async function remove(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
}
