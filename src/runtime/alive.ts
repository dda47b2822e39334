import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { runs } from '../util/alive.ts';
import { isFileLocked } from '../util/file-lock.ts';
import type { Place } from './place.ts';
import { bootId, readSupervisor, type SupervisorState } from './state.ts';

/** The living supervisor of this place, with what it says of itself (null: nothing yet); null: none lives. */
export async function livingSupervisor(place: Place): Promise<{ readonly says: SupervisorState | null } | null> {
  if (!existsSync(place.supervisorLock)) return null;
  return (await isFileLocked(place.supervisorLock)) ? { says: await readSupervisor(place.supervisor) } : null;
}

/** Waits until no supervisor holds the place, at most `timeout` milliseconds. False: one still does. */
export async function untilNoSupervisor(place: Place, timeout: number): Promise<boolean> {
  if (!existsSync(place.supervisorLock)) return true;
  const until = performance.now() + timeout;
  while (await isFileLocked(place.supervisorLock)) {
    if (performance.now() > until) return false;
    await sleep(20);
  }
  return true;
}

/** A server whose supervisor was killed is stopped by its watcher, which takes a moment. Waits for that. */
export async function untilOrphanGone(place: Place): Promise<void> {
  const last = await readSupervisor(place.supervisor);
  if (!last?.server || last.boot !== bootId()) return;
  for (let waited = 0; waited < 15_000 && runs(last.server.pid); waited += 50) await sleep(50);
}
