import type { Connection, Reply } from '../connect/connection.ts';
import { listOf } from '../connect/connection.ts';
import type { Put } from './read.ts';
import { answers } from './session.ts';

/** Entries of one answer. */
const ENTRIES = 200;
const PENDING = 1000;

/** What a group of a stream is waiting for. */
interface Pending {
  readonly id: string;
  readonly consumer: Buffer;
  /** Milliseconds; to a second, since a server tells only how long ago. */
  readonly since: number;
  readonly times: string;
}

interface Group {
  readonly name: Buffer;
  readonly last: string;
  readonly read: string | null;
  readonly consumers: readonly Buffer[];
  readonly pending: readonly Pending[];
}

/** A stream but for its entries, as it was at one moment. */
interface Shape {
  readonly facts: ReadonlyMap<string, unknown>;
  readonly groups: readonly Group[];
  /** No group came or went while they were asked for. */
  readonly whole: boolean;
}

/**
 * A stream as commands. What is pending of entries that are deleted can be claimed only while there is such an entry: it stands
 * in for a while. False: something was taken away meanwhile.
 */
export async function readStream(connection: Connection, key: Buffer, put: Put): Promise<boolean> {
  const { facts, groups, whole } = await shapeOf(connection, key);
  const last = textOf(facts.get('last-generated-id'));
  const waiting = [...new Set(groups.flatMap(({ pending }) => pending.map(({ id }) => id)))].sort(compareIds);
  const ghosts: string[] = [];
  let [entries, at] = [0, 0];
  /** Entries for what is pending and deleted, before the entry of that id; null: all that are left. */
  const standIns = async (before: string | null): Promise<void> => {
    for (; at < waiting.length; at += 1) {
      const id = waiting[at] ?? '';
      if (before !== null && compareIds(id, before) >= 0) return;
      ghosts.push(id);
      await put(['XADD', key, id, '-', '-']);
    }
  };
  for await (const { id, fields } of entriesOf(connection, key, last)) {
    await standIns(id);
    if (waiting[at] === id) at += 1;
    await put(['XADD', key, id, ...fields]);
    entries += 1;
  }
  await standIns(null);
  if (entries + ghosts.length === 0) {
    await put(['XGROUP', 'CREATE', key, '-', '0', 'MKSTREAM']);
    await put(['XGROUP', 'DESTROY', key, '-']);
  }
  for (const group of groups) await putGroup(put, key, group);
  if (ghosts.length > 0) await put(['XDEL', key, ...ghosts]);
  // No XSETID sets it back to nothing: what was pending and trimmed, not deleted, has left its mark.
  const deleted = textOf(facts.get('max-deleted-entry-id'));
  const most = deleted === '0-0' ? (ghosts.at(-1) ?? deleted) : deleted;
  if (last !== '0-0') await put(['XSETID', key, last, 'ENTRIESADDED', textOf(facts.get('entries-added')), 'MAXDELETEDID', most]);
  return whole && entries === Number(textOf(facts.get('length')));
}

async function putGroup(put: Put, key: Buffer, { name, last, read, consumers, pending }: Group): Promise<void> {
  await put(['XGROUP', 'CREATE', key, name, last, ...(read === null ? [] : ['ENTRIESREAD', read])]);
  for (const consumer of consumers) await put(['XGROUP', 'CREATECONSUMER', key, name, consumer]);
  for (const { id, consumer, since, times } of pending)
    await put(['XCLAIM', key, name, consumer, '0', id, 'TIME', String(since), 'RETRYCOUNT', times, 'FORCE', 'JUSTID']);
}

/** What is handed out belongs to the last ids: one that came later would be pending of an entry that the backup does not have. */
async function shapeOf(connection: Connection, key: Buffer): Promise<Shape> {
  const [before] = await answers(connection, [['XINFO', 'GROUPS', key]]);
  const names = listOf(before).map((said) => bytesOf(fieldsOf(said).get('name')));
  const [time, info, said, ...rest] = await transaction(connection, [
    ['TIME'],
    ['XINFO', 'STREAM', key],
    ['XINFO', 'GROUPS', key],
    ...names.flatMap((name) => [
      ['XINFO', 'CONSUMERS', key, name],
      ['XPENDING', key, name],
      ['XPENDING', key, name, '-', '+', String(PENDING)],
    ]),
  ]);
  const known = listOf(said).map(fieldsOf);
  const groups: Group[] = [];
  for (const [at, name] of names.entries()) {
    const facts = known.find((one) => bytesOf(one.get('name')).equals(name));
    if (!facts) continue;
    const [consumers, sum, page] = rest.slice(at * 3, at * 3 + 3);
    const pending = pendingIn(time, page);
    if (pending.length === PENDING) pending.push(...(await morePending(connection, key, name, pending, listOf(sum)[2])));
    groups.push(groupOf(name, facts, consumers, pending));
  }
  return { facts: fieldsOf(info), groups, whole: groups.length === names.length && names.length === known.length };
}

