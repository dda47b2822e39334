import { type FieldScript, login, own, shop, shopWorks } from './script.ts';

/** What forms no app. */
export const leftOut: readonly FieldScript[] = [
  {
    name: 'foreign tables through a user mapping',
    lines: [
      ...shop,
      ['postgres', login('dwh')],
      ['postgres', 'CREATE DATABASE dwh OWNER dwh'],
      [
        'dwh',
        `CREATE EXTENSION postgres_fdw; GRANT USAGE ON FOREIGN DATA WRAPPER postgres_fdw TO dwh; CREATE TABLE here (n int); ALTER TABLE here OWNER TO dwh`,
      ],
      [
        'dwh',
        `CREATE SERVER there FOREIGN DATA WRAPPER postgres_fdw OPTIONS (dbname 'shop'); CREATE USER MAPPING FOR dwh SERVER there OPTIONS (user 'shop', password 'old-shop');
         CREATE FOREIGN TABLE orders (id int, note text) SERVER there`,
        own('dwh'),
      ],
    ],
    actors: [
      shopWorks,
      {
        login: 'dwh',
        does: [
          ['dwh', 'SELECT * FROM here'],
          ['dwh', "SELECT count(*) FROM pg_user_mappings WHERE usename = 'dwh'"],
          ['postgres', 'SELECT 1'],
        ],
      },
    ],
    writes: { apps: { shop: {} }, known: ['dwh'] },
    left: [/"dwh" is left out: its login "dwh" cannot act as an owner role: it has a user mapping for the foreign server "there"/],
  },
  {
    name: 'a server of foreign data that a login may use by name',
    lines: [
      ...shop,
      ['postgres', login('dwh')],
      ['postgres', 'CREATE DATABASE dwh OWNER dwh'],
      [
        'dwh',
        "CREATE EXTENSION postgres_fdw; CREATE SERVER there FOREIGN DATA WRAPPER postgres_fdw OPTIONS (dbname 'shop'); GRANT USAGE ON FOREIGN SERVER there TO dwh",
      ],
      ['dwh', 'CREATE TABLE here (n int)', own('dwh')],
    ],
    actors: [
      shopWorks,
      { login: 'dwh', does: [['dwh', 'CREATE FOREIGN TABLE orders (id int, note text) SERVER there; SELECT * FROM here']] },
    ],
    writes: { apps: { shop: {} }, known: ['dwh'] },
    left: [/"dwh" is left out: its login "dwh" cannot act as an owner role: it has rights on the foreign server "there"/],
  },
  {
    name: 'one login over two databases, and a report over all',
    lines: [
      ...shop,
      ['postgres', `${login('temporal', 'CREATEDB')}; ${login('grafana')}`],
      ['postgres', 'CREATE DATABASE temporal OWNER temporal'],
      ['postgres', 'CREATE DATABASE temporal_visibility OWNER temporal'],
      ['temporal', 'CREATE TABLE a (n int)', own('temporal')],
      ['temporal_visibility', 'CREATE TABLE b (n int)', own('temporal')],
      ['shop', 'GRANT SELECT ON orders TO grafana'],
      ['temporal', 'GRANT SELECT ON a TO grafana'],
    ],
    actors: [
      shopWorks,
      {
        login: 'temporal',
        does: [
          ['temporal', 'CREATE TABLE x (n int)'],
          ['temporal_visibility', 'INSERT INTO b VALUES (1); SELECT * FROM b'],
          ['postgres', 'SELECT 1'],
        ],
      },
      {
        login: 'grafana',
        does: [
          ['shop', 'SELECT note FROM orders'],
          ['temporal', 'SELECT * FROM a'],
          ['shop', 'DELETE FROM orders'],
        ],
      },
    ],
    writes: { apps: { shop: {} }, known: ['grafana', 'temporal'] },
    left: [/"temporal" is left out: its login "temporal" also uses/, /"temporal_visibility" is left out/],
  },
  {
    name: 'a superuser that is the app of several databases',
    lines: [
      ['postgres', "CREATE ROLE root_app SUPERUSER LOGIN PASSWORD 'old-root_app'"],
      ['postgres', 'CREATE DATABASE one OWNER root_app'],
      ['postgres', 'CREATE DATABASE two OWNER root_app'],
      ['one', 'CREATE TABLE a (n int)', own('root_app')],
      ['two', 'CREATE TABLE b (n int)', own('root_app')],
    ],
    actors: [
      {
        login: 'root_app',
        does: [
          ['one', 'INSERT INTO a VALUES (1); SELECT * FROM a'],
          ['two', 'CREATE TABLE c (n int)'],
          ['postgres', 'SELECT 1'],
        ],
      },
    ],
    writes: { apps: { one: {}, two: {} }, known: ['root_app'] },
  },
  {
    name: 'logins that a secret manager makes',
    lines: [
      ...shop,
      [
        'postgres',
        `CREATE ROLE ledger_role; ${login('v-root-ledger-aB3dE5fG7hJ9kL1mN-1700000000', "IN ROLE ledger_role VALID UNTIL '2099-01-01'")}`,
      ],
      ['postgres', login('v-root-ledger-zY3dE5fG7hJ9kL1mN-1700000001', "IN ROLE ledger_role VALID UNTIL '2099-01-01'")],
      ['postgres', 'CREATE DATABASE ledger OWNER ledger_role'],
      ['ledger', 'SET ROLE ledger_role; CREATE TABLE entries (n int)'],
    ],
    actors: [
      shopWorks,
      {
        login: 'v-root-ledger-aB3dE5fG7hJ9kL1mN-1700000000',
        does: [
          ['ledger', 'INSERT INTO entries VALUES (1); SELECT * FROM entries'],
          ['ledger', 'SET ROLE ledger_role; CREATE TABLE x (n int)'],
        ],
      },
    ],
    writes: { apps: { shop: {} }, known: ['v-root-ledger-aB3dE5fG7hJ9kL1mN-1700000000', 'v-root-ledger-zY3dE5fG7hJ9kL1mN-1700000001'] },
    left: [/"ledger" is left out/],
  },
  {
    name: 'tables of many people',
    lines: [
      ...shop,
      ['postgres', `${login('alice')}; ${login('bob')}`],
      ['postgres', 'CREATE DATABASE lab'],
      ['lab', 'GRANT ALL ON SCHEMA public TO alice, bob'],
      ['lab', 'CREATE TABLE a (n int); GRANT SELECT ON a TO bob', own('alice')],
      ['lab', 'CREATE TABLE b (n int)', own('bob')],
    ],
    actors: [
      shopWorks,
      {
        login: 'alice',
        does: [
          ['lab', 'INSERT INTO a VALUES (1); SELECT * FROM a'],
          ['lab', 'SELECT * FROM b'],
          ['postgres', 'SELECT 1'],
        ],
      },
      {
        login: 'bob',
        does: [
          ['lab', 'SELECT * FROM a'],
          ['lab', 'CREATE TABLE x (n int)'],
        ],
      },
    ],
    writes: { apps: { shop: {} }, known: ['alice', 'bob'] },
    left: [/"lab" is left out: the logins "alice", "bob" use it/],
  },
];
