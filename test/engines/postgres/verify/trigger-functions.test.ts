import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeEachPostgres } from '../../../support/engines.ts';
import { manifestOf } from '../lifecycle/harness.ts';
import { type Ground, ground } from './harness.ts';

const MANIFEST = manifestOf(`apps:
  east: { uses: { main: { connections: 5, isolation: schema, database: both } } }
  west: { uses: { main: { connections: 5, isolation: schema, database: both } } }
  pool_a: { uses: { main: { connections: 5, isolation: rows, database: pool } } }
  pool_b: { uses: { main: { connections: 5, isolation: rows, database: pool } } }
`);

describeEachPostgres('a function for triggers', { versions: 'newest' }, (server) => {
  let made: Ground;
  beforeAll(async () => {
    made = await ground(server(), MANIFEST);
  });
  afterAll(async () => await made[Symbol.asyncDispose]());

  const seen = async (): Promise<readonly string[]> =>
    (await made.analyse()).findings.map(({ probe, verdict, from, to }) => `${probe} ${verdict} ${from ?? '*'} ${to ?? '*'}`);

  it('that runs as the owner of shared tables is found once somebody has a table to put it on', async () => {
    await made.sql(
      'pool',
      `SET ROLE pool_owner; CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS 'BEGIN RETURN NEW; END';
       GRANT EXECUTE ON FUNCTION stamp() TO PUBLIC`,
    );
    expect(await seen()).toEqual([]);
    await made.sql('pool', 'GRANT TEMPORARY ON DATABASE pool TO pool_a_user');
    expect(await seen()).toEqual(expect.arrayContaining(['PG-R09 BREACH * pool']));
    await made.sql('pool', 'REVOKE TEMPORARY ON DATABASE pool FROM pool_a_user; DROP FUNCTION stamp()');
    expect(await seen()).toEqual([]);
  });

  it('of another app is told with what ends it', async () => {
    await made.sql(
      'both',
      `SET ROLE west_owner; CREATE TABLE west.orders (id int); RESET ROLE; SET ROLE east_owner;
       CREATE FUNCTION east.fn() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; RESET ROLE;
       CREATE TRIGGER t BEFORE INSERT ON west.orders FOR EACH ROW EXECUTE FUNCTION east.fn();
       ALTER TABLE west.orders ADD CHECK (id > 0)`,
    );
    const found = (await made.analyse()).findings.filter(({ probe }) => probe === 'PG-S31');
    expect(found.map(({ why }) => why)).toEqual([expect.stringContaining('DROP TRIGGER "t" ON "west"."orders"') as unknown]);
    expect(found[0]?.why).toContain('ALTER ROUTINE "east"."fn" OWNER TO "west_owner"');
    expect(await seen()).toContain('PG-S31 BREACH east west');
  });
});
