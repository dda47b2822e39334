/** `transaction`: the tool runs the example in one. Left out: it does. */
export interface Example {
  readonly bad: string;
  readonly good: string;
  readonly badWithout?: true;
  readonly goodWithout?: true;
}

/**
 * For each rule a script that it finds and one that it does not, of app `shop`, which lives in schema `shop` beside app `crm`. The
 * table `orders` is large; `orders_note` is an index of it.
 */
export const examples: Readonly<Record<string, Example>> = {
  'neighbour-object': {
    bad: 'ALTER TABLE people ADD COLUMN customer int REFERENCES crm.customers (id);',
    good: 'ALTER TABLE people ADD COLUMN customer int;',
  },
  'outside-own-schema': {
    bad: 'CREATE TABLE public.settings (key text PRIMARY KEY);',
    good: 'CREATE TABLE settings (key text PRIMARY KEY);',
  },
  'server-wide-statement': { bad: 'CREATE EXTENSION pg_trgm;', good: 'CREATE TABLE words (word text PRIMARY KEY);' },
  'grant-outside': { bad: 'GRANT SELECT ON orders TO PUBLIC;', good: 'GRANT SELECT ON orders TO shop_ro;' },
  'session-search-path': { bad: 'SET search_path = public;', good: 'SET LOCAL search_path = shop;' },
  'session-role': { bad: 'SET ROLE shop_ro;', good: "COMMENT ON TABLE orders IS 'what was bought';" },
  'unpinned-security-definer': {
    bad: "CREATE FUNCTION sold() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT count(*) FROM orders';",
    good: "CREATE FUNCTION sold() RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, shop, pg_temp AS 'SELECT count(*) FROM orders';",
  },
  'concurrent-index-blocked': {
    bad: "SET lock_timeout = '5s';\nCREATE INDEX CONCURRENTLY IF NOT EXISTS orders_total ON orders (total);",
    badWithout: true,
    good: 'SET lock_timeout = 0;\nCREATE INDEX CONCURRENTLY IF NOT EXISTS orders_total ON orders (total);',
    goodWithout: true,
  },
  'ban-concurrent-index-creation-in-transaction': {
    bad: 'CREATE INDEX CONCURRENTLY orders_total ON orders (total);',
    good: 'CREATE INDEX CONCURRENTLY IF NOT EXISTS orders_total ON orders (total);',
    goodWithout: true,
  },
  'transaction-nesting': {
    bad: 'BEGIN;\nCREATE TABLE notes (note text);\nCOMMIT;',
    good: 'BEGIN;\nCREATE TABLE IF NOT EXISTS notes (note text);\nCOMMIT;',
    goodWithout: true,
  },
  'ban-uncommitted-transaction': {
    bad: 'BEGIN;\nCREATE TABLE notes (note text);',
    badWithout: true,
    good: 'BEGIN;\nCREATE TABLE notes (note text);\nCOMMIT;',
    goodWithout: true,
  },
  'syntax-error': { bad: 'CREATE TABEL notes (note text);', good: 'CREATE TABLE notes (note text);' },
  'require-concurrent-index-creation': {
    bad: 'CREATE INDEX orders_total ON orders (total);',
    good: 'CREATE INDEX CONCURRENTLY IF NOT EXISTS orders_total ON orders (total);',
    goodWithout: true,
  },
  'require-concurrent-index-deletion': {
    bad: 'DROP INDEX orders_note;',
    good: 'DROP INDEX CONCURRENTLY IF EXISTS orders_note;',
    goodWithout: true,
  },
  'require-concurrent-reindex': { bad: 'REINDEX INDEX orders_note;', good: 'REINDEX INDEX CONCURRENTLY orders_note;', goodWithout: true },
  'require-concurrent-partition-detach': {
    bad: 'ALTER TABLE visits DETACH PARTITION visits_2020;',
    good: 'ALTER TABLE visits DETACH PARTITION visits_2020 CONCURRENTLY;',
    goodWithout: true,
  },
  'constraint-missing-not-valid': {
    bad: "SET LOCAL lock_timeout = '5s';\nALTER TABLE orders ADD CONSTRAINT paid CHECK (total >= 0);",
    good: "SET LOCAL lock_timeout = '5s';\nALTER TABLE orders ADD CONSTRAINT paid CHECK (total >= 0) NOT VALID;",
  },
  'adding-foreign-key-constraint': {
    bad: "SET LOCAL lock_timeout = '5s';\nALTER TABLE orders ADD CONSTRAINT buyer FOREIGN KEY (buyer) REFERENCES people (id);",
    good: "SET LOCAL lock_timeout = '5s';\nALTER TABLE orders ADD CONSTRAINT buyer FOREIGN KEY (buyer) REFERENCES people (id) NOT VALID;",
  },
  'disallowed-unique-constraint': {
    bad: "SET LOCAL lock_timeout = '5s';\nALTER TABLE orders ADD CONSTRAINT numbered UNIQUE (number);",
    good: "SET LOCAL lock_timeout = '5s';\nALTER TABLE orders ADD CONSTRAINT numbered UNIQUE USING INDEX orders_number;",
  },
  'adding-not-nullable-field': {
    bad: "SET LOCAL lock_timeout = '5s';\nALTER TABLE orders ALTER COLUMN note SET NOT NULL;",
    good: "SET LOCAL lock_timeout = '5s';\nALTER TABLE orders ALTER COLUMN checked SET NOT NULL;",
  },
  'adding-required-field': {
    bad: 'ALTER TABLE people ADD COLUMN born date NOT NULL;',
    good: "ALTER TABLE people ADD COLUMN born date NOT NULL DEFAULT '1970-01-01';",
  },
  'adding-field-with-default': {
    bad: "SET LOCAL lock_timeout = '5s';\nALTER TABLE orders ADD COLUMN token uuid DEFAULT gen_random_uuid();",
    good: "SET LOCAL lock_timeout = '5s';\nALTER TABLE orders ADD COLUMN token uuid;\nALTER TABLE orders ALTER COLUMN token SET DEFAULT gen_random_uuid();\nALTER TABLE orders ADD COLUMN seen timestamptz DEFAULT now();",
  },
  'changing-column-type': {
    bad: "SET LOCAL lock_timeout = '5s';\nALTER TABLE orders ALTER COLUMN number TYPE bigint;",
    good: "SET LOCAL lock_timeout = '5s';\nALTER TABLE orders ALTER COLUMN note TYPE varchar(40);\nALTER TABLE orders ALTER COLUMN note TYPE text;\nALTER TABLE orders ALTER COLUMN total TYPE numeric(14, 2);",
  },
  'renaming-column': { bad: 'ALTER TABLE people RENAME COLUMN name TO title;', good: 'ALTER TABLE people ADD COLUMN title text;' },
  'renaming-table': { bad: 'ALTER TABLE people RENAME TO persons;', good: 'CREATE VIEW persons AS SELECT * FROM people;' },
  'ban-drop-column': { bad: 'ALTER TABLE people DROP COLUMN name;', good: "COMMENT ON COLUMN people.name IS 'not used any more';" },
  'ban-drop-table': { bad: 'DROP TABLE people;', good: 'CREATE TABLE one_day (day date);\nDROP TABLE one_day;' },
  'ban-drop-not-null': {
    bad: 'ALTER TABLE people ALTER COLUMN name DROP NOT NULL;',
    good: "ALTER TABLE people ALTER COLUMN name SET DEFAULT '';",
  },
  'ban-truncate-cascade': { bad: 'TRUNCATE people CASCADE;', good: 'TRUNCATE people;' },
  'prefer-repack': { bad: 'VACUUM FULL orders;', badWithout: true, good: 'VACUUM orders;', goodWithout: true },
  'require-lock-timeout': {
    bad: 'ALTER TABLE orders ADD COLUMN gift boolean;',
    good: "SET LOCAL lock_timeout = '5s';\nALTER TABLE orders ADD COLUMN gift boolean;",
  },
  'prefer-robust-stmts': {
    bad: 'CREATE TABLE notes (note text);\nCREATE TABLE tags (tag text);',
    badWithout: true,
    good: 'CREATE TABLE IF NOT EXISTS notes (note text);\nCREATE TABLE IF NOT EXISTS tags (tag text);',
    goodWithout: true,
  },
  'identifier-too-long': {
    bad: `CREATE TABLE ${'a'.repeat(64)} (n int);`,
    good: `CREATE TABLE ${'a'.repeat(63)} (n int);`,
  },
  backfill: {
    bad: "SET LOCAL lock_timeout = '5s';\nALTER TABLE orders ADD COLUMN gift boolean;\nUPDATE orders SET gift = false;",
    good: 'UPDATE orders SET checked = 1 WHERE id BETWEEN 1 AND 1000;',
  },
  'add-column-json': { bad: 'ALTER TABLE people ADD COLUMN more json;', good: 'ALTER TABLE people ADD COLUMN more jsonb;' },
  execute: { bad: "DO $$BEGIN EXECUTE 'CREATE TABLE notes (note text)'; END$$;", good: 'CREATE TABLE notes (note text);' },
};

/** What the examples find on a server, made by the app itself. */
export const SETTING = `CREATE TABLE people (id int PRIMARY KEY, name text NOT NULL);
CREATE TABLE orders (id int PRIMARY KEY, note varchar(20), total numeric(10, 2), buyer int, number int, checked int, CONSTRAINT is_checked CHECK (checked IS NOT NULL));
CREATE INDEX orders_note ON orders (note); CREATE UNIQUE INDEX orders_number ON orders (number);
CREATE TABLE visits (day date) PARTITION BY RANGE (day); CREATE TABLE visits_2020 PARTITION OF visits FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
INSERT INTO orders SELECT n, 'note', n, NULL, n, n FROM generate_series(1, 12000) AS n; ANALYZE orders`;
