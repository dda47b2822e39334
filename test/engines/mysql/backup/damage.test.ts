import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { differences } from '../../../../src/backup/compare.ts';
import type { SavedPart } from '../../../../src/model/index.ts';
import { describeEachMysql } from '../../../support/engines-mysql.ts';
import { everyday } from '../../../support/sample.ts';
import { manifestOf, type Workplace, workplace } from '../lifecycle/harness.ts';
import { backupsIn, type Backups, hasClient, LEFT, sessionOf } from './harness.ts';

const MANIFEST = manifestOf(`apps:
  shop: { uses: { main: { relax: { events: true } } } }
  copy: { uses: { main: { relax: { events: true } } } }
  plain: { uses: { main: {} } }
  erp: { uses: { main: {} } }
`);

const SMALL: readonly string[] = [
  "CREATE TABLE kept (id int AUTO_INCREMENT PRIMARY KEY, name varchar(30) DEFAULT 'x' COMMENT 'first', other int, KEY named (name), CONSTRAINT small CHECK (other < 100)) COMMENT='told'",
  "INSERT INTO kept (name, other) VALUES ('one', 1), ('two', 2), ('three', 3)",
  'DELETE FROM kept WHERE id = 3',
  'CREATE TABLE twice (n int)',
  'INSERT INTO twice VALUES (7), (7)',
  'CREATE TABLE child (id int PRIMARY KEY, kept int, CONSTRAINT to_kept FOREIGN KEY (kept) REFERENCES kept (id))',
  'CREATE VIEW seen AS SELECT name FROM kept',
  'CREATE FUNCTION f() RETURNS int DETERMINISTIC RETURN 1',
  'CREATE PROCEDURE p() SELECT 1',
  'CREATE TRIGGER stamped BEFORE UPDATE ON kept FOR EACH ROW SET NEW.other = 5',
  "CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY STARTS '2035-01-01 00:00:00' DO DELETE FROM twice",
];

/** What is damaged in the dump, and what a drill says of it. */
const DAMAGES: readonly (readonly [name: string, from: RegExp, to: string, said: string])[] = [
  ['a row is lost', /,\s*\(2,'two',2\)/, '', 'table kept has 1 rows, and had 2'],
  ['a byte is another one', /'two'/, "'twO'", 'table kept is another one'],
  ['a number became none', /'two',2/, "'two',NULL", 'table kept is another one'],
  ['a row is there once more', /\(7\)/, '(7),(7)', 'table twice has 3 rows, and had 2'],
  ['the next number is behind', / AUTO_INCREMENT=4/, ' AUTO_INCREMENT=3', 'table kept is another one'],
  ['an index is missing', /,\n\s*KEY `named` \(`name`\)/, '', 'table kept is another one'],
  ['a check is missing', /,\n\s*CONSTRAINT `small` CHECK [^\n]*/, '', 'table kept is another one'],
  ['a foreign key is missing', /,\n\s*CONSTRAINT `to_kept` [^\n]*/, '', 'table child is another one'],
  ['a default is missing', / DEFAULT 'x'/, ' DEFAULT NULL', 'table kept is another one'],
  ['a comment is missing', / COMMENT='told'/, '', 'table kept is another one'],
  ['the comment of a column is missing', / COMMENT 'first'/, '', 'table kept is another one'],
  ['a trigger is missing', /\/\*!50003 CREATE\*\/[^]*?\*\/;;/, 'SET @a = 1 ;;', 'trigger stamped is missing'],
  ['a trigger does something else', /SET NEW\.other = 5/, 'SET NEW.other = 6', 'trigger stamped is another one'],
  ['an event is missing', /\/\*!50106 CREATE\*\/[^]*?\*\/ ;;/, 'SET @a = 1 ;;', 'event nightly is missing'],
  ['a view is another one', /VIEW `seen` AS select /, 'VIEW `seen` AS select distinct ', 'view seen is another one'],
  ['a view runs as another one', /SQL SECURITY DEFINER/, 'SQL SECURITY INVOKER', 'view seen is another one'],
  ['a function is missing', /CREATE DEFINER=\S+ FUNCTION[^]*?;;/, 'SET @a = 1 ;;', 'function f is missing'],
  ['a procedure is another one', /SELECT 1\s*;;/, 'SELECT 2 ;;', 'procedure p is another one'],
  ['something was not saved', /CREATE TABLE `child`/, 'CREATE TABLE `more` (n int);\nCREATE TABLE `child`', 'table more was not saved'],
];

