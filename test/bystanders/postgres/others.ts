import { type Act, type Builder, createLogin, digest, nobody } from './world.ts';

/** Those that depend on somebody else's things: a neighbour with objects over an app's, an app with a second schema, another project. */

/** The app `to` builds on what `from` shares with it, in one database: a column of its type, a view, a materialized view, a key. */
const neighbour: Builder = ({ how, databases: [database = ''], apps: [from = '', to = ''] = [] }) => {
  const made: Readonly<Record<string, readonly [name: string, sql: string]>> = {
    type: [
      'orders',
      `CREATE TABLE ${to}.orders (id int PRIMARY KEY, m ${from}.mood DEFAULT 'good'); INSERT INTO ${to}.orders VALUES (1), (2)`,
    ],
    view: ['lens', `CREATE VIEW ${to}.lens AS SELECT id FROM ${from}.items`],
    materialized: ['kept', `CREATE MATERIALIZED VIEW ${to}.kept AS SELECT id, body FROM ${from}.items`],
    domain: [
      'felt',
      `CREATE DOMAIN ${to}.feeling AS ${from}.mood; CREATE TABLE ${to}.felt (id int PRIMARY KEY, f ${to}.feeling DEFAULT 'good'); INSERT INTO ${to}.felt VALUES (1), (2)`,
    ],
    composite: [
      'pairs',
      `CREATE TYPE ${to}.pair AS (a int, m ${from}.mood); CREATE TABLE ${to}.pairs (id int PRIMARY KEY, p ${to}.pair); INSERT INTO ${to}.pairs VALUES (1, ROW(1, 'good'))`,
    ],
    array: ['many', `CREATE TABLE ${to}.many (id int PRIMARY KEY, ms ${from}.mood[]); INSERT INTO ${to}.many VALUES (1, '{good,bad}')`],
    rule: [
      'door',
      `CREATE TABLE ${to}.came (id int); CREATE VIEW ${to}.door AS SELECT id, body FROM ${from}.items; CREATE RULE came AS ON INSERT TO ${to}.door DO INSTEAD INSERT INTO ${to}.came VALUES (NEW.id)`,
    ],
    policy: [
      'held',
      `CREATE TABLE ${to}.held (id int PRIMARY KEY, body text); INSERT INTO ${to}.held VALUES (1, 'x'); ALTER TABLE ${to}.held ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON ${to}.held USING (id IN (SELECT id FROM ${from}.items))`,
    ],
    index: [
      'sorted',
      `CREATE TABLE ${to}.sorted (id int PRIMARY KEY, m text); CREATE INDEX sorted_m ON ${to}.sorted ((m::${from}.mood IS NULL)); INSERT INTO ${to}.sorted VALUES (1, 'good')`,
    ],
    function: [
      'asked',
      `CREATE FUNCTION ${to}.asks(${from}.mood) RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE TABLE ${to}.asked (id int DEFAULT ${to}.asks('good'))`,
    ],
  };
  const [name, sql] = made[how] ?? ['', ''];
  return {
    ...nobody,
    script: [[database, `SET ROLE ${to}_owner; ${sql}; RESET ROLE`]],
    tables: [{ database, schema: to, name, login: `${to}_user` }],
  };
};

/** The operator, or a stranger, refers to an app's table from a schema of its own. */
const auditor: Builder = ({ id, databases: [database = ''], table: { schema, name } = { schema: 'public', name: 'items' } }) => ({
  ...nobody,
  script: [
    ['postgres', createLogin(id)],
    [
      database,
      `CREATE SCHEMA ${id} AUTHORIZATION ${id}; GRANT CONNECT ON DATABASE "${database}" TO ${id}; GRANT USAGE ON SCHEMA ${schema} TO ${id};
       GRANT SELECT, REFERENCES ON ${schema}.${name} TO ${id}`,
    ],
    [
      database,
      `CREATE TABLE ${id}.log (id int PRIMARY KEY, item int REFERENCES ${schema}.${name}, m text); INSERT INTO ${id}.log VALUES (1, 1, 'x');
       CREATE MATERIALIZED VIEW ${id}.copy AS SELECT * FROM ${schema}.${name}; CREATE FUNCTION ${id}.n() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM ${id}.log'`,
      id,
    ],
  ],
  acts: [
    { login: id, database, does: 'reads "log"', sql: digest(`${id}.log`), said: [['"log"'], [`"${id}"`]] },
    { login: id, database, does: 'reads "copy"', sql: digest(`${id}.copy`), said: [['"copy"'], [`"${id}"`]] },
    { login: id, database, does: 'calls "n"', sql: `SELECT ${id}.n()::int AS n`, said: [[`"${id}"`]] },
  ],
  things: [
    { database, kind: 'relation', name: `${id}.log`, who: id },
    { database, kind: 'relation', name: `${id}.copy`, who: id },
    { database, kind: 'routine', name: `${id}.n()`, who: id },
    { database, kind: 'schema', name: id, who: id },
  ],
  sessions: [[id, database]],
});

