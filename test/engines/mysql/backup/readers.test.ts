import { beforeAll, describe, expect, test } from 'vitest';
import { differences } from '../../../../src/backup/compare.ts';
import type { SavedPart } from '../../../../src/model/index.ts';
import { describeEachMysql } from '../../../support/engines-mysql.ts';
import { manifestOf, type Workplace, workplace } from '../lifecycle/harness.ts';
import { type Backups, backupsIn, hasClient, LEFT } from './harness.ts';

const APPS = 'apps:\n  shop: { uses: { main: {} } }\n';
const patient = { timeout: 120_000 };

/** What strangers are given, and what a drill says of it; null: nothing, it is done under another name. */
const CASES: readonly (readonly [string, readonly string[], string | null])[] = [
  ['a pattern of drills', ["GRANT SELECT ON `cotenant\\_drill\\_%`.* TO 'eve'@'%'"], null],
  ['a wider pattern', ["GRANT SELECT ON `cotenant%`.* TO 'eve'@'%'"], null],
  ['a pattern of one sign', ["GRANT SELECT ON `cotenant_drill________________%`.* TO 'eve'@'%'"], null],
  [
    'somebody whom it may act as',
    ["CREATE USER 'shut'@'%' ACCOUNT LOCK", "GRANT SELECT ON `%\\_%`.* TO 'shut'@'%'", "GRANT PROXY ON 'shut'@'%' TO 'eve'@'%'"],
    '"eve@%" (pattern %\\_%.*)',
  ],
  ['two patterns', ["GRANT SELECT ON `cotenant%`.* TO 'eve'@'%'", "GRANT DROP ON `drill%`.* TO 'eve'@'%'"], '"eve@%" (pattern'],
  ['a pattern for all, the app too', ["GRANT SELECT ON `%`.* TO 'eve'@'%'"], null],
  [
    'a pattern for all but the app',
    ["GRANT SELECT ON `%`.* TO 'eve'@'%'", "GRANT EXECUTE ON shop.* TO 'eve'@'%'"],
    '"eve@%" (pattern %.*)',
  ],
  [
    'a role with a pattern',
    ['CREATE ROLE crew', 'GRANT SELECT ON `%\\_%`.* TO crew', "GRANT crew TO 'eve'@'%'"],
    '"eve@%" (pattern %\\_%.*)',
  ],
  [
    'a role of a role',
    ['CREATE ROLE crew', 'CREATE ROLE team', 'GRANT SELECT ON `%\\_%`.* TO team', 'GRANT team TO crew', "GRANT crew TO 'eve'@'%'"],
    '"eve@%" (pattern %\\_%.*)',
  ],
  [
    'a row without an account',
    ["INSERT INTO mysql.db (Host, Db, User, Select_priv) VALUES ('10.%', '%', 'eve', 'Y')", 'FLUSH PRIVILEGES'],
    null,
  ],
  [
    'a row without an account that does not fit the app',
    ["INSERT INTO mysql.db (Host, Db, User, Select_priv) VALUES ('10.%', '%\\\\_%', 'eve', 'Y')", 'FLUSH PRIVILEGES'],
    '"eve@10.%" (pattern %\\_%.*)',
  ],
  [
    'a row without an account, and less by the one for the app',
    [
      "INSERT INTO mysql.db (Host, Db, User, Select_priv) VALUES ('10.%', '%', 'eve', 'Y'), ('10.%', 'shop', 'eve', 'N')",
      "UPDATE mysql.db SET Execute_priv = 'Y' WHERE User = 'eve' AND Db = 'shop'",
      'FLUSH PRIVILEGES',
    ],
    '"eve@10.%" (pattern %.*)',
  ],
  [
    'a row without an account, and what the account has on everything',
    [
      "GRANT SELECT ON *.* TO 'eve'@'%'",
      "INSERT INTO mysql.db (Host, Db, User, Select_priv) VALUES ('10.%', '%\\\\_%', 'eve', 'Y')",
      'FLUSH PRIVILEGES',
    ],
    null,
  ],
  ['more by a pattern than in the app', ["GRANT SELECT ON shop.* TO 'eve'@'%'", "GRANT SELECT, DROP ON `%`.* TO 'eve'@'%'"], '"eve@%"'],
];

