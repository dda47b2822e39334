import { describe, expect, test } from 'vitest';
import { describeEachPostgres, freshPostgres } from '../../support/engines.ts';
import { testProject } from '../../support/project.ts';
import { at, query } from '../../support/query.ts';
import type { Observation } from '../../../src/engine/index.ts';
import type { Diagnostic } from '../../../src/model/index.ts';
import { instanceSchema } from '../../../src/engines/postgres/config.ts';
import { judge } from '../../../src/engines/postgres/judge/judge.ts';
import type { PostgresServer } from './runtime.ts';

interface Wish {
  readonly instance?: string;
  readonly apps: string;
  readonly readers?: string;
}

/** What a plan says about this manifest, by code. */
async function said(server: PostgresServer, wish: Wish): Promise<Record<string, Diagnostic[]>> {
  const yaml = `cotenant: 1
project: judged
instances:
  main: { engine: postgres, url: "postgres://postgres@127.0.0.1:${server.port}/postgres", password: { env: PW }${wish.instance ?? ''} }
apps:
${wish.apps}
${wish.readers ?? ''}
`;
  await using project = await testProject(yaml, { PW: server.password });
  const { plan } = await project.plan();
  expect(plan.unreached).toEqual([]);
  return Object.groupBy(plan.diagnostics, (one) => one.code) as Record<string, Diagnostic[]>;
}

describeEachPostgres('judging a server', { versions: 'each' }, (server, major) => {
  const root = (sql: string, database = 'postgres') => query(at(server().url, { database }), sql);
  const one = '  shop: { uses: { main: {} } }';

  test('says nothing about a good one', async () => {
    expect(await said(server(), { apps: one })).toEqual({});
  });

  test('adds up the connections, with the arithmetic, and points at the largest', async () => {
    const settings = { max_connections: 50, superuser_reserved_connections: 4, ...(major >= 16 ? { reserved_connections: 2 } : {}) };
    await server().restart(settings);
    const reserved = major >= 16 ? 6 : 4;
    const apps = '  shop: { uses: { main: { connections: 20 } } }\n  blog: { uses: { main: { connections: 13 } } }';
    const readers = 'readers:\n  looks: { reads: [shop], connections: 3 }';
    const { CT2004 = [] } = await said(server(), { apps, readers, instance: ', connections: { reserve: 11 }' });
    const there = 50 - reserved - 11;
    expect(CT2004).toMatchObject([
      {
        severity: 'error',
        message: `the apps on "main" may open 36 connections, but only ${there} are available (max_connections 50 − reserved ${reserved} − reserve 11): shop 20 + blog 13 + looks 3 = 36`,
        path: ['apps', 'shop', 'uses', 'main', 'connections'],
      },
    ]);
    const fits = { apps, readers, instance: `, connections: { reserve: ${50 - reserved - 36} }` };
    expect((await said(server(), fits)).CT2004).toBeUndefined();
  });

  test('counts the login that changes tables shared by rows', async () => {
    const apps = '  a: { uses: { main: { isolation: rows, database: hub, connections: 80 } } }';
    const { CT2004 = [] } = await said(server(), { apps });
    expect(CT2004[0]?.message).toContain('a 80 + hub_migrator 5 = 85');
  });

  test('knows the extensions of the server, for a database that is there or not', async () => {
    await root('CREATE DATABASE blog TEMPLATE template0');
    const apps = `  shop: { uses: { main: { extensions: [pgcrypto, no_such_thing] } } }
  blog: { uses: { main: { adopt: true, extensions: [earthdistance, hstore] } } }`;
    const { CT2009 = [] } = await said(server(), { apps });
    expect(CT2009).toMatchObject([
      {
        severity: 'error',
        message: 'extension "no_such_thing" for database "shop" is not on the server "main"',
        path: ['apps', 'shop', 'uses', 'main', 'extensions'],
      },
      { severity: 'error', message: 'extension "earthdistance" needs cube', path: ['apps', 'blog', 'uses', 'main', 'extensions'] },
    ]);
    await root('DROP DATABASE blog');
    expect(await said(server(), { apps: '  shop: { uses: { main: { extensions: [cube, earthdistance] } } }' })).toEqual({});
  });

  test('names foreign databases that every login can enter, until they are closed', async () => {
    for (const sql of ['CREATE DATABASE wide', 'CREATE DATABASE narrow', 'CREATE DATABASE asleep ALLOW_CONNECTIONS false']) await root(sql);
    await root('REVOKE ALL ON DATABASE narrow FROM PUBLIC');
    const open = await said(server(), { apps: one });
    expect(open.CT2012).toMatchObject([{ severity: 'warning', message: expect.stringContaining('database "wide"') as unknown }]);
    expect(open.CT2012?.[0]?.hint).toContain('foreignDatabases: close');
    expect((await said(server(), { apps: one, instance: ', foreignDatabases: close' })).CT2012).toBeUndefined();
    await root('DROP DATABASE wide');
    expect((await said(server(), { apps: one })).CT2012).toBeUndefined();
  });

  test('sees passwords that are kept as MD5, and a server that would keep new ones so', async () => {
    await root(
      `SET password_encryption = 'md5'; CREATE ROLE shop_user LOGIN PASSWORD 'old'; CREATE ROLE other LOGIN PASSWORD 'old'; CREATE ROLE "group" PASSWORD 'old'`,
    );
    const apps = '  shop: { uses: { main: { adopt: true } } }';
    const { CT2022 = [] } = await said(server(), { apps });
    expect(CT2022.map((one) => one.message)).toEqual([
      expect.stringContaining('login "shop_user"'),
      expect.stringMatching(/not in this manifest are stored as MD5: other$/),
    ]);
    await root('ALTER SYSTEM SET password_encryption = md5');
    await root('SELECT pg_reload_conf()');
    await expect.poll(async () => (await said(server(), { apps })).CT2022?.[0]?.message).toContain('stores new passwords as MD5');
    await root('ALTER SYSTEM RESET password_encryption');
    await root('SELECT pg_reload_conf()');
  });
});

