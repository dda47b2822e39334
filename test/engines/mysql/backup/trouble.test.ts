import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { differences } from '../../../../src/backup/compare.ts';
import { describeEachMysql } from '../../../support/engines-mysql.ts';
import { manifestOf, type Workplace, workplace } from '../lifecycle/harness.ts';
import { backupsIn, clientOf, hasClient, loginIn, sessionOf } from './harness.ts';

const MANIFEST = manifestOf(`apps:
  shop: { uses: { main: {} } }
  copy: { uses: { main: {} } }
  reader: { uses: { main: { logins: { app: rw } } } }
  split: { uses: { main: { logins: { app: rw, migrator: owner } } } }
`);

describeEachMysql('what stands in the way of a backup', { versions: 'all', settings: { 'general-log': 1 } }, (server, version) => {
  describe.skipIf(!hasClient(version))('with its own dump client', () => {
    let place: Workplace;
    const name = version === 'mysql9' ? 'mysqldump' : 'mariadb-dump';
    /** A client that does something else, with the real one as $REAL. */
    const fake = async (script: string): Promise<string> => {
      const folder = join(place.folder, `fake-${Math.random()}`);
      await mkdir(folder);
      const real = clientOf(version);
      await writeFile(join(folder, name), `#!/bin/sh\nREAL=${real}\n[ "$1" = --version ] && exec "$REAL" --version\n${script}\n`);
      await chmod(join(folder, name), 0o755);
      return folder;
    };

    beforeAll(async () => {
      place = await workplace(server(), MANIFEST);
      expect(await place.apply()).toMatchObject({ ending: 'done' });
      await using shop = await sessionOf(place, 'shop');
      await shop.query('CREATE TABLE kept (id int AUTO_INCREMENT PRIMARY KEY, note text)');
      await shop.query("INSERT INTO kept (note) VALUES ('one'), ('two')");
      return async () => await place[Symbol.asyncDispose]();
    }, 180_000);

    test.each([
      [
        'says an error and ends well',
        `"$REAL" "$@"; echo "mysqldump: Couldn't execute 'SHOW TABLES': denied (1142)" >&2; exit 0`,
        /failed: mysqldump: Couldn't execute/,
      ],
      ['ends with an error', 'echo "mysqldump: Got error: 2013: Lost connection" >&2; exit 2', /failed: mysqldump: Got error: 2013/],
      ['is killed', 'kill -9 $$', /failed: (?:it ended with a signal|Killed)/],
      [
        'writes half of it',
        'for a in "$@"; do case $a in --result-file=*) F=${a#*=};; esac; done; "$REAL" "$@" && head -c 900 "$F" > "$F.x" && mv "$F.x" "$F"',
        /the dump (?:has no end|holds a statement that is none of a dump)/,
      ],
      ['writes nothing', 'exit 0', /ENOENT|the dump has no end/],
      [
        'leaves a row out',
        `for a in "$@"; do case $a in --result-file=*) F=\${a#*=};; esac; done; "$REAL" "$@" && sed -i "s/,*(2,'two')//; s/^(1,'one'),$/(1,'one');/; s/^;$//" "$F"`,
        /does not hold the rows of table kept/,
      ],
    ])('a client that %s has saved nothing', { timeout: 60_000 }, async (_name, script, said) => {
      const backups = await backupsIn(place, { programs: [await fake(script), '/usr/bin', '/bin'] });
      await expect(backups.save('shop')).rejects.toMatchObject({ diagnostics: [{ code: 'CT4317', message: expect.stringMatching(said) }] });
    });

    test('what was written while the client began is told in the backup', { timeout: 120_000 }, async () => {
      const [asked, go] = ['asked', 'go'].map((one) => join(place.folder, one));
      const backups = await backupsIn(place, {
        programs: [await fake(`: > ${asked}\nwhile [ ! -e ${go} ]; do sleep 0.1; done\nexec "$REAL" "$@"`), '/usr/bin', '/bin'],
      });
      const saving = backups.save('shop');
      await expect.poll(() => existsSync(asked ?? ''), { timeout: 60_000 }).toBe(true);
      await place.as('shop', "INSERT INTO kept (note) VALUES ('three')");
      await writeFile(go ?? '', '');
      const part = await saving;
      expect(part.left).toEqual([
        expect.stringContaining('rows of kept: not compared with the server, since the table was written meanwhile'),
      ]);
      expect(part.objects.find(({ name: one }) => one === 'kept')).toMatchObject({ rows: 3 });
      expect(differences(part.objects, await backups.rehearse('shop', part))).toEqual([]);
      await place.as('shop', 'DELETE FROM kept WHERE id = 3');
    });

    test('the client is of the server’s product, and not older', { timeout: 60_000 }, async () => {
      const folder = join(place.folder, 'others');
      await mkdir(folder);
      const other =
        version === 'mysql9'
          ? 'mysqldump from 11.8.9-MariaDB, client 10.20 for debian-linux-gnu (x86_64)'
          : 'mysqldump  Ver 9.7.4 for Linux on x86_64 ((Debian))';
      await writeFile(join(folder, 'mysqldump'), `#!/bin/sh\necho '${other}'\n`, { mode: 0o755 });
      const backups = await backupsIn(place, { programs: [folder] });
      await expect(backups.save('shop')).rejects.toMatchObject({
        diagnostics: [
          {
            code: 'CT4316',
            message: expect.stringMatching(
              /needs (mysqldump|mariadb-dump) of \w+ \d+\.\d+ or newer, and this machine has (MariaDB's 11\.8\.9|MySQL's 9\.7\.4)/,
            ),
            hint: expect.stringContaining('apt install'),
          },
        ],
      });
      const old = version === 'mysql9' ? 'mysqldump  Ver 8.0.40 for Linux' : 'mysqldump  Ver 10.19 Distrib 10.6.18-MariaDB, for Linux';
      await writeFile(join(folder, 'mysqldump'), `#!/bin/sh\necho '${old}'\n`, { mode: 0o755 });
      await expect(backups.save('shop')).rejects.toMatchObject({
        diagnostics: [{ code: 'CT4316', message: expect.stringMatching(/has (MariaDB's 10\.6\.18|MySQL's 8\.0\.40)/) }],
      });
      await expect((await backupsIn(place, { programs: ['/nowhere'] })).save('shop')).rejects.toMatchObject({
        diagnostics: [{ code: 'CT4316', message: expect.stringContaining('this machine has none') }],
      });
    });

    test('no password stands in arguments, files, words and logs', { timeout: 120_000 }, async () => {
      const seen = join(place.folder, 'seen');
      const backups = await backupsIn(place, {
        programs: [await fake(`{ echo "$@"; env; cat /proc/$$/cmdline; } > ${seen}\nexec "$REAL" "$@"`), '/usr/bin', '/bin'],
      });
      const part = await backups.save('shop');
      const there = await backups.rehearse('shop', part);
      expect(differences(part.objects, there)).toEqual([]);
      const { password } = await loginIn(place, 'shop');
      const texts = [await readFile(seen, 'utf8'), JSON.stringify(part), backups.said.join()];
      for (const file of await readdir(backups.context.folder)) texts.push(await readFile(join(backups.context.folder, file), 'latin1'));
      for (const file of (await readdir(server().dataDir)).filter((one) => one.endsWith('.log')))
        texts.push(await readFile(join(server().dataDir, file), 'latin1'));
      texts.push(await readFile(server().logFile, 'latin1'));
      expect(texts[0]).toContain('--defaults-file=/dev/fd/3');
      expect(texts.some((text) => text.includes('cotenant_drill_'))).toBe(true);
      expect(texts.filter((text) => text.includes(password) || text.includes(server().password))).toEqual([]);
    });

    test('what the app’s login does not see is refused or told', { timeout: 120_000 }, async () => {
      await place.root("CREATE DEFINER = 'root'@'localhost' PROCEDURE shop.of_root() SELECT 1");
      const backups = await backupsIn(place);
      if (version === 'mariadb11') {
        // Its apps may see the text of every routine in their databases.
        const part = await backups.save('shop');
        expect(differences(part.objects, await backups.rehearse('shop', part))).toEqual([]);
      } else {
        await expect(backups.save('shop')).rejects.toMatchObject({
          diagnostics: [{ code: 'CT4318', message: expect.stringContaining('procedure of_root') }],
        });
      }
      await place.root('DROP PROCEDURE shop.of_root');
      await place.root('CREATE EVENT shop.hidden ON SCHEDULE EVERY 1 DAY DISABLE DO SELECT 1');
      expect((await backups.save('shop')).left).toEqual([expect.stringContaining("event hidden: the app's login may not see events")]);
      await place.root('DROP EVENT shop.hidden');
    });

    test('a login that owns nothing saves nothing; one of several that owns does', { timeout: 60_000 }, async () => {
      const backups = await backupsIn(place);
      await expect(backups.save('reader')).rejects.toMatchObject({
        diagnostics: [{ code: 'CT4318', hint: expect.stringContaining('migrator: owner') }],
      });
      const part = await backups.save('split');
      expect(differences(part.objects, await backups.rehearse('split', part))).toEqual([]);
    });

    test('what names its own database says so where it comes back in another one', { timeout: 60_000 }, async () => {
      await place.as('shop', 'CREATE PROCEDURE far() SELECT * FROM `shop`.kept');
      const backups = await backupsIn(place);
      const part = await backups.save('shop');
      expect(differences(part.objects, await backups.load('copy', part))).toEqual([]);
      expect(backups.said).toContain('procedure far names database "shop" itself, and still does');
    });
  });
});
