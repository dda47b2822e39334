import { expect, test } from 'vitest';
import { session, urlOf } from '../engines/postgres/lifecycle/harness.ts';
import { describeEachPostgres } from '../support/engines.ts';
import { at, query } from '../support/query.ts';
import { asleep, sleepy } from './asleep.ts';
import { byHand, put, rowOf, usable, world } from './drive.ts';
import { type Kit, kits } from './kits.ts';
import { down, up } from './ways.ts';

const LONG = { timeout: 400_000 };
const kit = (tool: Kit['tool']): Kit | undefined => usable(kits()).find((one) => one.tool === tool);

describeEachPostgres('lock rows that tools leave', { versions: 'ends' }, (server) => {
  test.skipIf(!kit('liquibase'))('Liquibase: kept while its owner may be there, freed once it is gone', LONG, async () => {
    const one = kit('liquibase');
    if (!one) return;
    await using place = await world(server(), [one]);
    await put(place, one.app, one.revisions[0].files);
    await byHand(place, one);
    await put(place, one.app, sleepy(one));
    const locked = async (): Promise<unknown> =>
      (await query(await urlOf(place, one.app), 'SELECT locked FROM databasechangeloglock'))[0]?.['locked'];
    const kept =
      /its lock row is taken by \S+ .*since .*, and one session may be of whoever has taken it: pid \d+ of lb_user \(PostgreSQL JDBC Driver, from .*, since .*release-locks/;

    const child = await asleep(server().url, place, one);
    expect((await rowOf(place, one.app)).drift).toEqual([expect.stringMatching(kept)]);
    const refused = await up(place);
    expect(refused).toMatchObject({ ending: 'waiting', steps: [] });
    expect(refused.diagnostics).toEqual([expect.stringMatching(/^CT4106 lb: .*may be of whoever has taken it: pid/)]);
    expect((await place.cli('migrate', 'plan', 'lb')).stdout).toContain('pg_sleep(100)');
    expect(await locked()).toBe(true);
    await child.kill();
    expect(await locked()).toBe(true);

    // The app itself is there, with a login that could have taken it.
    const app = await session(await urlOf(place, one.app));
    expect((await up(place)).diagnostics.join()).toMatch(/CT4106 lb: .*one session may be of whoever has taken it: pid/);
    expect(await locked()).toBe(true);
    await app.end();

    // So is somebody who may write one column of it.
    const shared = at(server().url, { database: 'shared' });
    await query(
      shared,
      `CREATE ROLE janitor LOGIN PASSWORD 'broom'; GRANT CONNECT ON DATABASE shared TO janitor; GRANT USAGE ON SCHEMA lb TO janitor; GRANT UPDATE (locked) ON lb.databasechangeloglock TO janitor`,
    );
    const janitor = await session(at(shared, { user: 'janitor', password: 'broom' }));
    expect((await rowOf(place, one.app)).drift).toEqual([
      expect.stringMatching(/one session may be of whoever has taken it: pid \d+ of janitor/),
    ]);
    await janitor.end();
    await query(shared, 'DROP OWNED BY janitor; DROP ROLE janitor');

    expect((await rowOf(place, one.app)).drift).toEqual([
      expect.stringMatching(/^its lock row is taken by .*, by a run that is gone: .*; cotenant migrate up frees it$/),
    ]);
    await put(place, one.app, { 'changes/0002.sql': '--liquibase formatted sql\n--changeset ann:2 runInTransaction:false\nSELECT 1;\n' });
    expect((await up(place)).diagnostics.join()).toMatch(
      /CT4106 lb: .*may be half done: changes\/0002\.sql::2::ann runs outside of a transaction/,
    );
    await put(place, one.app, one.revisions[1].files);
    const came = await up(place);
    expect(came).toMatchObject({ ending: 'done', steps: ['lb done'], diagnostics: [] });
    expect(came.said).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^freed the lock row of lb\.databasechangeloglock, which was taken by .*: whoever had it is gone$/),
      ]),
    );
    expect(await rowOf(place, one.app)).toMatchObject({ state: 'current', drift: [] });
    expect(await locked()).toBe(false);

    // Killed between the last change and the end: nothing is pending, and the row is in the way all the same.
    await query(
      await urlOf(place, one.app),
      `UPDATE databasechangeloglock SET locked = true, lockedby = 'gone (10.0.0.1)', lockgranted = now()`,
    );
    expect(await up(place)).toMatchObject({ ending: 'done', steps: ['lb done'] });
    expect(await locked()).toBe(false);
    expect((await up(place)).ending).toBe('nothing-to-do');
  });

  test.skipIf(!kit('knex'))(
    'Knex: kept where a migration outside of a transaction may be half done, freed where none can be',
    LONG,
    async () => {
      const one = kit('knex');
      if (!one) return;
      await using place = await world(server(), [one]);
      await put(place, one.app, one.revisions[0].files);
      await byHand(place, one);
      await put(place, one.app, sleepy(one));
      const child = await asleep(server().url, place, one);
      expect((await rowOf(place, one.app)).drift).toEqual([
        expect.stringMatching(/^its lock row is taken, and .* may be of whoever has taken it: pid \d+ of kx_user/),
      ]);
      await child.kill();
      expect((await rowOf(place, one.app)).drift).toEqual([
        expect.stringMatching(
          /^its lock row is taken, by a run that is gone: .* may be half done: 0002_t\.cjs runs outside of a transaction; look at it, then `knex migrate:unlock` frees it$/,
        ),
      ]);
      expect(await up(place)).toMatchObject({ ending: 'waiting', steps: [] });
      await put(place, one.app, one.revisions[1].files);
      const came = await up(place);
      expect(came).toMatchObject({ ending: 'done', steps: ['kx done'], diagnostics: [] });
      expect(came.said).toEqual(
        expect.arrayContaining(['freed the lock row of kx.knex_migrations_lock, which was taken: whoever had it is gone']),
      );
      expect(await rowOf(place, one.app)).toMatchObject({ state: 'current', drift: [] });
    },
  );

  test.skipIf(!kit('liquibase'))(
    'Liquibase: what its CASCADE may take from others is asked for before the row is freed',
    LONG,
    async () => {
      const one = kit('liquibase');
      if (!one) return;
      await using place = await world(server(), [one]);
      await put(place, one.app, one.revisions[0].files);
      await byHand(place, one);
      const shared = at(server().url, { database: 'shared' });
      await query(
        shared,
        `CREATE ROLE bookkeeper; CREATE SCHEMA books AUTHORIZATION bookkeeper; GRANT USAGE ON SCHEMA lb TO bookkeeper; GRANT SELECT ON lb.t1 TO bookkeeper;
       SET ROLE bookkeeper; CREATE VIEW books.all_of_it AS SELECT * FROM lb.t1`,
      );
      await query(
        await urlOf(place, one.app),
        `UPDATE databasechangeloglock SET locked = true, lockedby = 'gone (10.0.0.1)', lockgranted = now()`,
      );
      await put(place, one.app, {
        'changes/0002.sql': '--liquibase formatted sql\n--changeset ann:2\nDROP TABLE t1 CASCADE;\n--rollback SELECT 1;\n',
      });
      const asked: unknown[] = [];
      const refused = await up(
        place,
        {},
        { consent: async ({ steps }) => Promise.resolve(asked.push(steps.map(({ confirm }) => confirm)) === 0) },
      );
      expect(refused).toMatchObject({ loses: 'by CASCADE perhaps view books.all_of_it of bookkeeper', steps: [] });
      expect(asked).toEqual([['lb']]);
      // Whoever only looks frees nothing: the tool itself would, where it prints what it is going to send.
      expect((await place.cli('migrate', 'plan', 'lb')).stdout).toContain('DROP TABLE t1 CASCADE');
      expect((await down(place, 'lb', { steps: 1 }, { dryRun: true })).loses).toMatch(/^table (?:lb\.)?t1/);
      expect(await query(await urlOf(place, one.app), 'SELECT locked FROM databasechangeloglock')).toEqual([{ locked: true }]);
      expect((await up(place, {}, { confirm: ['lb'] })).diagnostics.join()).toMatch(
        /CT4103 lb: .*gone: view books\.all_of_it of bookkeeper/,
      );
    },
  );
});
