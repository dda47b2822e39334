import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';

type DeriveKey = (password: string, salt: Buffer, iterations: number) => Promise<ArrayBuffer>;

/**
 * The driver derives the SCRAM key anew for every connection, 4,096 rounds each time. The salt of a role is the same in
 * every database of a server, so one derivation serves a whole run. Keyed by a hash: the password is not kept.
 */
export function cacheScramKeys(): void {
  const utils = createRequire(import.meta.url)('pg/lib/crypto/utils.js') as { deriveKey: DeriveKey & { cached?: true } };
  const original = utils.deriveKey;
  if (typeof original !== 'function') throw new Error('the driver no longer has deriveKey: scram-cache.ts must follow it');
  if (original.cached) return;
  const keys = new Map<string, Promise<ArrayBuffer>>();
  const cached: DeriveKey & { cached?: true } = (password, salt, iterations) => {
    const key = createHash('sha256').update(`${iterations}\0`).update(salt).update('\0').update(password).digest('base64');
    let derived = keys.get(key);
    if (!derived) {
      derived = original(password, salt, iterations);
      keys.set(key, derived);
    }
    return derived;
  };
  cached.cached = true;
  utils.deriveKey = cached;
}
