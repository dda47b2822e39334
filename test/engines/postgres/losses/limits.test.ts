import { afterEach, beforeEach, expect, it } from 'vitest';
import { Client } from 'pg';
import { verifyProject } from '../../../../src/app/verify.ts';
import { describeEachPostgres } from '../../../support/engines.ts';
import { at, query } from '../../../support/query.ts';
import { type TestProject, testProject } from '../../../support/project.ts';
import type { Plan } from '../../../../src/model/index.ts';
import { wipe } from '../lifecycle/harness.ts';

const manifestOf = (port: number, apps: string): string => `cotenant: 1
project: limits
instances: { main: { engine: postgres, url: 'postgres://postgres@127.0.0.1:${port}/postgres', password: { env: ADMIN }, connections: { reserve: 1 } } }
apps:
${apps}`;

/** What each login loses of its limits; each step that says so with its risk. */
const limitsIn = ({ steps }: Plan): readonly string[] =>
  steps.flatMap(({ losses = [], risk }) =>
    losses.flatMap(({ who, of, what }) =>
      what.flatMap((one) => (/more than|above/.test(one) ? [`${who} of ${of}: ${one} [${risk}]`] : [])),
    ),
  );

describeEachPostgres('limits', { versions: 'ends' }, (server) => {
  const root = (sql: string) => query(server().url, sql);
  let project: TestProject;

  beforeEach(async () => {
    await wipe(server().url);
    project = await testProject(manifestOf(server().port, '  shop: { uses: { main: {} } }\n'), { ADMIN: server().password });
  });
  afterEach(async () => await project[Symbol.asyncDispose]());

  it('that somebody raised by hand, or the manifest lowers, are told with what they were', { timeout: 120_000 }, async () => {
    expect((await project.apply()).ending).toBe('done');
    await root(`ALTER ROLE shop_user CONNECTION LIMIT 61; ALTER ROLE shop_user SET temp_file_limit = '50GB';
      ALTER ROLE shop_user SET idle_in_transaction_session_timeout = 0; ALTER DATABASE shop CONNECTION LIMIT -1`);
    expect(limitsIn((await project.plan()).plan).toSorted()).toEqual([
      'shop_user of shop: idle_in_transaction_session_timeout above 10min (it was 0) [access-reducing]',
      'shop_user of shop: more than 4 sessions at a time (it was 61) [access-reducing]',
      'shop_user of shop: more than 9 sessions of all logins together in database "shop" (there was no limit) [access-reducing]',
      'shop_user of shop: temp_file_limit above 2GB (it was 50GB) [access-reducing]',
    ]);
    expect((await project.apply()).ending).toBe('done');
    expect((await project.plan()).plan.steps).toEqual([]);

    await project.write(
      manifestOf(server().port, '  shop: { uses: { main: { connections: 3, tempFileLimit: 1GB, settings: { work_mem: 64MB } } } }\n'),
    );
    expect(limitsIn((await project.plan()).plan)).toEqual([
      'shop_user of shop: more than 8 sessions of all logins together in database "shop" (it was 9) [access-reducing]',
      'shop_user of shop: more than 3 sessions at a time (it was 4) [access-reducing]',
      'shop_user of shop: temp_file_limit above 1GB (it was 2GB) [access-reducing]',
    ]);
    expect((await project.apply()).ending).toBe('done');
    await project.write(
      manifestOf(server().port, '  shop: { uses: { main: { connections: 3, tempFileLimit: 1024MB, settings: { work_mem: "32768" } } } }\n'),
    );
    expect(limitsIn((await project.plan()).plan)).toEqual(['shop_user of shop: work_mem above 32768 (it was 64MB) [access-reducing]']);
  });

  it('that a fix lowers are told as well', { timeout: 120_000 }, async () => {
    expect((await project.apply()).ending).toBe('done');
    await root(
      `ALTER ROLE shop_user CONNECTION LIMIT 61; ALTER DATABASE shop CONNECTION LIMIT 99; ALTER ROLE shop_user SET temp_file_limit = '50GB'`,
    );
    const { report } = await verifyProject(await project.open());
    expect(report.findings.flatMap(({ fix }) => fix).flatMap(({ losses = [] }) => losses.map(({ who, what }) => [who, ...what]))).toEqual([
      ['shop_user', 'more than 9 sessions of all logins together in database "shop" (it was 99)'],
      ['shop_user', 'more than 4 sessions at a time (it was 61)'],
      ['shop_user', 'temp_file_limit above 2GB (it was 50GB)'],
    ]);
  });

  it('of what is adopted stay where they are looser, unless the manifest gives them', { timeout: 120_000 }, async () => {
    await root('CREATE ROLE old LOGIN CONNECTION LIMIT 61');
    await root(`CREATE DATABASE olddb OWNER old CONNECTION LIMIT 62`);
    await root(`ALTER ROLE old SET temp_file_limit = '50GB'; ALTER ROLE old SET idle_in_transaction_session_timeout = '1h'`);
    const adopting = (more = ''): string =>
      manifestOf(server().port, `  olddb: { uses: { main: { adopt: true, names: { login: old }${more} } } }\n`);
    await project.write(adopting());
    expect(limitsIn((await project.plan()).plan)).toEqual([]);
    expect((await project.apply({ confirm: 'strangers' })).ending).toBe('done');
    const now = await root(
      `SELECT rolconnlimit, datconnlimit, array_to_string(s.setconfig, ',') AS settings FROM pg_roles r JOIN pg_db_role_setting s ON s.setrole = r.oid, pg_database WHERE rolname = 'old' AND datname = 'olddb'`,
    );
    expect(now).toMatchObject([{ rolconnlimit: 61, datconnlimit: 62 }]);
    expect(String(now[0]?.['settings'])).toMatch(/temp_file_limit=50GB.*idle_in_transaction_session_timeout=1h/);
    expect((await project.plan()).plan.steps).toEqual([]);
    const { report } = await verifyProject(await project.open());
    expect(report.findings.filter(({ answer }) => /CONNECTION LIMIT|manifest comes to|timeout|temp_file_limit/.test(answer))).toEqual([]);

    await project.write(adopting(', connections: 9, databaseConnections: 14, tempFileLimit: 1GB, idleInTransactionTimeout: 1min'));
    expect(limitsIn((await project.plan()).plan).toSorted()).toEqual(
      [
        'idle_in_transaction_session_timeout above 1min (it was 1h)',
        'more than 14 sessions of all logins together in database "olddb" (it was 62)',
        'more than 9 sessions at a time (it was 61)',
        'temp_file_limit above 1GB (it was 50GB)',
      ].map((what) => `old of olddb: ${what} [access-reducing]`),
    );
  });

  it('that a login has none of are refused where more runs now, until the manifest gives one', { timeout: 120_000 }, async () => {
    await root(`CREATE ROLE busy LOGIN PASSWORD 'x'`);
    await root('CREATE DATABASE busydb OWNER busy');
    const adopting = (more = ''): string =>
      manifestOf(server().port, `  busydb: { uses: { main: { adopt: true, names: { login: busy }${more} } } }\n`);
    await project.write(adopting());
    const open = async () => {
      const client = new Client({ connectionString: at(server().url, { user: 'busy', password: 'x', database: 'busydb' }) });
      await client.connect();
      return client;
    };
    const clients = await Promise.all([1, 2, 3, 4, 5].map(open));
    const refused = await project.plan();
    expect(refused.plan.diagnostics.filter(({ severity }) => severity === 'error')).toMatchObject([
      { code: 'CT2070', message: expect.stringContaining('"busy" has 5 sessions open') },
    ]);
    expect((await project.apply({ confirm: 'strangers' })).ending).toBe('failed');
    await project.write(adopting(', connections: 6'));
    expect(limitsIn((await project.plan()).plan)).toEqual(
      expect.arrayContaining(['busy of busydb: more than 6 sessions at a time (there was no limit) [access-reducing]']),
    );
    await Promise.all(clients.map((client) => client.end()));
    expect((await project.apply({ confirm: 'strangers' })).ending).toBe('done');
  });
});
