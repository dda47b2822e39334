import { fc } from '../../support/properties.ts';
import pg from 'pg';
import { expect, test } from 'vitest';
import type { UrlInput } from '../../../src/engines/postgres/env/urls.ts';
import { variableName } from '../../../src/engine/index.ts';
import { urlVariableNames, urlVariables } from '../../../src/engines/postgres/env/urls.ts';

const plain: UrlInput = {
  app: 'digi-core',
  host: 'db.example',
  port: 5432,
  database: 'digi_core',
  user: 'digi_core_user',
  password: 'Ab-_9',
};

const hostileParts = [
  '',
  ' ',
  "'",
  '"',
  '\\',
  '%',
  '%41',
  '%2F',
  '@',
  ':',
  '/',
  '?',
  '#',
  '&',
  '=',
  '+',
  ',',
  ';',
  '$',
  '*',
  '[',
  ']',
  '..',
  '\n',
  '\t',
  'é',
  '☃',
  '😀',
  'a',
  'B',
  '_',
]; // prettier-ignore
const name = fc
  .oneof(
    fc.array(fc.constantFrom(...hostileParts), { minLength: 1, maxLength: 8 }).map((parts) => parts.join('')),
    fc.string({ unit: 'grapheme', minLength: 1 }),
  )
  .filter((text) => text !== '' && !text.includes('\0'));
const host = fc.constantFrom('db.example', '127.0.0.1', 'my_db', '::1', '2001:db8::7', '/run/postgresql', '/tmp/a b%2F');
const input: fc.Arbitrary<UrlInput> = fc
  .record(
    { host, database: name, user: name, password: name, port: fc.integer({ min: 1, max: 65535 }), schema: name, workspace: name },
    { requiredKeys: ['host', 'database', 'user', 'password', 'port'] },
  )
  .map((record) => ({ ...record, app: 'shop' }));

function valuesOf(given: UrlInput): Record<string, string> {
  return Object.fromEntries(urlVariables(given).map((variable) => [variable.name, variable.value]));
}

/** As libpq takes a URL apart; each part percent-decoded, and `+` left alone. */
function takeApart(url: string | undefined): {
  user: string;
  password: string;
  host: string;
  port: string;
  database: string;
  query: Map<string, string>;
} {
  const [, user = '', password = '', address = '', database = '', query = ''] =
    /^[a-z+]+:\/\/([^:@/]*):([^@/]*)@([^/?]*)\/([^?]*)(?:\?(.*))?$/s.exec(url ?? '') ?? [];
  const [, ipv6, named = '', port = ''] = /^(?:\[(.*)\]|([^:]*))(?::(\d+))?$/.exec(address) ?? [];
  const pairs = query.split('&').filter((pair) => pair !== '');
  return {
    user: decodeURIComponent(user),
    password: decodeURIComponent(password),
    host: decodeURIComponent(ipv6 ?? named),
    port,
    database: decodeURIComponent(database),
    query: new Map(pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), decodeURIComponent(pair.slice(pair.indexOf('=') + 1))])),
  };
}

/** As the server splits `options`, and then the list that `search_path` is. */
function searchPathOf(options: string | undefined): string[] | null {
  if (options === undefined) return null;
  const words: string[] = options.match(/(?:\\[^]|[^\\\t\n\v\f\r ])+/g) ?? [];
  const [dashC, setting = '', ...rest] = words.map((word) => word.replaceAll(/\\([^])/g, '$1'));
  expect([dashC, rest]).toEqual(['-c', []]);
  expect(setting).toMatch(/^search_path=/);
  return splitList(setting.slice('search_path='.length));
}

function splitList(list: string): string[] {
  const items = list.match(/"(?:[^"]|"")*"|[^",]+/g) ?? [];
  expect(items.join(',')).toBe(list);
  return items.map((item) => {
    if (item.startsWith('"')) return item.slice(1, -1).replaceAll('""', '"');
    // Without quotes the server folds to lower case.
    expect(item).toMatch(/^[a-z_][a-z0-9_]*$/);
    return item;
  });
}

const libpq = { PGHOST: 'db.example', PGPORT: '5432', PGDATABASE: 'digi_core', PGUSER: 'digi_core_user', PGPASSWORD: 'Ab-_9' };

