import type { Line } from '../init-scripts.ts';
import { type FieldScript, login, own, shop, shopWorks } from './script.ts';

/** Logins that belong to no app. */
export const helpers: readonly FieldScript[] = [
  {
    name: 'an app that lives in the maintenance database',
    lines: [...shop, ['postgres', login('web')], ['postgres', 'CREATE TABLE pages (n int); ALTER TABLE pages OWNER TO web']],
    actors: [
      shopWorks,
      {
        login: 'web',
        does: [
          ['postgres', 'INSERT INTO pages VALUES (1); SELECT * FROM pages'],
          ['postgres', 'CREATE TEMP TABLE t (n int)'],
        ],
      },
    ],
    writes: { apps: { shop: {} }, known: ['web'] },
    left: [/"postgres" is left out: it holds objects/],
  },
  {
    name: 'a backup, a monitor, change data capture, and a login that may connect',
    lines: [
      ...shop,
      ['postgres', `${login('backup')}; GRANT pg_read_all_data TO backup; ${login('datadog')}; GRANT pg_monitor TO datadog`],
      ['postgres', `${login('debezium', 'REPLICATION')}; ${login('peek')}; GRANT CONNECT ON DATABASE shop TO peek; ${login('idler')}`],
      ['shop', 'GRANT SELECT ON orders TO debezium; CREATE PUBLICATION p FOR TABLE orders'],
    ],
    actors: [
      shopWorks,
      {
        login: 'backup',
        does: [
          ['shop', 'SELECT note FROM orders'],
          ['postgres', 'SELECT 1'],
          ['template1', 'SELECT 1'],
          ['shop', 'DELETE FROM orders'],
        ],
      },
      {
        login: 'datadog',
        does: [
          ['shop', "SELECT pg_has_role('pg_monitor', 'USAGE')"],
          ['postgres', 'SELECT 1'],
        ],
      },
      {
        login: 'debezium',
        does: [
          ['shop', 'SELECT note FROM orders'],
          ['shop', 'DELETE FROM orders'],
          ['postgres', 'SELECT 1'],
        ],
      },
      {
        login: 'peek',
        does: [
          ['shop', 'SELECT 1'],
          ['shop', 'SELECT note FROM orders'],
        ],
      },
      {
        login: 'idler',
        does: [
          ['shop', 'SELECT 1'],
          ['postgres', 'SELECT 1'],
        ],
      },
    ],
    writes: {
      apps: { shop: {} },
      operators: { backup: { may: ['read-all'] }, datadog: { may: ['monitor'] }, peek: { may: ['connect'] } },
      known: ['debezium', 'idler'],
    },
  },
  {
    name: 'a pooler that looks passwords up in every database',
    lines: [
      ...shop,
      ['postgres', `${login('blog')}; ${login('pgbouncer')}`],
      ['postgres', 'CREATE DATABASE blog OWNER blog'],
      ['blog', 'CREATE TABLE posts (n int)', own('blog')],
      ...['shop', 'blog'].map(
        (database): Line => [
          database,
          `CREATE SCHEMA pgbouncer; CREATE FUNCTION pgbouncer.get_auth(who text) RETURNS TABLE (name text, secret text) LANGUAGE sql SECURITY DEFINER AS $$ SELECT usename::text, passwd FROM pg_catalog.pg_shadow WHERE usename = who $$;
           REVOKE ALL ON FUNCTION pgbouncer.get_auth(text) FROM PUBLIC; GRANT USAGE ON SCHEMA pgbouncer TO pgbouncer; GRANT EXECUTE ON FUNCTION pgbouncer.get_auth(text) TO pgbouncer`,
        ],
      ),
    ],
    actors: [
      shopWorks,
      { login: 'blog', does: [['blog', 'INSERT INTO posts VALUES (1); SELECT * FROM posts']] },
      {
        login: 'pgbouncer',
        does: [
          ['shop', "SELECT name, secret LIKE 'SCRAM%' FROM pgbouncer.get_auth('shop')"],
          ['blog', "SELECT name FROM pgbouncer.get_auth('blog')"],
        ],
      },
    ],
    writes: { apps: { shop: {}, blog: {} }, operators: { pgbouncer: { may: ['auth-query'] } } },
  },
  {
    name: 'a pooler that owns its schema',
    lines: [
      ...shop,
      ['postgres', `${login('blog')}; ${login('pgbouncer')}`],
      ['postgres', 'CREATE DATABASE blog OWNER blog'],
      ...['shop', 'blog'].map(
        (database): Line => [
          database,
          `CREATE SCHEMA pgbouncer AUTHORIZATION pgbouncer; CREATE FUNCTION pgbouncer.get_auth(who text) RETURNS TABLE (name text, secret text) LANGUAGE sql SECURITY DEFINER AS $$ SELECT usename::text, passwd FROM pg_catalog.pg_shadow WHERE usename = who $$;
           REVOKE ALL ON FUNCTION pgbouncer.get_auth(text) FROM PUBLIC; GRANT EXECUTE ON FUNCTION pgbouncer.get_auth(text) TO pgbouncer`,
        ],
      ),
    ],
    actors: [
      shopWorks,
      { login: 'blog', does: [['blog', 'CREATE TABLE posts (n int)']] },
      {
        login: 'pgbouncer',
        does: [
          ['shop', "SELECT name, secret LIKE 'SCRAM%' FROM pgbouncer.get_auth('shop')"],
          ['blog', "SELECT name FROM pgbouncer.get_auth('blog')"],
        ],
      },
    ],
    writes: { apps: { shop: {}, blog: {} }, known: ['pgbouncer'] },
  },
];
