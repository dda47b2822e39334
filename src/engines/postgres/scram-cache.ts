import { createHash, createHmac } from 'node:crypto';
import { createRequire } from 'node:module';

type DeriveKey = (password: string, salt: Buffer, iterations: number) => Promise<ArrayBuffer>;

interface DriverCrypto {
  deriveKey: DeriveKey & { cached?: true };
  hmacSha256: (key: ArrayBuffer | Buffer, text: string) => Promise<Buffer>;
  sha256: (data: ArrayBuffer | Buffer) => Promise<Buffer>;
}

/**
 * The driver derives the SCRAM key anew for every connection, 4,096 rounds each time. The salt of a role is the same in
 * every database of a server, so one derivation serves a whole run. Keyed by a hash: the password is not kept. Its short
 * hashes go through the thread pool, which costs more than the hashes do.
 */
export function cacheScramKeys(): void {
  const utils = createRequire(import.meta.url)('pg/lib/crypto/utils.js') as DriverCrypto;
  const original = utils.deriveKey;
  if ([original, utils.hmacSha256, utils.sha256].some((one) => typeof one !== 'function'))
    throw new Error('the driver has another crypto/utils.js now: scram-cache.ts must follow it');
  if (original.cached) return;
  const keys = new Map<string, Promise<ArrayBuffer>>();
  const cached: DriverCrypto['deriveKey'] = (password, salt, iterations) => {
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
  utils.hmacSha256 = (key, text) => Promise.resolve(createHmac('sha256', new Uint8Array(key)).update(text).digest());
  utils.sha256 = (data) => Promise.resolve(createHash('sha256').update(new Uint8Array(data)).digest());
}
