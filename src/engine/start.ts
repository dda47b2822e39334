import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { DiagnosticError } from '../model/index.ts';
import type { LocalProcess, Machine } from './local.ts';

/** Milliseconds that a port, a lock or memory of a server that crashed may still be taken. */
const PATIENCE = 20_000;

export interface OnPort {
  readonly port: number;
  readonly process: LocalProcess;
}

/** Starts a server on a free port. Another process can take it between the choice and the start: then another one is chosen. */
export async function startOnFreePort(
  machine: Machine,
  logFile: string,
  /** How the server's log says that its port is taken. */
  isTaken: RegExp,
  start: (port: number) => Promise<LocalProcess>,
): Promise<OnPort> {
  for (let attempt = 1; ; attempt++) {
    const port = await machine.freePort();
    try {
      return { port, process: await start(port) };
    } catch (error) {
      const taken = isTaken.test(await readFile(logFile, 'utf8').catch(() => ''));
      if (!taken || attempt === 5) throw error;
    }
  }
}

/** Starts it again where it was. After a crash that place can be taken for a moment, which `waits` tells by its words; left out: any early end. */
export async function startAgain(start: () => Promise<LocalProcess>, waits?: RegExp): Promise<LocalProcess> {
  const deadline = Date.now() + PATIENCE;
  for (;;) {
    try {
      return await start();
    } catch (error) {
      const early =
        error instanceof DiagnosticError &&
        error.diagnostics.some((one) => one.code === 'CT6001') &&
        (waits?.test(error.diagnostics[0]?.hint ?? '') ?? true);
      if (!early || Date.now() > deadline) throw error;
      await sleep(50);
    }
  }
}

/** Waits until a server that has just been started is ready; one that does not get there is ended. `timeout` in milliseconds. */
export async function whenReady(
  machine: Machine,
  server: LocalProcess,
  isReady: () => Promise<boolean>,
  timeout: number,
): Promise<LocalProcess> {
  try {
    await machine.untilReady(server, isReady, timeout);
    return server;
  } catch (error) {
    await server.kill();
    throw error;
  }
}
