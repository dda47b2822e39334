import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { describeEachPostgres } from '../../../support/engines.ts';
import { becameOf } from '../../../../src/engines/postgres/verify/checks/lasting.ts';
import { manifestOf, urlOf } from '../lifecycle/harness.ts';
import { type Ground, ground } from './harness.ts';

const MANIFEST = manifestOf(`apps:
  east: { uses: { main: { connections: 5, isolation: schema, database: both } } }
  west: { uses: { main: { connections: 5, isolation: schema, database: both } } }
`);

describeEachPostgres('what outlives the right', { versions: 'newest', settings: { max_prepared_transactions: 5 } }, (server) => {
  let made: Ground;
  beforeAll(async () => {
    made = await ground(server(), MANIFEST);
    await made.sql('both', "SET ROLE west_owner; CREATE TABLE west.secrets (note text); INSERT INTO west.secrets VALUES ('theirs')");
  });
  afterAll(async () => await made[Symbol.asyncDispose]());

  const seen = async (): Promise<readonly string[]> =>
    (await made.analyse()).findings.map(({ probe, verdict, from, to }) => `${probe} ${verdict} ${from ?? '*'} ${to ?? '*'}`);
  const fix = async (): Promise<void> => {
    for (const { statement } of (await made.analyse()).findings.flatMap((one) => one.fix)) await made.sql('both', statement.text);
  };
  async function opened(): Promise<Client> {
    const client = new Client({ connectionString: await urlOf(made.place, 'east') });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  }

  it('is a session that became another role before the membership went, until the fix ends it', async () => {
    await made.sql('postgres', 'GRANT west_owner TO east_user');
    const client = await opened();
    await client.query('SET ROLE "west_owner"');
    await made.sql('postgres', 'REVOKE west_owner FROM east_user');
    await expect(client.query('SELECT 1')).resolves.toBeDefined();
    await client.query('SET ROLE "west_owner"').catch(() => undefined);
    expect(await seen()).toEqual(['PG-Z1 BREACH east west']);
    await fix();
    expect(await seen()).toEqual([]);
    await client.end().catch(() => undefined);
  });

  it('is a cursor on rows that the login may read no more', async () => {
    await made.sql('both', 'GRANT USAGE ON SCHEMA west TO east_owner; GRANT SELECT ON west.secrets TO east_owner');
    const client = await opened();
    await client.query('BEGIN; DECLARE c CURSOR FOR SELECT note FROM west.secrets');
    await made.sql('both', 'REVOKE SELECT ON west.secrets FROM east_owner; REVOKE USAGE ON SCHEMA west FROM east_owner');
    expect(await seen()).toEqual(['PG-Z1 BREACH east west']);
    expect((await client.query('FETCH c')).rows).toEqual([{ note: 'theirs' }]);
    await fix();
    expect(await seen()).toEqual([]);
    await client.end().catch(() => undefined);
  });

  it('is a prepared transaction that its owner can still commit', async () => {
    await made.sql('both', 'GRANT USAGE ON SCHEMA west TO east_owner; GRANT SELECT, DELETE ON west.secrets TO east_owner');
    const client = await opened();
    await client.query("BEGIN; DELETE FROM west.secrets; PREPARE TRANSACTION 'later'");
    await made.sql('both', 'REVOKE SELECT, DELETE ON west.secrets FROM east_owner; REVOKE USAGE ON SCHEMA west FROM east_owner');
    expect(await seen()).toEqual(['PG-Z1 BREACH east west']);
    await client.query("COMMIT PREPARED 'later'");
    // The operator finds the rows gone.
    await made.sql('both', "DO $$BEGIN IF EXISTS (SELECT FROM west.secrets) THEN RAISE 'still there'; END IF; END$$");
    await client.end();
    expect(await seen()).toEqual([]);
  });

  it('is no work of an app on what is its own', async () => {
    const client = await opened();
    await client.query('CREATE TABLE mine (n int)');
    await client.query('BEGIN; DECLARE c CURSOR FOR SELECT n FROM mine');
    const other = await opened();
    await other.query("BEGIN; INSERT INTO mine VALUES (1); PREPARE TRANSACTION 'mine'");
    await other.query('SET ROLE east_owner');
    expect(await seen()).toEqual([]);
    await client.query('COMMIT');
    await client.query("ROLLBACK PREPARED 'mine'");
    await client.query('DROP TABLE mine');
    await Promise.all([client.end(), other.end()]);
  });
});

describe('who a statement makes of a session', () => {
  test.each([
    ['SET ROLE west_owner', 'west_owner'],
    ['set local role to "A ""b"', 'A "b'],
    ["SET SESSION AUTHORIZATION 'x y'; SELECT 1", 'x y'],
    ['SET ROLE = Plain;', 'plain'],
    ['SET ROLE NONE', null],
    ['SET SESSION AUTHORIZATION DEFAULT', null],
    ['SELECT 1', null],
  ])('%s', (statement, role) => expect(becameOf(statement)).toBe(role));
});
