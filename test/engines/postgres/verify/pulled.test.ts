import { expect, it } from 'vitest';
import { verifyProject } from '../../../../src/app/verify.ts';
import { describeEachPostgres } from '../../../support/engines.ts';
import { at, query } from '../../../support/query.ts';
import { manifestOf, wipe, workplace } from '../lifecycle/harness.ts';

const manifest = (more = ''): string => manifestOf(`apps:\n  shop: { uses: { main: {} } }\n${more}`);

describeEachPostgres('a user mapping in a database that the manifest does not name', { versions: 'ends' }, (server) => {
  it('is found where a stranger comes in by it as an operator of this server, and not as one of another', {
    timeout: 120_000,
  }, async () => {
    await wipe(server().url);
    const root = (sql: string, database = 'postgres') => query(at(server().url, { database }), sql);
    await root('CREATE ROLE mallory LOGIN; CREATE ROLE backup LOGIN');
    await using place = await workplace(server(), manifest('operators: { backup: { may: [read-all] } }\n'));
    await place.apply();
    await root('CREATE DATABASE lab OWNER mallory');
    await root('REVOKE CONNECT ON DATABASE lab FROM PUBLIC');
    const found = async (): Promise<readonly string[]> => {
      const { report } = await verifyProject(await place.open());
      return report.findings.flatMap(({ probe, verdict, from, statement }) =>
        statement.startsWith('mapping ') ? [`${verdict} ${probe} ${String(from)}`] : [],
      );
    };
    for (const [host, expected] of [
      ['127.0.0.1', ['BREACH PG-F1 mallory']],
      ['db.example.com', []],
    ] as const) {
      await root(
        `CREATE EXTENSION IF NOT EXISTS postgres_fdw; CREATE SERVER lo FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '${host}', dbname 'shop');
         CREATE USER MAPPING FOR mallory SERVER lo OPTIONS (user 'backup', password 'x'); GRANT USAGE ON FOREIGN SERVER lo TO mallory`,
        'lab',
      );
      expect(await found()).toEqual(expected);
      await root('DROP SERVER lo CASCADE', 'lab');
    }
    await root('DROP DATABASE lab');
    await root('DROP OWNED BY backup');
    await root('DROP ROLE mallory');
  });
});

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
