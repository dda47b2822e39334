import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Drift, driftsOf, DriftWorld } from '../../../support/drift.ts';
import { describeEachPostgres } from '../../../support/engines.ts';
import { testProject } from '../../../support/project.ts';
import { refused } from '../../../support/refused.ts';
import { statusProject } from '../../../../src/app/status.ts';
import { DiagnosticError } from '../../../../src/model/index.ts';

const apps = `apps:
  news: { uses: { main: { connections: 5, isolation: schema, database: shared } } }
  mail: { uses: { main: { connections: 5, isolation: schema, database: shared } } }
  chat: { uses: { main: { connections: 5, isolation: schema, database: shared } } }
`;
const readers = `readers:
  audit: { reads: [mail], connections: 2 }
`;
const yaml = `${apps}${readers}shares:
  - { from: news, tables: [posts, digest], to: mail, via: grant }
  - { from: news, tables: [people], columns: [id, name], to: mail, via: grant }
  - { from: news, tables: [people], columns: [id], to: chat, via: grant }
`;
const tables = `CREATE TABLE posts (id int PRIMARY KEY, word text); INSERT INTO posts VALUES (1, 'hello');
  CREATE TABLE people (id int PRIMARY KEY, name text, phone text); INSERT INTO people VALUES (1, 'Ann', 'secret');
  CREATE TABLE drafts (id int); CREATE VIEW digest AS SELECT word FROM posts;
  CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE SEQUENCE counter`;

