import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { putClient, realClient } from '../../support/clients.ts';
import { type CliResult, runCli } from '../../support/cli.ts';
import { describeEachPostgres } from '../../support/engines.ts';
import { type TestProject, testProject } from '../../support/project.ts';
import { tempDir } from '../../support/temp-dir.ts';

const apps = `apps:
  shop: { uses: { main: { connections: 5, logins: { app: rw, migrator: owner } } } }
  news: { uses: { main: { connections: 5, isolation: schema, database: shared } } }
  blue: { uses: { main: { connections: 5, isolation: rows, database: rag } } }
readers:
  analytics: { reads: [shop, news], connections: 2 }
`;

describeEachPostgres('cotenant connect', { versions: 'ends' }, (server) => {
  let project: TestProject;
  let bin: Awaited<ReturnType<typeof tempDir>>;
  beforeAll(async () => {
    const { url } = server();
    const yaml = `cotenant: 1\nproject: conn\ninstances:\n  main: { engine: postgres, url: "${url}", password: { env: ADMIN } }\n${apps}`;
    project = await testProject(yaml.replace(/:\/\/([^:@]+):[^@]+@/, '://$1@'), { ADMIN: server().password });
    expect((await project.apply({ confirm: 'strangers' })).trouble).toBe('');
    bin = await tempDir();
    await putClient(bin.path, 'psql');
  });
  afterAll(async () => {
    await project[Symbol.asyncDispose]();
    await bin[Symbol.asyncDispose]();
  });

  /** As a user with settings of another server in the environment. */
  const connect = async (...args: readonly string[]): Promise<CliResult> =>
    await runCli(['connect', ...args], {
      cwd: project.path,
      env: {
        PATH: `${bin.path}:/usr/bin:/bin`,
        ADMIN: server().password,
        PGHOSTADDR: '192.0.2.1',
        PGSERVICE: 'nowhere',
        PGPASSFILE: '/nonexistent',
        PGOPTIONS: '-c nonsense=1',
      },
    });

  const who = "SELECT session_user || ' ' || current_database() || ' ' || coalesce(current_schema(), '')";

  test.skipIf(realClient('psql') === null).each([
    ['an app', ['shop'], 'shop_user shop public'],
    ['another login', ['shop', '--as', 'migrator'], 'shop_migrator shop public'],
    ['level schema', ['news'], 'news_user shared news'],
    ['level rows', ['blue'], 'blue_user rag public'],
    ['the login that makes the tables at level rows', ['blue', '--as', 'migrator'], 'rag_migrator rag public'],
    ['a reader', ['analytics'], 'analytics_user shop public'],
    ['a reader, in the place of an app', ['news', '--as', 'analytics'], 'analytics_user shared public'],
    ['the only reader', ['news', '--as', 'reader'], 'analytics_user shared public'],
  ])('comes in as %s, without a password in the arguments', async (_, args, expected) => {
    const { code, stdout, stderr } = await connect(...args, '--', '-X', '-w', '-Atc', who);
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: `${expected}\n`, stderr: '' });
    expect((await readFile(join(bin.path, 'argv'), 'utf8')).split('\n')).toEqual(['-X', '-w', '-Atc', who, '']);
  });

  test.skipIf(realClient('psql') === null)('comes in as the operator, in the database of the app', async () => {
    const { stdout } = await connect('news', '--as', 'admin', '--', '-X', '-w', '-Atc', who);
    expect(stdout).toBe(`${server().user} shared public\n`);
  });

  test.skipIf(realClient('psql') === null)('ends with the code of the client, and gives it the standard input', async () => {
    expect(await connect('shop', '--', '-X', '-w', '-v', 'ON_ERROR_STOP=1', '-c', 'SELECT nonsense')).toMatchObject({ code: 1 });
    expect(await connect('shop', '--', '-X', '-w', '-v', 'ON_ERROR_STOP=1', '-f', '/nonexistent')).toMatchObject({ code: 1 });
  });
});
