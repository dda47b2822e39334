import { expect, it } from 'vitest';
import pg from 'pg';
import { connectWithKeys } from '../../../src/engines/postgres/connect/scram-cache.ts';
import { describeEachPostgres } from '../../support/engines.ts';

/** How often a key is derived from a password meanwhile, by whomever. */
async function derivations(work: () => Promise<void>): Promise<number> {
  const { subtle } = globalThis.crypto;
  const original = subtle.deriveBits.bind(subtle);
  let count = 0;
  subtle.deriveBits = (algorithm, key, length) => {
    count += 1;
    return original(algorithm, key, length ?? 256);
  };
  try {
    await work();
  } finally {
    subtle.deriveBits = original;
  }
  return count;
}

describeEachPostgres('keys that are derived from passwords', { versions: 'newest' }, (server) => {
  const clients = async (connect: (client: pg.Client) => Promise<unknown>): Promise<void> => {
    for (let at = 0; at < 3; at++) {
      const client = new pg.Client({ connectionString: server().url });
      await connect(client);
      await client.end();
    }
  };

  it('serve all connections of their owner, and no others: whoever uses the driver beside has it as it is', async () => {
    const [one, other] = [{}, {}];
    expect(await derivations(() => clients((client) => connectWithKeys(client, one)))).toBe(1);
    expect(await derivations(() => clients((client) => connectWithKeys(client, one)))).toBe(0);
    expect(await derivations(() => clients((client) => connectWithKeys(client, other)))).toBe(1);
    expect(await derivations(() => clients((client) => client.connect()))).toBe(3);
  });
});