function groupOf(name: Buffer, facts: ReadonlyMap<string, unknown>, consumers: Reply, pending: readonly Pending[]): Group {
  const read = facts.get('entries-read');
  return {
    name,
    last: textOf(facts.get('last-delivered-id')),
    read: read === null || read === undefined ? null : textOf(read),
    consumers: listOf(consumers)
      .map((said) => bytesOf(fieldsOf(said).get('name')))
      .sort((a, b) => a.compare(b)),
    pending,
  };
}

function pendingIn(time: Reply, page: Reply): Pending[] {
  const [seconds, micros] = listOf(time).map(textOf);
  const now = Number(seconds) * 1000 + Math.floor(Number(micros) / 1000);
  return listOf(page).map((row): Pending => {
    const [id, consumer, idle, times] = listOf(row);
    return {
      id: textOf(id),
      consumer: bytesOf(consumer),
      since: Math.floor((now - Number(textOf(idle))) / 1000) * 1000,
      times: textOf(times),
    };
  });
}

/** What follows a first page, up to what was the last then. */
async function morePending(
  connection: Connection,
  key: Buffer,
  group: Buffer,
  first: readonly Pending[],
  most: unknown,
): Promise<readonly Pending[]> {
  const all: Pending[] = [];
  for (let from = first.at(-1)?.id ?? ''; from !== textOf(most); ) {
    const [time, page] = await transaction(connection, [['TIME'], ['XPENDING', key, group, `(${from}`, textOf(most), String(PENDING)]]);
    const rows = pendingIn(time, page);
    all.push(...rows);
    if (rows.length < PENDING) return all;
    from = rows.at(-1)?.id ?? '';
  }
  return all;
}

async function* entriesOf(
  connection: Connection,
  key: Buffer,
  last: string,
): AsyncGenerator<{ readonly id: string; readonly fields: readonly Buffer[] }> {
  for (let from = '-'; ; ) {
    const [page] = await answers(connection, [['XRANGE', key, from, last, 'COUNT', String(ENTRIES)]]);
    const rows = listOf(page).map((row) => {
      const [id, fields] = listOf(row);
      return { id: textOf(id), fields: listOf(fields).map(bytesOf) };
    });
    yield* rows;
    if (rows.length < ENTRIES) return;
    from = `(${rows.at(-1)?.id ?? ''}`;
  }
}

/** Both parts of an id are numbers of 64 bits. */
function compareIds(a: string, b: string): number {
  const [left, right] = [a, b].map((id) => id.split('-').map(BigInt));
  for (const at of [0, 1]) {
    const [one, other] = [left?.[at] ?? 0n, right?.[at] ?? 0n];
    if (one !== other) return one < other ? -1 : 1;
  }
  return 0;
}

/** Commands of which the answers belong together. */
async function transaction(connection: Connection, commands: readonly (readonly (string | Buffer)[])[]): Promise<readonly Reply[]> {
  const all = await answers(connection, [['MULTI'], ...commands, ['EXEC']]);
  const results = listOf(all.at(-1));
  for (const one of results) if (one instanceof Error) throw one;
  return results;
}

function fieldsOf(said: Reply): ReadonlyMap<string, unknown> {
  const list = listOf(said);
  return new Map(list.flatMap((name, at): [string, unknown][] => (at % 2 === 0 ? [[textOf(name), list[at + 1]]] : [])));
}

export function textOf(value: unknown): string {
  return Buffer.isBuffer(value) ? value.toString('latin1') : String(value);
}

export function bytesOf(value: unknown): Buffer {
  return Buffer.isBuffer(value) ? value : Buffer.from(String(value));
}
