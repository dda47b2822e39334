import { lookUp } from '../../../util/record.ts';
import type { Word } from '../connect/client.ts';
import { type Connection, listOf, type Reply } from '../connect/connection.ts';
import { KeyDigest, type Summary } from './digest.ts';
import { encode } from './resp.ts';
import { answers } from './session.ts';
import { inOrder, Spill } from './spill.ts';
import { readStream, textOf } from './stream.ts';
import { elements, hashFields, pieces, strings } from './values.ts';
import { backInTime } from './time.ts';

/** Takes the next command of a key. */
export type Put = (words: readonly Word[]) => Promise<void>;

/** Where commands go. What was written since `mark` can be taken back. */
export interface Sink {
  write(bytes: Buffer): Promise<void>;
  mark(): Promise<number>;
  back(mark: number): Promise<void>;
}

/** Where keys are read, and by whom. */
export interface Source {
  /** As the app, in the right database. */
  readonly connection: Connection;
  /** What the names here begin with, and what they are to begin with in what is written. */
  readonly prefix: string;
  readonly written: string;
  /** Milliseconds by which all that expires was put off here. */
  readonly later: number;
  /** The server knows fields that expire. */
  readonly fields: boolean;
  /** For what has to be put in order. */
  readonly folder: string;
  /** A key that did not stand still. */
  torn(name: Buffer): void;
}

/** Keys of one request, and the bytes that a key of those may take. */
const BATCH = 64;
const SMALL = 64 * 1024;
/** How often a key is read that is changed meanwhile. */
const TRIES = 4;

/** Reads keys in their order, each as it was at one moment. What is gone by then is left out. */
export async function* readKeys(
  source: Source,
  names: AsyncIterable<readonly Buffer[]>,
  sink: Sink,
): AsyncGenerator<Summary & { readonly memory: number }> {
  let batch: Buffer[] = [];
  for await (const [name] of names) {
    if (name) batch.push(name);
    if (batch.length < BATCH) continue;
    yield* readBatch(source, batch, sink);
    batch = [];
  }
  if (batch.length > 0) yield* readBatch(source, batch, sink);
}

interface Seen {
  readonly name: Buffer;
  readonly key: Buffer;
  readonly type: string;
  readonly memory: number;
}

async function* readBatch(source: Source, names: readonly Buffer[], sink: Sink): AsyncGenerator<Summary & { readonly memory: number }> {
  const { connection, prefix } = source;
  const keys = names.map((name) => ({ name, key: Buffer.concat([Buffer.from(prefix), name]) }));
  const said = await connection.pipeline(
    keys.flatMap(({ key }) => [
      ['TYPE', key],
      ['MEMORY', 'USAGE', key],
    ]),
    'exact',
  );
  for (const one of said) if (one instanceof Error) throw one;
  const seen = keys.map(({ name, key }, at): Seen => {
    const [type, memory] = said.slice(at * 2, at * 2 + 2).map(textOf);
    return { name, key, type: type ?? 'none', memory: Number(memory) || 0 };
  });
  const small = seen.filter((one) => valueOf(one, source) !== null);
  const found = new Map<Seen, readonly Reply[]>();
  if (small.length > 0) {
    const commands = small.flatMap((one) => [['MULTI'], ...(valueOf(one, source) ?? []), ['EXEC']]);
    const replies = await connection.pipeline(commands, 'exact');
    let at = 0;
    for (const one of small) {
      at += (valueOf(one, source) ?? []).length + 2;
      const results = listOf(replies[at - 1]);
      if (results.length > 0 && !results.some((result) => result instanceof Error)) found.set(one, results);
    }
  }
  for (const one of seen) {
    if (one.type === 'none') continue;
    const summary = await readOne(source, one, found.get(one) ?? null, sink);
    if (summary) yield { ...summary, memory: one.memory };
  }
}

/** What reads a small key whole, with all that could have changed since it was looked at; null: it goes by pieces. */
function valueOf({ key, type, memory }: Seen, { fields }: Source): readonly (readonly Word[])[] | null {
  if (memory > SMALL) return null;
  const around: readonly (readonly Word[])[] = [
    ['TYPE', key],
    ['PEXPIRETIME', key],
  ];
  if (type === 'string') return [['GET', key], ...around];
  if (type === 'list') return [['LRANGE', key, '0', '-1'], ...around];
  if (type === 'set') return [['SMEMBERS', key], ...around];
  if (type === 'zset') return [['ZRANGE', key, '0', '-1', 'WITHSCORES'], ...around];
  if (type === 'hash') return [['HGETALL', key], ...around, ...(fields ? [['OBJECT', 'ENCODING', key]] : [])];
  return null;
}

async function readOne(source: Source, seen: Seen, whole: readonly Reply[] | null, sink: Sink): Promise<Summary | null> {
  const [value, type, expires, encoding] = whole ?? [];
  // In this form no field expires.
  const steady = encoding === undefined || textOf(encoding) === 'listpack';
  const same = whole !== null && textOf(type) === seen.type && steady;
  if (!same) return await readAlone(source, seen, sink);
  const out = keyWriter(source, seen, sink);
  if (seen.type === 'string') await strings(out.put, seen.key, [value]);
  else if (seen.type === 'list' || seen.type === 'zset') await elements(out.put, seen, listOf(value));
  else {
    const list = listOf(value).map((one) => (Buffer.isBuffer(one) ? one : Buffer.alloc(0)));
    const step = seen.type === 'hash' ? 2 : 1;
    const records = inOrder(Array.from({ length: list.length / step }, (_, at) => list.slice(at * step, at * step + step)));
    await pieces(out.put, seen, () => records);
  }
  await out.expire(Number(textOf(expires)));
  return out.end();
}

