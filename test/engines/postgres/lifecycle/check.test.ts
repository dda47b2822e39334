import { expect, test } from 'vitest';
import { describeEachPostgres } from '../../../support/engines.ts';
import { testProject } from '../../../support/project.ts';
import { at, query } from '../../../support/query.ts';
import { checkProject } from '../../../../src/app/check.ts';

const manifest = (url: string, more = ''): string => `cotenant: 1
project: p
instances:
  main: { engine: postgres, url: "${url}", password: { env: ADMIN } }
defaults: { postgres: { connections: 3 } }
apps:
  shop: { uses: { main: {} } }
  blog: { uses: { main: { isolation: schema, database: shared } } }
${more}`;

describeEachPostgres('a check of what the server tells on one connection', { versions: 'each' }, (server) => {
  test('sees what differs in roles and databases, and enters no database', async () => {
    const { host, port, password, url } = server();
    const address = `postgres://postgres@${host}:${port}/postgres`;
    await using project = await testProject(manifest(address), { ADMIN: password });
    const check = async () => {
      const { differences, unreached } = await checkProject(await project.open());
      expect(unreached).toEqual([]);
      return differences.map(({ address: { kind, name }, app, what, fields }) => [what, kind, name, app, fields.map(({ field }) => field)]);
    };
    expect((await check()).filter(([what, kind]) => what === 'missing' && kind === 'database')).toEqual([
      ['missing', 'database', 'shop', 'shop', []],
      ['missing', 'database', 'shared', null, []],
    ]);
    expect((await project.apply()).trouble).toBe('');
    expect(await check()).toEqual([]);

    await query(url, 'ALTER ROLE shop_user CONNECTION LIMIT 9');
    await query(url, 'GRANT CONNECT ON DATABASE shop TO PUBLIC');
    await query(url, 'ALTER DATABASE shared ALLOW_CONNECTIONS false');
    expect(await check()).toEqual([
      ['changed', 'role', 'shop_user', 'shop', ['connectionLimit']],
      ['changed', 'database', 'shop', 'shop', ['access of PUBLIC']],
      ['changed', 'database', 'shared', null, ['allowConnections']],
    ]);
    expect((await project.apply()).trouble).toBe('');

    // What lies in a database is for a plan to see.
    await query(at(url, { database: 'shop' }), 'GRANT CREATE ON SCHEMA public TO PUBLIC');
    expect(await check()).toEqual([]);
    expect((await project.plan()).plan.steps).not.toEqual([]);
  });

  test('asked again by the same process, sees whatever a new one sees', async () => {
    const { host, port, password, url } = server();
    await using project = await testProject(manifest(`postgres://postgres@${host}:${port}/postgres`), { ADMIN: password });
    // The store of the test before is not this one's.
    expect((await project.apply({ confirm: ['new-passwords'] })).trouble).toBe('');
    const monitor = await project.open();
    const same = async (): Promise<number> => {
      const { differences } = await checkProject(monitor);
      expect(differences).toEqual((await checkProject(await project.open())).differences);
      return differences.length;
    };
    expect([await same(), await same()]).toEqual([0, 0]);
    for (const [change, back] of [
      ['ALTER ROLE shop_user CREATEDB', 'ALTER ROLE shop_user NOCREATEDB'],
      ["ALTER ROLE shop_user VALID UNTIL '2099-01-01'", "ALTER ROLE shop_user VALID UNTIL 'infinity'"],
      ["ALTER ROLE shop_user SET work_mem = '1MB'", 'ALTER ROLE shop_user RESET work_mem'],
      ["ALTER ROLE shop_user IN DATABASE shop SET work_mem = '1MB'", 'ALTER ROLE shop_user IN DATABASE shop RESET work_mem'],
      ['GRANT shop_owner TO blog_user', 'REVOKE shop_owner FROM blog_user'],
      ['GRANT pg_signal_backend TO shop_user', 'REVOKE pg_signal_backend FROM shop_user'],
      ['REVOKE shop_rw FROM shop_user', 'GRANT shop_rw TO shop_user'],
      ['GRANT TEMPORARY ON DATABASE shared TO PUBLIC', 'REVOKE TEMPORARY ON DATABASE shared FROM PUBLIC'],
      ['ALTER DATABASE shared CONNECTION LIMIT 3', 'ALTER DATABASE shared CONNECTION LIMIT -1'],
      ['ALTER DATABASE shop OWNER TO shop_owner', 'ALTER DATABASE shop OWNER TO postgres'],
      ["ALTER ROLE shop_user PASSWORD 'another'", null],
      ['COMMENT ON ROLE shop_rw IS NULL', null],
      ['DROP DATABASE shop', null],
    ] as const) {
      await query(url, change);
      expect(await same(), change).toBeGreaterThan(0);
      if (back !== null) {
        await query(url, back);
        await same();
      } else expect((await project.apply()).trouble).toBe('');
    }
  });
});
