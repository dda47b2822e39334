import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { differences } from '../../../../src/backup/compare.ts';
import { describeEachMysql } from '../../../support/engines-mysql.ts';
import { manifestOf, session, type Workplace, workplace } from '../lifecycle/harness.ts';
import { CONTENT, OF_MARIADB, OF_MYSQL } from './content.ts';
import { backupsIn, hasClient, LEFT, sessionOf } from './harness.ts';

const MANIFEST = manifestOf(`apps:
  shop: { uses: { main: { relax: { events: true } } } }
  copy: { uses: { main: { relax: { events: true } } } }
  busy: { uses: { main: { connections: 8 } } }
  erp: { uses: { main: {} } }
`);

describeEachMysql('backup', { versions: 'all', settings: { 'event-scheduler': 'ON' } }, (server, version) => {
  describe.skipIf(!hasClient(version))('with its own dump client', () => {
    let place: Workplace;

    beforeAll(async () => {
      place = await workplace(server(), MANIFEST);
      expect(await place.apply()).toMatchObject({ ending: 'done' });
      await using shop = await sessionOf(place, 'shop');
      for (const statement of [...CONTENT, ...(version === 'mysql9' ? OF_MYSQL : OF_MARIADB)]) await shop.query(statement);
      await place.as('erp', 'CREATE TABLE secret (n int)');
      return async () => await place[Symbol.asyncDispose]();
    }, 180_000);

    test('an app comes back in a rehearsal and in another app, with that one as its definer', { timeout: 180_000 }, async () => {
      const backups = await backupsIn(place);
      const part = await backups.save('shop');
      expect(part.objects.length).toBeGreaterThan(16);
      expect(part.objects.filter(({ rows }) => rows === 500)).toHaveLength(1);
      expect(JSON.stringify(part)).not.toContain('secret');
      expect(part.left).toEqual(expect.arrayContaining(['digits after the sixth of 1 values of odd.f']));
      const ofJson = part.left.filter((line) => line.includes('inside'));
      expect(ofJson).toEqual(version === 'mysql9' ? ['decimal digits inside 1 values of priced.j'] : []);
      expect(differences(part.objects, await backups.rehearse('shop', part))).toEqual([]);
      expect(await place.root(LEFT)).toEqual([]);

      expect(await backups.present('copy')).toEqual([]);
      expect(differences(part.objects, await backups.load('copy', part))).toEqual([]);
      expect(await backups.present('copy')).toEqual(
        expect.arrayContaining(['table people', 'event nightly', 'view above', 'procedure ansi']),
      );
      const definers = await place.root(
        `SELECT DISTINCT definer AS d FROM (SELECT table_schema AS s, definer FROM information_schema.views UNION SELECT trigger_schema, definer FROM information_schema.triggers
         UNION SELECT routine_schema, definer FROM information_schema.routines UNION SELECT event_schema, definer FROM information_schema.events) AS all_ WHERE s = 'copy'`,
      );
      expect(definers).toEqual([{ d: 'copy_user@%' }]);
      expect(await place.as('copy', "SELECT COUNT(*) AS n FROM people WHERE name LIKE 'Ünïcode 🦊%'")).toEqual([{ n: '499' }]);
      // The same bytes from both: what a dump does not keep is the same in neither.
      const again = await (await backupsIn(place)).save('copy');
      expect(differences(part.objects, again.objects)).toEqual([]);
      expect((await place.plan()).plan.steps).toEqual([]);
    });

    test.each([
      [
        'moves a trigger before another one',
        'DROP TRIGGER second_of_two',
        'CREATE TRIGGER second_of_two BEFORE INSERT ON people FOR EACH ROW PRECEDES first_of_two SET NEW.n = NEW.n * 2',
        'trigger first_of_two',
      ],
      ['turns an event off', 'DO 0', 'ALTER EVENT nightly DISABLE', 'event nightly'],
      [
        'makes a view run as whoever asks',
        'DO 0',
        "ALTER SQL SECURITY INVOKER VIEW good AS SELECT name, twice(n) AS t FROM people WHERE mood = 'good'",
        'view good',
      ],
      ['compares a column otherwise', 'DO 0', "ALTER TABLE `Tïtle 中` COMMENT 'now'", 'table Tïtle 中'],
      ['sets the next number', 'DO 0', 'ALTER TABLE gone AUTO_INCREMENT = 900', 'table gone'],
      [
        'changes one bit',
        'DO 0',
        "UPDATE odd SET b = b'1000000000000000000000000000000000000000000000000000000000000011' WHERE y = 2155",
        'table odd',
      ],
    ])('two hashes differ where somebody %s', { timeout: 120_000 }, async (_name, first, then, said) => {
      const old = await (await backupsIn(place)).save('shop');
      await using shop = await sessionOf(place, 'shop');
      await shop.query("SET sql_mode = ''");
      await shop.query(first);
      await shop.query(then);
      const now = await (await backupsIn(place)).save('shop');
      expect(differences(old.objects, now.objects).join('; ')).toContain(said);
    });

    test('what is written meanwhile is in the dump and in the hashes, or in neither', { timeout: 180_000 }, async () => {
      await using setup = await sessionOf(place, 'busy');
      await setup.query('CREATE TABLE debit (id int AUTO_INCREMENT PRIMARY KEY, n int)');
      await setup.query('CREATE TABLE credit (id int AUTO_INCREMENT PRIMARY KEY, n int, note varchar(2000))');
      const pad = "REPEAT('x', 2000)";
      await setup.query(
        `INSERT INTO credit (n, note) WITH RECURSIVE s (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < 900) SELECT 0, ${pad} FROM s`,
      );
      const done = new AbortController();
      const write = async (): Promise<number> => {
        await using session = await sessionOf(place, 'busy');
        let count = 0;
        while (!done.signal.aborted) {
          for (const sql of [
            'START TRANSACTION',
            'INSERT INTO debit (n) VALUES (-1)',
            `INSERT INTO credit (n, note) VALUES (1, ${pad})`,
            'COMMIT',
          ])
            await session.query(sql);
          count += 1;
        }
        return count;
      };
      const writers = [write(), write()];
      try {
        await sleep(200);
        const backups = await backupsIn(place);
        const part = await backups.save('busy');
        expect(differences(part.objects, await backups.rehearse('busy', part))).toEqual([]);
        const [debit, credit] = ['debit', 'credit'].map((name) => part.objects.find((one) => one.name === name)?.rows ?? 0);
        expect(debit).toBeGreaterThan(0);
        expect((credit ?? 0) - (debit ?? 0)).toBe(900);
      } finally {
        done.abort();
      }
      expect(Math.min(...(await Promise.all(writers)))).toBeGreaterThan(0);
    });

    test('tables that are changed meanwhile are saved as they were, or as they are', { timeout: 180_000 }, async () => {
      await place.as('busy', 'CREATE TABLE IF NOT EXISTS rewritten (id int PRIMARY KEY, n int)');
      await place.as('busy', 'REPLACE INTO rewritten VALUES (1, 1), (2, 2)');
      const changes: Promise<unknown>[] = [];
      const backups = await backupsIn(place, {
        say: (line) => {
          said.push(line);
          if (line.startsWith('dumping'))
            changes.push(
              place
                .as(
                  'busy',
                  said.length % 2 === 0 ? 'ALTER TABLE rewritten ADD more int DEFAULT 5' : 'ALTER TABLE rewritten DROP COLUMN more',
                )
                .catch(() => null),
            );
        },
      });
      const said: string[] = ['begin'];
      const part = await backups.save('busy');
      await Promise.all(changes);
      expect(changes.length).toBeGreaterThan(0);
      expect(differences(part.objects, await backups.rehearse('busy', part))).toEqual([]);
      expect(part.objects.find(({ name }) => name === 'rewritten')).toMatchObject({ rows: 2 });
    });

    test('a table that somebody holds is waited for', { timeout: 120_000 }, async () => {
      await place.root('SET GLOBAL lock_wait_timeout = 2');
      await using holder = await sessionOf(place, 'erp');
      await holder.query('LOCK TABLES secret WRITE');
      const said: string[] = [];
      const backups = await backupsIn(place, {
        say: (line) => {
          said.push(line);
          if (line.includes('letting them through')) void holder.query('UNLOCK TABLES');
        },
      });
      try {
        expect((await backups.save('erp')).objects.map(({ name }) => name)).toEqual(['secret']);
        expect(said.join()).toMatch(/Lock wait timeout exceeded.*: letting them through, and trying again/);
      } finally {
        await place.root('SET GLOBAL lock_wait_timeout = DEFAULT');
      }
    });

    test('a table without snapshots is told, and comes back', { timeout: 120_000 }, async () => {
      await place.as('erp', 'CREATE TABLE plain (n int) ENGINE=MyISAM');
      await place.as('erp', 'INSERT INTO plain VALUES (1), (2)');
      const backups = await backupsIn(place);
      const part = await backups.save('erp');
      const words = 'table plain is of MyISAM, which has no snapshots: its rows are not of one moment';
      expect([backups.said, part.left]).toEqual([expect.arrayContaining([words]), [words]]);
      expect(differences(part.objects, await backups.rehearse('erp', part))).toEqual([]);
      await place.as('erp', 'DROP TABLE plain');
    });

    test('what a killed drill has left goes with its events; what somebody holds is told, and waits', { timeout: 120_000 }, async () => {
      const [restless, held] = ['0123456789abcdef', 'fedcba9876543210'].map((one) => `cotenant_drill_${one}`);
      for (const name of [restless, held])
        for (const sql of [
          `INSERT INTO cotenant.ledger (kind, name, project) VALUES ('drill', '${name}', 'life')`,
          `CREATE USER '${name}'@'%'`,
          `CREATE DATABASE ${name}`,
          `GRANT ALL ON ${name}.* TO '${name}'@'%'`,
          `CREATE TABLE ${name}.t AS SELECT 1 AS n`,
        ])
          await place.root(sql);
      for (const n of [1, 2, 3])
        await place.root(
          `CREATE DEFINER = '${restless}'@'%' EVENT ${restless}.e${n} ON SCHEDULE EVERY 1 SECOND DO SELECT SLEEP(300), n FROM ${restless}.t`,
        );
      await expect
        .poll(
          async () =>
            await place.root("SELECT CAST(COUNT(*) > 2 AS CHAR) AS n FROM information_schema.processlist WHERE info LIKE '%SLEEP(300)%'"),
          {
            timeout: 30_000,
          },
        )
        .toEqual([{ n: '1' }]);
      await using holder = await session({ ...server(), host: '127.0.0.1', database: held ?? '' });
      await holder.query(`LOCK TABLES ${held}.t READ`);
      const backups = await backupsIn(place);
      const part = await backups.save('copy');
      expect(differences(part.objects, await backups.rehearse('copy', part))).toEqual([]);
      expect(await place.root(LEFT)).toEqual([{ n: held }, { n: held }, { n: held }]);
      expect(backups.said.join()).toContain(`what a drill has left could not be removed: ${held}: Lock wait timeout exceeded`);
      await holder.query('UNLOCK TABLES');
      await backups.rehearse('copy', part);
      expect(await place.root(LEFT)).toEqual([]);
    });
  });
});
