import { lookUp } from '../../../util/record.ts';
import { listOf } from '../connect/connection.ts';
import type { Put, Source } from './read.ts';
import type { Words } from './resp.ts';
import { answers } from './session.ts';
import type { Spill } from './spill.ts';
import { bytesOf, textOf } from './stream.ts';

/** One command has so many elements at most, and stops when it has so many bytes: by what is in the key alone, so that the same value is the same text. */
const ELEMENTS = 64;
const BYTES = 16 * 1024;

interface Of {
  readonly key: Buffer;
  readonly type: string;
  readonly memory: number;
}

const COMMAND: Readonly<Record<string, string>> = { list: 'RPUSH', zset: 'ZADD', set: 'SADD', hash: 'HSET' };

type Several<T> = AsyncIterable<T> | Iterable<T>;

export async function strings(put: Put, key: Buffer, parts: Several<unknown>): Promise<void> {
  let command = 'SET';
  for await (const part of parts) {
    await put([command, key, bytesOf(part)]);
    command = 'APPEND';
  }
}

/** What the server gives in an order of its own that can be relied on: members with scores come with the score behind. */
export async function elements(put: Put, { key, type }: Of, values: Several<unknown>): Promise<void> {
  const group = new Group(put, lookUp(COMMAND, type) ?? '', key);
  let member: Buffer | null = null;
  for await (const value of values) {
    if (type === 'list') await group.add(bytesOf(value));
    else if (member === null) member = bytesOf(value);
    else {
      await group.add(scoreOf(textOf(value)), member);
      member = null;
    }
  }
  await group.end();
}

/** Servers write the same number with more digits or fewer. */
function scoreOf(text: string): Buffer {
  const score = Number(text);
  return Buffer.from(Number.isFinite(score) && text !== '-0' ? String(score) : text);
}

/** Members, or fields with their values, in our order. Behind them the fields that expire, each alone, with its time. */
export async function pieces(put: Put, { key, type }: Of, records: () => Several<Words>): Promise<void> {
  const group = new Group(put, lookUp(COMMAND, type) ?? '', key);
  let expiring = false;
  for await (const [field, value, at] of records()) {
    if (!field) continue;
    if (type === 'set') await group.add(field);
    else if (at === undefined) await group.add(field, value ?? Buffer.alloc(0));
    else expiring = true;
  }
  await group.end();
  if (!expiring) return;
  for await (const [field, value, at] of records()) {
    if (!field || !value || !at) continue;
    await put(['HSET', key, field, value]);
    await put(['HPEXPIREAT', key, at, 'FIELDS', '1', field]);
  }
}

class Group {
  readonly #put: Put;
  readonly #command: string;
  readonly #key: Buffer;
  #words: Buffer[] = [];
  #elements = 0;
  #bytes = 0;

  constructor(put: Put, command: string, key: Buffer) {
    this.#put = put;
    this.#command = command;
    this.#key = key;
  }

  async add(...words: readonly Buffer[]): Promise<void> {
    this.#words.push(...words);
    this.#elements += 1;
    for (const { length } of words) this.#bytes += length;
    if (this.#elements === ELEMENTS || this.#bytes >= BYTES) await this.end();
  }

  async end(): Promise<void> {
    if (this.#elements > 0) await this.#put([this.#command, this.#key, ...this.#words]);
    this.#words = [];
    this.#elements = 0;
    this.#bytes = 0;
  }
}

/** All members of a set, or fields of a hash, each with its value and, where it expires, its time. */
export async function hashFields({ connection, fields }: Source, { key, type, memory }: Of, into: Spill): Promise<void> {
  const [length] = await answers(connection, [[type === 'hash' ? 'HLEN' : 'SCARD', key]]);
  const count = Math.max(1, Math.min(1000, Math.floor((1 << 20) / Math.max(1, memory / Math.max(1, Number(textOf(length)))))));
  for (let cursor = '0'; ; ) {
    const [page] = await answers(connection, [[type === 'hash' ? 'HSCAN' : 'SSCAN', key, cursor, 'COUNT', String(count)]]);
    const [next, found] = listOf(page);
    const all = listOf(found).map(bytesOf);
    if (type === 'set') for (const member of all) await into.add([member]);
    else {
      const names = all.filter((_, at) => at % 2 === 0);
      const times = fields && names.length > 0 ? await timesOf(connection, key, names) : [];
      for (const [at, name] of names.entries()) {
        const time = times[at] ?? '-1';
        // Gone since.
        if (time === '-2') continue;
        const value = all[at * 2 + 1] ?? Buffer.alloc(0);
        await into.add(time === '-1' ? [name, value] : [name, value, Buffer.from(time)]);
      }
    }
    cursor = textOf(next);
    if (cursor === '0') return;
  }
}

async function timesOf(connection: Source['connection'], key: Buffer, names: readonly Buffer[]): Promise<readonly string[]> {
  const [times] = await answers(connection, [['HPEXPIRETIME', key, 'FIELDS', String(names.length), ...names]]);
  return listOf(times).map(textOf);
}
