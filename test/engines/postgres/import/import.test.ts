import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { importedDocument } from '../../../../src/report/documents/beginnings.ts';
import { runCli } from '../../../support/cli.ts';
import { setUpByHand } from '../../../support/by-hand.ts';
import { describeEachMajor, describeEachPostgres, freshPostgres } from '../../../support/engines.ts';
import { initScripts } from '../../../support/init-scripts.ts';
import { testProject } from '../../../support/project.ts';
import { at, changeMark, query } from '../../../support/query.ts';
import { everyday } from '../../../support/sample.ts';
import { tempDir } from '../../../support/temp-dir.ts';
import { isFull } from '../../../support/thorough.ts';
import { importServer } from '../../../../src/app/import.ts';
import type { PostgresServer } from '../runtime.ts';

interface Read {
  readonly apps: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly instance: Readonly<Record<string, unknown>>;
  readonly yaml: string;
  readonly said: readonly string[];
}

async function read(server: PostgresServer, url: string = server.url): Promise<Read> {
  const before = await changeMark(server.url);
  const { yaml, diagnostics } = await importServer({ url, password: null, env: {}, cwd: '/by-hand' });
  expect(await changeMark(server.url)).toBe(before);
  const manifest = parse(yaml) as {
    instances: { main: Record<string, unknown> };
    apps: Record<string, { uses: { main: Record<string, unknown> } }>;
  };
  const apps = Object.fromEntries(Object.entries(manifest.apps).map(([app, { uses }]) => [app, uses.main]));
  return { yaml, apps, instance: manifest.instances.main, said: diagnostics.map(({ code, message }) => `${code} ${message}`) };
}

async function run(server: PostgresServer, lines: readonly (readonly [string, string])[]): Promise<void> {
  for (const [database, sql] of lines) await query(at(server.url, { database }), sql);
}

