import { beforeAll, expect, it } from 'vitest';
import { describeEachPostgres } from '../../../support/engines.ts';
import { type TestProject, testProject } from '../../../support/project.ts';
import { at, query } from '../../../support/query.ts';

const WORD = 'word';

/** `far` leads to the app's database as the app's login: whoever uses it loses with the app what that loses. */
describeEachPostgres('what leads here and cannot be read', { versions: 'ends' }, (server) => {
  const root = (sql: string, database = 'postgres') => query(at(server().url, { database }), sql);
  let project: TestProject;
  const write = (user: string, rest = ''): Promise<void> =>
    project.write(`cotenant: 1
project: unread
instances: { main: { engine: postgres, url: 'postgres://${user}@127.0.0.1:${server().port}/postgres', password: { env: ${user.toUpperCase()} }, connections: { reserve: 1 } } }
apps: { shop: { uses: { main: { adopt: true, database: shop, names: { login: shop }, connections: 5 } } } }
${rest}`);
  const told = async (): Promise<readonly string[]> =>
    (await project.plan()).plan.diagnostics.flatMap(({ code, severity, message }) =>
      code === 'CT2076' ? [`${severity}: ${message}`] : [],
    );

  beforeAll(async () => {
    await root(`CREATE ROLE shop LOGIN PASSWORD '${WORD}'; CREATE ROLE bi LOGIN PASSWORD '${WORD}'`);
    await root(`CREATE ROLE admin LOGIN CREATEROLE CREATEDB PASSWORD '${WORD}'; GRANT shop TO admin WITH ADMIN OPTION`);
    await root('CREATE DATABASE shop OWNER shop');
    await root('CREATE DATABASE dwh');
    await root('REVOKE CONNECT ON DATABASE dwh FROM PUBLIC; GRANT CONNECT ON DATABASE dwh TO bi');
    await root(
      `CREATE EXTENSION postgres_fdw; CREATE SERVER far FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '127.0.0.1', port '${server().port}', dbname 'shop');
       CREATE USER MAPPING FOR bi SERVER far OPTIONS (user 'shop', password '${WORD}'); GRANT USAGE ON FOREIGN SERVER far TO bi;
       CREATE SUBSCRIPTION pulls CONNECTION 'host=127.0.0.1 port=${server().port} dbname=shop user=shop' PUBLICATION p WITH (connect = false)`,
      'dwh',
    );
    project = await testProject('', { POSTGRES: server().password, ADMIN: WORD });
    return async () => await project[Symbol.asyncDispose]();
  });

  it('is said: a database that the admin cannot come into, and subscriptions', async () => {
    await write('admin');
    expect(await told()).toEqual([
      expect.stringMatching(
        /^warning: .*could not be read, so "Who loses what" says nothing of it: database "dwh" \(.*permission denied for database "dwh".*\); subscription "pulls" of database "dwh" \(only a superuser sees where it leads\)$/,
      ),
    ]);
  });

  it('is said of mappings whose options are hidden', async () => {
    await root('GRANT CONNECT ON DATABASE dwh TO admin');
    expect((await told()).join('\n')).toContain('the user mappings of foreign server "far" of database "dwh"');
    await root('REVOKE CONNECT ON DATABASE dwh FROM admin');
  });

  it('is said of a database that nobody can connect to', async () => {
    await write('postgres');
    await root('ALTER DATABASE dwh ALLOW_CONNECTIONS false');
    expect(await told()).toEqual([expect.stringContaining('database "dwh" (nobody can connect to it)')]);
    await root('ALTER DATABASE dwh ALLOW_CONNECTIONS true');
  });

  it('is not said of what was read, nor of what the managed service keeps', async () => {
    expect(await told()).toEqual([]);
    await write('admin');
    await project.write(
      `cotenant: 1
project: unread
instances: { main: { engine: postgres, url: 'postgres://admin@127.0.0.1:${server().port}/postgres', password: { env: ADMIN }, connections: { reserve: 1 }, service: { databases: [dwh] } } }
apps: { shop: { uses: { main: { adopt: true, database: shop, names: { login: shop }, connections: 5 } } } }
`,
    );
    expect((await told()).join('\n')).not.toMatch(/[:;] database "dwh" /);
  });
});
