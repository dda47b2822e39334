import { describe, expect, test } from 'vitest';
import type { LintFinding } from '../../../../src/model/index.ts';
import { lintWith } from '../../../../src/engines/postgres/lint/lint.ts';
import { parseScript } from '../../../../src/engines/postgres/lint/parse.ts';
import { rules } from '../../../../src/engines/postgres/lint/rules.ts';
import type { Live, LiveColumn, Place } from '../../../../src/engines/postgres/lint/state.ts';
import { type Example, examples } from './examples.ts';

const place: Place = {
  app: 'shop',
  database: 'shared',
  schemas: ['shop'],
  alone: false,
  mayCreateSchemas: false,
  roles: new Set(['shop_owner', 'shop_rw', 'shop_ro', 'shop_user', 'shop_user_2']),
  neighbours: new Map([['crm', 'crm']]),
  lockTimeout: false,
};

const column = (type: string, modifier = -1, checkedNotNull = false): LiveColumn => ({ type, modifier, checkedNotNull });

const orders = new Map([
  ['note', column('varchar', 24)],
  ['total', column('numeric', 4 + ((10 << 16) | 2))],
  ['number', column('int4')],
  ['checked', column('int4', -1, true)],
]);

const live: Live = {
  tables: new Map([
    ['shop.orders', { rows: 1_200_000, bytes: 310 * 1024 ** 2, columns: orders }],
    ['shop.people', { rows: 200, bytes: 16_384, columns: new Map([['name', column('text')]]) }],
  ]),
  indexes: new Map([['shop.orders_note', 'shop.orders']]),
  extensions: new Set(['citext']),
  volatile: new Map([
    ['gen_random_uuid', true],
    ['now', false],
  ]),
  holders: [],
  schemas: [],
};

interface How {
  readonly transaction?: boolean;
  readonly place?: Partial<Place>;
  readonly live?: Partial<Live> | null;
}

async function lint(sql: string, how: How = {}): Promise<readonly LintFinding[]> {
  const script = { app: 'shop', revision: 'a1', file: 'a1.sql', transaction: how.transaction ?? true, sql };
  return lintWith({ ...place, ...how.place }, how.live === null ? null : { ...live, ...how.live }, [
    { script, parsed: await parseScript(sql) },
  ]);
}

const found = async (sql: string, how?: How): Promise<readonly string[]> => (await lint(sql, how)).map(({ rule }) => rule);

describe('rules for migrations', () => {
  test('each has an example', () => {
    expect(Object.keys(examples).sort()).toEqual(rules.map(({ id }) => id).sort());
  });

  test.each(Object.entries(examples))('%s', async (id: string, { bad, good, badWithout, goodWithout }: Example) => {
    expect(await found(bad, { transaction: badWithout !== true })).toContain(id);
    expect(await found(good, { transaction: goodWithout !== true })).toEqual([]);
  });

  test('an example finds what it is for, and what else is wrong with it', async () => {
    const all = await Promise.all(
      Object.entries(examples).map(
        async ([id, { bad, badWithout }]) =>
          [id, (await found(bad, { transaction: badWithout !== true })).filter((rule) => rule !== id)] as const,
      ),
    );
    expect(Object.fromEntries(all.filter(([, more]) => more.length > 0))).toEqual({});
  });
});

describe('a finding', () => {
  test('says where, and how large', async () => {
    expect(await lint('-- a comment; with a semicolon\nSELECT 1;\n\n/* another */ CREATE INDEX i\n  ON orders (note);')).toMatchObject([
      {
        rule: 'require-concurrent-index-creation',
        line: 4,
        statement: 'CREATE INDEX i',
        file: 'a1.sql',
        message: '"orders" (about 1,200,000 rows, 310 MiB)',
      },
    ]);
  });

  test('counts lines where characters have several bytes', async () => {
    expect(await lint("SELECT 'äöü€';\nSELECT '日本';\nDROP TABLE people;")).toMatchObject([
      { rule: 'ban-drop-table', line: 3, statement: 'DROP TABLE people' },
    ]);
    expect(await lint("SELECT 'äöü€';\nSELEC 1")).toMatchObject([{ rule: 'syntax-error', line: 2, statement: 'SELEC 1' }]);
  });

  test('is taken back by a comment', async () => {
    expect(await found('-- squawk-ignore ban-drop-table, require-lock-timeout\nDROP TABLE people;\nDROP TABLE people;')).toEqual([
      'ban-drop-table',
    ]);
  });
});

