import { type FieldScript, login, own, shop, shopWorks } from './script.ts';

const api: readonly (readonly [string, string])[] = [
  ['postgres', 'CREATE ROLE anon NOLOGIN; CREATE ROLE web_user NOLOGIN'],
  ['postgres', 'CREATE DATABASE api'],
  [
    'api',
    `CREATE TABLE notes (n int); INSERT INTO notes VALUES (1); GRANT SELECT ON notes TO anon; GRANT ALL ON notes TO web_user;
     CREATE FUNCTION greet() RETURNS text LANGUAGE sql AS 'SELECT $$hello$$'; CREATE TYPE mood AS ENUM ('fine')`,
  ],
];

const asRole = (role: string): readonly (readonly [string, string])[] => [
  ['api', `SET ROLE ${role}; SELECT n, greet(), 'fine'::mood FROM notes`],
  ['api', `SET ROLE ${role}; CREATE TEMPORARY TABLE t (n int)`],
  ['postgres', `SET ROLE ${role}; CREATE TEMPORARY TABLE t (n int)`],
  ['api', `SET ROLE ${role}; DELETE FROM notes`],
];

/** Logins that work as a role which they become. */
export const switching: readonly FieldScript[] = [
  {
    name: 'a login that becomes one role or another, and has nothing itself',
    lines: [...shop, ...api, ['postgres', `${login('authenticator', 'NOINHERIT')}; GRANT anon, web_user TO authenticator`]],
    actors: [
      shopWorks,
      { login: 'authenticator', does: [...asRole('anon'), ...asRole('web_user'), ['shop', 'SET ROLE anon; SELECT * FROM orders']] },
    ],
    writes: { apps: { shop: {} }, known: ['authenticator'] },
    left: [/"api" is left out: its login "authenticator" may do less with some tables/],
  },
  {
    name: 'a login that becomes a role through another one, beside an app that owns its tables',
    lines: [
      ['postgres', `${login('api')}; CREATE ROLE anon NOLOGIN; CREATE ROLE team NOLOGIN NOINHERIT; ${login('gateway', 'NOINHERIT')}`],
      ['postgres', 'GRANT anon TO team; GRANT team TO gateway'],
      ['postgres', 'CREATE DATABASE api OWNER api'],
      ['api', 'CREATE TABLE notes (n int); INSERT INTO notes VALUES (1); GRANT SELECT ON notes TO anon', own('api')],
      ['api', `CREATE FUNCTION greet() RETURNS text LANGUAGE sql AS 'SELECT $$hello$$'; CREATE TYPE mood AS ENUM ('fine')`, own('api')],
    ],
    actors: [
      { login: 'api', does: [['api', 'INSERT INTO notes VALUES (2); CREATE TABLE more (n int)']] },
      { login: 'gateway', does: [...asRole('anon'), ['api', 'SET ROLE team; SELECT greet()']] },
    ],
    writes: { apps: { api: {} }, known: ['gateway'] },
  },
  {
    name: 'a login that lets itself into a role which it administers',
    lines: [
      ...shop,
      ...api,
      ['postgres', login('boss', 'NOINHERIT')],
      [
        'postgres',
        `DO $$BEGIN EXECUTE 'GRANT anon TO boss WITH ADMIN ' || CASE WHEN current_setting('server_version_num')::int < 160000 THEN 'OPTION' ELSE 'TRUE, INHERIT FALSE, SET FALSE' END; END$$`,
      ],
    ],
    actors: [
      shopWorks,
      { login: 'boss', does: asRole('anon').map(([database, sql]) => [database, `GRANT anon TO boss; ${sql}`] as const) },
    ],
    writes: { apps: { shop: {}, api: {} }, known: ['boss'] },
  },
];
