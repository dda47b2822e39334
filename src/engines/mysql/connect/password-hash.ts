import { createHash, randomInt, timingSafeEqual } from 'node:crypto';
import type { DerivedForm } from '../../../engine/index.ts';
import { sha256Crypt } from './sha256-crypt.ts';

/** How a login proves itself. Both are computed here: the password itself never stands in a statement. */
export type Plugin = 'caching_sha2_password' | 'mysql_native_password';

const FORMS: readonly DerivedForm[] = (
  [
    ['caching_sha2_password', '$A$'],
    ['mysql_native_password', '*'],
  ] as const
).map(([name, head]) => ({ name, isOne: (hash) => hash.startsWith(head), make: (password) => passwordHash(name, password) }));

/** Plugins for which the server keeps a hash: where there is none, there is no password. */
export const HASHING = new Set(['mysql_native_password', 'caching_sha2_password', 'sha256_password', 'ed25519', 'parsec']);

/** A parameter under the name of a plugin is the hash that this plugin keeps. */
export function derivedForm(parameter: string): DerivedForm | null {
  return FORMS.find(({ name }) => name === parameter) ?? null;
}

/** Rounds are counted in thousands, and written with three digits. */
const ROUNDS = 5;
const SALT = 20;
const SALT_LETTERS = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** What the server keeps of a password. Salted where the plugin has salts. */
export function passwordHash(plugin: Plugin, password: string): string {
  return plugin === 'mysql_native_password' ? nativeHash(password) : sha2Hash(password, newSalt());
}

/** True where the server's hash is the one of this password. */
export function isHashOf(plugin: string, hash: string, password: string): boolean {
  if (plugin === 'mysql_native_password') return same(hash.toUpperCase(), nativeHash(password));
  if (plugin !== 'caching_sha2_password') return false;
  const parts = /^\$A\$([0-9A-F]{3})\$/.exec(hash);
  if (!parts || hash.length < 7 + SALT) return false;
  const bytes = Buffer.from(hash, 'latin1');
  const rounds = Number.parseInt(parts[1] ?? '', 16) * 1000;
  return same(hash, written(parts[1] ?? '', bytes.subarray(7, 7 + SALT), password, rounds));
}

/** SHA1 of SHA1, without salt. */
export function nativeHash(password: string): string {
  const sha1 = (data: string | Buffer): Buffer => createHash('sha1').update(data).digest();
  return `*${sha1(sha1(password)).toString('hex').toUpperCase()}`;
}

function sha2Hash(password: string, salt: Buffer): string {
  return written(`00${ROUNDS.toString(16)}`.toUpperCase(), salt, password, ROUNDS * 1000);
}

function written(rounds: string, salt: Buffer, password: string, count: number): string {
  return `$A$${rounds}$${salt.toString('latin1')}${sha256Crypt(password, salt, count)}`;
}

function newSalt(): Buffer {
  return Buffer.from(Array.from({ length: SALT }, () => SALT_LETTERS.charCodeAt(randomInt(SALT_LETTERS.length))));
}

function same(a: string, b: string): boolean {
  const [x, y] = [Buffer.from(a), Buffer.from(b)];
  return x.length === y.length && timingSafeEqual(x, y);
}