/** Another team's project. */
const project: Builder = ({ id, how }) => ({
  ...nobody,
  project: {
    apps: {
      [`${id}_a`]: { uses: { main: { connections: 5 } } },
      [`${id}_b`]: { uses: { main: { isolation: 'schema', database: how === 'shared' ? 'shared' : `${id}_shared`, connections: 5 } } },
    },
    readers: { [`${id}_lens`]: { reads: [`${id}_a`] } },
  },
});

/** Statistics of the server in the maintenance database, and somebody who looks at them. */
const statements: Builder = ({ id }) => ({
  ...nobody,
  script: [['postgres', `${createLogin(id)}; CREATE EXTENSION IF NOT EXISTS pg_stat_statements; GRANT pg_read_all_stats TO ${id}`]],
  acts: [{ login: id, database: 'postgres', does: 'looks at statements', sql: 'SELECT count(*) >= 0 AS yes FROM pg_stat_statements' }],
  things: [{ database: 'postgres', kind: 'relation', name: 'public.pg_stat_statements', who: id }],
  sessions: [[id, 'postgres']],
});

const actOf = (login: string, database: string, does: string, sql: string, name = does): Act => ({
  login,
  database,
  does,
  sql,
  said: [[name]],
});

/** Somebody with a database of their own, which no manifest names. */
const bystander: Builder = ({ id }) => ({
  ...nobody,
  script: [
    ['postgres', createLogin(id, 'CREATEDB')],
    ['postgres', `CREATE DATABASE ${id}_own OWNER ${id} CONNECTION LIMIT 40`],
    [
      'postgres',
      `COMMENT ON DATABASE ${id}_own IS 'of ${id}'; COMMENT ON ROLE ${id} IS 'ask in room 12'; ALTER DATABASE ${id}_own SET work_mem = '7MB'; ALTER ROLE ${id} IN DATABASE ${id}_own SET lock_timeout = '9s'`,
    ],
    ['postgres', createLogin(`${id}_guest`)],
    [
      `${id}_own`,
      `CREATE TABLE kept (id int PRIMARY KEY, body text); INSERT INTO kept VALUES (1, 'x'); GRANT SELECT ON kept TO ${id}_guest; SELECT lo_from_bytea(4711, 'x')`,
      id,
    ],
  ],
  acts: [
    actOf(id, `${id}_own`, 'writes "kept"', "INSERT INTO kept VALUES (2, 'y'); CREATE TABLE made_new (id int); SELECT 1 AS done", '"kept"'),
    actOf(id, `${id}_own`, 'reads its large object', "SELECT encode(lo_get(4711), 'hex') AS data"),
    actOf(`${id}_guest`, `${id}_own`, 'reads "kept"', 'SELECT count(*)::int AS n FROM kept', '"kept"'),
    actOf(`${id}_guest`, `${id}_own`, 'makes a temporary table', 'CREATE TEMP TABLE t (id int); SELECT 1 AS done'),
  ],
  things: [
    { database: 'postgres', kind: 'database', name: `${id}_own`, who: id },
    { database: `${id}_own`, kind: 'relation', name: 'public.kept', who: id },
    { database: `${id}_own`, kind: 'large object', name: '4711', who: id },
  ],
  sessions: [
    [id, `${id}_own`],
    [`${id}_guest`, `${id}_own`],
  ],
});

export const others: Readonly<Record<string, Builder>> = { neighbour, auditor, project, statements, bystander };