describe('a table', () => {
  test('that is small, or made by a script that waits, is no matter of locks', async () => {
    expect(await found('CREATE INDEX i ON people (name); ALTER TABLE people ADD CHECK (id > 0), ALTER COLUMN name SET NOT NULL')).toEqual(
      [],
    );
    expect(
      await found(
        'CREATE TABLE new (n int); CREATE INDEX i ON new (n); ALTER TABLE shop.new ADD UNIQUE (n); ALTER TABLE new DROP COLUMN n',
      ),
    ).toEqual([]);
  });

  test('counts as large where no server was asked', async () => {
    expect(await found('CREATE INDEX i ON people (name)', { live: null })).toEqual(['require-concurrent-index-creation']);
  });
});

describe('a schema of another app is found', () => {
  test.each([
    'CREATE FUNCTION f() RETURNS bigint LANGUAGE sql AS $$SELECT count(*) FROM /* a */ "crm" . people$$',
    'CREATE FUNCTION f() RETURNS bigint LANGUAGE plpgsql AS $$BEGIN RETURN crm.f(1); END$$',
    'DO $$BEGIN UPDATE crm.people SET n = 1; END$$',
    "SELECT 'crm.people'::regclass",
    'SELECT to_regclass(\'"crm".people\')',
    "ALTER TABLE people ALTER n SET DEFAULT nextval('crm.s')",
    'ALTER DEFAULT PRIVILEGES IN SCHEMA crm GRANT SELECT ON TABLES TO shop_rw',
    'SELECT 1 OPERATOR(crm.+) 2',
    'CREATE TABLE x OF crm.t',
    'ALTER SEQUENCE s OWNED BY crm.people.id',
    'CREATE TABLE x (a text COLLATE crm.c)',
    'CREATE INDEX ON people (a crm.ops)',
    'CREATE INDEX ON people (a COLLATE crm.c)',
    'SET LOCAL search_path = shop, crm',
    "SELECT set_config('search_path', 'shop, crm', true)",
    'CREATE FUNCTION f() RETURNS int LANGUAGE sql SET search_path = crm AS $$SELECT 1$$',
    'REINDEX SCHEMA crm',
    'CALL crm.p()',
    'ALTER TEXT SEARCH CONFIGURATION c ALTER MAPPING FOR word WITH crm.d',
    'ALTER OPERATOR crm.+ (int, int) SET (RESTRICT = eqsel)',
    'CREATE FUNCTION f(x crm.people.id%TYPE) RETURNS int LANGUAGE sql AS $$SELECT 1$$',
    'ALTER FUNCTION crm.f SET work_mem = 1',
    'CREATE EXTENSION IF NOT EXISTS citext SCHEMA crm',
  ])('in %s', async (sql) => {
    expect(await found(sql)).toContain('neighbour-object');
  });

  test.each([
    'CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$SELECT crm.id FROM people AS crm -- FROM crm.people$$',
    'CREATE FUNCTION f(x crm.id%TYPE) RETURNS int LANGUAGE sql AS $$SELECT 1$$',
    'SELECT crm.id FROM people AS crm',
    "INSERT INTO people (name) VALUES ('crm.example')",
    "SELECT nextval('people_id_seq'), 'people'::regclass, lower('crm.example')",
    'ALTER TABLE people ADD CONSTRAINT u FOREIGN KEY (crm, b) REFERENCES people (crm, b)',
    'ALTER SEQUENCE s OWNED BY people.id',
    'SET LOCAL search_path = shop, public',
    "SELECT set_config('search_path', 'shop', true)",
    'ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO shop_rw',
  ])('and not in %s', async (sql) => {
    expect(await found(sql)).toEqual([]);
  });

  test.each([
    ['ALTER DEFAULT PRIVILEGES FOR ROLE crm_owner GRANT SELECT ON TABLES TO shop_rw', 'grant-outside'],
    ['SET LOCAL ROLE crm_owner', 'session-role'],
    ["SELECT pg_catalog.set_config('search_path', '', false)", 'session-search-path'],
  ])('what %s does to a session or to others is found too', async (sql, rule) => {
    expect(await found(sql)).toEqual([rule]);
  });
});

