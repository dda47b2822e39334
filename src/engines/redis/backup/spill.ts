import { createHash } from 'node:crypto';
import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { commandsIn, encode, type Words } from './resp.ts';

/** Bytes that wait in memory. */
const MEMORY = 8 * 1024 * 1024;
const PARTS = 256;

/** What records are put in order by: it depends on nothing but their first word, and no order of a server's can be relied on. */
export function orderOf(id: Buffer): Buffer {
  return createHash('sha256').update(id).digest();
}

export function inOrder(records: readonly Words[]): readonly Words[] {
  return records
    .map((record) => ({ record, order: orderOf(record[0] ?? Buffer.alloc(0)) }))
    .sort((a, b) => a.order.compare(b.order))
    .map(({ record }) => record);
}

/** Puts any number of records in order, each under its first word, with little memory. Of those with the same first word the last counts. */
export class Spill implements AsyncDisposable {
  readonly #folder: string;
  #temporary: string | null = null;
  #waiting: Buffer[][] = Array.from({ length: PARTS }, () => []);
  #bytes = 0;

  /** `folder`: where it may have a folder of its own while it lives. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  async add(record: Words): Promise<void> {
    const [id] = record;
    if (!id) throw new Error('a record has a first word');
    const bytes = encode(record);
    this.#waiting[orderOf(id)[0] ?? 0]?.push(bytes);
    this.#bytes += bytes.length;
    if (this.#bytes > MEMORY) await this.#write();
  }

  async *ordered(): AsyncGenerator<Words> {
    if (this.#temporary !== null) await this.#write();
    for (let part = 0; part < PARTS; part++) {
      const records = new Map<string, Words>();
      for await (const record of this.#part(part)) records.set(record[0]?.toString('latin1') ?? '', record);
      yield* inOrder([...records.values()]);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#waiting = [];
    if (this.#temporary !== null) await rm(this.#temporary, { recursive: true, force: true });
  }

  async *#part(part: number): AsyncGenerator<Words> {
    if (this.#temporary === null) {
      for (const record of this.#waiting[part] ?? []) yield decode(record);
      return;
    }
    const file = this.#file(this.#temporary, part);
    if (existsSync(file)) yield* commandsIn(file);
  }

  async #write(): Promise<void> {
    this.#temporary ??= await mkdtemp(join(this.#folder, 'order-'));
    for (const [part, records] of this.#waiting.entries())
      if (records.length > 0) await appendFile(this.#file(this.#temporary, part), Buffer.concat(records), { mode: 0o600 });
    this.#waiting = Array.from({ length: PARTS }, () => []);
    this.#bytes = 0;
  }

  #file(folder: string, part: number): string {
    return join(folder, part.toString(16).padStart(2, '0'));
  }
}

/** One record, of which it is known that it is whole. */
function decode(bytes: Buffer): Words {
  const words: Buffer[] = [];
  let at = bytes.indexOf('\r\n') + 2;
  while (at < bytes.length) {
    const start = bytes.indexOf('\r\n', at) + 2;
    const size = Number(bytes.subarray(at + 1, start - 2).toString('latin1'));
    words.push(bytes.subarray(start, start + size));
    at = start + size + 2;
  }
  return words;
}
