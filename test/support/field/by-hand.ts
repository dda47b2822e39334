import { login } from './script.ts';

/** A server on which a login `shop` works in a database of that name, and what was set up beside it. */
export interface HandCase {
  readonly name: string;
  readonly lines: readonly (readonly [database: string, sql: string, login?: string])[];
  /** What works before: who, where, what; `said`: it ends, and the plan tells so in these words. */
  readonly acts: readonly (readonly [login: string, database: string, sql: string, said?: string])[];
  readonly known?: readonly string[];
  /** Other fields of the placement. */
  readonly placement?: string;
}

const shop: HandCase['lines'] = [
  ['postgres', login('shop')],
  ['postgres', 'CREATE DATABASE shop OWNER shop'],
  ['shop', 'CREATE TABLE orders (id int); INSERT INTO orders VALUES (1)', 'shop'],
];

const theirs: HandCase['lines'] = [
  ['postgres', login('bob')],
  ['shop', 'CREATE SCHEMA theirs AUTHORIZATION bob; GRANT CREATE ON SCHEMA public TO bob'],
  [
    'shop',
    `CREATE TABLE theirs.t (n int); CREATE TABLE public.mine (n int, m int); GRANT USAGE, CREATE ON SCHEMA theirs TO shop; GRANT SELECT ON theirs.t TO shop; GRANT SELECT (n) ON public.mine TO shop;
     CREATE FUNCTION theirs.f() RETURNS int LANGUAGE sql AS 'SELECT 1'; REVOKE ALL ON FUNCTION theirs.f() FROM PUBLIC; GRANT EXECUTE ON FUNCTION theirs.f() TO shop`,
    'bob',
  ],
];

const usesTheirs: HandCase['acts'] = [
  ['shop', 'shop', 'SELECT * FROM theirs.t'],
  ['shop', 'shop', 'SELECT n FROM public.mine'],
  ['shop', 'shop', 'SELECT theirs.f()'],
  ['shop', 'shop', 'CREATE TABLE theirs.more (n int)'],
];

/** Fails unless the setting has the value. */
const finds = (setting: string, value: string): string => `SELECT 1 / (position('${value}' IN current_setting('${setting}')))`;

/** Outside of the transaction that is open. */
const forGood = (sql: string): string => `COMMIT; ${sql}; COMMIT`;