describe('what is not the app’s', () => {
  test.each([
    'SELECT * FROM crm.customers',
    'WITH c AS (SELECT * FROM crm.customers) SELECT * FROM c',
    'DROP TABLE crm.customers',
    'TRUNCATE crm.customers',
    'CREATE TRIGGER t AFTER INSERT ON orders FOR EACH ROW EXECUTE FUNCTION crm.f()',
    'CREATE TABLE copy (m crm.mood)',
    'CREATE TABLE copy (LIKE crm.customers)',
    'CREATE TABLE part () INHERITS (crm.customers)',
    'ALTER TABLE orders SET SCHEMA crm',
    'DROP SCHEMA crm CASCADE',
    'ALTER SCHEMA crm RENAME TO other',
    'GRANT USAGE ON SCHEMA crm TO shop_user',
    'GRANT SELECT ON ALL TABLES IN SCHEMA crm TO shop_user',
    'COMMENT ON TABLE crm.customers IS NULL',
    'COMMENT ON COLUMN crm.customers.id IS NULL',
    'DROP TRIGGER t ON crm.customers',
    'DROP POLICY p ON crm.customers',
    'DROP FUNCTION crm.f()',
    'ALTER FUNCTION crm.f() OWNER TO CURRENT_USER',
    'SELECT crm.f()',
    "SELECT nextval('orders_id_seq'), id::crm.mood FROM orders",
    'CREATE STATISTICS s ON id, name FROM crm.customers',
    'ALTER TYPE crm.mood ADD VALUE $$x$$',
    'CREATE VIEW v AS SELECT 1 FROM orders WHERE EXISTS (SELECT FROM crm.customers)',
  ])('%s', async (sql) => {
    expect(await found(sql)).toContain('neighbour-object');
  });

  test.each([
    'ALTER SYSTEM SET work_mem = 1',
    'ALTER DATABASE shared SET work_mem = 1',
    'CREATE ROLE x',
    'ALTER ROLE shop_user SUPERUSER',
    'GRANT crm_owner TO shop_user',
    'CREATE DATABASE x',
    'DROP DATABASE x',
    'CREATE EVENT TRIGGER e ON ddl_command_start EXECUTE FUNCTION f()',
    'DROP EVENT TRIGGER e',
    "COPY orders FROM PROGRAM 'id'",
    "COPY orders TO '/tmp/x'",
    'CREATE PUBLICATION p FOR ALL TABLES',
    'DROP PUBLICATION p',
    'CREATE SERVER s FOREIGN DATA WRAPPER postgres_fdw',
    'CREATE USER MAPPING FOR PUBLIC SERVER s',
    "LOAD 'x'",
    'CHECKPOINT',
    'VACUUM',
    'REINDEX DATABASE shared',
    'DROP OWNED BY shop_owner',
    'REASSIGN OWNED BY shop_owner TO shop_user',
    "SECURITY LABEL ON TABLE orders IS 'x'",
    'CREATE EXTENSION citext',
    'DROP EXTENSION citext',
    'CREATE LANGUAGE plperl',
    'CREATE TABLESPACE x LOCATION $$/x$$',
    'CREATE CAST (text AS int) WITH INOUT',
    'GRANT SET ON PARAMETER work_mem TO shop_user',
  ])('%s is for everybody', async (sql) => {
    expect(await found(sql, { transaction: false })).toContain('server-wide-statement');
  });

  test('an extension that is there is no matter', async () => {
    expect(await found('CREATE EXTENSION IF NOT EXISTS citext')).toEqual([]);
  });

  test('a schema of its own counts, and so do all of a database of its own', async () => {
    expect(await found('CREATE SCHEMA IF NOT EXISTS shop')).toEqual(['outside-own-schema']);
    expect(await found('CREATE TABLE alembic.version (n int)', { live: { schemas: ['shop', 'alembic'] } })).toEqual([]);
    expect(
      await found('CREATE SCHEMA side; CREATE TABLE side.t (n int)', {
        place: { alone: true, mayCreateSchemas: true, neighbours: new Map() },
      }),
    ).toEqual([]);
  });

  test('what others have in public may be used and not changed', async () => {
    expect(await found('SELECT public.similarity($$a$$, $$b$$)')).toEqual([]);
    expect(await found('CREATE TABLE t (name public.citext)')).toEqual([]);
    expect(await found('DROP TABLE public.t')).toContain('outside-own-schema');
  });
});

describe('an index CONCURRENTLY', () => {
  test('waits for others, and says for whom', async () => {
    const holders = [{ who: 'a session of "crm_user" (report)', since: '2026-01-01T00:00:00Z' }];
    expect(await lint('CREATE INDEX CONCURRENTLY IF NOT EXISTS i ON orders (id)', { transaction: false, live: { holders } })).toMatchObject(
      [
        {
          rule: 'concurrent-index-blocked',
          severity: 'error',
          message: 'it would wait now for a session of "crm_user" (report) since 2026-01-01T00:00:00Z',
        },
      ],
    );
  });

  test('is not tried with a time-out of the login', async () => {
    expect(
      await found('CREATE INDEX CONCURRENTLY IF NOT EXISTS i ON orders (id)', { transaction: false, place: { lockTimeout: true } }),
    ).toEqual(['concurrent-index-blocked']);
  });
});
