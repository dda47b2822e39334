import { createReadStream } from 'node:fs';
import type { Word } from '../connect/client.ts';

/** One command of the server, as the bytes of its words. */
export type Words = readonly Buffer[];

const LINE = Buffer.from('\r\n');

/** As the protocol has it, and `redis-cli --pipe` reads it. */
export function encode(words: readonly Word[]): Buffer {
  const parts: Buffer[] = [Buffer.from(`*${words.length}\r\n`)];
  for (const word of words) {
    const bytes = Buffer.isBuffer(word) ? word : Buffer.from(word);
    parts.push(Buffer.from(`$${bytes.length}\r\n`), bytes, LINE);
  }
  return Buffer.concat(parts);
}

/** What is not in that form. */
export class NotCommands extends Error {}

/** More words than any command has that a backup writes, and more bytes than any value can have. */
const MOST_WORDS = 100_000;
const MOST_BYTES = 4 * 1024 ** 3;

/** The commands of a file, one by one. Throws NotCommands. */
export async function* commandsIn(file: string): AsyncGenerator<Words> {
  const input = new Input(createReadStream(file, { highWaterMark: 1 << 20 }));
  for (;;) {
    const head = await input.line();
    if (head === null) return;
    const count = numberIn(head, '*', MOST_WORDS);
    const words: Buffer[] = [];
    for (let at = 0; at < count; at++) {
      const size = numberIn((await input.line()) ?? '', '$', MOST_BYTES);
      words.push(await input.bytes(size));
      if (!(await input.bytes(LINE.length)).equals(LINE)) throw new NotCommands('a word is longer than it says');
    }
    yield words;
  }
}

function numberIn(line: string, kind: string, most: number): number {
  const number = line.startsWith(kind) && /^\d{1,10}$/.test(line.slice(1)) ? Number(line.slice(1)) : -1;
  if (number < 0 || number > most) throw new NotCommands('it does not go on with a command');
  return number;
}

/** Bytes as they come, in the portions that are asked for. */
class Input {
  readonly #source: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** Without its end; null: there is nothing more. */
  async line(): Promise<string | null> {
    for (;;) {
      const end = this.#rest.indexOf(LINE);
      if (end !== -1) {
        const line = this.#rest.subarray(0, end).toString('latin1');
        this.#rest = this.#rest.subarray(end + LINE.length);
        return line;
      }
      if (this.#rest.length > 64) throw new NotCommands('it does not go on with a command');
      const more = await this.#next();
      if (more !== null) this.#rest = Buffer.concat([this.#rest, more]);
      else if (this.#rest.length === 0) return null;
      else throw new NotCommands('it ends in the middle of a command');
    }
  }

  async bytes(size: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    let missing = size;
    for (;;) {
      const part = this.#rest.subarray(0, missing);
      parts.push(part);
      missing -= part.length;
      this.#rest = this.#rest.subarray(part.length);
      if (missing === 0) return parts.length === 1 ? part : Buffer.concat(parts);
      const more = await this.#next();
      if (more === null) throw new NotCommands('it ends in the middle of a command');
      this.#rest = more;
    }
  }

  async #next(): Promise<Buffer | null> {
    const next = await this.#source.next();
    return next.done === true ? null : next.value;
  }
}
