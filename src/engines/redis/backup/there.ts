import { join } from 'node:path';
import type { BackupContext } from '../../../engine/index.ts';
import type { Connection } from '../connect/connection.ts';
import { KeyDigest, keyAt, type Summary, type Totals } from './digest.ts';
import { nowhere } from './file.ts';
import type { Place, PlaceDatabase } from './place.ts';
import { readKeys, type Source } from './read.ts';
import { commandsIn } from './resp.ts';
import { knowsFields } from './save.ts';
import { namesIn, enter } from './session.ts';
import { orderOf, Spill } from './spill.ts';
import { damaged } from './write.ts';

export interface There {
  /** Sees names of keys. */
  readonly looking: Connection;
  /** Reads values. In the right database, unless it looks itself. */
  readonly own: Connection;
  /** What keys begin with here. */
  readonly prefix: string;
  readonly database: number;
  readonly later: number;
  readonly place: Place;
  readonly saved: PlaceDatabase;
  readonly instance: string;
  readonly context: BackupContext;
}

/** What was found beside the sums. */
export interface Compared {
  /** Keys, and fields, that have expired since they were saved. */
  expired: number;
  /** Names of keys that are not as they stand in the backup's own file, the first ones. */
  readonly differing: string[];
}

const SHOWN = 5;

/** Compares what a backup's file says with what is there, key by key, and counts both in the same way. What time has taken counts as it was. */
export async function countThere(there: There, totals: Totals, compared: Compared): Promise<void> {
  const { looking, own, prefix, database, later, place, saved, context } = there;
  const { folder, signal } = context;
  await using names = new Spill(folder);
  const start = Buffer.byteLength(prefix);
  for await (const some of namesIn(looking, prefix, database)) {
    signal.throwIfAborted();
    for (const key of some) await names.add([key.subarray(start)]);
  }
  if (looking === own) await enter(own, database);
  const source: Source = {
    connection: own,
    prefix,
    written: '',
    later,
    fields: await knowsFields(own),
    folder,
    torn: () => undefined,
  };
  const where = place.isolation === 'instance' ? ` in database ${saved.number}` : '';
  const differs = (name: Buffer, how: string): void => {
    if (compared.differing.length < SHOWN) compared.differing.push(`${JSON.stringify(name.toString())} ${how}`);
  };
  const actual = readKeys(source, names.ordered(), nowhere);
  let next = await actual.next();
  for await (const wanted of summariesOf(join(folder, saved.file), place.prefix, there.instance)) {
    while (next.done !== true && orderOf(next.value.name).compare(orderOf(wanted.name)) < 0) {
      totals.add(where, next.value, next.value.digest);
      differs(next.value.name, 'stands in no backup');
      next = await actual.next();
    }
    const one = next.done !== true && next.value.name.equals(wanted.name) ? next.value : null;
    if (one) next = await actual.next();
    const taken = later === 0 ? takenByTime(wanted, one, Date.now()) : 0;
    const same = one !== null && (one.digest === wanted.digest || (one.loose !== null && one.loose === wanted.loose));
    compared.expired += same ? 0 : taken;
    if (same || taken > 0) totals.add(where, wanted, wanted.digest);
    else if (one) totals.add(where, one, one.digest);
    if (!same && taken === 0) differs(wanted.name, one ? 'is another one' : 'is missing');
  }
  for (; next.done !== true; next = await actual.next()) {
    totals.add(where, next.value, next.value.digest);
    differs(next.value.name, 'stands in no backup');
  }
}

/** How many things of a key have expired, where nothing else is the matter with it; else 0. */
function takenByTime(wanted: Summary, one: Summary | null, now: number): number {
  const over = wanted.fields.filter(({ at }) => at <= now);
  if (one === null) {
    const gone = (wanted.expires !== null && wanted.expires <= now) || (!wanted.lasting && over.length === wanted.fields.length);
    return gone ? 1 : 0;
  }
  let digest = one.digest;
  for (const [at, field] of over.entries()) {
    digest += field.digest;
    if (digest === wanted.digest) return at + 1;
  }
  return 0;
}

/** The keys of a file, in its order. */
async function* summariesOf(file: string, prefix: string, instance: string): AsyncGenerator<Summary> {
  const start = Buffer.byteLength(prefix);
  let name: Buffer | null = null;
  let digest: KeyDigest | null = null;
  try {
    for await (const words of commandsIn(file)) {
      const at = keyAt(words);
      const own = (words[at] ?? Buffer.alloc(0)).subarray(start);
      if (digest === null || name === null || !name.equals(own)) {
        if (digest) yield digest.end();
        name = Buffer.from(own);
        digest = new KeyDigest(name);
      }
      digest.put(words.with(at, own));
    }
  } catch (error) {
    throw damaged(error, instance);
  }
  if (digest) yield digest.end();
}
