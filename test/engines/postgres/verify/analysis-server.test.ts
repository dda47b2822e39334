import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { describeEachPostgres } from '../../../support/engines.ts';
import { query } from '../../../support/query.ts';
import type { Finding } from '../../../../src/model/index.ts';
import { manifestOf, session, urlOf } from '../lifecycle/harness.ts';
import { floorOf } from '../../../../src/engines/postgres/verify/checks/server.ts';
import { type Ground, ground } from './harness.ts';
import { secretCommand, secretSetting, secretText } from '../../../../src/engines/postgres/verify/secrets.ts';

const shop = 'shop: { uses: { main: { connections: 5 } } }';
const blog = 'blog: { uses: { main: { connections: 5, isolation: schema, database: shared } } }';
const chat = 'chat: { uses: { main: { connections: 5, isolation: schema, database: shared } } }';
const team = 'team: { uses: { main: { connections: 5, isolation: rows, database: pool } } }';
const club = 'club: { uses: { main: { connections: 5, isolation: rows, database: pool } } }';
const all = manifestOf(`apps:\n  ${[shop, blog, chat, team, club].join('\n  ')}\n`);
const fewer = manifestOf(`apps:\n  ${[chat, club].join('\n  ')}\n`);

function told(findings: readonly Finding[]): string[] {
  return findings.map(({ probe, verdict, from, to }) => `${probe} ${verdict} ${from ?? '*'} ${to ?? '*'}`);
}