/** What nobody's dump client writes for an app, and what its login may not. */
const HOSTILE: readonly (readonly [name: string, statement: string, said: RegExp])[] = [
  ['uses another database', 'USE `erp`;', /statement that is none of a dump: USE/],
  ['grants', "GRANT ALL ON *.* TO 'shop_user'@'%';", /none of a dump: GRANT/],
  ['sets a password', "SET PASSWORD = 'other';", /none of a dump: SET PASSWORD/],
  ['sets what is everybody’s', 'SET GLOBAL max_connections = 1;', /none of a dump: SET GLOBAL/],
  ['drops', 'DROP TABLE `kept`;', /none of a dump: DROP TABLE/],
  ['takes a view away that it has not made', '/*!50001 DROP VIEW IF EXISTS `mine`*/;', /none of a dump/],
  ['writes into another database', 'INSERT INTO `erp`.`secret` VALUES (2);', /none of a dump: INSERT/],
  ['makes a table in another database', 'CREATE TABLE `erp`.`planted` (n int);', /none of a dump: table erp/],
  ['runs a command of the client', '\\! touch pwned\n;', /none of a dump/],
  [
    'looks into another database',
    '/*!50001 CREATE VIEW `peek` AS SELECT * FROM `erp`.`secret`*/;',
    /refused view peek: .*denied.*\(1142\)/,
  ],
];