test('a plain app reads like the manual of its driver', () => {
  expect(valuesOf(plain)).toEqual({
    DATABASE_URL: 'postgresql://digi_core_user:Ab-_9@db.example:5432/digi_core',
    DIGI_CORE_DB_URL: 'postgresql://digi_core_user:Ab-_9@db.example:5432/digi_core',
    POSTGRES_URL: 'postgresql://digi_core_user:Ab-_9@db.example:5432/digi_core',
    POSTGRES_PRISMA_URL: 'postgresql://digi_core_user:Ab-_9@db.example:5432/digi_core',
    SQLALCHEMY_DATABASE_URL: 'postgresql://digi_core_user:Ab-_9@db.example:5432/digi_core',
    ASYNC_DATABASE_URL: 'postgresql+asyncpg://digi_core_user:Ab-_9@db.example:5432/digi_core',
    JDBC_DATABASE_URL: 'jdbc:postgresql://db.example:5432/digi_core?user=digi_core_user&password=Ab-_9',
    POSTGRES_HOST: 'db.example',
    POSTGRES_PORT: '5432',
    POSTGRES_DB: 'digi_core',
    POSTGRES_USER: 'digi_core_user',
    POSTGRES_PASSWORD: 'Ab-_9',
    POSTGRES_DATABASE: 'digi_core',
    ...libpq,
  });
});

test('a schema stands in every URL that has a form for it', () => {
  const values = valuesOf({ ...plain, schema: 'madansara', sslmode: 'require' });
  const start = 'digi_core_user:Ab-_9@db.example:5432/digi_core';
  const options = 'options=-c%20search_path%3Dmadansara%2Cpublic&sslmode=require';
  expect(values).toMatchObject({
    DATABASE_URL: `postgresql://${start}?${options}`,
    POSTGRES_URL: `postgresql://${start}?${options}&uselibpqcompat=true`,
    POSTGRES_PRISMA_URL: `postgresql://${start}?schema=madansara&sslmode=require`,
    SQLALCHEMY_DATABASE_URL: `postgresql://${start}?${options}`,
    ASYNC_DATABASE_URL: `postgresql+asyncpg://${start}?ssl=require`,
    JDBC_DATABASE_URL:
      'jdbc:postgresql://db.example:5432/digi_core?user=digi_core_user&password=Ab-_9&currentSchema=madansara%2Cpublic&sslmode=require',
    POSTGRES_SCHEMA: 'madansara',
  });
});

test('a search path of its own is taken as it is', () => {
  const values = valuesOf({ ...plain, schema: 'Shop', searchPath: ['Shop', 'shared', 'public'] });
  expect(searchPathOf(takeApart(values.DATABASE_URL).query.get('options'))).toEqual(['Shop', 'shared', 'public']);
});

test.each([
  ['disable', 'sslmode=disable', 'sslmode=disable', 'sslmode=disable'],
  ['require', 'sslmode=require', 'sslmode=require&uselibpqcompat=true', 'sslmode=require'],
  ['verify-ca', 'sslmode=verify-ca', 'sslmode=verify-ca&uselibpqcompat=true', 'sslmode=require&sslaccept=strict'],
  ['verify-full', 'sslmode=verify-full', 'sslmode=verify-full', 'sslmode=require&sslaccept=strict'],
] as const)('sslmode %s', (sslmode, libpq, node, prisma) => {
  const values = valuesOf({ ...plain, sslmode });
  expect(values.DATABASE_URL).toMatch(`digi_core?${libpq}`);
  expect(values.POSTGRES_URL?.split('?')[1]).toBe(node);
  expect(values.POSTGRES_PRISMA_URL?.split('?')[1]).toBe(prisma);
});

test('a workspace, and a prefix in front of every name', () => {
  const names = urlVariableNames({ ...plain, workspace: 'backend', prefix: 'main-2' }).map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(['MAIN_2_DATABASE_URL', 'MAIN_2_DIGI_CORE_DB_URL', 'MAIN_2_POSTGRES_HOST']));
  for (const each of names) expect(each).toMatch(/^MAIN_2_[A-Z_]+$/);
  expect(names.filter((name) => name.includes('PGHOST'))).toEqual([]);
  expect(valuesOf({ ...plain, workspace: 'b' })).toMatchObject({ WORKSPACE: 'b', POSTGRES_WORKSPACE: 'b' });
});

test('variables have names that a shell can hold', () => {
  expect(['digi-core', 'Shop.v2', '3d', 'ünï'].map(variableName)).toEqual(['DIGI_CORE', 'SHOP_V2', '_3D', '_N_']);
});

test('a JDBC URL has no form for a Unix socket, and Prisma wants a host beside it', () => {
  const values = valuesOf({ ...plain, host: '/run/postgresql' });
  expect(values.JDBC_DATABASE_URL).toBeUndefined();
  expect(values.DATABASE_URL).toBe('postgresql://digi_core_user:Ab-_9@/digi_core?host=%2Frun%2Fpostgresql&port=5432');
  expect(values.POSTGRES_PRISMA_URL).toBe('postgresql://digi_core_user:Ab-_9@localhost:5432/digi_core?host=%2Frun%2Fpostgresql');
});

