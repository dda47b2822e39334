import { expect, it } from 'vitest';
import { describeEachRedis } from '../../../support/engines-redis.ts';
import { makeClient } from '../../../../src/engines/redis/connect/client.ts';
import { manifestOf, type Workplace, workplace } from '../lifecycle/harness.ts';

/** CRC-64 as the server has it at the end of a serialised value (Jones, reflected). */
function checksum(bytes: Buffer): Buffer {
  let crc = 0n;
  for (const byte of bytes) {
    crc ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1n) === 1n ? (crc >> 1n) ^ 0x95ac9329ac4bc9b5n : crc >> 1n;
  }
  const out = Buffer.alloc(8);
  out.writeBigUInt64LE(crc);
  return out;
}

/** A hash with the same field twice, which no command makes: the server ends itself as soon as it has to rebuild it. */
function twice(): Buffer {
  const body = Buffer.concat([Buffer.from([4, 2]), Buffer.from('\u0001a\u00011\u0001a\u00012'), Buffer.from([10, 0])]);
  return Buffer.concat([body, checksum(body)]);
}

/** As the app: what the server answers to the value, and whether it lives after a field that is too long for the small form. */
async function bring(place: Workplace): Promise<{ answer: string; isAlive: boolean }> {
  const { REDIS_USERNAME: user = '', REDIS_PASSWORD: password = '' } = await place.reveal('a');
  const to = { host: place.env['HOST'] ?? '', port: Number(place.env['PORT']), login: { user, password } };
  const client = makeClient(2, { ...to, tls: null, deadline: 10_000 });
  await client.connect();
  await client.sendCommand(['DEL', 'a:twice']);
  const answer = String(await client.sendCommand(['RESTORE', 'a:twice', '0', twice()]).catch((error: unknown) => error));
  await client.sendCommand(['HSET', 'a:twice', 'b', 'x'.repeat(1000)]).catch(() => undefined);
  client.destroy();
  const isAlive = await place.admin('PING').then(
    () => true,
    () => false,
  );
  return { answer, isAlive };
}

const apps = (more: string): string => `apps:\n  a: { uses: { main: { ${more} } } }\n  b: { uses: { main: {} } }\n`;
const quick = { 'crash-memcheck-enabled': 'no' } as const;

describeEachRedis(
  'a server that looks at serialised values no closer than it must',
  { settings: { ...quick, 'sanitize-dump-payload': 'no' } },
  (server, version) => {
    it('is told so where an app may bring some, because that app can end it', async () => {
      await using place = await workplace(server(), manifestOf(apps('')));
      expect((await place.apply()).ending).toBe('done');
      expect((await place.verify()).findings).toEqual([]);
      await place.write(manifestOf(apps('relax: { restore: true }')));
      expect((await place.apply()).ending).toBe('done');
      const told = async (): Promise<readonly string[]> =>
        (await place.verify()).findings.map(({ verdict, probe, from }) => `${verdict} ${probe} ${from}`);
      const isOptional = version !== 'valkey91';
      expect(await told()).toEqual(isOptional ? ['STARVE RD-K27 a'] : []);
      if (!isOptional) {
        // It has the setting no more, and looks always.
        expect(await bring(place)).toEqual({ answer: expect.stringContaining('Bad data format') as unknown, isAlive: true });
        return;
      }
      await place.admin('CONFIG', 'SET', 'sanitize-dump-payload', 'clients');
      expect(await told()).toEqual([]);
      const { answer, isAlive } = await bring(place);
      expect({ answer, isAlive }).toEqual({ answer: expect.stringContaining('Bad data format') as unknown, isAlive: true });
      await place.admin('CONFIG', 'SET', 'sanitize-dump-payload', 'no');
      expect(await bring(place)).toEqual({ answer: 'OK', isAlive: false });
    });
  },
);