export const byHand: readonly HandCase[] = [
  {
    name: 'default privileges of the login for others, and of others for the login',
    lines: [
      ...shop,
      ['postgres', `${login('reporter', 'NOINHERIT')}; ${login('snoop')}; CREATE ROLE team NOLOGIN; GRANT team TO reporter`],
      [
        'shop',
        'ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO reporter, snoop; ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT INSERT ON TABLES TO team',
        'shop',
      ],
      [
        'shop',
        `${login('maker')}; GRANT CREATE ON SCHEMA public TO maker; ALTER DEFAULT PRIVILEGES FOR ROLE maker GRANT SELECT ON TABLES TO shop`,
      ],
    ],
    acts: [
      ['shop', 'shop', forGood('DROP TABLE IF EXISTS later; CREATE TABLE later (n int)')],
      ['reporter', 'shop', 'SELECT * FROM later'],
      ['reporter', 'shop', 'SET LOCAL ROLE team; INSERT INTO later VALUES (1)'],
      ['maker', 'shop', forGood('DROP TABLE IF EXISTS made; CREATE TABLE made (n int)')],
      ['shop', 'shop', 'SELECT * FROM made'],
      ['snoop', 'shop', 'SELECT * FROM later', 'SELECT on each future table of "shop" in database "shop"'],
    ],
    known: ['reporter', 'maker'],
  },
  { name: 'things of somebody who is known', lines: [...shop, ...theirs], acts: usesTheirs, known: ['bob'] },
  { name: 'things of a stranger', lines: [...shop, ...theirs], acts: usesTheirs },
  {
    name: 'servers of foreign data, languages, types, functions of extensions',
    lines: [
      ...shop,
      [
        'shop',
        `CREATE EXTENSION postgres_fdw; CREATE SERVER there FOREIGN DATA WRAPPER postgres_fdw; GRANT USAGE ON FOREIGN SERVER there TO shop;
         GRANT USAGE ON FOREIGN DATA WRAPPER postgres_fdw TO shop; CREATE USER MAPPING FOR shop SERVER there OPTIONS (user 'x', password 'secret')`,
      ],
      [
        'shop',
        `REVOKE USAGE ON LANGUAGE plpgsql FROM PUBLIC; GRANT USAGE ON LANGUAGE plpgsql TO shop; CREATE SCHEMA ops; GRANT USAGE ON SCHEMA ops TO shop;
         CREATE TYPE ops.mood AS ENUM ('a'); REVOKE USAGE ON TYPE ops.mood FROM PUBLIC; GRANT USAGE ON TYPE ops.mood TO shop;
         REVOKE EXECUTE ON FUNCTION postgres_fdw_get_connections FROM PUBLIC; GRANT EXECUTE ON FUNCTION postgres_fdw_get_connections TO shop`,
      ],
    ],
    acts: [
      ['shop', 'shop', 'CREATE FOREIGN TABLE f (n int) SERVER there', 'rights by name on server there in database "shop"'],
      ['shop', 'shop', 'CREATE SERVER mine FOREIGN DATA WRAPPER postgres_fdw', 'foreign-data wrapper postgres_fdw'],
      [
        'shop',
        'shop',
        'SELECT 1 / count(*) FROM pg_user_mappings WHERE usename = current_user',
        'the user mapping of shop on server there',
      ],
      ['shop', 'shop', 'CREATE FUNCTION p() RETURNS int LANGUAGE plpgsql AS $$BEGIN RETURN 1; END$$', 'language plpgsql'],
      ['shop', 'shop', 'CREATE TABLE moods (m ops.mood)'],
      ['shop', 'shop', 'SELECT postgres_fdw_get_connections()', 'function public.postgres_fdw_get_connections('],
    ],
  },
  {
    name: 'what the login owns besides tables',
    lines: [
      ...shop,
      [
        'shop',
        `CREATE EXTENSION citext; CREATE PUBLICATION pub FOR TABLE orders; SELECT lo_create(77); CREATE TYPE mood AS ENUM ('a'); CREATE CAST (mood AS int) WITH INOUT;
         CREATE COLLATION c FROM "C"; CREATE TEXT SEARCH CONFIGURATION ts (COPY = simple)`,
        'shop',
      ],
    ],
    acts: [
      ['shop', 'shop', 'DROP EXTENSION citext', 'ownership of extension citext in database "shop"'],
      ['shop', 'shop', "ALTER PUBLICATION pub SET (publish = 'insert')"],
      ['shop', 'shop', 'SELECT lo_unlink(77)'],
      ['shop', 'shop', 'DROP CAST (mood AS int)'],
      ['shop', 'shop', 'DROP COLLATION c'],
      ['shop', 'shop', 'DROP TEXT SEARCH CONFIGURATION ts'],
      ['shop', 'shop', "COMMENT ON TABLE orders IS 'x'"],
      ['shop', 'shop', "ALTER DATABASE shop SET work_mem = '5MB'", 'ownership of database "shop"'],
      ['shop', 'shop', "COMMENT ON DATABASE shop IS 'x'", 'ownership of database "shop"'],
    ],
  },
  {
    name: 'a prepared transaction, and a policy that names the login',
    lines: [
      ...shop,
      [
        'shop',
        `CREATE TABLE docs (n int); INSERT INTO docs VALUES (1); ALTER TABLE docs ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON docs TO shop USING (true); GRANT SELECT ON docs TO shop`,
      ],
      ['shop', "BEGIN; CREATE TABLE prepared (n int); PREPARE TRANSACTION 'one'", 'shop'],
    ],
    acts: [
      ['shop', 'shop', 'SELECT 1 / n FROM docs LIMIT 1; SELECT 1 / count(*) FROM docs', 'the policy p on public.docs'],
      // Whose it is may end it.
      ['shop', 'shop', 'SELECT 1 / count(*) FROM pg_prepared_xacts WHERE owner = current_user', "end the prepared transaction 'one'"],
    ],
  },
  {
    name: 'settings, limits and groups',
    lines: [
      ...shop,
      ['postgres', `CREATE ROLE team NOLOGIN; GRANT team TO shop; ${login('reporter')}`],
      [
        'postgres',
        `ALTER ROLE shop SET search_path = 'a', 'public'; ALTER ROLE shop IN DATABASE shop SET work_mem = '5MB'; ALTER ROLE shop CONNECTION LIMIT 50;
         ALTER DATABASE shop SET lock_timeout = '7s'; ALTER DATABASE shop SET IntervalStyle = 'sql_standard'; ALTER DATABASE shop SET app.secret_key = 'hush'; ALTER ROLE shop SET statement_timeout = '9s'`,
      ],
      ['postgres', 'CREATE TABLE shared_t (n int); GRANT SELECT ON shared_t TO team'],
    ],
    acts: [
      ['shop', 'shop', finds('search_path', 'a'), 'the setting search_path = "a", "public"'],
      ['shop', 'shop', finds('work_mem', '5MB')],
      ['shop', 'shop', finds('lock_timeout', '7s')],
      ['shop', 'shop', finds('IntervalStyle', 'sql_standard'), 'the setting intervalstyle = sql_standard of database "shop"'],
      ['shop', 'shop', finds('app.secret_key', 'hush'), 'the setting app.secret_key of database "shop"'],
      ['reporter', 'shop', finds('lock_timeout', '7s')],
      ['reporter', 'shop', finds('IntervalStyle', 'sql_standard'), 'the setting intervalstyle = sql_standard of database "shop"'],
      ['shop', 'shop', finds('statement_timeout', '9s')],
      ['shop', 'postgres', 'SELECT * FROM shared_t', 'the rights of role "team"'],
    ],
    known: ['reporter'],
    placement: "statementTimeout: '9s'",
  },
  {
    name: 'another database',
    lines: [
      ...shop,
      ['postgres', 'CREATE DATABASE other'],
      [
        'other',
        `CREATE TABLE t (n int); GRANT SELECT ON t TO shop; GRANT CREATE ON DATABASE other TO shop; CREATE SCHEMA s AUTHORIZATION shop;
         CREATE TABLE s.mine (n int); ALTER TABLE s.mine OWNER TO shop`,
      ],
    ],
    acts: [
      ['shop', 'other', 'SELECT * FROM t', 'rights by name on table public.t in database "other"'],
      ['shop', 'other', 'INSERT INTO s.mine VALUES (1)', 'ownership of table s.mine in database "other"'],
      ['shop', 'other', 'CREATE SCHEMA more', 'make schemas in database "other"'],
      ['shop', 'other', 'CREATE TEMPORARY TABLE t (n int)'],
    ],
  },
  {
    name: 'a schema of its own beside one of the operator and one of somebody who is known',
    lines: [
      ['postgres', `${login('shop')}; ${login('bob')}`],
      ['postgres', 'CREATE DATABASE shop'],
      ['shop', 'CREATE SCHEMA shop AUTHORIZATION shop; CREATE SCHEMA theirs AUTHORIZATION bob; CREATE SCHEMA ref'],
      ['shop', 'CREATE TABLE shop.orders (n int)', 'shop'],
      ['shop', 'CREATE TABLE theirs.t (n int); GRANT USAGE ON SCHEMA theirs TO shop; GRANT SELECT ON theirs.t TO shop', 'bob'],
      ['shop', 'CREATE TABLE ref.codes (n int); GRANT USAGE ON SCHEMA ref TO shop; GRANT SELECT ON ref.codes TO shop'],
    ],
    acts: [
      ['shop', 'shop', 'INSERT INTO shop.orders VALUES (1)'],
      ['shop', 'shop', 'SELECT * FROM theirs.t'],
      ['shop', 'shop', 'SELECT * FROM ref.codes', 'rights by name on table ref.codes in database "shop"'],
    ],
    known: ['bob'],
    placement: 'isolation: schema, database: shop',
  },
  {
    name: 'a password, an end, a comment and no inheritance',
    lines: [
      ['postgres', "CREATE ROLE shop LOGIN NOINHERIT PASSWORD 'old-shop' VALID UNTIL '2099-01-01'"],
      ['postgres', 'CREATE DATABASE shop OWNER shop'],
      // On 15 a login without inheritance makes nothing in a schema that is the database owner's.
      ['shop', "CREATE TABLE orders (id int); ALTER TABLE orders OWNER TO shop; COMMENT ON TABLE orders IS 'mine'"],
    ],
    acts: [
      ['shop', 'shop', 'INSERT INTO orders VALUES (1)'],
      ['shop', 'shop', "SELECT 1 / (CASE obj_description('orders'::regclass) WHEN 'mine' THEN 1 ELSE 0 END)"],
      ['shop', 'shop', "SELECT 1 / count(*) FROM pg_roles WHERE rolname = 'shop' AND rolvaliduntil < 'infinity'"],
    ],
  },
];
