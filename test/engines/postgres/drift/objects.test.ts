import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Drift, driftsOf, DriftWorld } from '../../../support/drift.ts';
import { describeEachPostgres } from '../../../support/engines.ts';

const yaml = `apps:
  shop: { uses: { main: { connections: 5 } } }
  news: { uses: { main: { connections: 5, isolation: schema, database: shared } } }
  mail: { uses: { main: { connections: 5, isolation: schema, database: shared } } }
readers:
  audit: { reads: [shop, news], connections: 2 }
`;
const databases = ['shop', 'shared'];

const made = `
  CREATE TABLE orders (id serial PRIMARY KEY, total int, note text);
  CREATE TABLE events (id bigint GENERATED ALWAYS AS IDENTITY, day date) PARTITION BY RANGE (day);
  CREATE TABLE events_2026 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
  CREATE VIEW big_orders AS SELECT * FROM orders WHERE total > 100;
  CREATE MATERIALIZED VIEW totals AS SELECT count(*) AS n FROM orders;
  CREATE SEQUENCE tickets;
  CREATE FUNCTION double(x int) RETURNS int LANGUAGE sql AS 'SELECT x * 2';
  CREATE FUNCTION secret() RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS 'SELECT 42::bigint';
  CREATE PROCEDURE tidy() LANGUAGE sql AS 'SELECT 1';
  CREATE AGGREGATE sum_all (int) (sfunc = int4pl, stype = int, initcond = '0');
  CREATE TYPE mood AS ENUM ('good', 'bad');
  CREATE TYPE pair AS (a int, b int);
  CREATE DOMAIN amount AS int CHECK (VALUE >= 0);
`;

interface Thing {
  readonly name: string;
  /** For ALTER. */
  readonly alter: string;
  /** For GRANT. */
  readonly grant: string;
  /** As the plan shows it. */
  readonly shown: string;
  /** One privilege that it has, and that its read-write group gets. */
  readonly right: string;
  /** The owner goes with another object's. */
  readonly linked?: boolean;
}

const things: readonly Thing[] = [
  { name: 'table', alter: 'TABLE orders', grant: 'TABLE orders', shown: 'table', right: 'SELECT' },
  { name: 'partitioned table', alter: 'TABLE events', grant: 'TABLE events', shown: 'table', right: 'INSERT' },
  { name: 'partition', alter: 'TABLE events_2026', grant: 'TABLE events_2026', shown: 'table', right: 'DELETE' },
  { name: 'view', alter: 'VIEW big_orders', grant: 'TABLE big_orders', shown: 'view', right: 'SELECT' },
  { name: 'materialized view', alter: 'MATERIALIZED VIEW totals', grant: 'TABLE totals', shown: 'view', right: 'SELECT' },
  { name: 'foreign table', alter: 'FOREIGN TABLE outside', grant: 'TABLE outside', shown: 'table', right: 'SELECT' },
  { name: 'sequence', alter: 'SEQUENCE tickets', grant: 'SEQUENCE tickets', shown: 'sequence', right: 'USAGE' },
  {
    name: 'sequence of a serial',
    alter: 'SEQUENCE orders_id_seq',
    grant: 'SEQUENCE orders_id_seq',
    shown: 'sequence',
    right: 'SELECT',
    linked: true,
  },
  { name: 'function', alter: 'FUNCTION double(int)', grant: 'FUNCTION double(int)', shown: 'function', right: 'EXECUTE' },
  { name: 'definer function', alter: 'FUNCTION secret()', grant: 'FUNCTION secret()', shown: 'function', right: 'EXECUTE' },
  { name: 'procedure', alter: 'PROCEDURE tidy()', grant: 'PROCEDURE tidy()', shown: 'function', right: 'EXECUTE' },
  { name: 'aggregate', alter: 'AGGREGATE sum_all(int)', grant: 'FUNCTION sum_all(int)', shown: 'function', right: 'EXECUTE' },
];

const types = ['TYPE mood', 'TYPE pair', 'DOMAIN amount'];

