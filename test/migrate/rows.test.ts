import { beforeAll, expect, test } from 'vitest';
import { ready } from '../../src/app/migrate/ready.ts';
import { at, query } from '../support/query.ts';
import { describeEachPostgres } from '../support/engines.ts';
import { manifestOf, wipe, workplace, type Workplace } from '../engines/postgres/lifecycle/harness.ts';
import { down, files, rows, up } from './ways.ts';

const manifest = (backup = 'backup: { repository: ./backups }'): string =>
  manifestOf(`apps:
  alpha: { uses: { main: { isolation: rows, database: pool, connections: 5 } }, migrations: { tool: sql, directory: alpha }, requires: { tables: [notes] } }
  beta: { uses: { main: { isolation: rows, database: pool, connections: 5 } } }
${backup}
`);

describeEachPostgres('migrations of tables that apps share', { versions: 'ends' }, (server) => {
  let place: Workplace;

  beforeAll(async () => {
    await wipe(server().url);
    place = await workplace(server(), manifest(), { PATH: '/usr/bin:/bin', RESTIC_PASSWORD: 'a word' });
    await files(place, 'alpha', {
      '1_notes.sql': 'CREATE TABLE notes (id int PRIMARY KEY, workspace text NOT NULL, note text)',
      '1_notes.down.sql': 'DROP TABLE notes',
      '2_more.sql': 'ALTER TABLE notes ADD more text',
      '2_more.down.sql': 'ALTER TABLE notes DROP COLUMN more',
    });
    expect((await place.apply()).ending).toBe('done');
    return async () => await place[Symbol.asyncDispose]();
  });

  test('come up with the login that may change them, and belong to their owner', async () => {
    expect((await ready(await place.open(), { app: 'alpha' })).missing.map(({ what }) => what)).toEqual([
      '2 pending: 1_notes, 2_more',
      'table "notes" is missing',
    ]);
    expect(await up(place)).toMatchObject({ ending: 'done', diagnostics: [], steps: ['alpha done'] });
    expect((await rows(place))['alpha']).toMatchObject({ state: 'current', current: ['2_more'], drift: [] });
    expect((await ready(await place.open(), { app: 'alpha' })).ready).toBe(true);
    const [table] = await query(at(server().url, { database: 'pool' }), `SELECT tableowner FROM pg_tables WHERE tablename = 'notes'`);
    expect(table?.['tableowner']).toBe('pool_owner');
  });

  test('a backup of one app alone is not to be had before the way back: that is said, and not offered', async () => {
    const asked = await down(place, 'alpha', { steps: 1 });
    expect(asked).toMatchObject({ ending: 'refused', loses: 'column more of notes' });
    expect(asked.diagnostics).toContain(
      'CT4126 nothing of "alpha" is backed up before this, nor can it be: "alpha" lives in rows of shared tables, and those cannot be saved for one app yet',
    );
    await expect(down(place, 'alpha', { steps: 1 }, { confirm: ['alpha'] }, true)).rejects.toMatchObject({
      diagnostics: [{ code: 'CT4301' }],
    });
    expect((await rows(place))['alpha']).toMatchObject({ current: ['2_more'] });
    await place.write(manifest(''));
    expect((await down(place, 'alpha', { steps: 1 })).diagnostics.join()).not.toContain('CT4126');
    expect(await down(place, 'alpha', { steps: 1 }, { confirm: ['alpha'] })).toMatchObject({ ending: 'done' });
  });
});
