import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { fc } from '../../test/support/properties.ts';
import { tempDir } from '../../test/support/temp-dir.ts';
import { takeFileLock } from '../util/file-lock.ts';
import { livingSupervisor } from './alive.ts';
import type { Place } from './place.ts';

const ask = async (place: Place, times: number): Promise<readonly boolean[]> =>
  await Promise.all(Array.from({ length: times }, async () => (await livingSupervisor(place)) !== null));

it('however many ask at once, all hear the same: of a supervisor that lives, and never of one that is gone', async () => {
  await using folder = await tempDir();
  // What a supervisor said that was killed.
  const place = { supervisorLock: join(folder.path, 'lock'), supervisor: join(folder.path, 'supervisor.json') } as Place;
  expect(await ask(place, 3)).toEqual([false, false, false]);
  await writeFile(place.supervisorLock, '');
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 12 }), fc.boolean(), async (times, lives) => {
      using lock = lives ? await takeFileLock(place.supervisorLock, 10_000) : null;
      expect(lock !== null).toBe(lives);
      expect(new Set(await ask(place, times))).toEqual(new Set([lives]));
    }),
    { numRuns: 30 },
  );
});

it('and asking keeps no supervisor from its place', async () => {
  await using folder = await tempDir();
  const place = { supervisorLock: join(folder.path, 'lock'), supervisor: join(folder.path, 'supervisor.json') } as Place;
  await writeFile(place.supervisorLock, '');
  const asking = ask(place, 50);
  const lock = await takeFileLock(place.supervisorLock, 10_000);
  expect(lock).not.toBeNull();
  await asking;
  lock?.release();
});