/** One change, made by hand to an object of every kind: each of them is named, and corrected. */
function toAll(name: string, what: 'owner' | 'access', change: (thing: Thing) => string, before = '', which = /./): Drift {
  const chosen = things.filter((thing) => (what === 'access' || !thing.linked) && which.test(thing.name));
  return {
    name,
    on: 'shop',
    sql: before + chosen.map((thing) => `${change(thing)};`).join('\n'),
    field: chosen.map(({ grant, shown }) => {
      const object = (grant.split(' ')[1] ?? '').replace(/\(.*/, '');
      return new RegExp(`^objects shop/shop: ${what === 'owner' ? 'owner of' : 'access to'} ${shown} .*${object}`);
    }),
  };
}

const ofEveryKind: readonly Drift[] = [
  toAll('owned by the login', 'owner', ({ alter }) => `ALTER ${alter} OWNER TO shop_user`),
  // What runs with the rights of its owner is handed to nobody, and neither is code of the operator; see ownership.test.ts.
  toAll(
    'owned by a superuser',
    'owner',
    ({ alter }) => `ALTER ${alter} OWNER TO postgres`,
    '',
    /^(?!foreign).*(table|partition|view|sequence)/,
  ),
  toAll(
    'owned by another app, and granted to a third',
    'owner',
    ({ alter, grant, right }) => `ALTER ${alter} OWNER TO news_owner; GRANT ${right} ON ${grant} TO mail_rw`,
    '',
    /^(?!definer)/,
  ),
  toAll('to another app', 'access', ({ grant, right }) => `GRANT ${right} ON ${grant} TO news_user`),
  toAll('to PUBLIC', 'access', ({ grant, right }) => `GRANT ${right} ON ${grant} TO PUBLIC`),
  toAll('to be granted on', 'access', ({ grant, right }) => `GRANT ${right} ON ${grant} TO shop_rw WITH GRANT OPTION`),
  toAll(
    'granted on',
    'access',
    ({ grant, right }) =>
      `GRANT ${right} ON ${grant} TO news_owner WITH GRANT OPTION; SET ROLE news_owner; GRANT ${right} ON ${grant} TO mail_user; RESET ROLE`,
    'GRANT USAGE ON SCHEMA public TO news_owner;',
  ),
  toAll('taken from its groups', 'access', ({ grant }) => `REVOKE ALL ON ${grant} FROM shop_rw, shop_ro`),
  toAll('taken from its owner', 'access', ({ grant }) => `REVOKE ALL ON ${grant} FROM shop_owner`),
  {
    name: 'types owned by another app',
    on: 'shop',
    sql: types.map((it) => `ALTER ${it} OWNER TO news_owner;`).join(' '),
    field: types.map((it) => new RegExp(`^objects shop/shop: owner of type .*${it.split(' ')[1]}`)),
  },
];

const more: readonly Drift[] = [
  {
    name: 'column to another app',
    on: 'shop',
    sql: 'GRANT SELECT (note), UPDATE (note) ON orders TO news_user',
    field: /^objects shop\/shop: access to column .*"orders".* "note"$/,
  },
  {
    name: 'column to PUBLIC',
    on: 'shop',
    sql: 'GRANT INSERT (total) ON orders TO PUBLIC',
    field: /^objects shop\/shop: access to column .*"orders".* "total"$/,
  },
  {
    name: 'table to another app of the same database',
    on: 'shared',
    sql: 'GRANT SELECT ON news.letters TO mail_rw',
    field: /^objects shared\/news: access to table "news"."letters"$/,
  },
  {
    name: 'TRIGGER to another app',
    on: 'shared',
    sql: 'GRANT TRIGGER, REFERENCES ON news.letters TO mail_owner',
    field: /^objects shared\/news: access to table "news"."letters"$/,
  },
  {
    name: 'MAINTAIN',
    on: 'shared',
    sql: 'GRANT MAINTAIN ON news.letters TO mail_owner',
    since: 17,
    field: /^objects shared\/news: access to table "news"."letters"$/,
  },
  {
    name: 'TRUNCATE to the read-write group',
    on: 'shop',
    sql: 'GRANT TRUNCATE ON orders TO shop_rw',
    field: /^objects shop\/shop: access to table "public"."orders"$/,
  },
  {
    name: 'opened by the app itself',
    on: 'shared',
    as: 'news_user',
    sql: 'GRANT ALL ON letters TO mail_user',
    field: /^objects shared\/news: access to table "news"."letters"$/,
  },
  {
    name: 'made by the login instead of the owner',
    on: 'shop',
    as: 'shop_user',
    sql: 'SET ROLE NONE; CREATE TABLE stray (id serial); CREATE FUNCTION stray() RETURNS int LANGUAGE sql AS $$SELECT 1$$; CREATE TYPE stray_type AS ENUM ()',
    field: /^objects shop\/shop: owner of table "public"."stray"$/,
    holds: {
      sql: `SELECT string_agg(DISTINCT o::text, ' ') FROM (SELECT relowner::regrole FROM pg_class WHERE relname ~ '^stray' UNION SELECT proowner::regrole FROM pg_proc WHERE proname = 'stray'
            UNION SELECT typowner::regrole FROM pg_type WHERE typname ~ '^stray') x(o)`,
      is: 'shop_owner',
    },
    undo: 'DROP TABLE stray; DROP FUNCTION stray(); DROP TYPE stray_type',
  },
  {
    name: 'made by another app in a schema that was opened to it: the schema is closed, the table stays its maker’s',
    on: 'shared',
    sql: 'GRANT ALL ON SCHEMA news TO mail_owner; SET ROLE mail_owner; CREATE TABLE news.squat (id int); RESET ROLE',
    field: /^schema shared\/news: access of mail_owner$/,
    holds: { sql: `SELECT tableowner FROM pg_tables WHERE tablename = 'squat'`, is: 'mail_owner' },
    undo: 'DROP TABLE news.squat',
  },
];

describeEachPostgres('drift of objects', { versions: 'each' }, (server, major) => {
  let world: DriftWorld;
  beforeAll(async () => {
    world = await DriftWorld.make(server(), yaml, databases);
    await world.runAs('shop_user', 'shop', made);
    await world.runAs('news_user', 'shared', 'CREATE TABLE letters (id int PRIMARY KEY, body text)');
    await world.catalog.run(
      'shop',
      'CREATE FOREIGN DATA WRAPPER nowhere; CREATE SERVER nowhere FOREIGN DATA WRAPPER nowhere; CREATE FOREIGN TABLE outside (id int) SERVER nowhere; ALTER FOREIGN TABLE outside OWNER TO shop_owner',
    );
    await world.apply();
  });
  afterAll(async () => await world[Symbol.asyncDispose]());

  test('nothing is left to do at the start', async () => expect(await world.pending()).toEqual([]));

  describe('owner and access', () => {
    test.each(driftsOf(major, [...ofEveryKind, ...more]))('$name', async (drift) => await world.expectMended(drift));
  });
});
