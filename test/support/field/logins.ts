import { type FieldScript, login, own, shop, shopWorks } from './script.ts';

/** Several logins of one app, groups, services in one database. */
export const manyLogins: readonly FieldScript[] = [
  {
    name: 'groups of an owner, a writer and a reader, each with a login',
    lines: [
      ['postgres', 'CREATE ROLE foo_owner; CREATE ROLE foo_writer; CREATE ROLE foo_reader'],
      [
        'postgres',
        `${login('foo_owner_user', 'IN ROLE foo_owner')}; ${login('foo_writer_user', 'IN ROLE foo_writer')}; ${login('foo_reader_user', 'IN ROLE foo_reader')}`,
      ],
      ['postgres', 'CREATE DATABASE foo OWNER foo_owner'],
      [
        'foo',
        `CREATE SCHEMA data AUTHORIZATION foo_owner; SET ROLE foo_owner; CREATE TABLE data.t (n int); INSERT INTO data.t VALUES (1);
         GRANT USAGE ON SCHEMA data TO foo_writer, foo_reader; GRANT SELECT, INSERT, UPDATE, DELETE ON data.t TO foo_writer; GRANT SELECT ON data.t TO foo_reader;
         ALTER DEFAULT PRIVILEGES FOR ROLE foo_owner IN SCHEMA data GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO foo_writer;
         ALTER DEFAULT PRIVILEGES FOR ROLE foo_owner IN SCHEMA data GRANT SELECT ON TABLES TO foo_reader`,
      ],
    ],
    actors: [
      { login: 'foo_owner_user', does: [['foo', 'CREATE TABLE data.x (n int); DROP TABLE data.t; SELECT 1']] },
      {
        login: 'foo_writer_user',
        does: [
          ['foo', 'INSERT INTO data.t VALUES (2); SELECT * FROM data.t'],
          ['foo', 'DROP TABLE data.t'],
        ],
      },
      {
        login: 'foo_reader_user',
        does: [
          ['foo', 'SELECT * FROM data.t'],
          ['foo', 'DELETE FROM data.t'],
        ],
      },
    ],
    writes: {
      apps: {
        foo: {
          names: { readWrite: 'foo_writer', readOnly: 'foo_reader', login: 'foo_writer_user' },
          logins: { app: 'rw', migrator: { as: 'owner', login: 'foo_owner_user' }, reader_user: { as: 'read' } },
        },
      },
    },
  },
  {
    name: 'groups that read and write, with default privileges of the operator',
    lines: [
      [
        'postgres',
        `CREATE ROLE readwrite; CREATE ROLE readonly; ${login('app_user', 'IN ROLE readwrite')}; ${login('looker', 'IN ROLE readonly')}`,
      ],
      ['postgres', 'CREATE DATABASE guide'],
      [
        'guide',
        `CREATE TABLE t (id serial, n int); GRANT USAGE ON SCHEMA public TO readwrite, readonly; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO readwrite;
         GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO readwrite; GRANT SELECT ON ALL TABLES IN SCHEMA public TO readonly;
         ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO readwrite; ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO readonly`,
      ],
    ],
    actors: [
      {
        login: 'app_user',
        does: [
          ['guide', 'INSERT INTO t (n) VALUES (1); SELECT n FROM t'],
          ['guide', 'DROP TABLE t'],
          ['guide', 'TRUNCATE t'],
        ],
      },
      {
        login: 'looker',
        does: [
          ['guide', 'SELECT n FROM t'],
          ['guide', 'DELETE FROM t'],
        ],
      },
    ],
    writes: {
      apps: {
        guide: {
          names: { readWrite: 'readwrite', readOnly: 'readonly', login: 'app_user' },
          logins: { app: 'rw', looker: { as: 'read', login: 'looker' } },
        },
      },
    },
  },
  {
    name: 'a migrator beside the login that runs, and a report',
    lines: [
      [
        'postgres',
        `${login('shop_migrator')}; ${login('shop_app', "CONNECTION LIMIT 12 VALID UNTIL '2099-01-01 00:00:00+00'")}; ${login('shop_reports')}`,
      ],
      ['postgres', 'CREATE DATABASE shop OWNER shop_migrator'],
      [
        'shop',
        `CREATE TABLE orders (id serial PRIMARY KEY, note text); INSERT INTO orders (note) VALUES ('a');
         GRANT SELECT, INSERT, UPDATE, DELETE ON orders TO shop_app; GRANT USAGE ON SEQUENCE orders_id_seq TO shop_app; GRANT SELECT ON orders TO shop_reports;
         ALTER DEFAULT PRIVILEGES GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO shop_app; ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO shop_reports`,
        own('shop_migrator'),
      ],
    ],
    actors: [
      { login: 'shop_migrator', does: [['shop', 'ALTER TABLE orders ADD COLUMN x int; CREATE TABLE y (n int)']] },
      {
        login: 'shop_app',
        does: [
          ['shop', "INSERT INTO orders (note) VALUES ('b'); SELECT note FROM orders"],
          ['shop', 'ALTER TABLE orders ADD COLUMN x int'],
          ['shop', 'TRUNCATE orders'],
        ],
      },
      {
        login: 'shop_reports',
        does: [
          ['shop', 'SELECT note FROM orders'],
          ['shop', 'DELETE FROM orders'],
        ],
      },
    ],
    writes: {
      apps: {
        shop: {
          connections: 12,
          names: { login: 'shop_app' },
          logins: { app: { as: 'rw', validUntil: '2099-01-01T00:00:00.000Z' }, migrator: { as: 'owner' }, reports: { as: 'read' } },
        },
      },
    },
  },
  {
    name: 'a schema for each service, one of which reads a table of the other',
    lines: [
      ['postgres', `${login('crm_user')}; ${login('analytics_user')}`],
      ['postgres', 'CREATE DATABASE hub'],
      ['hub', 'CREATE SCHEMA crm AUTHORIZATION crm_user; CREATE SCHEMA analytics AUTHORIZATION analytics_user'],
      [
        'hub',
        'CREATE TABLE crm.people (n int); INSERT INTO crm.people VALUES (1); CREATE TABLE crm.secrets (n int); GRANT USAGE ON SCHEMA crm TO analytics_user; GRANT SELECT ON crm.people TO analytics_user',
        own('crm_user'),
      ],
      ['hub', 'CREATE TABLE analytics.facts (n int)', own('analytics_user')],
    ],
    actors: [
      {
        login: 'crm_user',
        does: [
          ['hub', 'INSERT INTO crm.people VALUES (2); SELECT * FROM crm.people'],
          ['hub', 'SELECT * FROM analytics.facts'],
          ['hub', 'CREATE TABLE crm.x (n int)'],
        ],
      },
      {
        login: 'analytics_user',
        does: [
          ['hub', 'SELECT * FROM crm.people'],
          ['hub', 'SELECT * FROM crm.secrets'],
          ['hub', 'DELETE FROM crm.people'],
          ['hub', 'INSERT INTO analytics.facts VALUES (1)'],
        ],
      },
    ],
    writes: { apps: { crm: {}, analytics: {} }, shares: [{ from: 'crm', to: 'analytics', via: 'grant', tables: ['people'] }] },
  },
  {
    name: 'default privileges of the operator for the app and for a reader, and a grant on all tables',
    lines: [
      ...shop,
      ['postgres', `${login('auth_u')}; CREATE ROLE readonly; CREATE ROLE nobody_in_it; ${login('grafana_ro', 'IN ROLE readonly')}`],
      ['postgres', 'CREATE DATABASE auth'],
      ['auth', 'CREATE EXTENSION pg_stat_statements; GRANT ALL ON SCHEMA public TO auth_u'],
      ['auth', 'CREATE TABLE users (n int)', own('auth_u')],
      [
        'auth',
        `ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO auth_u; ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO readonly;
         GRANT SELECT ON ALL TABLES IN SCHEMA public TO readonly;
         ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO nobody_in_it`,
      ],
    ],
    actors: [
      shopWorks,
      {
        login: 'auth_u',
        does: [
          ['auth', 'INSERT INTO users VALUES (1); SELECT * FROM users'],
          ['auth', 'CREATE TABLE x (n int)'],
        ],
      },
      {
        login: 'grafana_ro',
        does: [
          ['auth', 'SELECT * FROM users'],
          ['auth', 'DELETE FROM users'],
        ],
      },
    ],
    writes: { apps: { shop: {}, auth: {} } },
  },
  {
    name: 'everything on all tables, made by the operator',
    lines: [
      ['postgres', login('pos')],
      ['postgres', 'CREATE DATABASE pos'],
      [
        'pos',
        `CREATE TABLE t (id serial, n int); GRANT ALL ON ALL TABLES IN SCHEMA public TO pos; GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO pos`,
      ],
    ],
    actors: [
      {
        login: 'pos',
        does: [
          ['pos', 'INSERT INTO t (n) VALUES (1); TRUNCATE t; SELECT n FROM t'],
          ['pos', "SELECT setval('t_id_seq', 7)"],
          ['pos', 'DROP TABLE t'],
        ],
      },
    ],
    writes: { apps: { pos: { names: { login: 'pos' }, logins: { app: 'rw' }, relax: { truncate: true } } } },
  },
];