describeEachPostgres('the analysis reads the server itself', { versions: 'newest' }, (server) => {
  let made: Ground;
  beforeAll(async () => {
    made = await ground(server(), all);
  });
  afterAll(async () => await made[Symbol.asyncDispose]());

  it.each([
    ['local all all trust', 'PG-H1 BREACH * *'],
    ['host shop shop_user 10.0.0.0/8 password', 'PG-H1 BREACH * *'],
    ['host shop shop_user 10.0.0.0/8 md5', 'PG-H2 LEAK * *'],
    ['host replication all 0.0.0.0/0 scram-sha-256', 'PG-H3 BREACH * *'],
    ['host all all all scram-sha-256', 'PG-P38 LEAK * *'],
    ['host all all 0.0.0.0/0 nonsense', 'PG-H1 UNPROVEN * *'],
  ])('pg_hba.conf: %s', async (line, seen) => {
    const file = join(server().dataDir, 'pg_hba.conf');
    const before = await readFile(file, 'utf8');
    await appendFile(file, `${line}\n`);
    try {
      await query(server().url, 'SELECT pg_reload_conf()');
      expect(told((await made.analyse()).findings)).toEqual([seen]);
    } finally {
      await writeFile(file, before);
      await query(server().url, 'SELECT pg_reload_conf()');
    }
  });

  it.each([
    ['lo_compat_privileges', 'on'],
    ['shared_preload_libraries', "'pg_stat_statements'"],
    ['ssl', 'off'],
    ['ident_file', "'/tmp/other'"],
    ['archive_command', "'PGPASSWORD=hunter2 cp %p /x'"],
  ])('what waits for a reload or restart: %s', async (name, value) => {
    const [row] = await query(server().url, `SHOW ${name}`);
    await query(server().url, `ALTER SYSTEM SET ${name} = ${value}`);
    try {
      const { findings } = await made.analyse();
      expect(told(findings)).toEqual(row?.[name] === value ? [] : ['PG-Z2 LATENT * *']);
      expect(JSON.stringify(findings)).not.toContain('hunter2');
    } finally {
      await query(server().url, `ALTER SYSTEM RESET ${name}`);
    }
    expect((await made.analyse()).findings).toEqual([]);
  });

  it.each([
    ['cluster_name', "'push --password hunter2'", 'PG-P09s BREACH'],
    ['app.jwt_secret', "'hunter2'", 'PG-P11 BREACH'],
    ['row_security', 'off', 'PG-E10 LATENT'],
    // Where the operator's session has a value of its own, nobody can tell whether the server has read the file.
    ['session_replication_role', 'local', 'PG-E10 (?:LATENT|STARVE)'],
    ['search_path', "'blog, public'", 'PG-E1 LATENT'],
  ])('what the files of the server say to every session: %s', async (name, value, seen) => {
    // Before 17 ALTER SYSTEM takes no setting of an app.
    const file = join(server().dataDir, 'postgresql.auto.conf');
    const before = await readFile(file, 'utf8');
    await appendFile(file, `${name} = ${value}\n`);
    try {
      const { findings } = await made.analyse();
      expect(told(findings)).toEqual([expect.stringMatching(new RegExp(`^${seen} `))]);
      expect(JSON.stringify(findings)).not.toContain('hunter2');
    } finally {
      await writeFile(file, before);
    }
    expect((await made.analyse()).findings).toEqual([]);
  });

  it('a file of rules that the server has not read is not what is in force', async () => {
    const file = join(server().dataDir, 'pg_hba.conf');
    const before = await readFile(file, 'utf8');
    // Times of files are whole seconds here.
    await new Promise((resolve) => setTimeout(resolve, 1100));
    await appendFile(file, 'local all all trust\n');
    await query(server().url, 'SELECT pg_reload_conf()');
    await new Promise((resolve) => setTimeout(resolve, 1100));
    await writeFile(file, before);
    try {
      expect(told((await made.analyse()).findings)).toEqual(['PG-H1 UNPROVEN * *']);
    } finally {
      await query(server().url, 'SELECT pg_reload_conf()');
    }
  });

  it.each([
    ['password_encryption', "'md5'", 'PG-H2 LEAK * *'],
    ['restore_command', "'AWS_SECRET_ACCESS_KEY=hunter2 fetch %f'", 'PG-P09s BREACH * *'],
    ['lo_compat_privileges', 'on', 'PG-P17 BREACH * *'],
  ])('settings: %s', async (name, value, seen) => {
    await query(server().url, `ALTER SYSTEM SET ${name} = ${value}`);
    await query(server().url, 'SELECT pg_reload_conf()');
    const { findings } = await made.analyse();
    expect(told(findings)).toEqual([seen]);
    expect(JSON.stringify(findings)).not.toContain('hunter2');
    // Settings of the server are everybody's: they are said, and not changed.
    expect(findings.flatMap((one) => one.fix)).toEqual([]);
    await query(server().url, `ALTER SYSTEM RESET ${name}`);
    await query(server().url, 'SELECT pg_reload_conf()');
    expect(told((await made.analyse()).findings)).toEqual([]);
  });

  it('sessions that hold what was taken, until the fix ends them', async () => {
    const url = await urlOf(made.place, 'shop');
    await using held = await session(url);
    expect(await held.isOpen()).toBe(true);
    await made.sql('postgres', 'REVOKE CONNECT ON DATABASE shop FROM shop_owner, shop_rw');
    const { findings } = await made.analyse();
    expect(told(findings)).toEqual(['PG-Z1 BREACH shop *']);
    for (const { statement } of findings.flatMap((one) => one.fix)) await query(server().url, statement.text);
    expect(told((await made.analyse()).findings)).toEqual([]);
    await made.place.apply();
  });

  it('MD5 verifiers, and gives cotenant’s own back', async () => {
    await made.sql('postgres', "ALTER ROLE shop_user PASSWORD 'md5ffffffffffffffffffffffffffffffff'");
    const { findings } = await made.analyse();
    expect(told(findings)).toEqual(['PG-H2 LEAK * shop']);
    expect(findings[0]?.fix).toMatchObject([{ statement: { secrets: { verifier: { secret: 'main/shop_user' } } } }]);
    await made.place.apply();
  });

  it('limits that together are more than the server has', async () => {
    await made.sql('postgres', 'ALTER ROLE shop_user CONNECTION LIMIT 500');
    const { findings } = await made.analyse();
    expect(told(findings)).toEqual(['PG-D1 STARVE shop *', 'PG-D1 STARVE * *']);
    // More connections for everybody would take no access from anybody: it is no fix.
    expect(findings.find(({ from }) => from === null)?.fix).toEqual([]);
    await made.place.apply();
  });

  it('retired apps, at rest and not', async () => {
    await made.sql('shared', 'SET ROLE blog_owner; CREATE TABLE blog.posts (x int); RESET ROLE');
    await made.place.write(fewer);
    expect((await made.place.apply()).ending).toBe('done');
    expect(told((await made.analyse()).findings)).toEqual([]);
    const [login] = await query(server().url, "SELECT rolname FROM pg_roles WHERE rolname LIKE 'blog_user__gone%'");
    const gone = String(login?.['rolname']);
    await made.sql('postgres', `ALTER ROLE ${gone} LOGIN`);
    expect(told((await made.analyse()).findings)).toContain('PG-T1 BREACH blog *');
    await made.sql('postgres', `ALTER ROLE ${gone} NOLOGIN; GRANT chat_owner TO ${gone}`);
    expect([...new Set(told((await made.analyse()).findings))]).toEqual(['PG-T1 BREACH blog chat', 'PG-T1 LATENT blog chat']);
    await made.sql('postgres', `REVOKE chat_owner FROM ${gone}`);
    await made.sql('shared', `SET ROLE chat_owner; CREATE TABLE chat.lines (x int); RESET ROLE; ALTER TABLE chat.lines OWNER TO ${gone}`);
    expect(told((await made.analyse()).findings)).toContain('PG-T1 BREACH blog chat');
    await made.sql('shared', 'ALTER TABLE chat.lines OWNER TO chat_owner');
    await made.sql('postgres', `CREATE TABLE public.leftover (x int); ALTER TABLE public.leftover OWNER TO ${gone}`);
    expect(told((await made.analyse()).findings)).toContain('PG-T1 BREACH blog postgres');
    await made.sql('postgres', 'DROP TABLE public.leftover');
    expect(told((await made.analyse()).findings)).toEqual([]);
  });
});

