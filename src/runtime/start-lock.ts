import { fail } from '../model/index.ts';
import { type FileLock, takeFileLock } from '../util/file-lock.ts';
import type { Place } from './place.ts';

/** Milliseconds: as long as a slow start takes. */
const patience = 180_000;

/** One run at a time starts or stops a server. The others wait and then find it as it is. Throws CT6024. */
export async function takeStartLock(place: Place, signal: AbortSignal): Promise<FileLock> {
  const lock = await takeFileLock(place.startLock, patience, signal);
  signal.throwIfAborted();
  if (lock !== null) return lock;
  throw fail('CT6024', `Another run is starting or stopping the server in ${place.folder}.`, { hint: 'Wait for it, or stop it.' });
}
