import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, it, vi } from 'vitest';
import { describeEachPostgres } from '../../../support/engines.ts';
import { type TestProject, testProject } from '../../../support/project.ts';
import { at, query } from '../../../support/query.ts';
import { wipe } from '../lifecycle/harness.ts';

const WORD = 'word';

/** pg_hba.conf admits members of groups, by memberships that give no right at all: with one of those goes the way in. */
describeEachPostgres('who comes in as a member of a group', { versions: 'ends' }, (server) => {
  let project: TestProject;
  const root = (sql: string, database = 'postgres') => query(at(server().url, { database }), sql);
  const comesIn = async (user: string, database = 'shop'): Promise<boolean> =>
    await query(at(server().url, { user, password: WORD, database }), 'SELECT 1').then(
      () => true,
      (error: unknown) => {
        if (error instanceof Error && 'code' in error && error.code === '28000') return false;
        throw error;
      },
    );
  const lines = async (text: string): Promise<void> => {
    const file = join(server().dataDir, 'pg_hba.conf');
    await writeFile(file, text);
    await root('SELECT pg_reload_conf()');
    await vi.waitUntil(
      async () => (await query(server().url, "SELECT pg_conf_load_time() > now() - interval '2s' AS ok"))[0]?.['ok'] === true,
      { timeout: 20_000, interval: 100 },
    );
  };
  const told = async () =>
    (await project.plan()).plan.steps.flatMap(({ losses = [] }) =>
      losses.flatMap(({ who, what }) => what.filter((one) => one.includes('pg_hba.conf')).map((one) => `${who}: ${one}`)),
    );

  beforeEach(async () => {
    await wipe(server().url);
    for (const login of ['shop', 'clerk']) await root(`CREATE ROLE ${login} LOGIN PASSWORD '${WORD}'`);
    await root('CREATE ROLE web NOLOGIN');
    await root('CREATE DATABASE shop OWNER shop');
    const member = server().version.startsWith('14')
      ? 'ALTER ROLE shop NOINHERIT; GRANT web TO shop'
      : 'GRANT web TO shop WITH INHERIT FALSE, SET FALSE';
    await root(member);
    project = await testProject(
      `cotenant: 1
project: admission
instances: { main: { engine: postgres, url: 'postgres://postgres@127.0.0.1:${server().port}/postgres', password: { env: ADMIN }, connections: { reserve: 1 } } }
apps: { shop: { uses: { main: { adopt: true, names: { login: shop }, connections: 5 } } } }
`,
      { ADMIN: server().password },
    );
    const rules = await readFile(join(server().dataDir, 'pg_hba.conf'), 'utf8');
    return async () => {
      await lines(rules);
      await project[Symbol.asyncDispose]();
    };
  });

  const admin = 'local all all trust\nhost all postgres 127.0.0.1/32 scram-sha-256\n';

  it('an adoption that takes the membership tells it and asks', async () => {
    await lines(`${admin}host shop +web 127.0.0.1/32 scram-sha-256\n`);
    expect(await comesIn('shop')).toBe(true);
    expect(await told()).toEqual([expect.stringMatching(/^shop: come in by line \d+ of pg_hba.conf \(host shop \+web 127.0.0.1 /)]);
    expect((await project.apply()).ending).toBe('refused');
    expect(await comesIn('shop')).toBe(true);
  });

  it('so does one by the name of a database', async () => {
    await root('CREATE DATABASE web');
    await root('GRANT CONNECT ON DATABASE web TO shop');
    await lines(`${admin}host samerole shop 127.0.0.1/32 scram-sha-256\nhost shop shop 127.0.0.1/32 scram-sha-256\n`);
    expect(await comesIn('shop', 'web')).toBe(true);
    expect(await told()).toEqual([expect.stringContaining('samerole shop')]);
  });

  it('nothing is told where another line does the same', async () => {
    await lines(`${admin}host shop +web 127.0.0.1/32 scram-sha-256\nhost all shop 127.0.0.1/32 scram-sha-256\n`);
    expect(await told()).toEqual([]);
  });

  it('of one who leaves a group of the app', async () => {
    await root('CREATE ROLE shop_owner NOLOGIN; ALTER DATABASE shop OWNER TO shop_owner; GRANT shop_owner TO shop, clerk');
    await project.write(
      `cotenant: 1
project: admission
instances: { main: { engine: postgres, url: 'postgres://postgres@127.0.0.1:${server().port}/postgres', password: { env: ADMIN }, connections: { reserve: 1 } } }
apps: { shop: { uses: { main: { adopt: true, names: { login: shop, owner: shop_owner }, connections: 5 } } } }
`,
    );
    await root('GRANT CONNECT ON DATABASE shop TO clerk', 'shop');
    await lines(`${admin}host all +shop_owner 127.0.0.1/32 scram-sha-256\n`);
    expect(await comesIn('clerk')).toBe(true);
    expect(await told()).toContainEqual(expect.stringMatching(/^clerk: come in by line/));
  });

  it('of one who stays in a group of an app that leaves: the file goes by names', async () => {
    const text = (apps: string): string => `cotenant: 1
project: admission
instances: { main: { engine: postgres, url: 'postgres://postgres@127.0.0.1:${server().port}/postgres', password: { env: ADMIN }, connections: { reserve: 1 } } }
known: [{ user: clerk, why: reads }]
apps: { ${apps}wiki: { uses: { main: { connections: 5 } } } }
`;
    await project.write(text('blog: { uses: { main: { connections: 5 } } }, '));
    expect(await project.apply({ confirm: 'strangers' })).toMatchObject({ ending: 'done', trouble: '' });
    await root('GRANT blog_ro TO clerk');
    await lines(`${admin}host postgres +blog_ro 127.0.0.1/32 scram-sha-256\n`);
    await root('GRANT CONNECT ON DATABASE postgres TO clerk');
    expect(await comesIn('clerk', 'postgres')).toBe(true);
    await project.write(text(''));
    expect(await told()).toEqual([expect.stringMatching(/^clerk: come in by line/)]);
    expect((await project.apply()).ending).toBe('refused');
    expect(await project.apply({ confirm: 'strangers' })).toMatchObject({ ending: 'done' });
    expect(await comesIn('clerk', 'postgres')).toBe(false);
  });
});