describeEachPostgres('an import of what forms no app', { versions: 'newest' }, (server) => {
  test('finds nothing on a fresh server', async () => {
    const { apps, said, yaml, instance } = await read(server());
    expect({ apps, said }).toEqual({ apps: {}, said: [] });
    expect(instance).toEqual({
      engine: 'postgres',
      url: `postgres://postgres@127.0.0.1:${server().port}/postgres`,
      password: { env: 'POSTGRES_PASSWORD' },
    });
    expect(yaml).not.toContain('Left out');
  });

  test('leaves out, by name and with the reason, what no level fits', async () => {
    await run(server(), [
      ['postgres', `CREATE ROLE twin LOGIN PASSWORD 'x'`],
      ['postgres', 'CREATE DATABASE twin_a OWNER twin'],
      ['postgres', 'CREATE DATABASE twin_b OWNER twin'],
      ['postgres', `CREATE ROLE left_user LOGIN PASSWORD 'x'; CREATE ROLE right_user LOGIN PASSWORD 'x'`],
      ['postgres', 'CREATE DATABASE mixed'],
      ['mixed', 'CREATE TABLE l (n int); CREATE TABLE r (n int); ALTER TABLE l OWNER TO left_user; ALTER TABLE r OWNER TO right_user'],
      ['postgres', `CREATE ROLE wide LOGIN PASSWORD 'x'; CREATE ROLE slim LOGIN PASSWORD 'x'`],
      ['postgres', 'CREATE DATABASE several'],
      ['several', 'CREATE SCHEMA w1 AUTHORIZATION wide; CREATE SCHEMA w2 AUTHORIZATION wide; CREATE SCHEMA s AUTHORIZATION slim'],
      ['postgres', 'CREATE ROLE idle_owner'],
      ['postgres', 'CREATE DATABASE asleep OWNER idle_owner'],
      ['postgres', 'CREATE TABLE here (n int)'],
      ['postgres', 'CREATE DATABASE closed ALLOW_CONNECTIONS false'],
    ]);
    const { apps, said, yaml } = await read(server());
    expect(apps).toEqual({});
    expect(said).toEqual([
      expect.stringMatching(/^CT2023 database "asleep" is left out: no login uses it, and it belongs to "idle_owner"$/),
      expect.stringMatching(/^CT2023 database "mixed" is left out: the logins "left_user", "right_user" use it, but not each in a schema/),
      expect.stringMatching(/^CT2023 database "postgres" is left out: it holds objects/),
      expect.stringMatching(/^CT2023 database "several" is left out: .*"wide" uses 2 schemas/),
      expect.stringMatching(/^CT2023 database "twin_a" is left out: its login "twin" also uses "twin_b"/),
      expect.stringMatching(/^CT2023 database "twin_b" is left out: its login "twin" also uses "twin_a"/),
    ]);
    const left = yaml.slice(yaml.indexOf('# Left out'));
    for (const name of ['twin_a', 'mixed', 'several', 'asleep', 'left_user', 'idle_owner', 'wide']) expect(left).toContain(`"${name}"`);
  });

  test('leaves all of that alone when the rest is applied', async () => {
    await run(server(), [
      ['postgres', `CREATE ROLE fine LOGIN PASSWORD 'x'`],
      ['postgres', 'CREATE DATABASE fine OWNER fine'],
    ]);
    const foreign = `SELECT datname, datacl::text, datdba::regrole::text, datconnlimit FROM pg_database WHERE datname IN ('twin_a', 'twin_b', 'mixed', 'several', 'asleep') ORDER BY 1`;
    const roles = `SELECT rolname, rolconfig, rolconnlimit FROM pg_roles WHERE rolname IN ('twin', 'left_user', 'right_user', 'wide', 'slim', 'idle_owner') ORDER BY 1`;
    const before = [await query(server().url, foreign), await query(server().url, roles)];
    const { yaml, apps } = await read(server());
    expect(Object.keys(apps)).toEqual(['fine']);
    await using project = await testProject(yaml, { POSTGRES_PASSWORD: server().password });
    expect(await project.apply()).toMatchObject({ ending: 'done', trouble: '' });
    expect([await query(server().url, foreign), await query(server().url, roles)]).toEqual(before);
    const { foreign: shown } = await project.plan();
    expect(shown.map(({ address }) => address.name)).toEqual(
      expect.arrayContaining(['twin_a', 'mixed', 'several', 'asleep', 'twin', 'idle_owner']),
    );
    const again = await read(server());
    expect(again.apps).toEqual({});
    expect(again.said).toContainEqual(expect.stringContaining('database "fine" is left out: it belongs to the cotenant project "by_hand"'));
  });
});

