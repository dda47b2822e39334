import { type FileHandle, open } from 'node:fs/promises';
import type { Sink } from './read.ts';

const WAITING = 1 << 20;

/** A file that is written from its start to its end, of which the last part can be taken back. */
export class CommandFile implements Sink, AsyncDisposable {
  readonly #handle: FileHandle;
  #waiting: Buffer[] = [];
  #bytes = 0;
  #at = 0;

  private constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  static async open(path: string): Promise<CommandFile> {
    return new CommandFile(await open(path, 'wx', 0o600));
  }

  async write(bytes: Buffer): Promise<void> {
    this.#waiting.push(bytes);
    this.#bytes += bytes.length;
    if (this.#bytes >= WAITING) await this.#flush();
  }

  async mark(): Promise<number> {
    await this.#flush();
    return this.#at;
  }

  async back(mark: number): Promise<void> {
    await this.#flush();
    await this.#handle.truncate(mark);
    this.#at = mark;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle.close();
  }

  /** Throws where the disk is full. */
  async end(): Promise<void> {
    await this.#flush();
    await this.#handle.sync();
  }

  async #flush(): Promise<void> {
    if (this.#bytes === 0) return;
    const bytes = Buffer.concat(this.#waiting);
    this.#waiting = [];
    this.#bytes = 0;
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await this.#handle.write(bytes, done, bytes.length - done, this.#at);
      done += bytesWritten;
      this.#at += bytesWritten;
    }
  }
}

/** For who wants to know only what would be written. */
export const nowhere: Sink = {
  write: async () => await Promise.resolve(),
  mark: async () => await Promise.resolve(0),
  back: async () => await Promise.resolve(),
};
