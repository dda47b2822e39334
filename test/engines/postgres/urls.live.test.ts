import pg from 'pg';
import postgres from 'postgres';
import { beforeAll, expect, test, vi } from 'vitest';
import { describeEachPostgres } from '../../support/engines.ts';
import { query } from '../../support/query.ts';
import { ident, literal } from '../../../src/engines/postgres/quote.ts';
import type { UrlInput } from '../../../src/engines/postgres/env/urls.ts';
import { urlVariables } from '../../../src/engines/postgres/env/urls.ts';

interface Seen {
  readonly user: string;
  readonly database: string;
  readonly schemas: readonly string[];
}

const ask = 'SELECT current_user::text AS "user", current_database()::text AS database, current_schemas(false)::text[] AS schemas';

describeEachPostgres('the URLs of an app', { versions: 'each' }, (server) => {
  const plain = { database: 'shop', user: 'shop_user', password: 'Ab-_9', schema: 'madansara' };
  const hostile = {
    database: `d b/%41+@:&=;,$"'ünï☃`,
    user: `u "s'r@/:?#%41+é`,
    password: `p @:/?#[]%2F&=+'"\\ é☃!*()`,
    schema: `Sch "e\\ma', $x`,
  };

  function variables(given: Pick<UrlInput, 'database' | 'user' | 'password' | 'schema'>): Record<string, string> {
    const { host, port } = server();
    return Object.fromEntries(urlVariables({ app: 'shop', host, port, ...given }).map(({ name, value }) => [name, value]));
  }

  beforeAll(async () => {
    for (const { database, user, password, schema } of [plain, hostile]) {
      await query(server().url, `CREATE ROLE ${ident(user)} LOGIN PASSWORD ${literal(password)}`);
      await query(server().url, `CREATE DATABASE ${ident(database)} TEMPLATE template0`);
      const { host, port, user: admin, password: adminPassword } = server();
      const inside = new pg.Client({ host, port, user: admin, password: adminPassword, database });
      await inside.connect();
      await inside.query(`CREATE SCHEMA ${ident(schema)} AUTHORIZATION ${ident(user)}`);
      await inside.end();
    }
  });

  test.each([
    ['plain', plain, 'DATABASE_URL'],
    ['plain', plain, 'SHOP_DB_URL'],
    ['plain', plain, 'POSTGRES_URL'],
    ['hostile', hostile, 'DATABASE_URL'],
    ['hostile', hostile, 'POSTGRES_URL'],
  ])('node-postgres with $0 names and $2', async (_, given, name) => {
    const client = new pg.Client(variables(given)[name]);
    await client.connect();
    const { rows } = await client.query<Seen>(ask);
    await client.end();
    expect(rows).toEqual([{ user: given.user, database: given.database, schemas: [given.schema, 'public'] }]);
  });

  test('postgres.js with names that need no escape', async () => {
    const sql = postgres(variables(plain)['DATABASE_URL'] ?? '', { max: 1 });
    const [row] = await sql.unsafe<Seen[]>(ask);
    await sql.end();
    expect(row).toEqual({ user: plain.user, database: plain.database, schemas: [plain.schema, 'public'] });
  });

  test('the discrete variables', async () => {
    const given = variables(hostile);
    const client = new pg.Client({
      host: given['POSTGRES_HOST'] ?? '',
      port: Number(given['POSTGRES_PORT']),
      database: given['POSTGRES_DB'] ?? '',
      user: given['POSTGRES_USER'] ?? '',
      password: given['POSTGRES_PASSWORD'] ?? '',
    });
    await client.connect();
    const { rows } = await client.query<Seen>(ask);
    await client.end();
    expect(rows).toMatchObject([{ user: hostile.user, database: hostile.database }]);
  });

  test.each([
    ['plain', plain],
    ['hostile', hostile],
  ])("libpq's own names, with nothing else said, with %s names", async (_, given) => {
    for (const [name, value] of Object.entries(variables(given))) if (name.startsWith('PG')) vi.stubEnv(name, value);
    const client = new pg.Client();
    await client.connect().finally(() => vi.unstubAllEnvs());
    const { rows } = await client.query<Seen>(ask);
    await client.end();
    expect(rows).toEqual([{ user: given.user, database: given.database, schemas: [given.schema, 'public'] }]);
  });

  test('a wrong password does not get in', async () => {
    const client = new pg.Client(variables({ ...plain, password: 'Ab-_8' })['DATABASE_URL']);
    await expect(client.connect()).rejects.toMatchObject({ code: '28P01' });
  });
});
