import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { verifyProject } from '../../../../src/app/verify.ts';
import { lossesToConfirm } from '../../../../src/model/index.ts';
import { describeEachPostgres, freshPostgres } from '../../../support/engines.ts';
import { query } from '../../../support/query.ts';
import { manifestOf, type Workplace, workplace } from './harness.ts';

/** Logins with an MD5 password: of an adopted app, a second one of it, a reader's, one that cotenant made and a DBA changed. */
const LOGINS = ['old', 'old_migrator', 'look_user', 'fresh_user'];

const apps = `apps:\n  keep: { uses: { main: {} } }\n`;
const all =
  manifestOf(`${apps}  old: { uses: { main: { adopt: true, names: { login: old }, logins: { app: rw, migrator: { as: owner } } } } }
  fresh: { uses: { main: {} } }
readers:
  look: { reads: [keep] }
`);
const without = manifestOf(apps);
const asSteward = (manifest: string): string => manifest.replace('//postgres@', '//steward@');

describeEachPostgres('MD5 passwords of logins that get another name', { versions: 'ends' }, (server, major) => {
  let place: Workplace;
  /** Logins whose verifier is still the one of their password. */
  const whole = async (): Promise<readonly unknown[]> => {
    const found = await query(
      server().url,
      `SELECT rolname::text AS name FROM pg_authid WHERE rolpassword = 'md5' || md5('pw ' || rolname || rolname) ORDER BY 1`,
    );
    return found.map(({ name }) => name);
  };
  const done = async (found: ReturnType<Workplace['apply']>): Promise<void> => {
    const { ending, diagnostics } = await found;
    expect({ ending, errors: diagnostics.filter(({ severity }) => severity === 'error') }).toEqual({ ending: 'done', errors: [] });
  };

  beforeAll(async () => {
    await query(server().url, `CREATE ROLE old LOGIN`);
    await query(server().url, 'CREATE DATABASE old OWNER old');
    place = await workplace(server(), all);
    await done(place.apply());
    for (const name of LOGINS) await query(server().url, `SET password_encryption = md5; ALTER ROLE "${name}" PASSWORD 'pw ${name}'`);
  });
  afterAll(async () => await place[Symbol.asyncDispose]());

  it('are there again after their app was retired and restored, twice', async () => {
    expect(await whole()).toEqual(LOGINS.toSorted());
    for (let round = 0; round < 2; round++) {
      await place.write(without);
      await done(place.apply());
      expect(await whole()).toEqual([]);
      for (const app of ['old', 'fresh', 'look']) await done(place.restore(app));
      expect(await whole()).toEqual(LOGINS.toSorted());
    }
    // Servers from 18 on warn of MD5, and write the statement beside.
    expect(await readFile(server().logFile, 'utf8')).not.toMatch(/PASSWORD 'md5/);
    await place.write(all);
    const { plan } = await place.plan();
    expect(plan.steps.flatMap((step) => step.losses ?? []).map(({ who, what }) => [who, what])).toEqual([]);
    await done(place.apply());
    expect(await whole()).toContain('old');
  });

  it('are left to the app that was adopted with one, by a fix as well', async () => {
    const { findings } = (await verifyProject(await place.open(), { seed: 7 })).report;
    const mine = findings.filter(({ probe, to }) => probe === 'PG-H2' && to === 'old');
    expect(mine.map(({ fix }) => fix)).toContainEqual([]);
    expect(mine.flatMap(({ fix }) => fix).filter(({ statement }) => statement.text.includes('"old" PASSWORD'))).toEqual([]);
  });

  it('are told as a loss with a word of its own, where the admin can neither read nor keep them', async () => {
    await using other = await freshPostgres({ major });
    await query(
      other.url,
      `CREATE ROLE steward LOGIN CREATEROLE CREATEDB PASSWORD 'steward'; GRANT pg_signal_backend TO steward; CREATE ROLE far LOGIN`,
    );
    if (major >= 16) await query(other.url, 'GRANT far TO steward WITH ADMIN OPTION');
    await query(other.url, 'CREATE DATABASE far OWNER far');
    const adopted = '  far: { uses: { main: { adopt: true, names: { login: far } } } }\n';
    const managed = (more: string): string =>
      asSteward(manifestOf(`apps:\n  own: { uses: { main: {} } }\n${more}`)).replace('project: life', 'project: managed');
    await using far = await workplace({ host: '127.0.0.1', port: other.port, password: 'steward' }, managed(adopted));
    await done(far.apply());
    await far.write(managed('').replace(/ {2}own: .*\n/, '  kept: { uses: { main: {} } }\n'));
    const told = lossesToConfirm((await far.plan()).plan).get('lost-passwords');
    expect(told?.map(({ who, what }) => [who, what.join()])).toEqual([['far', expect.stringContaining('MD5')]]);
    expect((await far.apply()).diagnostics.map(({ code, message }) => `${code} ${message}`)).toContainEqual(
      expect.stringMatching(/^CT4009 "far" would lose: its password/),
    );
    await done(far.apply(['lost-passwords']));
  });
});
