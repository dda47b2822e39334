import { expect, test } from 'vitest';
import { describeEachPostgres } from '../../../../test/support/engines.ts';
import { testProject } from '../../../../test/support/project.ts';
import { at, query } from '../../../../test/support/query.ts';
import { checkProject } from '../../../app/check.ts';

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
});