describeEachPostgres('shares inside one database', { versions: 'each' }, (server, major) => {
  let world: DriftWorld;
  beforeAll(async () => {
    world = await DriftWorld.make(server(), yaml, ['shared']);
    await world.runAs('news_user', 'shared', tables);
    await world.apply();
  });
  afterAll(async () => await world[Symbol.asyncDispose]());
  const code = async (user: string, sql: string): Promise<string | null> => await refused(world.runAs(user, 'shared', sql));

  test('open what is named to the app that is named, and a second apply is silent', async () => {
    expect(await world.runAs('mail_user', 'shared', 'SELECT word FROM news.posts')).toEqual([['hello']]);
    expect(await world.runAs('mail_user', 'shared', 'SELECT word FROM news.digest')).toEqual([['hello']]);
    expect(await world.runAs('mail_user', 'shared', 'SELECT id, name FROM news.people')).toEqual([[1, 'Ann']]);
    expect(await world.runAs('chat_user', 'shared', 'SELECT id FROM news.people')).toEqual([[1]]);
    expect(await world.runAs('mail_user', 'shared', 'SET ROLE NONE; SELECT word FROM news.posts')).toEqual([['hello']]);
    expect(await world.pending()).toEqual([]);
  });

  test.each([
    ['mail_user', 'SELECT phone FROM news.people'],
    ['mail_user', 'SELECT * FROM news.people'],
    ['mail_user', 'SELECT * FROM news.drafts'],
    ['mail_user', "INSERT INTO news.posts VALUES (2, 'x')"],
    ['mail_user', "UPDATE news.posts SET word = 'x'"],
    ['mail_user', 'DELETE FROM news.posts'],
    ['mail_user', 'TRUNCATE news.posts'],
    ['mail_user', 'SELECT 1 FROM news.posts FOR UPDATE'],
    ['mail_user', 'CREATE TABLE news.own (id int)'],
    ['mail_user', 'CREATE TABLE own (id int REFERENCES news.posts)'],
    ['mail_user', 'SELECT news.f()'],
    ['mail_user', "SELECT nextval('news.counter')"],
    ['chat_user', 'SELECT name FROM news.people'],
    ['chat_user', 'SELECT word FROM news.posts'],
    ['audit_user', 'SELECT word FROM news.posts'],
    ['news_user', 'CREATE TABLE mail.own (id int)'],
  ])('open nothing more: %s %s', async (user, sql) => {
    expect(await code(user, sql)).toMatch(/^(42501|25006)$/);
  });

  const drifts: readonly Drift[] = [
    {
      name: 'entry taken',
      on: 'shared',
      sql: 'REVOKE USAGE ON SCHEMA news FROM mail_owner',
      field: /^schema shared\/news: access of mail_owner$/,
    },
    {
      name: 'entry widened',
      on: 'shared',
      sql: 'GRANT CREATE ON SCHEMA news TO mail_owner',
      field: /^schema shared\/news: access of mail_owner$/,
    },
    {
      name: 'table taken',
      on: 'shared',
      sql: 'REVOKE SELECT ON news.posts FROM mail_owner',
      field: /^objects shared\/news: access to table "news"."posts"$/,
    },
    {
      name: 'view taken',
      on: 'shared',
      sql: 'REVOKE SELECT ON news.digest FROM mail_owner',
      field: /^objects shared\/news: access to view "news"."digest"$/,
    },
    { name: 'table widened', on: 'shared', sql: 'GRANT INSERT ON news.posts TO mail_owner', field: /access to table "news"."posts"$/ },
    {
      name: 'passed on',
      on: 'shared',
      sql: 'GRANT SELECT ON news.posts TO mail_owner WITH GRANT OPTION',
      field: /access to table "news"."posts"$/,
    },
    { name: 'another table', on: 'shared', sql: 'GRANT SELECT ON news.drafts TO mail_owner', field: /access to table "news"."drafts"$/ },
    { name: 'another group', on: 'shared', sql: 'GRANT SELECT ON news.posts TO mail_ro', field: /access to table "news"."posts"$/ },
    {
      name: 'column taken',
      on: 'shared',
      sql: 'REVOKE SELECT (name) ON news.people FROM mail_owner',
      field: /access to column "news"."people" "name"$/,
    },
    {
      name: 'all columns taken',
      on: 'shared',
      sql: 'REVOKE SELECT (id) ON news.people FROM mail_owner, chat_owner',
      field: /access to column "news"."people" "id"$/,
    },
    {
      name: 'another column',
      on: 'shared',
      sql: 'GRANT SELECT (phone) ON news.people TO mail_owner',
      field: /access to column "news"."people" "phone"$/,
    },
    {
      name: 'column writable',
      on: 'shared',
      sql: 'GRANT UPDATE (name) ON news.people TO mail_owner',
      field: /access to column "news"."people" "name"$/,
    },
    {
      name: 'whole table instead of columns',
      on: 'shared',
      sql: 'GRANT SELECT ON news.people TO mail_owner',
      field: /access to table "news"."people"$/,
    },
    {
      name: 'table made again by its app',
      on: 'shared',
      as: 'news_user',
      sql: 'DROP VIEW digest; DROP TABLE posts; CREATE TABLE posts (id int PRIMARY KEY, word text); CREATE VIEW digest AS SELECT word FROM posts',
      field: [/access to table "news"."posts"$/, /access to view "news"."digest"$/],
    },
    {
      name: 'table with columns made again by its app',
      on: 'shared',
      as: 'news_user',
      sql: 'DROP TABLE people; CREATE TABLE people (id int PRIMARY KEY, name text, phone text)',
      field: /access to column "news"."people" "id"$/,
    },
  ];
  test.each(driftsOf(major, drifts))('drift: $name', async (drift) => await world.expectMended(drift));

  test('a table that is not there yet is named, and opened by the first apply after it was made', async () => {
    await world.manifest(
      `${yaml}  - { from: news, tables: [later], to: chat, via: grant }\n  - { from: news, tables: [drafts], columns: [id, title], to: chat, via: grant }\n`,
    );
    await world.apply();
    const said = async (): Promise<readonly string[]> =>
      (await world.project.plan()).plan.diagnostics.filter(({ code: of }) => of === 'CT2025').map(({ message }) => message);
    const { shares } = await statusProject(await world.project.open());
    expect(shares.map(({ from, to, location, state, missing }) => [from, to, location, state, missing])).toEqual([
      ['news', 'mail', 'news', 'ready', []],
      ['news', 'chat', 'news', 'incomplete', ['drafts.title', 'later']],
    ]);
    expect(await said()).toEqual(['app "news" shares with "chat" tables or columns that do not exist yet on "main": drafts.title, later']);
    expect(await world.pending()).toEqual([]);
    await world.runAs('news_user', 'shared', 'CREATE TABLE later (n int); ALTER TABLE drafts ADD COLUMN title text');
    expect(await code('chat_user', 'SELECT n FROM news.later')).toBe('42501');
    const { plan } = await world.project.plan();
    expect(plan.steps.map(({ cause }) => cause)).toEqual(plan.steps.map(() => 'intended'));
    await world.apply();
    expect(await world.runAs('chat_user', 'shared', 'SELECT n FROM news.later')).toEqual([]);
    expect(await world.runAs('chat_user', 'shared', 'SELECT id, title FROM news.drafts')).toEqual([]);
    expect([await said(), await world.pending()]).toEqual([[], []]);
    await world.manifest(yaml);
    await world.apply();
    expect(await code('chat_user', 'SELECT n FROM news.later')).toBe('42501');
    expect(await world.pending()).toEqual([]);
  });

  test('a right that somebody gave by hand is taken for what it is', async () => {
    await world.manifest(apps + readers);
    await world.apply();
    expect(await code('mail_user', 'SELECT word FROM news.posts')).toBe('42501');
    await world.catalog.run('shared', 'GRANT USAGE ON SCHEMA news TO mail_owner; GRANT SELECT ON news.posts TO mail_owner');
    await world.manifest(`${apps}${readers}shares:\n  - { from: news, tables: [posts], to: mail, via: grant }\n`);
    expect((await world.pending()).filter((text) => !text.startsWith('COMMENT'))).toEqual([]);
    await world.manifest(yaml);
    await world.apply();
  });

  test('with an app that goes: nothing of the other one is left to it, and what it shared is closed', async () => {
    await world.manifest(yaml.replace(/ {2}chat: .*\n/, '').replace(/.*to: chat.*\n/, ''));
    await world.apply();
    expect(await world.pending()).toEqual([]);
    const guests = `SELECT count(*)::int FROM pg_attribute a, aclexplode(a.attacl) x WHERE pg_get_userbyid(x.grantee) LIKE 'chat_%'`;
    expect(await world.catalog.run('shared', guests)).toEqual([[0]]);
    await world.manifest(`${apps.replace(/ {2}news: .*\n/, '').replace(/ {2}chat: .*\n/, '')}${readers}`);
    await world.apply();
    const left = `SELECT count(*)::int FROM pg_namespace n, aclexplode(n.nspacl) x WHERE n.nspname LIKE 'news%' AND pg_get_userbyid(x.grantee) LIKE 'mail_%'
      UNION ALL SELECT count(*)::int FROM pg_class c, aclexplode(c.relacl) x WHERE pg_get_userbyid(x.grantee) LIKE 'mail_%' AND c.relnamespace IN (SELECT oid FROM pg_namespace WHERE nspname LIKE 'news%')
      UNION ALL SELECT count(*)::int FROM pg_attribute a, aclexplode(a.attacl) x WHERE pg_get_userbyid(x.grantee) LIKE 'mail_%' AND a.attnum > 0`;
    expect(await world.catalog.run('shared', left)).toEqual([[0], [0], [0]]);
    expect(await world.pending()).toEqual([]);
  });
});

