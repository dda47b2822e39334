import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LocalProcess, Machine } from '../../src/engine/local.ts';
import { DiagnosticError, fail } from '../../src/model/index.ts';

/** Where servers listen. */
export const host = '127.0.0.1';

/** Milliseconds that a port, a lock or memory of a server that crashed may still be taken. */
const PATIENCE = 20_000;

/** A running server that a test has to itself. */
export interface StartedServer<Settings> extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  readonly password: string;
  readonly dataDir: string;
  readonly logFile: string;
  /** At the moment. */
  readonly pid: number;
  /** Shuts down; temporary folders go. */
  stop(): Promise<void>;
  /** SIGKILL, as a crash. `restart` brings it back. */
  kill(): Promise<void>;
  /** Stops where it still runs, and starts on the same port and data, with these settings on top of the former ones. */
  restart(settings?: Settings): Promise<void>;
}

export interface Starting<Settings> {
  readonly machine: Machine;
  readonly password: string;
  readonly dataDir: string;
  readonly logFile: string;
  readonly settings: Settings;
  /** How the server's log says that its port is taken. */
  readonly taken: RegExp;
  /** How it says that something is still there after a crash; left out: any early end. */
  readonly waits?: RegExp;
  start(port: number, settings: Settings): Promise<LocalProcess>;
  /** True where a login has got its answer from this very server: another one may have taken the port. */
  isReady(port: number, process: LocalProcess): Promise<boolean>;
  /** Milliseconds until it has to be ready. */
  readonly timeout: number;
  remove(): Promise<void>;
}

/** Starts a server on a free port of the loopback address, and waits until it is ready. Throws CT6001, CT6002, CT6003. */
export async function startServer<Settings extends object>(how: Starting<Settings>): Promise<StartedServer<Settings>> {
  for (let attempt = 1; ; attempt++) {
    // Another process can take it between the choice and the start: then another one is chosen.
    const port = await how.machine.freePort();
    try {
      return new Started(how, port, await startOn(how, port, how.settings));
    } catch (error) {
      const taken = how.taken.test(await readFile(how.logFile, 'utf8').catch(() => ''));
      if (!taken || attempt === 5) throw error;
    }
  }
}

/** One that does not get ready is ended. */
async function startOn<Settings>(how: Starting<Settings>, port: number, settings: Settings): Promise<LocalProcess> {
  const server = await how.start(port, settings);
  try {
    await how.machine.untilReady(server, () => how.isReady(port, server), how.timeout);
    return server;
  } catch (error) {
    await server.kill();
    throw error;
  }
}

class Started<Settings extends object> implements StartedServer<Settings> {
  readonly #how: Starting<Settings>;
  #process: LocalProcess;
  #settings: Settings;
  readonly host = host;
  readonly port: number;
  readonly password: string;
  readonly dataDir: string;
  readonly logFile: string;

  constructor(how: Starting<Settings>, port: number, process: LocalProcess) {
    this.#how = how;
    this.#process = process;
    this.#settings = how.settings;
    this.port = port;
    this.password = how.password;
    this.dataDir = how.dataDir;
    this.logFile = how.logFile;
  }

  get pid(): number {
    return this.#process.pid;
  }

  async stop(): Promise<void> {
    await this.#process.stop();
    await this.#how.remove();
  }

  async kill(): Promise<void> {
    await this.#process.kill();
  }

  async restart(settings?: Settings): Promise<void> {
    if (!existsSync(this.dataDir)) throw fail('CT6010', `The data folder ${this.dataDir} is gone.`);
    await this.#process.stop();
    this.#settings = { ...this.#settings, ...settings };
    const deadline = Date.now() + PATIENCE;
    for (;;) {
      try {
        this.#process = await startOn(this.#how, this.port, this.#settings);
        return;
      } catch (error) {
        if (!this.#isEarly(error) || Date.now() > deadline) throw error;
        await sleep(50);
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /** After a crash its place can be taken for a moment. */
  #isEarly(error: unknown): boolean {
    if (!(error instanceof DiagnosticError) || error.diagnostics.every(({ code }) => code !== 'CT6001')) return false;
    return this.#how.waits?.test(error.diagnostics[0]?.hint ?? '') ?? true;
  }
}
