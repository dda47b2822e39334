import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { differences } from '../../../../src/backup/compare.ts';
import { localMachine } from '../../../../src/runtime/index.ts';
import { cache } from '../../../support/places.ts';
import { isAskedFor } from '../../../support/roster.ts';
import { redisWays } from '../harness.ts';
import { manifestOf, type Workplace, workplace } from '../lifecycle/harness.ts';
import type { RedisServer } from '../runtime.ts';
import { content } from './content.ts';
import { drilled, partsOf, saved, send } from './harness.ts';

const manifest = manifestOf('apps:\n  shop: { uses: { main: {} } }\n');
const wayOf = (version: 'redis7' | 'redis8' | 'valkey91') => redisWays(localMachine(), { cache, env: process.env }, { version })[0];
const newer = (['redis8', 'valkey91'] as const).filter((version) => isAskedFor(version, process.env) && wayOf(version));

describe.skipIf(!wayOf('redis7') || newer.length === 0)('a backup that comes to an older server', () => {
  let old: RedisServer;
  let before: Workplace;
  beforeAll(async () => {
    const started = await wayOf('redis7')?.start();
    if (!started) throw new Error('no server');
    old = started;
    before = await workplace(old, manifest);
    expect(await before.apply()).toMatchObject({ ending: 'done' });
  });
  afterAll(async () => {
    await before[Symbol.asyncDispose]();
    await old.stop();
  });

  it.each(newer)('from %s: all that it knows comes back, what it does not know is told', { timeout: 120_000 }, async (version) => {
    const server = await wayOf(version)?.start();
    if (!server) throw new Error('no server');
    await using place = await workplace(server, manifest);
    expect(await place.apply()).toMatchObject({ ending: 'done' });
    await send(server, ...content('shop:', false));
    const kept = await saved(place, 'shop');
    const there = await partsOf(before, kept.context.folder);
    expect(await drilled({ ...there, part: kept.part }, 'shop')).toEqual([]);
    expect(differences(kept.part.objects, await there.backup.load(there.input, 'shop', kept.part, there.context))).toEqual([]);
    await before.admin('FLUSHALL');

    const odd =
      version === 'redis8' ? ['VADD', 'shop:v', 'VALUES', '1', '1', 'e'] : ['HSETEX', 'shop:h', 'PX', '9999999', 'FIELDS', '1', 'f', 'v'];
    await send(server, odd);
    const newest = await saved(place, 'shop');
    const again = await partsOf(before, newest.context.folder);
    await expect(drilled({ ...again, part: newest.part }, 'shop')).rejects.toMatchObject({ diagnostics: [{ code: 'CT4323' }] });
    expect(await before.admin('DBSIZE')).toBe(0);
    expect(String(await before.admin('INFO', 'keyspace'))).not.toMatch(/^db/m);
    await server.stop();
  });
});
