import { existsSync } from 'node:fs';
import { copyFile, stat, truncate } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Launch } from '../engine/index.ts';
import type { LocalProcess, ProcessEnd } from '../engine/local.ts';
import { DiagnosticError } from '../model/index.ts';
import { takeFileLock } from '../util/file-lock.ts';
import { localMachine } from './machine.ts';
import { type Place, placeIn } from './place.ts';
import { bootId, readState, type SupervisorState, writeWhole } from './state.ts';

/** Milliseconds between a crash and the next start: the first is nearly at once. */
const pauses = [100, 300, 1000, 2000, 5000, 10_000, 30_000] as const;
/** A server that ran this long was well: the pauses begin anew. */
const wellAfter = 60_000;
/** A log of more bytes goes to `server.log.1`. */
const logLimit = 64 * 2 ** 20;
const logPause = 60_000;
/** Milliseconds between two looks whether the folder is still there. */
const gonePause = 2000;

/**
 * Keeps the server of one folder alive until the signal: starts it as `up` has written down, and again after every end. When
 * this process is killed, the server is stopped too, so that never two of them work on one folder. Returns at once where
 * another supervisor holds the folder.
 */
export async function supervise(folder: string, told: AbortSignal): Promise<void> {
  const place = placeIn(folder);
  const gone = new AbortController();
  const signal = AbortSignal.any([told, gone.signal]);
  // Whoever asks whether a supervisor lives holds the lock for a moment.
  using lock = await takeFileLock(place.supervisorLock, 5000, signal);
  if (lock === null) return;
  const state = await readState(place.state);
  if (state === null || state.run.way === 'container') return;
  const { launch } = state.run;
  const says = new Says(place);
  await says.write({});
  const isOver = (): boolean => signal.aborted;
  // Who removes the folder wants no server: nobody could find it any more.
  const watch = setInterval(() => existsSync(place.state) || gone.abort(), gonePause);
  for (let failures = 0; !isOver(); ) {
    const begun = Date.now();
    const how = await once(launch, place, says, signal);
    if (isOver()) break;
    failures = Date.now() - begun > wellAfter ? 0 : failures;
    await says.write({ server: null, ends: says.state.ends + 1, last: { at: new Date().toISOString(), how } });
    await rest(pauses[Math.min(failures, pauses.length - 1)] ?? 0, signal);
    failures += 1;
  }
  clearInterval(watch);
  await says.write({ server: null });
}

/** What the supervisor tells others about itself. */
class Says {
  readonly #file: string;
  state: SupervisorState = { format: 1, pid: process.pid, boot: bootId(), server: null, ends: 0, last: null };

  constructor(place: Place) {
    this.#file = place.supervisor;
  }

  async write(more: Partial<SupervisorState>): Promise<void> {
    this.state = { ...this.state, ...more };
    // A full disk must not end the server.
    await writeWhole(this.#file, this.state).catch(() => undefined);
  }
}

/** One life of the server. Gives how it ended. */
async function once(launch: Launch, place: Place, says: Says, signal: AbortSignal): Promise<string> {
  const { command, args, env, stopSignals, patience } = launch;
  let server: LocalProcess;
  try {
    const limits = patience === undefined ? {} : { patience };
    server = await localMachine().start(command, args, { env, logFile: place.log, stopSignals, watchParent: { remove: [] }, ...limits });
  } catch (error) {
    if (error instanceof DiagnosticError) return error.message;
    throw error;
  }
  await says.write({ server: { pid: server.pid, since: new Date().toISOString() } });
  const watch = setInterval(() => void shorten(place.log), logPause);
  const stopped = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  if (!signal.aborted) await Promise.race([server.ended, stopped]);
  clearInterval(watch);
  return ending(server.end ?? (await server.stop()));
}

function ending({ code, signal }: ProcessEnd): string {
  return signal ?? `code ${code}`;
}

async function rest(pause: number, signal: AbortSignal): Promise<void> {
  await sleep(pause, undefined, { signal }).catch(() => undefined);
}

/** The server holds the file open and appends to it, so it is copied and emptied; a line in between may be lost. */
async function shorten(log: string): Promise<void> {
  try {
    if ((await stat(log)).size <= logLimit) return;
    await copyFile(log, `${log}.1`);
    await truncate(log);
  } catch {
    // As above.
  }
}