const offline = (rest: string, max = 100): string => `cotenant: 1
project: tests
instances: { main: { engine: postgres, url: 'postgres://postgres@127.0.0.1:1/postgres', password: { env: ADMIN }, connections: { reserve: 0, max: ${max} } } }
${rest}`;

describe('a share is refused', () => {
  const rows =
    'apps: { a: { uses: { main: { isolation: schema, database: s } } }, b: { uses: { main: { isolation: rows, database: pool } } } }';
  test.each([
    ['of rows', `${rows}\nshares: [{ from: b, tables: [t], to: a, via: grant }]`, 'CT2018', ['shares', 0, 'from']],
    ['with rows', `${rows}\nshares: [{ from: a, tables: [t], to: b, via: grant }]`, 'CT2018', ['shares', 0, 'to']],
    [
      'of a name that no table has',
      `${apps}shares: [{ from: news, tables: [t, ${'x'.repeat(64)}], to: mail, via: grant }]`,
      'CT2002',
      ['shares', 0, 'tables', 1],
    ],
    [
      'of a column that no table has',
      `${apps}shares: [{ from: news, tables: [t], columns: [${'x'.repeat(64)}], to: mail, via: grant }]`,
      'CT2002',
      ['shares', 0, 'columns', 0],
    ],
  ])('%s', async (_, yaml, expected, path) => {
    await using project = await testProject(offline(yaml), { ADMIN: 'x' });
    const found = await project.open().then(
      () => [],
      (error: unknown) => (error instanceof DiagnosticError ? error.diagnostics : Promise.reject(error as Error)),
    );
    expect(found.map((one) => [one.code, one.path])).toEqual([[expected, path]]);
    expect(found[0]?.location).toBeDefined();
  });

  test.each([
    [15, []],
    [14, ['CT2004']],
  ])('where its connections do not fit: of %i', async (max, expected) => {
    const two = 'apps: { a: { uses: { main: { connections: 5 } } }, b: { uses: { main: { connections: 5 } } } }';
    await using project = await testProject(offline(`${two}\nshares: [{ from: a, tables: [t], to: b, via: grant }]`, max), { ADMIN: 'x' });
    const found = await project.open().then(
      () => [],
      (error: unknown) => (error instanceof DiagnosticError ? error.diagnostics : Promise.reject(error as Error)),
    );
    expect(found.map((one) => one.code)).toEqual(expected);
    for (const { message } of found) expect(message).toContain('b_reads_a 5');
  });
});
