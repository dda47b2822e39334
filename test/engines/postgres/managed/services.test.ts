import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { describeEachPostgres, tableFor } from '../../../support/engines.ts';
import { everyday } from '../../../support/sample.ts';
import { asService, SERVICE_ADMIN, SERVICE_PASSWORD, type Service, services } from '../../../support/managed-services.ts';
import { at, changeMark, query } from '../../../support/query.ts';
import { fixPlan } from '../../../../src/app/fix.ts';
import { verifyProject } from '../../../../src/app/verify.ts';
import type { Diagnostic, VerifyReport } from '../../../../src/model/index.ts';
import { manifestOf, type Workplace, workplace } from '../lifecycle/harness.ts';
import { openProject } from '../../../../src/app/project.ts';

const apps = `defaults:
  postgres: { connections: 3 }
apps:
  g_a: { uses: { main: { extensions: [pgcrypto] } } }
  g_b: { uses: { main: { advisoryLocks: deny } } }
  g_s: { uses: { main: { isolation: schema, database: shared } } }
  g_t: { uses: { main: { isolation: schema, database: shared } } }
  g_x: { uses: { main: { isolation: rows, database: pool } } }
readers:
  lens: { reads: [g_a, g_s] }
`;

const managed = (service = ''): string =>
  manifestOf(apps)
    .replace('postgres://postgres@', `postgres://${SERVICE_ADMIN}@`)
    .replace('engine: postgres', `engine: postgres${service === '' ? '' : `\n    ${service}`}`);

const codes = (diagnostics: readonly Diagnostic[]): string[] =>
  diagnostics.flatMap(({ code, severity, message }) => (severity === 'info' ? [] : [`${code} ${message}`]));

async function reportOf({ folder, env }: Workplace): Promise<VerifyReport> {
  const { report, diagnostics } = await verifyProject(await openProject({ cwd: folder, env }), { seed: 3 });
  expect(diagnostics).toEqual([]);
  return report;
}

const told = ({ findings }: VerifyReport): string[] =>
  findings.map(({ verdict, probe, from, to, statement, answer }) => `${verdict} ${probe} ${from} > ${to} | ${statement} | ${answer}`);