describe('the version of a server', () => {
  const input = {
    project: 'judged',
    name: 'main',
    config: instanceSchema.parse({}),
    path: ['instances', 'main'],
    placements: [],
    readers: [],
    shares: [],
    operators: [],
    known: [],
    removal: 'retain',
  } as const;

  function judged(version: number, release: string): readonly (readonly [string, string])[] {
    const server = {
      user: 'postgres',
      superuser: true,
      version,
      release,
      maxConnections: 100,
      reservedConnections: 3,
      port: 5432,
      listens: '*',
      deniedSettings: [],
    };
    const observation: Observation = { resources: [], marks: [], foreign: [], diagnostics: [], server };
    return judge(input, observation).map(({ code, severity, message }) => {
      expect(message).toContain(release);
      return [code, severity];
    });
  }

  test.each([
    [130_020, '13.20', [['CT2015', 'error']]],
    [140_020, '14.20', [['CT2015', 'warning']]],
    [140_021, '14.21', []],
    [150_015, '15.15', [['CT2015', 'warning']]],
    [150_016, '15.16', []],
    [160_011, '16.11', [['CT2015', 'warning']]],
    [160_012, '16.12', []],
    [170_007, '17.7', [['CT2015', 'warning']]],
    [170_008, '17.8', []],
    [180_001, '18.1', [['CT2015', 'warning']]],
    [180_002, '18.2', []],
    [190_000, '19.0', [['CT2015', 'warning']]],
  ])('%i', (version, release, expected) => {
    expect(judged(version, release)).toEqual(expected);
  });
});

test('a trusted language that lies in a database is named', async () => {
  await using server = await freshPostgres();
  await query(server.url, 'CREATE DATABASE shop TEMPLATE template0');
  await query(at(server.url, { database: 'shop' }), 'CREATE TRUSTED LANGUAGE pltcl HANDLER plpgsql_call_handler');
  const { CT2013 = [] } = await said(server, { apps: '  shop: { uses: { main: { adopt: true } } }' });
  expect(CT2013).toMatchObject([
    { severity: 'warning', message: expect.stringMatching(/database "shop" offers the procedural language pl/) as unknown },
  ]);
});