describeEachMysql('a backup that was damaged', { versions: 'all' }, (server, version) => {
  describe.skipIf(!hasClient(version))('with its own dump client', () => {
    let place: Workplace;
    let part: SavedPart;
    let dump: string;
    const damaged = async (from: RegExp, to: string): Promise<Backups> => {
      const backups = await backupsIn(place);
      const text = dump.replace(from, () => to);
      expect(text, 'nothing was damaged').not.toBe(dump);
      await writeFile(join(backups.context.folder, 'dump.sql'), text, 'latin1');
      return backups;
    };

    beforeAll(async () => {
      place = await workplace(server(), MANIFEST);
      expect(await place.apply()).toMatchObject({ ending: 'done' });
      await using shop = await sessionOf(place, 'shop');
      for (const statement of SMALL) await shop.query(statement);
      await place.as('erp', 'CREATE TABLE secret AS SELECT 1 AS n');
      const backups = await backupsIn(place);
      part = await backups.save('shop');
      dump = await readFile(join(backups.context.folder, 'dump.sql'), 'latin1');
      expect(differences(part.objects, await backups.rehearse('shop', part))).toEqual([]);
      return async () => await place[Symbol.asyncDispose]();
    }, 180_000);

    test.each(everyday(DAMAGES, { oneOf: 2 }))('turns a drill red where %s', { timeout: 60_000 }, async (_name, from, to, said) => {
      const backups = await damaged(from, to);
      expect(differences(part.objects, await backups.rehearse('shop', part)).join('; ')).toContain(said);
      expect(await place.root(LEFT)).toEqual([]);
    });

    test.each(HOSTILE)('that %s does nothing, and is told', { timeout: 60_000 }, async (_name, statement, said) => {
      await place.as('copy', 'CREATE OR REPLACE VIEW mine AS SELECT 1 AS n');
      const backups = await damaged(/CREATE TABLE `kept`/, `${statement}\nCREATE TABLE \`kept\``);
      await expect(backups.rehearse('shop', part)).rejects.toMatchObject({
        diagnostics: [{ code: 'CT4317', message: expect.stringMatching(said) }],
      });
      await expect(backups.load('copy', part)).rejects.toMatchObject({ diagnostics: [{ code: 'CT4317' }] });
      // What had come back before is gone again, and what was there is there.
      expect(await backups.present('copy')).toEqual(['view mine']);
      expect(await place.root("SELECT table_name AS n FROM information_schema.tables WHERE table_schema = 'erp'")).toEqual([
        { n: 'secret' },
      ]);
      expect(await place.root(LEFT)).toEqual([]);
      await place.as('copy', 'DROP VIEW mine');
    });

    test('what does not fit into the place is told before anything is made', { timeout: 60_000 }, async () => {
      const backups = await damaged(/$/, ' ');
      await expect(backups.load('plain', part)).rejects.toMatchObject({
        diagnostics: [
          { code: 'CT4318', message: 'the backup holds events, and the app may make none', hint: expect.stringContaining('relax') },
        ],
      });
      // A drill may no more than the app.
      await expect(backups.rehearse('plain', part)).rejects.toMatchObject({
        diagnostics: [{ code: 'CT4318', message: 'the backup holds events, and the app may make none' }],
      });
      const quiet = { ...part, objects: part.objects.filter(({ kind }) => kind !== 'event') };
      await expect(backups.rehearse('plain', quiet)).rejects.toMatchObject({
        diagnostics: [{ code: 'CT4317', message: expect.stringMatching(/refused .*event.* denied.*\(1044\)/iu) }],
      });
      for (const word of ['charset', 'collation']) {
        const planted = { ...part, place: { ...(part.place as object), [word]: 'utf8mb4; DROP DATABASE erp' } };
        await expect(backups.load('copy', planted)).rejects.toMatchObject({ diagnostics: [{ code: 'CT4314' }] });
        await expect(backups.rehearse('copy', planted)).rejects.toMatchObject({ diagnostics: [{ code: 'CT4314' }] });
      }
      expect(await place.root(LEFT)).toEqual([]);
      const other = { ...part, place: { ...(part.place as object), collation: 'utf8mb4_bin' } };
      await expect(backups.load('copy', other)).rejects.toMatchObject({
        diagnostics: [{ code: 'CT4318', hint: expect.stringContaining('collation: utf8mb4_bin') }],
      });
      const newer = { ...part, place: { ...(part.place as object), version: 990_000 } };
      await expect(backups.load('copy', newer)).rejects.toMatchObject({
        diagnostics: [{ code: 'CT4318', message: expect.stringContaining('99.0') }],
      });
      expect(await backups.present('copy')).toEqual([]);
    });

    test('what a drill has left that was killed goes with the next one, and nothing else does', { timeout: 60_000 }, async () => {
      const [dead, bare, other] = ['0123456789abcdef', 'fedcba9876543210', 'aaaaaaaaaaaaaaaa'].map((one) => `cotenant_drill_${one}`);
      for (const sql of [
        `INSERT INTO cotenant.ledger (kind, name, project) VALUES ('drill', '${dead}', 'life'), ('drill', 'erp', 'life')`,
        `CREATE USER '${dead}'@'%'`,
        `CREATE DATABASE ${dead}`,
        `CREATE DATABASE ${bare}`,
        `CREATE USER '${other}'@'%'`,
        `CREATE DATABASE ${other}`,
        `INSERT INTO cotenant.ledger (kind, name, project) VALUES ('drill', '${other}', 'another')`,
      ])
        await place.root(sql);
      const backups = await damaged(/$/, ' ');
      expect(differences(part.objects, await backups.rehearse('shop', part))).toEqual([]);
      const names = `SELECT SCHEMA_NAME AS n FROM information_schema.SCHEMATA WHERE SCHEMA_NAME LIKE 'cotenant\\_drill%' OR SCHEMA_NAME = 'erp' ORDER BY SCHEMA_NAME`;
      expect(await place.root(names)).toEqual([other, bare, 'erp'].map((n) => ({ n })));

      await place.root(`INSERT INTO cotenant.ledger (kind, name, project) VALUES ('drill', '${bare}', 'life')`);
      expect(differences(part.objects, await backups.rehearse('shop', part))).toEqual([]);
      expect(backups.said.join()).toContain(`could not be removed: ${bare}: CT4319: database "${bare}" is called as one of a drill was`);
      expect(await place.root(names)).toContainEqual({ n: bare });
      for (const sql of [
        `DROP DATABASE ${bare}`,
        `DROP DATABASE ${other}`,
        `DROP USER '${other}'@'%'`,
        "DELETE FROM cotenant.ledger WHERE kind = 'drill'",
      ])
        await place.root(sql);
    });
  });
});
