import { AsyncLocalStorage } from 'node:async_hooks';
import { createHash, createHmac } from 'node:crypto';
import { createRequire } from 'node:module';

type Keys = Map<string, Promise<ArrayBuffer>>;

interface DriverCrypto {
  deriveKey: ((password: string, salt: Buffer, iterations: number) => Promise<ArrayBuffer>) & { cached?: true };
  hmacSha256: (key: ArrayBuffer | Buffer, text: string) => Promise<Buffer>;
  sha256: (data: ArrayBuffer | Buffer) => Promise<Buffer>;
}

const current = new AsyncLocalStorage<Keys>();
const known = new WeakMap<object, Keys>();

/**
 * The driver derives the SCRAM key anew for every connection, 4,096 rounds each time. The salt of a role is the same in every
 * database of a server, so one derivation serves all connections of one owner, and goes with it. Whoever else uses the driver in
 * this process has it as it is.
 */
export async function connectWithKeys(client: { connect(): Promise<unknown> }, owner: object): Promise<void> {
  const keys: Keys = known.get(owner) ?? new Map();
  known.set(owner, keys);
  extendDriver();
  await current.run(keys, () => client.connect());
}

/** Its short hashes go through the thread pool, which costs more than the hashes do. */
function extendDriver(): void {
  const utils = createRequire(import.meta.url)('pg/lib/crypto/utils.js') as DriverCrypto;
  const { deriveKey, hmacSha256, sha256 } = utils;
  if ([deriveKey, hmacSha256, sha256].some((one) => typeof one !== 'function'))
    throw new Error('the driver has another crypto/utils.js now: scram-cache.ts must follow it');
  if (deriveKey.cached) return;
  const cached: DriverCrypto['deriveKey'] = (password, salt, iterations) => {
    const keys = current.getStore();
    if (!keys) return deriveKey(password, salt, iterations);
    // A hash: the password is not kept.
    const key = createHash('sha256').update(`${iterations}\0`).update(salt).update('\0').update(password).digest('base64');
    const derived = keys.get(key) ?? deriveKey(password, salt, iterations);
    keys.set(key, derived);
    return derived;
  };
  cached.cached = true;
  utils.deriveKey = cached;
  utils.hmacSha256 = (key, text) =>
    current.getStore() ? Promise.resolve(createHmac('sha256', new Uint8Array(key)).update(text).digest()) : hmacSha256(key, text);
  utils.sha256 = (data) =>
    current.getStore() ? Promise.resolve(createHash('sha256').update(new Uint8Array(data)).digest()) : sha256(data);
}