describe.each(everyday(services, { oneOf: 2 }))('%s', (service: Service) => {
  describeEachPostgres('a service as its admin meets it', { versions: 'each' }, (server, major) => {
    const root = (sql: string, database = 'postgres') => query(at(server().url, { database }), sql);
    let place: Workplace;
    /** What the plan told to write. */
    let line = '';

    beforeAll(async () => {
      await asService(server(), service);
      place = await workplace({ ...server(), password: SERVICE_PASSWORD }, managed());
      const { plan } = await place.plan();
      const hint = plan.diagnostics.find(({ code }) => code === 'CT2053')?.hint ?? '';
      line = /service: \{.*\}$/.exec(hint)?.[0] ?? '';
      return async () => await place[Symbol.asyncDispose]();
    });

    it('is told the line before anything is there; with it the apply is clean, and the second one silent', async () => {
      expect(line).toMatch(/^service: \{ keeps: \[/);
      await place.write(managed(line));
      // Who connects to a maintenance database without having to is told of, and may lose that.
      const { ending, diagnostics } = await place.apply(['console_user']);
      expect({ ending, said: codes(diagnostics) }).toEqual({ ending: 'done', said: [] });
      const mark = await changeMark(server().url);
      expect(await place.apply()).toMatchObject({ ending: 'nothing-to-do', diagnostics: [] });
      expect(await changeMark(server().url)).toBe(mark);
    });

    it('verify is a gate: exit 0, every pair closed, and what is kept stands in the report by name', async () => {
      const { code, stdout } = await place.cli('verify');
      expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringMatching(/service keeps temp.file.limit/) as unknown });
      const report = await reportOf(place);
      expect(told(report)).toEqual([]);
      expect(report.cells.filter(({ verdict }) => verdict !== 'BLOCKED' && verdict !== 'RESIDUAL')).toEqual([]);
      const words = /keeps: \[([^\]]*)\]/.exec(line)?.[1]?.split(', ') ?? [];
      expect(report.relaxations.map(({ name }) => name)).toEqual(expect.arrayContaining(words.map((word) => `service keeps ${word}`)));
      expect(report.residual.filter(({ what }) => what.startsWith('The service keeps')).length).toBeGreaterThan(0);
    });

    it('what is not named stays red, and is offered no statement that would be refused or change nothing', async () => {
      onTestFinished(async () => await place.write(managed(line)));
      await place.write(managed());
      const report = await reportOf(place);
      expect(told(report).length).toBeGreaterThan(5);
      expect(
        fixPlan(await openProject({ cwd: place.folder, env: place.env }), report).steps.map(({ commands: statements }) => statements),
      ).toEqual([]);
      // Its group may read the stored passwords there: only the plan lacks them.
      const words = (/keeps: \[([^\]]*)\]/.exec(line)?.[1]?.split(', ') ?? []).filter(
        (word) => service !== 'cloudsql' || word !== 'password-verifiers',
      );
      for (const word of tableFor(major, words, 3)) {
        await place.write(managed(line.replace(new RegExp(`(, )?${word}(?=[,\\]])`), '').replace('[, ', '[')));
        expect({ word, red: told(await reportOf(place)).length > 0 }).toEqual({ word, red: true });
      }
    });

    it('does not hide what somebody adds in the same places', async () => {
      onTestFinished(
        async () => void (await root('REVOKE CONNECT ON DATABASE postgres FROM g_a_user; REVOKE CREATE ON SCHEMA public FROM g_a_owner')),
      );
      await root('GRANT CONNECT ON DATABASE postgres TO g_a_user; GRANT CREATE ON SCHEMA public TO g_a_owner');
      const found = told(await reportOf(place));
      expect(found).toContainEqual(expect.stringMatching(/BREACH PG-P01 g_a > postgres/));
      expect(found).toContainEqual(expect.stringMatching(/PG-P03 g_a > postgres/));
    });

    it('--fix says of a statement that closed nothing that it did', async () => {
      onTestFinished(async () => void (await root('REVOKE INSERT ON pg_catalog.pg_class FROM g_a_owner', 'g_a')));
      await root('GRANT INSERT ON pg_catalog.pg_class TO g_a_owner', 'g_a');
      const { code, stdout, stderr } = await place.cli('verify', '--fix', '--yes');
      expect({ code, text: stdout + stderr }).toEqual({
        code: 2,
        text: expect.stringMatching(/had no effect: no privileges could be revoked/) as unknown,
      });
      expect(stdout + stderr).toMatch(/0 fixes sent, 1 failed/);
    });

    it('sees a stranger with rights in an app, whoever made it', async () => {
      onTestFinished(async () => {
        await query(admin(), 'REVOKE g_b_ro FROM consultant');
        await root('DROP OWNED BY freelancer', 'shared');
        await root('DROP OWNED BY freelancer; DROP ROLE consultant, freelancer');
      });
      const admin = (database = 'postgres'): string => at(server().url, { user: SERVICE_ADMIN, password: SERVICE_PASSWORD, database });
      await query(admin(), 'CREATE ROLE consultant LOGIN; GRANT g_b_ro TO consultant; CREATE ROLE freelancer LOGIN');
      await root('GRANT CONNECT ON DATABASE shared TO freelancer; GRANT USAGE ON SCHEMA g_s TO freelancer', 'shared');
      const found = told(await reportOf(place));
      expect(found).toContainEqual(expect.stringMatching(/PG-F1 consultant > g_b/));
      expect(found).toContainEqual(expect.stringMatching(/PG-F1 freelancer > g_s/));
    });

    it('does not take what the operator sets for all sessions, or for its own database, for a loosening', async () => {
      const set = ['ALTER DATABASE postgres SET timezone', 'ALTER DATABASE postgres SET DateStyle', 'ALTER ROLE ALL SET timezone'];
      onTestFinished(async () => {
        for (const one of set) await root(one.replace('SET', 'RESET'));
        await root('ALTER DATABASE postgres RESET ALL; ALTER ROLE ALL RESET ALL');
      });
      for (const one of set) await root(`${one} = ${one.includes('Style') ? "'ISO, DMY'" : "'UTC'"}`);
      await root(`ALTER DATABASE postgres SET log_min_duration_statement = 500; ALTER ROLE ALL SET log_min_duration_statement = 500`);
      expect(told(await reportOf(place))).toEqual([]);
    });

    it('a word that the server contradicts is said, and accepts nothing', async () => {
      onTestFinished(async () => await place.write(managed(line)));
      const more = line.replace('keeps: [', 'keeps: [work_mem, ');
      await place.write(
        managed(
          more.includes('databases: [')
            ? more.replace('databases: [', 'databases: [nowhere, ')
            : more.replace(' }', ', databases: [nowhere] }'),
        ),
      );
      const { plan } = await place.plan();
      expect(codes(plan.diagnostics)).toEqual([expect.stringMatching(/^CT2054 .*work_mem/), expect.stringMatching(/^CT2054 .*"nowhere"/)]);
      if (major < 15) return;
      await root(`GRANT SET ON PARAMETER temp_file_limit TO ${SERVICE_ADMIN}`);
      onTestFinished(async () => void (await root(`REVOKE SET ON PARAMETER temp_file_limit FROM ${SERVICE_ADMIN}`)));
      await place.write(managed(line));
      expect(codes((await place.plan()).plan.diagnostics)).toEqual([expect.stringMatching(/^CT2054 .*temp_file_limit/)]);
      expect(told(await reportOf(place))).toContainEqual(expect.stringMatching(/STARVE PG-D6/));
    });
  });
});

describeEachPostgres('a superuser on a server that it calls a service', { versions: 'newest' }, (server) => {
  it('is told that nothing is kept, and nothing is accepted', async () => {
    const line = 'service: { keeps: [maintenance-database, temp_file_limit, pg_hba] }';
    await using place = await workplace(server(), manifestOf(apps).replace('engine: postgres', `engine: postgres\n    ${line}`));
    expect(await place.apply()).toMatchObject({ ending: 'done' });
    const { plan } = await place.plan();
    expect(plan.diagnostics.map(({ code }) => code)).toEqual(['CT2054', 'CT2054', 'CT2054']);
    await query(server().url, 'GRANT CONNECT ON DATABASE template1 TO PUBLIC');
    expect(told(await reportOf(place))).toContainEqual(expect.stringMatching(/BREACH PG-P01 null > template1/));
  });

  it('cannot call an app’s own role or database the service’s', async () => {
    const line = 'service: { roles: [g_a_owner], databases: [shared, postgres] }';
    await using place = await workplace(server(), manifestOf(apps).replace('engine: postgres', `engine: postgres\n    ${line}`));
    const { code, stderr } = await place.cli('plan');
    expect({ code, named: stderr.match(/error\[CT2052\]: service\.\w+ names "\w+"/g)?.length ?? stderr }).toEqual({ code: 1, named: 3 });
  });
});
