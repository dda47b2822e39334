import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, it, vi } from 'vitest';
import { describeEachPostgres } from '../../support/engines.ts';
import { query } from '../../support/query.ts';
import { refusalOf } from '../../support/cli.ts';
import { manifestOf, session, workplace } from './lifecycle/harness.ts';

const manifest = manifestOf('apps:\n  shop: { uses: { main: { connections: 5 } } }\n');
const as = (user: string, database = 'postgres'): string =>
  manifest.replace('postgres@', `${user}@`).replace('/postgres\n', `/${database}\n`);

describeEachPostgres('a server that does not let the operator in', { versions: 'ends' }, (server) => {
  /** What the command line makes of it: code of the program, code of the diagnostic, words. */
  const told = async (text: string, env: Readonly<Record<string, string>> = {}) => {
    await using place = await workplace(server(), text, env);
    return refusalOf(await place.cli('plan'));
  };

  beforeAll(async () => {
    const { url, password } = server();
    for (const name of ['op', 'full', 'closed'])
      await query(url, `CREATE ROLE ${name} ${name === 'closed' ? 'NOLOGIN' : 'LOGIN'} PASSWORD '${password}'`);
    await query(url, 'ALTER ROLE "full" CONNECTION LIMIT 0');
    for (const name of ['sealed', 'shut']) await query(url, `CREATE DATABASE ${name}`);
    await query(url, 'REVOKE CONNECT ON DATABASE sealed FROM PUBLIC');
    await query(url, 'ALTER DATABASE shut ALLOW_CONNECTIONS false');
    const rules = join(server().dataDir, 'pg_hba.conf');
    await writeFile(rules, `host all stranger all reject\n${await readFile(rules, 'utf8')}`);
    await query(url, 'SELECT pg_reload_conf()');
    await vi.waitUntil(async () => (await told(as('stranger'))).join('').includes('CT3018'), { timeout: 60_000 });
  });

  it.each([
    ['a wrong password', manifest, { ADMIN_PASSWORD: 'wrong' }, 4, 'CT3002', 'refused the login "postgres"'],
    ['a login that nobody has', as('nobody'), {}, 4, 'CT3002', 'refused the login "nobody"'],
    ['a login that is closed', as('closed'), {}, 4, 'CT3002', 'refused the login "closed"'],
    ['no password', manifest.replace(/ +password.*\n/, ''), {}, 4, 'CT3021', 'asks for a password of the login "postgres"'],
    ['a rule of pg_hba.conf', as('stranger'), {}, 4, 'CT3018', 'does not admit the login "stranger" for database "postgres" from here'],
    ['a database that is closed to it', as('op', 'sealed'), {}, 4, 'CT3018', 'does not admit the login "op"'],
    ['a database that takes no connections', as('op', 'shut'), {}, 4, 'CT3018', 'does not admit the login "op"'],
    ['no such database', as('op', 'nowhere'), {}, 5, 'CT3020', 'has no database "nowhere"'],
    ['too many connections', as('full'), {}, 5, 'CT3019', 'has no connection left'],
    ['a server without TLS', manifest.replace('/postgres\n', '/postgres?sslmode=require\n'), {}, 5, 'CT3017', 'does not speak TLS'],
  ])('%s', async (_, text, env, code, diagnostic, words) => {
    const { host, port } = server();
    expect(await told(text, env as Readonly<Record<string, string>>)).toEqual([
      code,
      expect.stringContaining(`${diagnostic} "main" at ${host}:${port} ${words}`),
    ]);
  });

  it('because it is shutting down', async () => {
    const { pid, url } = server();
    await using open = await session(url);
    process.kill(pid, 'SIGTERM');
    await vi.waitUntil(async () => (await query(url, 'SELECT 1').catch(() => null)) === null, { timeout: 60_000 });
    expect(await told(manifest)).toEqual([5, expect.stringContaining('CT3022') as unknown]);
    await open.end();
    await server().restart();
  });
});
