import { randomBytes } from 'node:crypto';
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { hostname, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { type Diagnostic, fail, type Intent, type Json } from '../model/index.ts';
import { errorCode, keepOutOfGit, syncFolder } from '../util/system.ts';
import { type Entry, FORMAT } from './entry.ts';

export const SUFFIX = '.ndjson';

/** Of a run: sorts by time, and no two are the same. */
export function newRunId(now = new Date()): string {
  return `${now.toISOString().replaceAll(/[-:.Z]/g, '')}-${randomBytes(4).toString('hex')}`;
}

export interface Begin {
  readonly run: string;
  readonly project: string;
  readonly intent: Intent;
  readonly resumes: string | null;
  /** Who wants it, where that is not the user of this process. */
  readonly by?: string;
}

/** Entries of all types but `begin`, which is written when the journal is opened. */
type Later = Exclude<Entry, { type: 'begin' }>;
type WithoutTime<E> = E extends unknown ? Omit<E, 'at'> : never;
export type Note = WithoutTime<Later>;

/**
 * What one run leaves behind for the next one and for people: append-only, one file a run, readable by its owner alone.
 * It is comfort, never truth: what has to be done the servers tell.
 */
export class Journal implements AsyncDisposable {
  readonly #handle: FileHandle;
  #ended = false;
  #last: Promise<void> = Promise.resolve();
  #trouble: Error | null = null;

  private constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  /** Makes the file in `folder`, on disk when this resolves. Throws CT5201 where that cannot be. */
  static async open(folder: string, { run, project, intent, resumes, by: wanted }: Begin): Promise<Journal> {
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await keepOutOfGit(dirname(folder));
      const handle = await open(join(folder, run + SUFFIX), 'ax', 0o600);
      const journal = new Journal(handle);
      const by = { user: wanted ?? userName(), host: hostname(), pid: process.pid };
      journal.#append({
        type: 'begin',
        format: FORMAT,
        run,
        at: now(),
        project,
        intent,
        by,
        ...(resumes === null ? {} : { resumes }),
      });
      await journal.#sync();
      await syncFolder(folder);
      return journal;
    } catch (error) {
      throw fail('CT5201', `${folder} cannot be written: ${reasonOf(error)}`);
    }
  }

  note(note: Note): void {
    this.#append({ ...note, at: now() });
  }

  /** On disk when it resolves; what a step has said once must not be lost. Throws CT5201. */
  async checkpoint(step: string, token: Json): Promise<void> {
    this.note({ type: 'checkpoint', step, token });
    try {
      await this.#sync();
    } catch (error) {
      throw fail('CT5201', `the journal cannot be written: ${reasonOf(error)}`);
    }
  }

  /** Notes how the run ended, once. What went wrong with writing, now that all is written; null: nothing. */
  async end(ending: string): Promise<Diagnostic | null> {
    if (this.#ended) return null;
    this.#ended = true;
    this.note({ type: 'end', ending });
    try {
      await this.#sync();
      return null;
    } catch (error) {
      return { code: 'CT5201', severity: 'warning', message: `the journal of this run is incomplete: ${reasonOf(error)}` };
    } finally {
      await this.#handle.close().catch(() => undefined);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle.close().catch(() => undefined);
  }

  #append(entry: Entry): void {
    const text = `${JSON.stringify(entry)}\n`;
    this.#last = this.#last.then(async () => {
      if (this.#trouble === null) await this.#handle.appendFile(text).catch((error: unknown) => this.#failed(error));
    });
  }

  #failed(error: unknown): void {
    this.#trouble = error instanceof Error ? error : new Error(String(error));
  }

  async #sync(): Promise<void> {
    await this.#last;
    if (this.#trouble !== null) throw this.#trouble;
    await this.#handle.sync();
  }
}

function now(): string {
  return new Date().toISOString();
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // Containers run as users that no file names.
    return String(process.getuid?.() ?? '');
  }
}

function reasonOf(error: unknown): string {
  return errorCode(error) || String(error);
}
