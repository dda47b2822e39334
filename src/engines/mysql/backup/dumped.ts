import { createHash } from 'node:crypto';
import { fail } from '../../../model/index.ts';
import type { Column, Rows } from './rows.ts';
import { counterIn, insertIn, isOfADump, statementsOf } from './statements.ts';

/** What a dump holds, read out of it: only that is of its own moment for sure. */
export interface Dumped {
  readonly rows: ReadonlyMap<string, Rows>;
  /** Next numbers of tables and sequences. */
  readonly nexts: ReadonlyMap<string, string>;
}

/** Throws CT4317 where it is no whole dump. */
export async function readDump(file: string, columns: ReadonlyMap<string, readonly Column[]>, instance: string): Promise<Dumped> {
  const sums = new Map<string, Sum>();
  const nexts = new Map<string, string>();
  let last = '';
  for await (const statement of statementsOf(file)) {
    if (!isOfADump(statement))
      throw fail('CT4317', `the dump holds a statement that is none of a dump: ${statement.slice(0, 80)}`, { instance });
    const counter = counterIn(statement);
    if (counter) nexts.set(counter.name, counter.next);
    const insert = insertIn(statement);
    if (insert) {
      const sum = sums.get(insert.table) ?? new Sum();
      sums.set(insert.table, sum);
      addAll(sum, insert.values, wantedOf(insert.columns, columns.get(insert.table) ?? []));
    }
    last = statement;
  }
  if (!/ SET (?:SQL_NOTES|NOTE_VERBOSITY) ?= ?@OLD_/u.test(last)) throw fail('CT4317', 'the dump has no end', { instance });
  const rows = [...columns.keys()].map((table) => [table, (sums.get(table) ?? new Sum()).rows] as const);
  return { rows: new Map(rows), nexts };
}

const MASK = (1n << 64n) - 1n;

/** As `rowsOf` asks the server for it. */
class Sum {
  #count = 0;
  #a = 0n;
  #b = 0n;

  add(row: string): void {
    const hash = createHash('sha256').update(row).digest();
    this.#count += 1;
    this.#a += hash.readBigUInt64BE(0) & MASK;
    this.#b += hash.readBigUInt64BE(8) & MASK;
  }

  get rows(): Rows {
    return { count: this.#count, hash: `${this.#a}/${this.#b}` };
  }
}

/** For each column that a row is of, where its value stands. */
function wantedOf(there: readonly string[], columns: readonly Column[]): readonly (readonly [number, Column])[] {
  return columns.map((column) => [there.indexOf(column.name), column] as const);
}

/** Rows stand one after the other, each a list in brackets. */
function addAll(sum: Sum, text: string, wanted: readonly (readonly [number, Column])[]): void {
  let at = text.indexOf('(');
  while (at >= 0) {
    const values: (Buffer | null)[] = [];
    do {
      const [value, end] = valueAt(text, at + 1);
      values.push(value);
      at = end;
    } while (text[at] === ',');
    sum.add(wanted.map(([place, column]) => written(values[place] ?? null, column)).join(','));
    at = text.indexOf('(', at);
  }
}

const WORD = /0x([0-9A-Fa-f]+)|[-+.0-9A-Za-z]+/uy;
const BINARY = '_binary ';

/** A value, and where what follows it begins. */
function valueAt(text: string, from: number): readonly [Buffer | null, number] {
  const at = text.startsWith(BINARY, from) ? from + BINARY.length : from;
  if (text[at] === "'") {
    const end = endOfQuotes(text, at + 1);
    return [unescaped(text, at + 1, end), end + 1];
  }
  WORD.lastIndex = at;
  const [word, hex] = WORD.exec(text) ?? [];
  if (word === undefined) throw new Error('a row of a dump has a value of an unknown form');
  if (hex !== undefined) return [Buffer.from(hex, 'hex'), at + word.length];
  return [word === 'NULL' ? null : Buffer.from(word, 'latin1'), at + word.length];
}

const [QUOTE, BACKSLASH] = [39, 92];

/** Sign by sign: a value can be as long as a packet, and a pattern for all of it would need as much of a stack. */
function endOfQuotes(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const sign = text.charCodeAt(at);
    if (sign === BACKSLASH || (sign === QUOTE && text.charCodeAt(at + 1) === QUOTE)) at++;
    else if (sign === QUOTE) return at;
  }
  throw new Error('a row of a dump has no end');
}

/** Of `\0`, `\n` and their kin; any other sign stands for itself. */
const ESCAPES: ReadonlyMap<number, number> = new Map(
  Object.entries({ '0': 0, n: 10, r: 13, t: 9, b: 8, Z: 26 }).map(([sign, byte]) => [sign.charCodeAt(0), byte]),
);

function unescaped(text: string, from: number, end: number): Buffer {
  const bytes = Buffer.allocUnsafe(end - from);
  let length = 0;
  for (let at = from; at < end; at++) {
    const sign = text.charCodeAt(at);
    if (sign === BACKSLASH || sign === QUOTE) at++;
    const next = sign === BACKSLASH ? text.charCodeAt(at) : sign;
    bytes[length] = sign === BACKSLASH ? (ESCAPES.get(next) ?? next) : next;
    length++;
  }
  return bytes.subarray(0, length);
}

function written(value: Buffer | null, { form, long }: Column): string {
  if (value === null) return '~';
  if (long) return createHash('sha256').update(value).digest('hex');
  const isZero = form === 'real' && Number(value.toString('latin1')) === 0;
  return isZero ? '30' : value.toString('hex').toUpperCase();
}
