import { expect, it } from 'vitest';
import { verifyProject } from '../../../../src/app/verify.ts';
import { describeEachPostgres } from '../../../support/engines.ts';
import { at, query } from '../../../support/query.ts';
import { manifestOf, wipe, workplace } from '../lifecycle/harness.ts';

const manifest = (more = ''): string => manifestOf(`apps:\n  shop: { uses: { main: {} } }\n${more}`);

describeEachPostgres('a subscription in a database that the manifest does not name', { versions: 'ends' }, (server) => {
  it('is found where that is a stranger’s, and named where it is the operator’s or a known one’s', { timeout: 120_000 }, async () => {
    await wipe(server().url);
    await using place = await workplace(server(), manifest());
    await place.apply();
    const root = (sql: string, database = 'postgres') => query(at(server().url, { database }), sql);
    await root('CREATE ROLE mallory LOGIN');
    await root('CREATE DATABASE lab OWNER mallory');
    await root('REVOKE CONNECT ON DATABASE lab FROM PUBLIC');
    const subscribe = `CREATE SUBSCRIPTION s1 CONNECTION 'host=127.0.0.1 dbname=shop user=postgres password=x' PUBLICATION p WITH (connect = false, slot_name = NONE)`;
    await root(subscribe, 'lab');
    const told = async (): Promise<readonly string[]> => {
      const { report } = await verifyProject(await place.open());
      return report.findings.filter(({ statement }) => statement === 'subscription s1 in lab').map(({ verdict }) => verdict);
    };
    expect(await told()).toEqual(['LATENT']);
    await root('ALTER DATABASE lab OWNER TO postgres');
    expect(await told()).toEqual([]);
    await root('ALTER DATABASE lab OWNER TO mallory');
    await place.write(manifest('known:\n  - { user: mallory, on: main, why: the warehouse }\n'));
    expect(await told()).toEqual([]);
    await root('DROP SUBSCRIPTION s1', 'lab');
    await root('DROP DATABASE lab');
    await root('DROP ROLE mallory');
  });
});