describeEachMysql('a drill among strangers', { versions: 'all' }, (server, version) => {
  describe.skipIf(!hasClient(version))('with its own dump client', () => {
    let place: Workplace;
    let backups: Backups;
    let part: SavedPart;

    beforeAll(async () => {
      place = await workplace(server(), manifestOf(APPS));
      expect(await place.apply()).toMatchObject({ ending: 'done' });
      await place.as('shop', 'CREATE TABLE orders (n int)');
      backups = await backupsIn(place);
      part = await backups.save('shop');
      return async () => await place[Symbol.asyncDispose]();
    }, 180_000);
    const clear = async (): Promise<void> => {
      for (const sql of [
        "DROP USER IF EXISTS 'eve'@'%', 'shut'@'%'",
        'DROP ROLE IF EXISTS crew',
        'DROP ROLE IF EXISTS team',
        "DELETE FROM mysql.db WHERE User = 'eve'",
        'FLUSH PRIVILEGES',
      ])
        await place.root(sql);
    };

    test.each(CASES)('with %s', patient, async (_name, grants, said) => {
      await clear();
      await place.root("CREATE USER 'eve'@'%' IDENTIFIED BY 'x'");
      for (const sql of grants) await place.root(sql);
      try {
        if (said === null) expect(differences(part.objects, await backups.rehearse('shop', part))).toEqual([]);
        else {
          const message = expect.stringContaining(said);
          await expect(backups.rehearse('shop', part)).rejects.toMatchObject({ diagnostics: [{ code: 'CT4327', message }] });
        }
        expect(await place.root(LEFT)).toEqual([]);
      } finally {
        await clear();
      }
    });

    test.skipIf(version.startsWith('mariadb'))('with somebody who may read everything but the app', patient, async () => {
      await place.root('SET GLOBAL partial_revokes = ON');
      await place.root("CREATE USER 'eve'@'%' IDENTIFIED BY 'x'");
      try {
        for (const sql of ["GRANT SELECT ON *.* TO 'eve'@'%'", "REVOKE SELECT ON mysql.* FROM 'eve'@'%'"]) await place.root(sql);
        expect(differences(part.objects, await backups.rehearse('shop', part))).toEqual([]);
        await place.root("REVOKE SELECT ON shop.* FROM 'eve'@'%'");
        const message = expect.stringContaining('"eve@%" (everything but shop.*)');
        await expect(backups.rehearse('shop', part)).rejects.toMatchObject({ diagnostics: [{ code: 'CT4327', message }] });
        // What a role has on everything, and does not lack there, is as much.
        for (const sql of ['CREATE ROLE crew', 'GRANT SELECT ON *.* TO crew', "GRANT crew TO 'eve'@'%'"]) await place.root(sql);
        expect(differences(part.objects, await backups.rehearse('shop', part))).toEqual([]);
        expect(await place.root(LEFT)).toEqual([]);
      } finally {
        await clear();
        await place.root('SET GLOBAL partial_revokes = OFF');
      }
    });

    test('says who may read everything, and is for operators to read', patient, async () => {
      await place.root("CREATE USER 'eve'@'%' IDENTIFIED BY 'x'");
      await place.root("GRANT SELECT ON *.* TO 'eve'@'%'");
      try {
        await backups.rehearse('shop', part);
        expect(backups.said.join()).toContain(`may read this drill on "main", as the app's own database: "eve@%"`);
        await place.root("GRANT DROP ON `%\\_%`.* TO 'eve'@'%'");
        await place.write(manifestOf(`${APPS}operators: { eve: { may: [read-all] } }\n`));
        const named = await backupsIn(place, { folder: backups.context.folder });
        expect(differences(part.objects, await named.rehearse('shop', part))).toEqual([]);
        expect(named.said).toEqual([]);
      } finally {
        await clear();
        await place.write(manifestOf(APPS));
      }
    });
  });
});