/** A key that is large, or that changed: by pieces, again where it has changed meanwhile. */
async function readAlone(source: Source, seen: Seen, sink: Sink): Promise<Summary | null> {
  const { connection } = source;
  for (let tries = 1; ; tries += 1) {
    const mark = await sink.mark();
    const [, type] = await answers(connection, [
      ['WATCH', seen.key],
      ['TYPE', seen.key],
    ]);
    if (textOf(type) === 'none') {
      await answers(connection, [['UNWATCH']]);
      return null;
    }
    const now = { ...seen, type: textOf(type) };
    // Streams are written to all the time. What belongs together of one is read at one moment, and its entries never change.
    if (now.type === 'stream') await answers(connection, [['UNWATCH']]);
    const out = keyWriter(source, now, sink);
    const whole = await readValue(source, now, out.put).catch((error: unknown) => {
      // Somebody has put something of another type there, or nothing.
      if (error instanceof Error && /^WRONGTYPE|no such key|^NOGROUP/.test(error.message)) return null;
      throw error;
    });
    const [, , , end] = await connection.pipeline([['MULTI'], ['PEXPIRETIME', seen.key], ['TYPE', seen.key], ['EXEC']], 'exact');
    const still = Array.isArray(end);
    const [expires, after] = Array.isArray(end)
      ? listOf(end)
      : await answers(connection, [
          ['PEXPIRETIME', seen.key],
          ['TYPE', seen.key],
        ]);
    const gone = textOf(after) === 'none';
    const torn = whole !== true || !still || textOf(after) !== now.type;
    if (gone || (torn && tries < TRIES)) {
      await sink.back(mark);
      if (gone) return null;
      continue;
    }
    if (torn) source.torn(seen.name);
    if (whole === null) return null;
    await out.expire(Number(textOf(expires)));
    return out.end();
  }
}

/** True: it did not change, as far as the server itself does not tell. */
async function readValue(source: Source, seen: Seen, put: Put): Promise<boolean> {
  const { connection } = source;
  const { key, type } = seen;
  if (type === 'stream') return await readStream(connection, key, put);
  if (type === 'string' || type === 'list' || type === 'zset') {
    await inPieces(connection, seen, put);
    return true;
  }
  if (type === 'set' || type === 'hash') {
    await using sorted = new Spill(source.folder);
    await hashFields(source, seen, sorted);
    await pieces(put, seen, () => sorted.ordered());
    return true;
  }
  const [payload] = await answers(connection, [['DUMP', key]]);
  if (!Buffer.isBuffer(payload)) throw new Error('ERR no such key');
  await put(['RESTORE', key, '0', payload]);
  return true;
}

const PIECE = 1 << 20;

async function inPieces(connection: Connection, seen: Seen, put: Put): Promise<void> {
  const { key, type, memory } = seen;
  const size = lookUp({ string: 'STRLEN', list: 'LLEN', zset: 'ZCARD' }, type) ?? '';
  const [length] = await answers(connection, [[size, key]]);
  const all = Number(textOf(length));
  if (all === 0 && type !== 'string') throw new Error('ERR no such key');
  const step = type === 'string' ? PIECE : Math.max(1, Math.min(1000, Math.floor(PIECE / Math.max(1, memory / all))));
  const gather = async function* (): AsyncGenerator {
    for (let at = 0; at < all; at += step) {
      const range = [String(at), String(at + step - 1)];
      const words =
        type === 'string'
          ? ['GETRANGE', key, ...range]
          : type === 'list'
            ? ['LRANGE', key, ...range]
            : ['ZRANGE', key, ...range, 'WITHSCORES'];
      const [piece] = await answers(connection, [words]);
      if (type === 'string') yield piece;
      else yield* listOf(piece);
    }
  };
  if (type === 'string') await strings(put, key, all === 0 ? [Buffer.alloc(0)] : gather());
  else await elements(put, seen, gather());
}

/** Writes the commands of a key as they are to stand in the backup, and knows what it has written. */
function keyWriter(
  { prefix, written, later }: Source,
  { name, key }: Seen,
  sink: Sink,
): { put: Put; expire(at: number): Promise<void>; end(): Summary } {
  const digest = new KeyDigest(name);
  const shown = prefix === written ? key : Buffer.concat([Buffer.from(written), name]);
  const put: Put = async (words) => {
    const all = words.map((word) => (Buffer.isBuffer(word) ? word : Buffer.from(word)));
    digest.put(all.map((word) => (word === key ? name : word)));
    await sink.write(encode(all.map((word) => (word === key ? shown : word))));
  };
  return {
    put: async (words) =>
      await put(
        words[0] === 'HPEXPIREAT' ? [...words.slice(0, 2), String(backInTime(Number(textOf(words[2])), later)), ...words.slice(3)] : words,
      ),
    expire: async (at) => {
      if (at >= 0) await put(['PEXPIREAT', key, String(backInTime(at, later))]);
    },
    end: () => digest.end(),
  };
}
