import { type FieldScript, login, own, shop, shopWorks } from './script.ts';

/** Rights that are no level's, and what lies beside tables. */
export const oddRights: readonly FieldScript[] = [
  {
    name: 'services that work under row level security, each in a schema of the operator',
    lines: [
      ['postgres', `${login('red')}; ${login('blue')}`],
      ['postgres', 'CREATE DATABASE hub'],
      ...['red', 'blue'].map(
        (name) =>
          [
            'hub',
            `CREATE SCHEMA ${name}; CREATE TABLE ${name}.docs (tenant int, n int); INSERT INTO ${name}.docs VALUES (1, 1), (2, 2); ALTER TABLE ${name}.docs ENABLE ROW LEVEL SECURITY;
             CREATE POLICY own ON ${name}.docs USING (tenant = current_setting('app.tenant', true)::int); CREATE TABLE ${name}.plain (n int);
             GRANT USAGE ON SCHEMA ${name} TO ${name}; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${name} TO ${name}`,
          ] as const,
      ),
    ],
    actors: ['red', 'blue'].map((name) => ({
      login: name,
      does: [
        ['hub', `SET app.tenant = '1'; SELECT n FROM ${name}.docs`],
        ['hub', `INSERT INTO ${name}.plain VALUES (1); DELETE FROM ${name}.plain`],
        ['hub', `ALTER TABLE ${name}.plain ADD COLUMN x int`],
        ['hub', `TRUNCATE ${name}.docs`],
        ['hub', `SELECT * FROM ${name === 'red' ? 'blue' : 'red'}.plain`],
      ] as const,
    })),
    writes: { apps: { red: { names: { login: 'red' }, logins: { app: 'rw' } }, blue: { logins: { app: 'rw' } } } },
  },
  {
    name: 'a login that only writes a log, one that reads some columns, and one that calls a function, beside an app',
    lines: [
      ...shop,
      ['postgres', `${login('logger')}; ${login('clerk')}; ${login('caller')}`],
      [
        'shop',
        `CREATE TABLE log (line text); CREATE TABLE people (id int, name text, salary int); INSERT INTO people VALUES (1, 'a', 5);
         CREATE FUNCTION total() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT count(*) FROM people'; REVOKE ALL ON FUNCTION total() FROM PUBLIC;
         GRANT INSERT ON log TO logger; GRANT SELECT (id, name) ON people TO clerk; GRANT EXECUTE ON FUNCTION total() TO caller`,
        own('shop'),
      ],
    ],
    actors: [
      shopWorks,
      {
        login: 'logger',
        does: [
          ['shop', "INSERT INTO log VALUES ('x')"],
          ['shop', 'SELECT * FROM log'],
        ],
      },
      {
        login: 'clerk',
        does: [
          ['shop', 'SELECT id, name FROM people'],
          ['shop', 'SELECT salary FROM people'],
        ],
      },
      {
        login: 'caller',
        does: [
          ['shop', 'SELECT total()'],
          ['shop', 'SELECT * FROM people'],
        ],
      },
    ],
    writes: { apps: { shop: {} }, known: ['caller', 'clerk', 'logger'] },
  },
  {
    name: 'an app that calls functions of the operator and nothing else',
    lines: [
      ['postgres', login('api_user')],
      ['postgres', 'CREATE DATABASE api'],
      [
        'api',
        `CREATE TABLE secrets (n int); INSERT INTO secrets VALUES (7);
         CREATE FUNCTION ask() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT max(n) FROM secrets'; REVOKE ALL ON FUNCTION ask() FROM PUBLIC; GRANT EXECUTE ON FUNCTION ask() TO api_user`,
      ],
    ],
    actors: [
      {
        login: 'api_user',
        does: [
          ['api', 'SELECT ask()'],
          ['api', 'SELECT * FROM secrets'],
        ],
      },
    ],
    writes: { apps: { api: {} }, known: ['api_user'] },
  },
  {
    name: 'large objects of a login that works with tables of the operator',
    lines: [
      ['postgres', login('photos')],
      ['postgres', 'CREATE DATABASE photos'],
      ['photos', 'CREATE TABLE album (n int); GRANT SELECT, INSERT, UPDATE, DELETE ON album TO photos'],
      ['photos', "SELECT lo_from_bytea(4711, 'x')", own('photos')],
    ],
    actors: [
      {
        login: 'photos',
        does: [
          ['photos', 'SELECT lo_get(4711)'],
          ['photos', "SELECT lo_put(4711, 0, 'y')"],
          ['photos', 'INSERT INTO album VALUES (1); SELECT * FROM album'],
        ],
      },
    ],
    writes: { apps: { photos: {} } },
  },
  {
    name: 'an owner under a policy that a setting decides, forced',
    lines: [
      ['postgres', login('tenants')],
      ['postgres', 'CREATE DATABASE tenants OWNER tenants'],
      [
        'tenants',
        `CREATE TABLE docs (tenant int, n int); INSERT INTO docs VALUES (1, 1), (2, 2); ALTER TABLE docs ENABLE ROW LEVEL SECURITY; ALTER TABLE docs FORCE ROW LEVEL SECURITY;
         CREATE POLICY own ON docs USING (tenant = current_setting('app.user', true)::int)`,
        own('tenants'),
      ],
    ],
    actors: [
      {
        login: 'tenants',
        does: [
          ['tenants', "SET app.user = '1'; SELECT n FROM docs"],
          ['tenants', 'CREATE TABLE x (n int); ALTER TABLE docs ADD COLUMN x int'],
        ],
      },
    ],
    writes: { apps: { tenants: {} } },
  },
];
