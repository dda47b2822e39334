import { beforeAll, expect, it } from 'vitest';
import { found, look } from '../../../support/doctor.ts';
import { describeEachPostgres } from '../../../support/engines.ts';
import { query } from '../../../support/query.ts';
import { manifestOf, session, until, urlOf, type Workplace, workplace } from '../lifecycle/harness.ts';

/** No version of these tests was at its end then. */
const now = new Date('2026-01-01');

const apps = `apps:
  shop: { uses: { main: {} } }
  crm: { uses: { main: { isolation: schema, database: shared } } }
  erp: { uses: { main: { isolation: schema, database: shared } } }
`;

describeEachPostgres('doctor and what lies in databases', { versions: 'ends', settings: { autovacuum: true } }, (server) => {
  let place: Workplace;
  let shop = '';
  let crm = '';

  beforeAll(async () => {
    place = await workplace(server(), manifestOf(apps));
    expect((await place.apply()).ending).toBe('done');
    [shop, crm] = [await urlOf(place, 'shop'), await urlOf(place, 'crm')];
    return async () => await place[Symbol.asyncDispose]();
  });

  it('an index that could not be made, of the app that has it, with the statement that makes it', async () => {
    await query(crm, 'CREATE TABLE notes AS SELECT 1 AS "a b" FROM generate_series(1, 2)');
    await query(crm, 'CREATE UNIQUE INDEX CONCURRENTLY "no tes" ON notes ("a b")').catch(() => undefined);
    const [finding, ...more] = await found(place, ['CT-D208']);
    expect(more).toEqual([]);
    expect(finding).toMatchObject({
      severity: 'warning',
      apps: ['crm'],
      remedy: [{ where: 'database shared', text: 'REINDEX INDEX CONCURRENTLY "crm"."no tes";' }],
    });
    expect(finding?.remedy[0]).not.toHaveProperty('lane');
    expect(await found(place, ['CT-D208'], { apps: ['erp'] })).toEqual([]);
    await query(crm, 'DELETE FROM notes');
    await query(crm, finding?.remedy[0]?.text ?? '');
    expect(await found(place, ['CT-D208'])).toEqual([]);
  });

  it('an index that is there twice; those that differ in anything, or hold a constraint, are not', async () => {
    await query(
      shop,
      `CREATE TABLE orders (id int PRIMARY KEY, at date, who text);
       CREATE INDEX first ON orders (at); CREATE INDEX second ON orders (at);
       CREATE INDEX lower_1 ON orders (lower(who)); CREATE INDEX lower_2 ON orders (lower(who));
       CREATE INDEX upper ON orders (upper(who)); CREATE INDEX partly ON orders (at) WHERE who IS NOT NULL;
       CREATE INDEX other ON orders (at DESC); CREATE INDEX hashed ON orders USING hash (at); CREATE INDEX wide ON orders (at) INCLUDE (who);
       CREATE INDEX like_key ON orders (id)`,
    );
    const [finding, ...more] = await found(place, ['CT-D209']);
    expect(more).toEqual([]);
    expect(finding).toMatchObject({ severity: 'info', apps: ['shop'], evidence: { count: 3 } });
    expect(finding?.remedy.map(({ text }) => text).sort()).toEqual([
      'DROP INDEX CONCURRENTLY "public"."like_key";',
      'DROP INDEX CONCURRENTLY "public"."lower_2";',
      'DROP INDEX CONCURRENTLY "public"."second";',
    ]);
    await query(shop, 'DROP TABLE orders');
    expect(await found(place, ['CT-D209'])).toEqual([]);
  });

  it('an index that nobody has used since the counters began', async () => {
    await query(
      shop,
      'CREATE TABLE kept (id int PRIMARY KEY, what int); CREATE INDEX what ON kept (what); CREATE INDEX used ON kept ((what + 1))',
    );
    await query(shop, 'INSERT INTO kept SELECT x, x FROM generate_series(1, 2000) x; ANALYZE kept');
    await query(shop, 'SET enable_seqscan = off; SELECT 1 FROM kept WHERE what + 1 = 7');
    await until(shop, "SELECT 1 FROM pg_stat_user_indexes WHERE indexrelname = 'used' AND idx_scan > 0");
    const [finding, ...more] = await found(place, ['CT-D210'], { limits: { unused: 0, unusedBytes: 0 } });
    expect(more).toEqual([]);
    expect(finding).toMatchObject({ severity: 'info', apps: ['shop'], evidence: { 'object 1': '"public"."what"', count: 1 } });
    expect(await found(place, ['CT-D210'])).toEqual([]);
  });

  it('counters near their end, also where the column holds less than its sequence', async () => {
    await query(
      crm,
      `CREATE TABLE small (id bigserial); ALTER TABLE small ALTER id TYPE int; SELECT setval('small_id_seq', 2000000000);
       CREATE SEQUENCE down INCREMENT -1 MINVALUE -100 MAXVALUE -1; SELECT setval('down', -99);
       CREATE SEQUENCE round MAXVALUE 10 CYCLE; SELECT setval('round', 10); CREATE SEQUENCE fresh MAXVALUE 10; CREATE SEQUENCE half MAXVALUE 10; SELECT setval('half', 5)`,
    );
    const all = await found(place, ['CT-D112']);
    expect(all.map(({ severity, apps: about, evidence }) => [severity, about, evidence['sequence'], evidence['end']])).toEqual([
      ['error', ['crm'], '"crm"."down"', -100],
      ['warning', ['crm'], '"crm"."small_id_seq"', 2147483647],
    ]);
    await query(crm, 'DROP TABLE small; DROP SEQUENCE down');
    expect(await found(place, ['CT-D112'])).toEqual([]);
  });

  it('a table full of dead rows, as an estimate, and one that autovacuum leaves out', async () => {
    await query(shop, 'CREATE TABLE log WITH (autovacuum_enabled = off) AS SELECT x FROM generate_series(1, 30000) x');
    await query(shop, 'DELETE FROM log WHERE x > 10');
    await until(shop, "SELECT 1 FROM pg_stat_user_tables WHERE relname = 'log' AND n_dead_tup > 20000");
    const [dead, excepted] = (await found(place, ['CT-D203', 'CT-D211'])).toReversed();
    expect(excepted).toMatchObject({ id: 'CT-D203', severity: 'warning', apps: ['shop'] });
    expect(dead).toMatchObject({
      id: 'CT-D211',
      severity: 'warning',
      apps: ['shop'],
      what: expect.stringContaining('about 29990 dead of 30000') as unknown,
    });
    await query(shop, dead?.remedy[0]?.text ?? '');
    await query(shop, excepted?.remedy[0]?.text ?? '');
    await until(shop, "SELECT 1 FROM pg_stat_user_tables WHERE relname = 'log' AND n_dead_tup = 0");
    expect(await found(place, ['CT-D203', 'CT-D211'])).toEqual([]);
  });

  it('what cannot be looked at in one database is said, and loses nothing else', async () => {
    await query(crm, 'CREATE SEQUENCE held');
    await using _holder = await session(crm, 'BEGIN; ALTER SEQUENCE held INCREMENT 2');
    const { report } = await look(place, { now });
    expect(report.blind).toEqual([
      { instance: 'main', checks: ['CT-D112'], where: 'database shared', why: expect.stringContaining('lock timeout') as unknown },
    ]);
    expect(report.instances[0]?.checks).toContain('CT-D112');
    expect(report.findings).toEqual([]);
  });

  it('sends as many statements for three apps in a database as for one, and runs no code of theirs', async () => {
    const before = (await look(place, { now })).report.instances[0]?.statements;
    const trap = `CREATE FUNCTION trap(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RAISE EXCEPTION 'run by %', session_user; END $$;
      CREATE TABLE snare (x int); CREATE INDEX snared ON snare (trap(x)); CREATE INDEX snared_2 ON snare (trap(x));
      CREATE FUNCTION age(xid) RETURNS int LANGUAGE sql AS 'SELECT 1 / 0'; CREATE FUNCTION has_sequence_privilege(oid, text) RETURNS bool LANGUAGE sql AS 'SELECT 1 / 0 = 1'`;
    await query(shop, trap);
    await query(crm, trap);
    await place.write(
      manifestOf(
        `${apps}  four: { uses: { main: { isolation: schema, database: shared } } }\n  five: { uses: { main: { isolation: schema, database: shared } } }\n`,
      ),
    );
    expect((await place.apply()).ending).toBe('done');
    const { report } = await look(place, { now });
    expect(report.instances[0]?.statements).toBe(before);
    expect(report.blind).toEqual([]);
    expect(report.findings.map(({ id, apps: about }) => [id, about])).toEqual([
      ['CT-D209', ['crm']],
      ['CT-D209', ['shop']],
    ]);
  });
});
