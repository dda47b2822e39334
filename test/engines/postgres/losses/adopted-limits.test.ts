import { afterEach, beforeEach, expect, it } from 'vitest';
import { verifyProject } from '../../../../src/app/verify.ts';
import { describeEachPostgres } from '../../../support/engines.ts';
import { at, query } from '../../../support/query.ts';
import { type TestProject, testProject } from '../../../support/project.ts';
import { wipe } from '../lifecycle/harness.ts';

const patient = { timeout: 120_000 };

describeEachPostgres('limits and settings of an adopted login', { versions: 'ends' }, (server) => {
  const root = (sql: string, database = 'postgres') => query(at(server().url, { database }), sql);
  let project: TestProject;
  const manifestOf = (apps: string): string => `cotenant: 1
project: limits
instances: { main: { engine: postgres, url: 'postgres://postgres@127.0.0.1:${server().port}/postgres', password: { env: ADMIN }, connections: { reserve: 1 } } }
apps:
${apps}`;
  const adopting = (more = ''): Promise<void> =>
    project.write(manifestOf(`  olddb: { uses: { main: { adopt: true, names: { login: old }${more} } } }\n`));
  const ofLogin = async () => {
    const { plan } = await project.plan();
    return plan.steps.filter(({ address }) => address.kind === 'role' && address.name === 'old');
  };
  const settingsIn = (step: { readonly fields: readonly { readonly field: string }[] } | undefined): readonly string[] =>
    (step?.fields ?? []).flatMap(({ field }) => (/setting|Limit/.test(field) ? [field] : []));
  const lost = async (): Promise<readonly string[]> =>
    (await project.plan()).plan.steps.flatMap(({ losses = [] }) =>
      losses.flatMap(({ who, what }) => (who === 'old' ? what.filter((one) => /setting|more than|above/.test(one)) : [])),
    );
  const has = async () => {
    const [row] = await root(`SELECT rolconnlimit AS sessions, datconnlimit AS together,
      (SELECT string_agg(x, ' ' ORDER BY x) FROM pg_db_role_setting s, unnest(s.setconfig) x WHERE s.setrole = r.oid AND x !~ '^role=') AS own,
      (SELECT string_agg(x, ' ' ORDER BY x) FROM pg_db_role_setting s, unnest(s.setconfig) x WHERE s.setrole = 0 AND s.setdatabase = d.oid) AS database
      FROM pg_roles r, pg_database d WHERE rolname = 'old' AND datname = 'olddb'`);
    return row;
  };

  beforeEach(async () => {
    await wipe(server().url);
    project = await testProject('cotenant: 1\nproject: limits\n', { ADMIN: server().password });
    await root(`CREATE ROLE old LOGIN PASSWORD 'x' CONNECTION LIMIT 3`);
    await root('CREATE DATABASE olddb OWNER old CONNECTION LIMIT 4');
  });
  afterEach(async () => await project[Symbol.asyncDispose]());

  it('stay as tight as somebody set them, unless the manifest gives them', patient, async () => {
    await root(`ALTER ROLE old SET temp_file_limit = '1GB'; ALTER ROLE old SET idle_in_transaction_session_timeout = '1min';
      ALTER ROLE old SET statement_timeout = '30s'; ALTER ROLE old IN DATABASE olddb SET lock_timeout = '5s'; ALTER ROLE old SET work_mem = '1MB';
      ALTER DATABASE olddb SET statement_timeout = '40s'`);
    const before = await has();
    await adopting();
    expect((await ofLogin()).flatMap(settingsIn)).toEqual(['setting role']);
    expect(await lost()).toEqual([]);
    expect(await project.apply({ confirm: 'strangers' })).toMatchObject({ ending: 'done', trouble: '' });
    expect(await has()).toEqual(before);
    expect((await project.plan()).plan.steps).toEqual([]);
    const { report } = await verifyProject(await project.open());
    expect(report.findings.filter(({ answer }) => /LIMIT|timeout|limit|work_mem/.test(answer))).toEqual([]);

    await adopting(
      ', connections: 4, databaseConnections: 9, tempFileLimit: 2GB, statementTimeout: 1min, lockTimeout: 6s, settings: { work_mem: 2MB }',
    );
    expect((await ofLogin()).flatMap(({ risk }) => risk)).toEqual(['safe']);
    expect((await project.apply({ confirm: 'strangers' })).ending).toBe('done');
    expect(await has()).toMatchObject({
      sessions: 4,
      together: 9,
      own: 'idle_in_transaction_session_timeout=1min lock_timeout=6s statement_timeout=1min temp_file_limit=2GB work_mem=2MB',
    });
  });

  it('that go or become others stand in no step that is called safe', patient, async () => {
    await root(`ALTER ROLE old SET search_path = legacy, public; ALTER ROLE old SET timezone = 'UTC'; ALTER ROLE old SET work_mem = '9MB';
      ALTER ROLE old IN DATABASE olddb SET application_name = 'web'; ALTER ROLE old RESET temp_file_limit`);
    await adopting(', settings: { work_mem: 10MB }, searchPath: [public], tempFileLimit: 1GB');
    const [give, take] = await ofLogin();
    expect(give).toMatchObject({ risk: 'safe' });
    expect(settingsIn(give)).toEqual(['setting work_mem']);
    expect(take).toMatchObject({ risk: 'access-reducing' });
    expect(settingsIn(take)).toEqual([
      'setting idle_in_transaction_session_timeout',
      'setting olddb/application_name',
      'setting role',
      'setting search_path',
      'setting temp_file_limit',
      'setting timezone',
    ]);
    expect(give?.commands.filter(({ text }) => / SET "/.test(text)).map(({ text }) => text)).toEqual([
      `ALTER ROLE "old" SET "work_mem" = '10MB'`,
    ]);
    // An adoption that was cut before it took anything is one still.
    const told = await lost();
    await root(`COMMENT ON ROLE old IS 'cotenant {"project":"limits","app":"olddb"}'`);
    const [later, last] = await ofLogin();
    expect([later?.risk, settingsIn(later), last?.risk, settingsIn(last)]).toEqual([
      'safe',
      settingsIn(give),
      'access-reducing',
      settingsIn(take),
    ]);
    expect(await lost()).toEqual(told);
    expect(told.toSorted()).toEqual([
      'idle_in_transaction_session_timeout above 10min (nothing was set for it)',
      'temp_file_limit above 1GB (nothing was set for it)',
      'the setting application_name = web in database "olddb"',
      'the setting search_path = "legacy", "public"',
      'the setting timezone = UTC',
    ]);
  });

  it('of a login that may not log in are told as well', patient, async () => {
    await root(`ALTER ROLE old NOLOGIN; ALTER ROLE old SET search_path = 'legacy'`);
    await adopting();
    expect(await lost()).toContain('the setting search_path = "legacy"');
  });

  it('are no loss where they go, but where what is left is tighter', patient, async () => {
    await adopting(`, statementTimeout: 30s, tempFileLimit: 1GB, settings: { work_mem: 90MB, deadlock_timeout: 2s }`);
    expect((await project.apply({ confirm: 'strangers' })).ending).toBe('done');
    await adopting(', relax: { unlimitedTempFiles: true }, statementTimeout: 30s, settings: { work_mem: 90MB, deadlock_timeout: 2s }');
    expect(await lost()).toEqual([]);
    expect((await ofLogin()).map(({ risk }) => risk)).toEqual(['safe']);
    await project.write(manifestOf('  olddb: { uses: { main: { names: { login: old } } } }\n'));
    const told = await lost();
    expect(told).toContain('the setting work_mem = 90MB');
    expect(told.filter((one) => one.includes('statement_timeout'))).toEqual([]);
    try {
      await root('ALTER ROLE ALL SET statement_timeout = 20000');
      expect(await lost()).toContain('the setting statement_timeout = 30s');
    } finally {
      await root('ALTER ROLE ALL RESET statement_timeout');
    }
  });

  it('count among what all may open together', patient, async () => {
    await root('ALTER ROLE old CONNECTION LIMIT 500; ALTER DATABASE olddb CONNECTION LIMIT 600');
    await adopting();
    const errors = (await project.plan()).plan.diagnostics.filter(({ severity }) => severity === 'error');
    expect(errors).toMatchObject([{ code: 'CT2004', message: expect.stringContaining('olddb 500 = 500') }]);
    await root('ALTER DATABASE olddb CONNECTION LIMIT 60');
    expect((await project.plan()).plan.diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
  });
});