test('libpq gets back every part of any input', () => {
  fc.assert(
    fc.property(input, (given) => {
      const { DATABASE_URL } = valuesOf(given);
      const parts = takeApart(DATABASE_URL);
      const { query, ...rest } = parts;
      expect({ ...rest, host: query.get('host') ?? rest.host, port: query.get('port') ?? rest.port }).toEqual({
        user: given.user,
        password: given.password,
        host: given.host,
        port: String(given.port),
        database: given.database,
      });
      expect(searchPathOf(query.get('options'))).toEqual(given.schema === undefined ? null : [given.schema, 'public']);
    }),
    { numRuns: 2000 },
  );
});

test('node-postgres gets them back, but for `?` and `#` and dots alone in the name of a database', () => {
  const fits = ({ database }: UrlInput): boolean => !/[?#]/.test(database) && !/(^|\/)\.\.?(\/|$)/.test(database);
  fc.assert(
    fc.property(input.filter(fits), (given) => {
      const { user, password, host: at, port, database } = new pg.Client(valuesOf(given).POSTGRES_URL);
      expect({ user, password, at, port, database }).toEqual({
        user: given.user,
        password: given.password,
        at: given.host,
        port: given.port,
        database: given.database,
      });
    }),
    { numRuns: 2000 },
  );
});

test('SQLAlchemy and asyncpg get them back though they decode no path', () => {
  fc.assert(
    fc.property(input, (given) => {
      const values = valuesOf(given);
      for (const [url, key] of [
        [values.SQLALCHEMY_DATABASE_URL, 'dbname'],
        [values.ASYNC_DATABASE_URL, 'database'],
      ] as const) {
        const { user, password, query } = takeApart(url);
        const path = /[^/]\/([^/?]*)(?:\?|$)/s.exec(url?.slice(url.indexOf('@')) ?? '')?.[1];
        expect([user, password, query.get(key) ?? path]).toEqual([given.user, given.password, given.database]);
        // parse_qsl reads `+` as a space.
        expect(url?.split('?')[1] ?? '').not.toContain('+');
      }
      // asyncpg itself takes a `dsn` in it for a setting that the server does not know; the login has its search path there.
      expect(takeApart(values.ASYNC_DATABASE_URL).query.has('dsn')).toBe(false);
    }),
    { numRuns: 1000 },
  );
});

test('Prisma and JDBC get them back', () => {
  // Dots alone are lost to every URL parser that follows the WHATWG.
  fc.assert(
    fc.property(
      input.filter(({ database }) => !/^\.\.?$/.test(database)),
      (given) => {
        const values = valuesOf(given);
        const prisma = new URL(values.POSTGRES_PRISMA_URL ?? '');
        expect([prisma.username, prisma.password, prisma.pathname.slice(1)].map(decodeURIComponent)).toEqual([
          given.user,
          given.password,
          given.database,
        ]);
        expect(prisma.searchParams.get('schema')).toBe(given.schema ?? null);
        if (given.host.startsWith('/')) return;
        const jdbc = new URL(values.JDBC_DATABASE_URL?.slice('jdbc:'.length) ?? '');
        const query = jdbc.searchParams;
        expect([query.get('user'), query.get('password'), decodeURIComponent(jdbc.pathname.slice(1))]).toEqual([
          given.user,
          given.password,
          given.database,
        ]);
        const path = query.get('currentSchema');
        expect(path && splitList(path)).toEqual(given.schema === undefined ? null : [given.schema, 'public']);
      },
    ),
    { numRuns: 1000 },
  );
});

test('no masked value holds the password, and nothing else is missing from it', () => {
  fc.assert(
    fc.property(input, name, (given, other) => {
      const [variables, others] = [given.password, other].map((password) => urlVariables({ ...given, password: `${password}#1` }));
      for (const [index, variable] of (variables ?? []).entries()) {
        expect(variable.secret).toBe(/URL$|PASSWORD$/.test(variable.name));
        expect(variable.masked).toBe(others?.[index]?.masked);
        if (variable.masked !== undefined) {
          const [before = '', after = '', ...more] = variable.masked.split('********');
          expect(more).toEqual([]);
          expect(variable.value.startsWith(before) && variable.value.endsWith(after)).toBe(true);
          expect(decodeURIComponent(variable.value.slice(before.length, variable.value.length - after.length))).toBe(`${given.password}#1`);
        } else if (!variable.secret) {
          expect(variable.value).toBe(others?.[index]?.value);
        }
      }
    }),
    { numRuns: 1000 },
  );
});

test('the names are those of the variables', () => {
  fc.assert(
    fc.property(input, (given) => {
      expect(urlVariableNames(given)).toEqual(urlVariables(given).map(({ name, part }) => (part ? { name, part } : { name })));
    }),
  );
});
