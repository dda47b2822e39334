import { type FieldScript, login, own, shop, shopWorks } from './script.ts';

/** Row level security, and roles that a session becomes. */
export const rowSecurity: readonly FieldScript[] = [
  {
    name: 'row level security by a setting, and a log that is only written',
    lines: [
      ['postgres', login('saas_app')],
      ['postgres', 'CREATE DATABASE saas'],
      [
        'saas',
        `CREATE TABLE docs (tenant int, body text); INSERT INTO docs VALUES (1, 'a'), (2, 'b'), (3, 'c');
         ALTER TABLE docs ENABLE ROW LEVEL SECURITY; CREATE POLICY own ON docs USING (tenant = current_setting('app.tenant')::int);
         CREATE TABLE audit (line text); CREATE TABLE plain (n int);
         GRANT SELECT, INSERT, UPDATE, DELETE ON docs, plain TO saas_app; GRANT SELECT, INSERT ON audit TO saas_app`,
      ],
    ],
    actors: [
      {
        login: 'saas_app',
        does: [
          ['saas', "SET app.tenant = '1'; SELECT body FROM docs"],
          ['saas', "SET app.tenant = '1'; INSERT INTO docs VALUES (1, 'x'); UPDATE docs SET body = 'y'; SELECT * FROM docs"],
          ['saas', "INSERT INTO audit VALUES ('x'); SELECT * FROM audit"],
          ['saas', 'DELETE FROM audit'],
          ['saas', 'UPDATE audit SET line = line'],
          ['saas', 'INSERT INTO plain VALUES (1); DELETE FROM plain'],
          ['saas', 'TRUNCATE docs'],
          ['saas', 'ALTER TABLE docs DISABLE ROW LEVEL SECURITY'],
        ],
      },
    ],
    writes: { apps: { saas: { names: { login: 'saas_app' }, logins: { app: 'rw' } } } },
  },
  {
    name: 'row level security for a login, and by who the current user is',
    lines: [
      ['postgres', `${login('alpha')}; ${login('beta')}`],
      ['postgres', 'CREATE DATABASE rls'],
      [
        'rls',
        `CREATE TABLE mine (who name DEFAULT current_user, n int); INSERT INTO mine VALUES ('alpha', 1), ('beta', 2);
         ALTER TABLE mine ENABLE ROW LEVEL SECURITY; CREATE POLICY who ON mine USING (who = current_user);
         CREATE TABLE parts (n int); INSERT INTO parts VALUES (1), (2); ALTER TABLE parts ENABLE ROW LEVEL SECURITY;
         CREATE POLICY a ON parts TO alpha USING (n = 1); CREATE POLICY b ON parts TO beta USING (n = 2);
         GRANT SELECT, INSERT, UPDATE, DELETE ON mine, parts TO alpha, beta`,
      ],
    ],
    actors: ['alpha', 'beta'].map((name) => ({
      login: name,
      does: [
        ['rls', 'SELECT * FROM mine'],
        ['rls', 'SELECT * FROM parts'],
        ['rls', 'INSERT INTO mine (n) VALUES (5); SELECT * FROM mine'],
      ],
    })),
    writes: { apps: { rls: { logins: { app: 'rw', beta: { as: 'rw', login: 'beta' } } } } },
  },
  {
    name: 'an owner that row level security is forced on, by who the current user is',
    lines: [
      ...shop,
      ['postgres', login('forced')],
      ['postgres', 'CREATE DATABASE forced OWNER forced'],
      [
        'forced',
        `CREATE TABLE mine (who name, n int); INSERT INTO mine VALUES ('forced', 1), ('nobody', 2);
         ALTER TABLE mine ENABLE ROW LEVEL SECURITY; ALTER TABLE mine FORCE ROW LEVEL SECURITY; CREATE POLICY who ON mine USING (who = current_user)`,
        own('forced'),
      ],
    ],
    actors: [
      shopWorks,
      {
        login: 'forced',
        does: [
          ['forced', 'SELECT * FROM mine'],
          ['forced', 'CREATE TABLE x (n int)'],
          ['postgres', 'SELECT 1'],
        ],
      },
    ],
    writes: { apps: { shop: {} }, known: ['forced'] },
    left: [/"forced" is left out: its login "forced" cannot act as an owner role: a policy of the table public.mine asks who/],
  },
  {
    name: 'a login that becomes other roles (PostgREST), tables of the operator',
    lines: [
      ['postgres', `${login('authenticator', 'NOINHERIT')}; CREATE ROLE anon; CREATE ROLE web_user; GRANT anon, web_user TO authenticator`],
      ['postgres', 'CREATE DATABASE api'],
      [
        'api',
        `CREATE SCHEMA api; CREATE TABLE api.todos (n int); INSERT INTO api.todos VALUES (1); GRANT USAGE ON SCHEMA api TO anon, web_user;
         GRANT SELECT ON api.todos TO anon; GRANT ALL ON api.todos TO web_user`,
      ],
    ],
    actors: [
      {
        login: 'authenticator',
        does: [
          ['api', 'SET ROLE anon; SELECT * FROM api.todos'],
          ['api', 'SET ROLE anon; DELETE FROM api.todos'],
          ['api', 'SET ROLE web_user; DELETE FROM api.todos'],
          ['api', 'SELECT * FROM api.todos'],
        ],
      },
    ],
    writes: { known: ['authenticator'] },
    left: [/"api" is left out: its login "authenticator" /],
  },
  {
    name: 'a login that becomes other roles (PostgREST), beside an owner',
    lines: [
      ['postgres', `${login('owner_app')}; ${login('authenticator', 'NOINHERIT')}; CREATE ROLE anon; GRANT anon TO authenticator`],
      ['postgres', 'CREATE DATABASE api OWNER owner_app'],
      [
        'api',
        `CREATE SCHEMA api; CREATE TABLE api.todos (n int); INSERT INTO api.todos VALUES (1); GRANT USAGE ON SCHEMA api TO anon; GRANT SELECT ON api.todos TO anon`,
        own('owner_app'),
      ],
    ],
    actors: [
      {
        login: 'authenticator',
        does: [
          ['api', 'SET ROLE anon; SELECT * FROM api.todos'],
          ['api', 'SET ROLE anon; DELETE FROM api.todos'],
          ['api', 'SELECT * FROM api.todos'],
        ],
      },
      { login: 'owner_app', does: [['api', 'INSERT INTO api.todos VALUES (2); SELECT * FROM api.todos']] },
    ],
    writes: { apps: { api: {} }, known: ['authenticator'] },
  },
];
