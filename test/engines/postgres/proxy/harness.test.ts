import { Client } from 'pg';
import { describe, expect, it } from 'vitest';
import { describeEachPostgres } from '../../../support/engines.ts';
import { at, query } from '../../../support/query.ts';
import { changing, type SeenStatement, startProxy } from './harness.ts';

describeEachPostgres('the reading proxy', { versions: 'each' }, (server) => {
  it('sees every statement, in either protocol, and changes nothing', async () => {
    await using proxy = await startProxy({ target: server() });
    const client = new Client({ connectionString: at(server().url, { port: proxy.port }) });
    await client.connect();
    await client.query('SELECT 1; SELECT 2');
    const named = { name: 'twice', text: 'SELECT $1::text AS echo' };
    expect((await client.query({ ...named, values: ['a'] })).rows).toEqual([{ echo: 'a' }]);
    expect((await client.query({ ...named, values: ['b'] })).rows).toEqual([{ echo: 'b' }]);
    expect((await client.query('SELECT $1::text AS big', ['x'.repeat(300_000)])).rows[0]).toEqual({ big: 'x'.repeat(300_000) });
    await client.end();
    expect(proxy.statements.map(({ n, sql, protocol, database, connection }) => [n, sql, protocol, database, connection])).toEqual([
      [1, 'SELECT 1; SELECT 2', 'query', 'postgres', 1],
      [2, 'SELECT $1::text AS echo', 'execute', 'postgres', 1],
      [3, 'SELECT $1::text AS echo', 'execute', 'postgres', 1],
      [4, 'SELECT $1::text AS big', 'execute', 'postgres', 1],
    ]);
    expect(proxy.messages).toMatchObject({ Q: 1, P: 2, B: 3, E: 3, X: 1 });
  });

  it('refuses encryption so that it can read, and SCRAM goes through', async () => {
    await using proxy = await startProxy({ target: server() });
    const url = at(server().url, { port: proxy.port });
    await expect(query(`${url}?sslmode=verify-full`, 'SELECT 1')).rejects.toThrow('does not support SSL');
    await expect(query(at(url, { password: 'wrong' }), 'SELECT 1')).rejects.toMatchObject({ code: '28P01' });
    expect(await query(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('numbers statements over connections that are open side by side', async () => {
    await using proxy = await startProxy({ target: server() });
    const url = at(server().url, { port: proxy.port });
    await Promise.all([1, 2, 3].map((n) => query(url, `SELECT ${n}`)));
    expect(proxy.statements.map(({ n }) => n)).toEqual([1, 2, 3]);
    expect(new Set(proxy.statements.map(({ connection }) => connection)).size).toBe(3);
    proxy.reset();
    await query(url, 'SELECT 4');
    expect(proxy.statements).toMatchObject([{ n: 1, sql: 'SELECT 4' }]);
  });

  it('cuts the line at a statement, which then never reaches the server', async () => {
    await using proxy = await startProxy({ target: server(), onStatement: ({ n }) => (n === 2 ? 'drop' : 'forward') });
    const client = new Client({ connectionString: at(server().url, { port: proxy.port }) });
    client.on('error', () => undefined);
    await client.connect();
    await client.query('CREATE TABLE first_one ()');
    await expect(client.query('CREATE TABLE second_one ()')).rejects.toThrow();
    expect(await query(server().url, `SELECT relname FROM pg_class WHERE relname IN ('first_one', 'second_one')`)).toEqual([
      { relname: 'first_one' },
    ]);
    await query(server().url, 'DROP TABLE first_one');
  });

  it('holds a statement back until it is told what to do', async () => {
    const held = Promise.withResolvers<'forward'>();
    const arrived = Promise.withResolvers<SeenStatement>();
    await using proxy = await startProxy({
      target: server(),
      onStatement: (statement) => {
        arrived.resolve(statement);
        return held.promise;
      },
    });
    const work = query(at(server().url, { port: proxy.port }), 'CREATE TABLE held_one ()');
    expect((await arrived.promise).sql).toBe('CREATE TABLE held_one ()');
    const exists = `SELECT 1 AS found FROM pg_class WHERE relname = 'held_one'`;
    expect(await query(server().url, exists)).toEqual([]);
    held.resolve('forward');
    await work;
    expect(await query(server().url, exists)).toEqual([{ found: 1 }]);
    await query(server().url, 'DROP TABLE held_one');
  });
});

describe('statements that may change something', () => {
  const seen = (sql: string): SeenStatement => ({ n: 1, connection: 1, database: 'd', sql, protocol: 'query' });

  it.each([
    'CREATE ROLE x',
    'BEGIN; GRANT a TO b; COMMIT',
    'begin;\n-- nothing\nDROP TABLE x; commit',
    'WITH gone AS (DELETE FROM t RETURNING 1) SELECT 1',
    'SELECT pg_terminate_backend(1)',
    'SET ROLE owner',
    'COMMENT ON DATABASE x IS NULL',
    'DO $$ BEGIN END $$',
    'CALL x()',
  ])('counts %s', (sql) => {
    expect(changing([seen(sql)])).toHaveLength(1);
  });

  it.each([
    'SELECT 1',
    `SELECT 'DROP TABLE x; GRANT'`,
    'SELECT "update", "delete from" FROM "create"',
    'BEGIN; SET LOCAL search_path = pg_catalog; SELECT 1; COMMIT',
    'WITH x AS (SELECT 1) SELECT * FROM x /* drop */',
    'SELECT pg_try_advisory_lock(1)',
    'SHOW server_version;',
    '',
  ])('leaves out %s', (sql) => {
    expect(changing([seen(sql)])).toEqual([]);
  });
});
