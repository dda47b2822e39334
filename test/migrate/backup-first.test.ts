import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { backupNamed, backupsOf } from '../../src/app/backup/find.ts';
import { localInstallations, unpackedInstallations } from '../../src/engines/postgres/local/find.ts';
import { findRestic } from '../engines/postgres/harness.ts';
import { manifestOf, urlOf, wipe, workplace, type Workplace } from '../engines/postgres/lifecycle/harness.ts';
import { describeEachPostgres } from '../support/engines.ts';
import { cache } from '../support/places.ts';
import { query } from '../support/query.ts';
import { typing } from '../support/typing.ts';
import { down, files, rows, up } from './ways.ts';

const restic = findRestic(cache)?.folder ?? '/nowhere';
const installed = [...unpackedInstallations(cache), ...localInstallations()].filter(({ prefix, bin }) =>
  existsSync(join(prefix, bin, 'pg_dump')),
);
const programs = [restic, ...installed.map(({ prefix, bin }) => join(prefix, bin)), '/usr/bin', '/bin'];

const manifest = (backup = 'backup: { repository: ./backups }'): string =>
  manifestOf(`apps:
  wiki: { uses: { main: { isolation: schema, database: shared } }, migrations: { tool: sql, directory: wiki } }
${backup}
`);

describeEachPostgres('a backup before something is taken back', { versions: 'newest' }, (server, major) => {
  describe.skipIf(!existsSync(join(restic, 'restic')) || !installed.some((one) => one.major === major))('with restic', () => {
    let place: Workplace;
    beforeEach(async () => {
      await wipe(server().url);
      place = await workplace(server(), manifest(), { PATH: programs.join(delimiter), RESTIC_PASSWORD: 'a word', HOME: '/tmp' });
      await files(place, 'wiki', {
        '1_first.sql': 'CREATE TABLE pages (id int); INSERT INTO pages SELECT generate_series(1, 30)',
        '1_first.down.sql': 'DROP TABLE pages',
        '2_index.sql': 'CREATE INDEX pages_id ON pages (id)',
        '2_index.down.sql': 'DROP INDEX pages_id',
      });
      await place.apply();
      await up(place);
      return async () => await place[Symbol.asyncDispose]();
    });
    const backups = async (): Promise<readonly string[]> => (await backupsOf(await place.open(), 'wiki')).map(({ run }) => run);

    test('what would be lost names the command that takes one; what loses nothing does not', async () => {
      expect(await down(place, 'wiki', { steps: 1 }, { dryRun: true })).toMatchObject({ loses: '', diagnostics: [] });
      const refused = await down(place, 'wiki', { steps: 2 });
      expect(refused.diagnostics).toContain('CT4126 nothing of "wiki" is backed up before this');
      const cli = await place.cli('migrate', 'down', 'wiki', '--to', '1_first', '--dry-run');
      expect(cli.stdout + cli.stderr).not.toContain('backup');
      const lossy = await place.cli('migrate', 'down', 'wiki', '--steps', '2', '--no-input');
      expect(lossy.code).toBe(7);
      expect(lossy.stdout + lossy.stderr).toContain('cotenant migrate down wiki --steps 2 --backup');
      await place.write(manifest(''));
      expect((await down(place, 'wiki', { steps: 2 })).diagnostics.join()).not.toContain('CT4126');
      await place.write(manifest('backup: { repository: ./backups, exclude: [main] }'));
      expect((await down(place, 'wiki', { steps: 2 })).diagnostics.join()).not.toContain('CT4126');
      await expect(down(place, 'wiki', { steps: 2 }, {}, true)).rejects.toMatchObject({ diagnostics: [{ code: 'CT4313' }] });
    });

    test('with --backup it is taken first, in the same plan, and holds what then goes', async () => {
      const dry = await place.cli('migrate', 'down', 'wiki', '--steps', '2', '--backup', '--dry-run');
      expect(dry.stdout).toContain('back up');
      const refused = await down(place, 'wiki', { steps: 2 }, {}, true);
      expect(refused).toMatchObject({ ending: 'refused', steps: [] });
      expect(await down(place, 'wiki', { steps: 2 }, { confirm: ['wiki'] }, true)).toMatchObject({
        ending: 'done',
        steps: ['wiki done', 'wiki done'],
        loses: ',table pages',
      });
      const [run = ''] = await backups();
      const { parts } = await backupNamed(await place.open(), run);
      expect(JSON.stringify(parts)).toMatch(/pages/);
      expect(await query(await urlOf(place, 'wiki'), `SELECT to_regclass('pages') AS at`)).toEqual([{ at: null }]);
    });

    test('where it cannot be taken, nothing is taken back', async () => {
      await place.write(manifest('backup: { repository: /proc/nowhere }'));
      const came = await down(place, 'wiki', { steps: 2 }, { confirm: ['wiki'] }, true);
      expect(came).toMatchObject({ ending: 'failed', steps: ['wiki failed', 'wiki not-executed'] });
      expect(came.diagnostics.join()).toMatch(/CT43\d\d/);
      expect((await rows(place))['wiki']).toMatchObject({ state: 'current' });
      await place.write(manifest(''));
      await expect(down(place, 'wiki', { steps: 2 }, { confirm: ['wiki'] }, true)).rejects.toMatchObject({
        diagnostics: [{ code: 'CT4310' }],
      });
    });

    test('at a terminal it is asked for, and the name of the app after it', async () => {
      const args = ['migrate', 'down', 'wiki', '--steps', '2'];
      const left = await typing(place.folder, ['n', 'no'], args, place.env);
      expect(left.shown).toMatch(/This loses table pages\. Back up "wiki" first\? \[Y\/n\]/);
      expect(left.code).toBe(7);
      const taken = await typing(place.folder, ['', 'wiki'], args, place.env);
      expect(taken.shown).toMatch(/kept as \d{8}T/);
      expect(taken.code).toBe(0);
      expect(await backups()).toHaveLength(1);
      expect((await rows(place))['wiki']).toMatchObject({ current: [], pending: ['1_first', '2_index'] });
    });
  });
});
