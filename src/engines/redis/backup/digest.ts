import { createHash, type Hash } from 'node:crypto';
import type { SavedObject } from '../../../model/index.ts';
import { NotCommands, type Words } from './resp.ts';
import { orderOf } from './spill.ts';

/** The first command of a key says of which type it is. */
const KINDS: ReadonlyMap<string, string> = new Map([
  ['SET', 'string'],
  ['RPUSH', 'list'],
  ['SADD', 'set'],
  ['ZADD', 'zset'],
  ['HSET', 'hash'],
  ['XADD', 'stream'],
  ['XGROUP', 'stream'],
  ['RESTORE', 'other'],
]);

/** All that a backup writes. */
const COMMANDS = new Set([...KINDS.keys(), 'APPEND', 'XSETID', 'XDEL', 'XCLAIM', 'PEXPIREAT', 'HPEXPIREAT']);

/** Where the key stands in a command. Throws NotCommands where a backup writes no such command. */
export function keyAt(words: Words): number {
  const name = words[0]?.toString('latin1') ?? '';
  const at = name === 'XGROUP' ? 2 : 1;
  if (!COMMANDS.has(name) || words.length <= at) throw new NotCommands(`${JSON.stringify(name.slice(0, 20))} stands in it`);
  return at;
}

/** A field of a hash that expires by itself. */
interface Expiring {
  readonly at: number;
  readonly digest: bigint;
}

/** What is known of a key without keeping its value. */
export interface Summary {
  /** Without the prefix. */
  readonly name: Buffer;
  readonly kind: string;
  /** Of all that is known of it. */
  readonly digest: bigint;
  /** The same, with the length of a serialised value in place of the value: it is another one after each restore. null: it has none. */
  readonly loose: bigint | null;
  /** Milliseconds; null: it stays. */
  readonly expires: number | null;
  /** Of its fields, by time. */
  readonly fields: readonly Expiring[];
  /** There is something in it that no time takes. */
  readonly lasting: boolean;
}

/** Reads the commands of one key, each with its name without the prefix. What they make in the end does not depend on the order of elements that have none. */
export class KeyDigest {
  readonly #name: Buffer;
  readonly #hash: Hash = createHash('sha256');
  /** Only where it is another one. */
  #loose: Hash | null = null;
  readonly #fields: Expiring[] = [];
  #kind = '';
  #expires: number | null = null;
  #lasting = false;
  /** May be a field that expires: the next command says so. */
  #held: Words | null = null;

  constructor(name: Buffer) {
    this.#name = name;
  }

  put(words: Words): void {
    const name = words[0]?.toString('latin1') ?? '';
    if (this.#kind === '') this.#kind = KINDS.get(name) ?? 'other';
    if (name === 'HPEXPIREAT' && this.#held) {
      const both = createHash('sha256');
      for (const one of [this.#held, words]) feed(both, one);
      this.#fields.push({ at: Number(words[2]), digest: numberOf(both) });
      this.#held = null;
      return;
    }
    this.#flush();
    if (name === 'HSET') this.#held = words;
    else this.#take(name, words);
  }

  end(): Summary {
    this.#flush();
    const fields = this.#fields.sort((a, b) => a.at - b.at);
    const more = fields.reduce((sum, { digest }) => sum + digest, 0n);
    return {
      name: this.#name,
      kind: this.#kind,
      digest: numberOf(this.#hash) + more,
      loose: this.#loose ? numberOf(this.#loose) + more : null,
      expires: this.#expires,
      fields,
      lasting: this.#lasting,
    };
  }

  #flush(): void {
    const held = this.#held;
    this.#held = null;
    if (held) this.#take('HSET', held);
  }

  #take(name: string, words: Words): void {
    if (name === 'PEXPIREAT') this.#expires = Number(words[2]);
    else this.#lasting = true;
    const said = comparable(name, words);
    feed(this.#hash, said);
    // It stands before everything else.
    if (name === 'RESTORE') this.#loose = createHash('sha256');
    if (this.#loose) feed(this.#loose, name === 'RESTORE' ? [...said.slice(0, 3), Buffer.from(String(said[3]?.length))] : said);
  }
}

/** When an entry of a stream was handed out last is known to about a second, and small sorted sets have no negative zero. */
function comparable(name: string, words: Words): Words {
  if (name === 'XCLAIM') return words.filter((_, at) => at !== XCLAIM_TIME);
  if (name === 'ZADD') return words.map((word, at) => (at >= 2 && at % 2 === 0 && word.equals(MINUS_ZERO) ? ZERO : word));
  return words;
}

/** XCLAIM key group consumer 0 id TIME ms … */
const XCLAIM_TIME = 7;
const ZERO = Buffer.from('0');
const MINUS_ZERO = Buffer.from('-0');

function feed(hash: Hash, words: Words): void {
  hash.update(`${words.length}:`);
  for (const word of words) hash.update(`${word.length}:`).update(word);
}

function numberOf(hash: Hash): bigint {
  return BigInt(`0x${hash.digest('hex')}`);
}

const GROUPS = 256;
const MODULUS = 1n << 256n;

/** How many keys of a type one object stands for, about: so many are named together where some are missing. */
const IN_A_GROUP = 4096;

interface Sum {
  keys: number;
  digest: bigint;
}

/** Counts and sums over keys, which no order changes: what is compared of a backup. */
export class Totals {
  readonly #sums = new Map<string, Sum[]>();
  #keys = 0;

  /** `where`: of which database, where there are several. */
  add(where: string, { name, kind }: Pick<Summary, 'name' | 'kind'>, digest: bigint): void {
    const id = `${kind}${where}`;
    const sums = this.#sums.get(id) ?? Array.from({ length: GROUPS }, (): Sum => ({ keys: 0, digest: 0n }));
    this.#sums.set(id, sums);
    const sum = sums[orderOf(name)[0] ?? 0];
    if (!sum) return;
    sum.keys += 1;
    sum.digest = (sum.digest + digest) % MODULUS;
    this.#keys += 1;
  }

  /** A power of two. */
  get groups(): number {
    let groups = 1;
    while (groups < GROUPS && this.#keys / groups > IN_A_GROUP) groups *= 2;
    return groups;
  }

  objects(groups: number): readonly SavedObject[] {
    const width = GROUPS / groups;
    return [...this.#sums].sort(byFirst).flatMap(([id, sums]) =>
      Array.from({ length: groups }, (_, group): SavedObject[] => {
        const some = sums.slice(group * width, (group + 1) * width);
        const keys = some.reduce((all, one) => all + one.keys, 0);
        if (keys === 0) return [];
        const digest = some.reduce((all, one) => (all + one.digest) % MODULUS, 0n);
        const name = groups === 1 ? id : `${id}, part ${group + 1} of ${groups}`;
        return [{ kind: 'keys of type', name, rows: keys, hash: digest.toString(16).padStart(64, '0') }];
      }).flat(),
    );
  }
}

function byFirst([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
