import { createHash } from 'node:crypto';

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
  const first = createHash('sha256').update(key).update(salt).update(repeated(second, key.length));
  for (let length = key.length; length > 0; length >>= 1) first.update(length & 1 ? second : key);
  let digest: Buffer = first.digest();
  const p = repeated(sha256(...new Array<Buffer>(key.length).fill(key)), key.length);
  const s = repeated(sha256(...new Array<Buffer>(16 + (digest[0] ?? 0)).fill(salt)), salt.length);
  for (let round = 0; round < rounds; round++) {
    const hash = createHash('sha256').update(round & 1 ? p : digest);
    if (round % 3) hash.update(s);
    if (round % 7) hash.update(p);
    digest = hash.update(round & 1 ? digest : p).digest();
  }
  return encode(digest);
}

function sha256(...parts: readonly Buffer[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
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
