import { beforeEach, expect, test } from 'vitest';
import { manifestOf, wipe, workplace, type Workplace } from '../engines/postgres/lifecycle/harness.ts';
import { describeEachPostgres } from '../support/engines.ts';
import { at, query } from '../support/query.ts';
import { files, up } from './ways.ts';

const manifest = manifestOf(`apps:
  shop: { uses: { main: { isolation: schema, database: shared } }, migrations: { tool: sql, directory: shop } }
  blog: { uses: { main: { isolation: schema, database: shared } } }
  alpha: { uses: { main: { isolation: rows, database: pool, connections: 5 } }, migrations: { tool: sql, directory: alpha } }
  beta: { uses: { main: { isolation: rows, database: pool, connections: 5 } } }
  own: { uses: { main: {} }, migrations: { tool: sql, directory: own } }
  late: { uses: { main: {} }, migrations: { tool: command, directory: late, command: [sh, -c, 'sh run.sh'], ledger: { table: steps, column: id } } }
`);

describeEachPostgres('what a migration gives away', { versions: 'ends' }, (server, major) => {
  let place: Workplace;

  beforeEach(async () => {
    await wipe(server().url);
    place = await workplace(server(), manifest, { PATH: process.env['PATH'] ?? '' });
    await files(place, 'shop', {});
    await files(place, 'alpha', { '1.sql': 'CREATE TABLE notes (id int PRIMARY KEY, workspace text NOT NULL)' });
    await files(place, 'late', {});
    await files(place, 'own', {});
    expect((await place.apply()).ending).toBe('done');
    return async () => await place[Symbol.asyncDispose]();
  });

  async function tried(app: string, next: Record<string, string>): Promise<string> {
    await files(place, app, next);
    const { diagnostics, ending } = await up(place, { apps: [app] });
    return ending === 'done' ? 'done' : diagnostics.join('\n');
  }

  test('a function to everybody, where an apply has taken that from PUBLIC', async () => {
    const f = `CREATE FUNCTION f() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'`;
    expect(await tried('shop', { '1.sql': f })).toBe('done');
    expect(await tried('shop', { '2.sql': 'GRANT EXECUTE ON FUNCTION f() TO shop_ro' })).toBe('done');
    expect(await tried('shop', { '3.sql': 'GRANT EXECUTE ON FUNCTION f() TO PUBLIC' })).toMatch(
      /CT4103 shop: .*routine shop\.f\(\) is open to somebody else: PUBLIC: X/,
    );
  });

  test('a large object to everybody', async () => {
    expect(await tried('shop', { '1.sql': `SELECT lo_from_bytea(4711, 'x'); GRANT SELECT ON LARGE OBJECT 4711 TO PUBLIC` })).toMatch(
      /CT4103 shop: .*large object 4711 is open to somebody else: PUBLIC: r/,
    );
  });

  test.runIf(major < 15)('its own login, which before version 15 may give itself away', async () => {
    expect(await tried('shop', { '1.sql': 'SET ROLE NONE; GRANT shop_user TO blog_user; SET ROLE shop_owner' })).toMatch(
      /CT4103 shop: .*membership blog_user in shop_user of shop_user.* is new/,
    );
  });

  test.each(['DISABLE ROW LEVEL SECURITY', 'NO FORCE ROW LEVEL SECURITY', 'DROP POLICY cotenant_guard'])(
    'the rows of all that share its tables: %s',
    async (what) => {
      expect(await tried('alpha', {})).toBe('done');
      expect((await place.apply()).ending).toBe('done');
      expect(await tried('alpha', { '2.sql': 'ALTER TABLE notes ADD more text; CREATE TABLE others (id int)' })).toBe('done');
      const sql = what.startsWith('DROP') ? `${what} ON notes` : `ALTER TABLE notes ${what}`;
      expect(await tried('alpha', { '3.sql': sql })).toMatch(/CT4103 alpha: .*table \S*notes has not the wall around its rows any more/);
    },
  );

  test('what others do meanwhile in its own database with what is theirs fails no run', { timeout: 120_000 }, async () => {
    const root = async (sql: string) => await query(at(server().url, { database: 'own' }), sql);
    await root(
      'CREATE ROLE neighbour; CREATE SCHEMA dba; CREATE TABLE dba.t (id int); SELECT lo_create(9002); ALTER LARGE OBJECT 9002 OWNER TO neighbour',
    );
    const run = tried('own', { '1.sql': 'SELECT pg_sleep(4); CREATE TABLE mine (id int)' });
    const busy = `SELECT 1 FROM pg_stat_activity WHERE query LIKE '%pg_sleep(4)%' AND pid <> pg_backend_pid() AND state = 'active'`;
    await expect.poll(async () => await root(busy), { timeout: 60_000 }).toHaveLength(1);
    await root(
      'GRANT INSERT ON dba.t TO neighbour; GRANT SELECT ON LARGE OBJECT 9002 TO PUBLIC; CREATE TABLE dba.more (id int); CREATE SCHEMA dba2; GRANT USAGE ON SCHEMA dba2 TO PUBLIC',
    );
    expect(await run).toBe('done');
  });

  test('what a tool has sent and not waited for is waited for', { timeout: 120_000 }, async () => {
    await query(at(server().url, { database: 'late' }), 'SET ROLE late_owner; CREATE TABLE steps (id text); CREATE TABLE kept (id int)');
    const slow = `DO $$ BEGIN PERFORM pg_sleep(3); GRANT SELECT ON kept TO blog_owner; END $$`;
    const said = await tried('late', {
      'run.sh': `psql "$DATABASE_URL" -qc "${slow.replaceAll('$', String.raw`\$`)}" >/dev/null 2>&1 &\nsleep 1\npsql "$DATABASE_URL" -qc "INSERT INTO steps VALUES ('one')"\n`,
    });
    expect(said).toMatch(/table \S*kept is open to somebody else: "?blog_owner"?: r/);
  });
});
