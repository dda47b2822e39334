import { fc } from '../../../support/properties.ts';
import { expect, it } from 'vitest';
import { describeEachMysql } from '../../../support/engines-mysql.ts';
import { isFull } from '../../../support/thorough.ts';
import type { Version } from '../../../../src/engines/mysql/local/find.ts';
import { manifestOf, wipe } from '../lifecycle/harness.ts';
import { ask } from '../../../../src/engines/mysql/local/client.ts';
import { seedTables, ground, shortly } from './harness.ts';

/** For each server; with FULL=1 three servers make 150. */
const runsOn = (version: Version): number => (isFull(version, 'worlds') ? 50 : 6);

interface System {
  readonly apps: readonly {
    readonly name: string;
    readonly events: boolean;
    readonly seeded: boolean;
    readonly hosts: readonly string[];
  }[];
  readonly reads: readonly number[];
  readonly shares: readonly { readonly from: number; readonly to: number; readonly columns: boolean }[];
  /** What is there besides, and none of cotenant's business. */
  readonly strangers: readonly string[];
}

/** What it may on everything is accepted in the manifest. */
const DBA = "'dba'@'localhost'";

const system: fc.Arbitrary<System> = fc.record({
  apps: fc.uniqueArray(
    fc.record({
      name: fc.constantFrom('c_a', 'cxa', 'c%a', 'c_a_b', 'plain', 'UPPER', 'c\\_a', 'größe'),
      events: fc.boolean(),
      seeded: fc.boolean(),
      hosts: fc.constantFrom(['%'], ['%', '10.1.2.3'], ['127.0.0.1'], ['127.0.0.%', 'db.example']),
    }),
    { minLength: 1, maxLength: 4, selector: (one) => one.name.toLowerCase() },
  ),
  reads: fc.uniqueArray(fc.nat(3), { maxLength: 2 }),
  shares: fc.array(fc.record({ from: fc.nat(3), to: fc.nat(3), columns: fc.boolean() }), { maxLength: 2 }),
  strangers: fc.subarray([
    'CREATE DATABASE foreign_one',
    "CREATE USER 'foreign'@'%' IDENTIFIED BY 'a word that nobody guesses'",
    `CREATE USER ${DBA} IDENTIFIED BY 'x'; GRANT ALL ON *.* TO ${DBA} WITH GRANT OPTION`,
    'CREATE ROLE idle',
    "CREATE DATABASE works; CREATE TABLE works.t (x INT); CREATE ROLE clerks; GRANT ALL ON works.* TO clerks; CREATE USER 'clerk'@'%' IDENTIFIED BY 'x'; GRANT clerks TO 'clerk'@'%'",
    "CREATE DATABASE older; CREATE USER 'away'@'%' IDENTIFIED BY 'x'; GRANT ALL ON older.* TO 'away'@'%'; ALTER USER 'away'@'%' ACCOUNT LOCK",
    "CREATE DATABASE reports; CREATE USER 'builder'@'%' IDENTIFIED BY 'x'; GRANT ALL ON reports.* TO 'builder'@'%'; CREATE DEFINER = 'builder'@'%' PROCEDURE reports.p() BEGIN PREPARE s FROM 'SELECT 1';EXECUTE s;END",
    "CREATE DATABASE jobs; CREATE TABLE jobs.t (x INT); CREATE EVENT jobs.e ON SCHEDULE EVERY 1 DAY STARTS '2037-01-01' DO DELETE FROM jobs.t; CREATE USER 'worker'@'%' IDENTIFIED BY 'x'; GRANT ALL ON jobs.* TO 'worker'@'%'",
    "INSERT IGNORE INTO mysql.db (Host, Db, User, Select_priv) VALUES ('10.9.9.9', 'nobodys', 'somebody', 'Y'); FLUSH PRIVILEGES",
    "CREATE DATABASE theirs; CREATE TABLE theirs.t (x INT); CREATE VIEW theirs.v AS SELECT x FROM theirs.t; CREATE PROCEDURE theirs.p() SELECT 'see shop.orders'; CREATE USER 'tenant'@'%' IDENTIFIED BY 'x'; GRANT ALL ON theirs.* TO 'tenant'@'%'",
  ]),
});

function manifest({ apps, reads, shares, strangers }: System): string {
  const lines = apps.map(
    ({ name, events, hosts }, index) =>
      `  app${index}: { uses: { main: { connections: 3, database: ${JSON.stringify(name)}, hosts: ${JSON.stringify(hosts)}, relax: { events: ${events} } } } }`,
  );
  const there = (index: number): boolean => index < apps.length;
  const readable = reads.filter(there).map((index) => `app${index}`);
  const readers = readable.length > 0 ? `readers:\n  lens: { reads: [${readable.join(', ')}] }\n` : '';
  const wanted = shares.filter(({ from, to }) => from !== to && there(from) && there(to));
  const lists = wanted.map(
    ({ from, to, columns }) => `  - { from: app${from}, tables: [orders], ${columns ? 'columns: [id], ' : ''}to: app${to}, via: grant }`,
  );
  const known = strangers.some((sql) => sql.includes(DBA)) ? 'known:\n  - { user: dba@localhost, why: administers the server }\n' : '';
  return manifestOf(`apps:\n${lines.join('\n')}\n${readers}${lists.length > 0 ? `shares:\n${lists.join('\n')}\n` : ''}${known}`);
}

describeEachMysql('any system as cotenant builds it', { versions: 'kinds', whole: 'worlds' }, (server, version) => {
  it('is green', { timeout: 1_800_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(system, async (some) => {
        for (const sql of some.strangers.flatMap((text) => text.split('; '))) await ask(server(), sql);
        await using made = await ground(server(), manifest(some));
        await seedTables(
          made,
          some.apps.flatMap((one, index) => (one.seeded ? [`app${index}`] : [])),
        );
        const report = await made.verify();
        const left = (await made.place.plan()).plan.steps.map((step) => step.id);
        await wipe(server());
        expect({ findings: shortly(report.findings), left }).toEqual({ findings: [], left: [] });
      }),
      { numRuns: runsOn(version), endOnFailure: true },
    );
  });
});