describe('versions', () => {
  test.each([
    [140020, '14.21'],
    [140021, null],
    [150015, '15.16'],
    [160012, null],
    [170007, '17.8'],
    [180001, '18.2'],
    [180004, null],
    [190000, null],
    [130022, 'none'],
  ])('%i needs %s', (version, floor) => expect(floorOf(version)).toBe(floor));
});

describe('what looks like a secret', () => {
  test.each([
    ['app.jwt_secret', 'x'],
    ['my.password', 'x'],
    ['app.url', 'postgres://u:p@h/d'],
    ['x.key', '-----BEGIN PRIVATE KEY-----'],
  ])('the setting %s', (name, value) => expect(secretSetting(name, value)).toBe(true));
  test.each([
    ['statement_timeout', '30s'],
    ['search_path', '"a", "public"'],
    ['app.flavour', 'vanilla'],
    ['password_encryption', 'scram-sha-256'],
  ])('not the setting %s', (name, value) => expect(secretSetting(name, value)).toBe(false));
  test.each([
    'AWS_SECRET=x push %p',
    'curl --token=abc %p',
    'push https://u:p@host/%f',
    'push --password hunter2 %p',
    'curl -u backup:hunter2 -T %p https://host/',
    'mysql -phunter2 < %p',
  ])('the command %s', (command) => expect(secretCommand(command)).toBe(true));
  test.each(['cp %p /archive/%f', 'wal-g --config /etc/wal-g.yaml wal-push %p', 'push --password-file=$FILE %p', ''])(
    'not the command %s',
    (command) => expect(secretCommand(command)).toBe(false),
  );
  test.each(['password: hunter2', 'the api key is 1234'])('the comment %s', (text) => expect(secretText(text)).toBe(true));
  test.each(['the shop of the north', 'owned by billing'])('not the comment %s', (text) => expect(secretText(text)).toBe(false));
});
