import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { describeEachPostgres, tableFor } from '../support/engines.ts';
import { query } from '../support/query.ts';
import { urlOf, type Workplace } from '../engines/postgres/lifecycle/harness.ts';
import { byHand, put, rowOf, usable, world } from './drive.ts';
import { type Kit, kits } from './kits.ts';

describeEachPostgres('migration tools', { versions: 'ends' }, (server, major) => {
  let place: Workplace;
  beforeAll(async () => {
    place = await world(server(), usable(kits()));
    return async () => await place[Symbol.asyncDispose]();
  }, 1_800_000);

  for (const kit of tableFor(major, usable(kits()), 3)) {
    const { tool, app, revisions, ways } = kit;
    const [first, second, third] = revisions;
    test(`${tool}: what status says is what the real tool has done`, { timeout: 240_000 }, async () => {
      await put(place, app, first.files);
      await put(place, app, second.files);
      expect(await rowOf(place, app)).toMatchObject({
        state: 'behind',
        current: [],
        head: [second.id],
        pending: [first.id, second.id],
        drift: [],
      });
      await byHand(place, kit);
      expect(await rowOf(place, app)).toMatchObject({ state: 'current', current: [second.id], pending: [], drift: [] });
      await put(place, app, third.files);
      expect(await rowOf(place, app)).toMatchObject({
        state: 'behind',
        current: [second.id],
        head: [third.id],
        pending: [third.id],
        drift: [],
      });
      await byHand(place, kit);
      expect(await rowOf(place, app)).toMatchObject({ state: 'current', current: [third.id], pending: [], drift: [] });
      expect(await tables(place, app)).toEqual(['t1', 't2', 't3']);
      if (ways.includes('back')) {
        await byHand(place, kit, { to: 'back', steps: 2 });
        expect(await rowOf(place, app)).toMatchObject({ state: 'behind', current: [first.id], pending: [second.id, third.id], drift: [] });
        if (ways.includes('to')) {
          await byHand(place, kit, { to: 'revision', revision: second.id, back: false });
          expect(await rowOf(place, app)).toMatchObject({ current: [second.id], pending: [third.id], drift: [] });
        }
        await byHand(place, kit);
        await byHand(place, kit, { to: 'revision', revision: first.id, back: true });
        expect(await rowOf(place, app)).toMatchObject({ current: [first.id], pending: [second.id, third.id], drift: [] });
        expect(await tables(place, app)).toEqual(['t1']);
        await byHand(place, kit);
      } else {
        await expect(byHand(place, kit, { to: 'back', steps: 1 })).rejects.toMatchObject({ diagnostics: [{ code: 'CT4115' }] });
      }
      if (!ways.includes('to')) {
        const target = { to: 'revision', revision: second.id, back: false } as const;
        await expect(byHand(place, kit, target)).rejects.toMatchObject({ diagnostics: [{ code: 'CT4115' }] });
      }
      await faults(place, kit);
    });
  }
});

/** Every tool: a file that has changed, a file that is gone. */
async function faults(place: Workplace, { tool, app, revisions, checksums = false }: Kit): Promise<void> {
  // A ledger of one row names the newest alone.
  const second = revisions[tool === 'golang-migrate' || tool === 'command' ? 2 : 1];
  const file = Object.keys(second.files)[0] ?? '';
  const text = second.files[file] ?? '';
  await put(place, app, { [file]: `${text}\n-- changed\n`.replace('\n-- changed', file.endsWith('.py') ? '\n# changed' : '\n-- changed') });
  const changed = checksums ? [`${second.id}: its file has changed since it was applied`] : [];
  expect((await rowOf(place, app)).drift).toEqual(changed);
  await rm(join(place.folder, app, file));
  expect((await rowOf(place, app)).drift).toContainEqual(expect.stringMatching(/has no file/));
  await put(place, app, { [file]: text });
  expect(await rowOf(place, app)).toMatchObject({ state: 'current', drift: [] });
}

async function tables(place: Workplace, app: string): Promise<readonly string[]> {
  const rows = await query(
    await urlOf(place, app),
    `SELECT tablename FROM pg_tables WHERE schemaname = current_schema() AND tablename ~ '^t[0-9]$' ORDER BY 1`,
  );
  return rows.map(({ tablename }) => String(tablename));
}