describeEachPostgres('an import that has something to say', { versions: 'newest' }, (server) => {
  test('names what the first apply revokes', async () => {
    await run(server(), [
      [
        'postgres',
        `CREATE ROLE a_user LOGIN CREATEROLE PASSWORD 'x' VALID UNTIL '2099-01-01'; CREATE ROLE b_user LOGIN PASSWORD 'x'; CREATE ROLE looks LOGIN PASSWORD 'x'`,
      ],
      ['postgres', 'GRANT pg_read_all_stats TO a_user; CREATE ROLE staff; GRANT staff TO a_user'],
      ['postgres', 'CREATE DATABASE hub'],
      [
        'hub',
        'CREATE SCHEMA a AUTHORIZATION a_user; CREATE SCHEMA b AUTHORIZATION b_user; CREATE TABLE b.t (n int); GRANT USAGE ON SCHEMA b TO a_user; GRANT SELECT ON b.t TO a_user, looks',
      ],
      ['postgres', 'CREATE DATABASE lonely'],
      ['lonely', 'CREATE TABLE t (n int)'],
    ]);
    const { apps, said, yaml } = await read(server());
    expect(Object.keys(apps)).toEqual(['a', 'b', 'lonely']);
    for (const part of [
      /app "a": login "a_user" has CREATEROLE/,
      /app "a": login "a_user" expires on 2099/,
      /app "a": login "a_user" is a member of "pg_read_all_stats", "staff"/,
      /app "a": login "a_user" reads in "b" of database "hub"/,
      /app "b": login "looks" has rights in database "hub" but is not an app/,
      /app "lonely": only the operator's login works in database "lonely"/,
    ])
      expect(said).toContainEqual(expect.stringMatching(part));
    expect(yaml).toMatch(/# login "a_user" reads in "b"[^\n]*\n(?: +#[^\n]*\n)* {2}a:\n/);
  });

  test('takes a superuser who has been at work in an app for the operator that it is', async () => {
    const { apps } = await read(server());
    await run(server(), [
      ['postgres', `CREATE ROLE alice SUPERUSER LOGIN PASSWORD 'x'`],
      ['hub', 'CREATE TABLE a.by_hand (n int); ALTER TABLE a.by_hand OWNER TO alice'],
    ]);
    expect((await read(server())).apps).toEqual(apps);
    await run(server(), [['hub', 'DROP TABLE a.by_hand']]);
  });

  test('takes the limit of a database for its only login', async () => {
    await query(server().url, 'ALTER DATABASE lonely CONNECTION LIMIT 17');
    expect((await read(server())).apps).toMatchObject({ lonely: { connections: 17, databaseConnections: 17 } });
    await query(server().url, 'ALTER DATABASE lonely CONNECTION LIMIT -1');
  });

  test('shares the connections of the server among logins without a limit', async () => {
    await query(server().url, 'ALTER ROLE a_user CONNECTION LIMIT 60');
    const { apps, said } = await read(server());
    expect(apps).toMatchObject({ a: { connections: 60 }, b: { connections: 13 }, lonely: { connections: 13 } });
    expect(said).toContainEqual(expect.stringContaining('2 logins have no connection limit; an even share of what the server has is 13'));
    await query(server().url, 'ALTER ROLE b_user CONNECTION LIMIT 33');
    const full = await read(server());
    expect(full.instance).toMatchObject({ connections: { reserve: 3 } });
    await query(server().url, 'ALTER ROLE b_user CONNECTION LIMIT 50');
    expect((await read(server())).said).toContainEqual(expect.stringContaining('lower some limits before the first plan'));
  });

  test('writes manifests that no hostile name breaks', async () => {
    const name = `x": {y: [ # $\{HOME} 'é`;
    const quoted = `"${name.replaceAll('"', '""')}"`;
    await run(server(), [
      ['postgres', `CREATE ROLE ${quoted} LOGIN PASSWORD 'x'`],
      ['postgres', `CREATE DATABASE "we""ird $$ \${X}" OWNER ${quoted}`],
      ['postgres', `CREATE DATABASE "a\nb: [" OWNER looks`],
    ]);
    const { apps, yaml, said } = await read(server());
    expect(apps['we_ird_X']).toMatchObject({ names: { login: name.replaceAll('$', '$$$$') } });
    expect(said).toContainEqual(expect.stringContaining('a name cannot hold control characters'));
    expect(yaml.split('\n').filter((line) => line.startsWith('b: ['))).toEqual([]);
    await using project = await testProject(yaml, { POSTGRES_PASSWORD: server().password });
    const { manifest } = await project.open();
    expect(manifest.instances[0]?.input.placements.find(({ app }) => app === 'we_ird_X')?.placement).toMatchObject({
      database: 'we"ird $$ ${X}',
    });
  });
});

describeEachMajor('an import of what a script has made', { versions: 'newest', whole: 'tables' }, (major) => {
  const some = major === 18 || isFull(`postgres${major}`, 'tables') ? initScripts : initScripts.filter(({ managed }) => managed);
  test.each(everyday(some, { oneOf: 3 }).map((script) => [script.name, script] as const))('%s', async (_, script) => {
    await using server = await freshPostgres({ major });
    await setUpByHand(server, script, server);
    const { apps, said, yaml } = await read(server);
    expect(apps).toEqual(script.apps);
    expect(said).toEqual((script.warnings ?? []).map((part) => expect.stringContaining(part) as unknown));
    await using project = await testProject(yaml, { POSTGRES_PASSWORD: server.password, SHOP_APP_JWT_SECRET: 'hush' });
    const { plan } = await project.plan();
    expect(plan.diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(plan.steps.filter(({ risk }) => risk === 'destructive')).toEqual([]);
  });
});

describeEachPostgres("an import by a managed service's admin", { versions: 'newest' }, (server, major) => {
  test('leaves out what that admin cannot take over', async () => {
    await run(server(), [
      [
        'postgres',
        `CREATE ROLE steward LOGIN CREATEROLE CREATEDB PASSWORD 's'; CREATE ROLE shop LOGIN PASSWORD 'x'; CREATE ROLE blog LOGIN PASSWORD 'x'`,
      ],
      ['postgres', 'CREATE DATABASE shop OWNER shop'],
      ['postgres', 'CREATE DATABASE blog OWNER blog'],
      ['blog', 'CREATE TABLE t (n int)'],
    ]);
    const url = at(server().url, { user: 'steward', password: 's' });
    const { apps, said } = await read(server(), url);
    expect(said).toContainEqual(
      expect.stringMatching(/"blog" is left out: .*"postgres".* own.* objects in it.*import as a superuser|"blog" is left out: .*GRANT/),
    );
    if (major < 16) expect(Object.keys(apps)).toEqual(['shop']);
    else {
      expect(apps).toEqual({});
      expect(said).toContainEqual(
        expect.stringMatching(/"shop" is left out: "shop" owns objects .* GRANT "shop" TO "steward" WITH ADMIN OPTION$/),
      );
      await query(server().url, 'GRANT shop TO steward WITH ADMIN OPTION');
      expect(Object.keys((await read(server(), url)).apps)).toEqual(['shop']);
    }
  });
});

describe('the command', () => {
  test('writes a file that plans without an error, and puts the password nowhere', async () => {
    await using server = await freshPostgres();
    await query(server.url, `CREATE ROLE shop_user LOGIN PASSWORD 'old'`);
    await query(server.url, 'CREATE DATABASE shop OWNER shop_user');
    await using folder = await tempDir();
    await writeFile(join(folder.path, 'admin.txt'), `${server.password}\n`);
    const url = at(server.url, { password: '' });
    const cli = (...args: readonly string[]) => runCli(args, { cwd: folder.path, env: {} });
    const written = await cli('import', url, '--password-file', 'admin.txt', '--out', 'cotenant.yaml');
    expect(written).toMatchObject({ code: 0, stdout: '' });
    expect(await readFile(join(folder.path, 'cotenant.yaml'), 'utf8')).toContain('password: { file: admin.txt }');
    const printed = await cli('import', server.url);
    expect(printed.stdout).toContain('password: { env: POSTGRES_PASSWORD }');
    expect(printed.stdout).toMatch(/^# Written by cotenant import/);
    expect(written.stderr + printed.stdout + printed.stderr).not.toContain(server.password);
    const told = importedDocument.parse(JSON.parse((await cli('import', url, '--password-file', 'admin.txt', '--json')).stdout));
    expect(told).toMatchObject({ file: null, manifest: expect.stringContaining('password: { file: admin.txt }') as unknown });
    expect(await cli('plan')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/Plan: \d+ to add, \d+ to change, 0 to destroy/) as unknown,
    });
  });

  test.each([
    ['mongodb://localhost', 1, 'CT3006'],
    ['not a url', 1, 'CT3006'],
    ['postgres://postgres@127.0.0.1:1/postgres', 5, 'CT3001'],
  ])('refuses %s', async (url, code, said) => {
    await using folder = await tempDir();
    const result = await runCli(['import', url], { cwd: folder.path });
    expect(result).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(said) as unknown });
  });

  test('says when the login is refused', async () => {
    await using server = await freshPostgres();
    await using folder = await tempDir();
    const result = await runCli(['import', at(server.url, { password: 'wrong' })], { cwd: folder.path });
    expect(result).toMatchObject({ code: 4, stdout: '', stderr: expect.stringContaining('CT3002') as unknown });
    expect(result.stderr).not.toContain('wrong');
  });
});
