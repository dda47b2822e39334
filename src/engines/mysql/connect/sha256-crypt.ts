import { hash } from 'node:crypto';

const ALPHABET = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** Which three bytes of the digest make the next four letters. */
const GROUPS: readonly (readonly [number, number, number])[] = [
  [0, 10, 20],
  [21, 1, 11],
  [12, 22, 2],
  [3, 13, 23],
  [24, 4, 14],
  [15, 25, 5],
  [6, 16, 26],
  [27, 7, 17],
  [18, 28, 8],
  [9, 19, 29],
];

/** SHA-crypt with SHA-256, as glibc's `$5$`: the last part only, 43 letters. */
export function sha256Crypt(password: string, salt: Buffer, rounds: number): string {
  const key = Buffer.from(password, 'utf8');
  const second = sha256(key, salt, key);
  const bits: Buffer[] = [];
  for (let length = key.length; length > 0; length >>= 1) bits.push(length & 1 ? second : key);
  const first = sha256(key, salt, repeated(second, key.length), ...bits);
  const p = repeated(sha256(...new Array<Buffer>(key.length).fill(key)), key.length);
  const s = repeated(sha256(...new Array<Buffer>(16 + (first[0] ?? 0)).fill(salt)), salt.length);
  return encode(stretched(first, p, s, rounds));
}

/** Thousands of rounds, in one piece of memory: this is where the time goes. */
function stretched(first: Buffer, p: Buffer, s: Buffer, rounds: number): Buffer {
  const room = Buffer.alloc(first.length + 2 * p.length + s.length);
  let digest = first;
  for (let round = 0; round < rounds; round++) {
    let end = (round & 1 ? p : digest).copy(room);
    if (round % 3) end += s.copy(room, end);
    if (round % 7) end += p.copy(room, end);
    end += (round & 1 ? digest : p).copy(room, end);
    digest = hash('sha256', room.subarray(0, end), 'buffer');
  }
  return digest;
}

function sha256(...parts: readonly Buffer[]): Buffer {
  return hash('sha256', Buffer.concat(parts), 'buffer');
}

/** The digest again and again until there are as many bytes. */
function repeated(digest: Buffer, length: number): Buffer {
  return Buffer.alloc(length, digest);
}

function encode(digest: Buffer): string {
  const at = (index: number): number => digest[index] ?? 0;
  const letters = (bits: number, count: number): string =>
    Array.from({ length: count }, (_, index) => ALPHABET[(bits >> (6 * index)) & 63]).join('');
  const groups = GROUPS.map(([a, b, c]) => letters((at(a) << 16) | (at(b) << 8) | at(c), 4));
  return groups.join('') + letters((at(31) << 8) | at(30), 3);
}
