import { beforeAll, describe, expect, test } from 'vitest';
import { describeEachPostgres } from '../../../support/engines.ts';
import { type Applied, type TestProject, testProject } from '../../../support/project.ts';
import { at, changeMark, query } from '../../../support/query.ts';
import type { Diagnostic } from '../../../../src/model/index.ts';

const manifest = (port: number): string => `cotenant: 1
project: digi
instances:
  main: { engine: postgres, url: "postgres://steward@127.0.0.1:${port}/postgres", password: { env: PW } }
defaults:
  postgres: { connections: 5, statementTimeout: 30s }
apps:
  digi_core: { uses: { main: { extensions: [pgcrypto] } } }
  lernmi: { uses: { main: { advisoryLocks: deny } } }
  madansara: { uses: { main: { isolation: schema, database: engarde } } }
  sankore: { uses: { main: { isolation: schema, database: engarde } } }
  team_a: { uses: { main: { isolation: rows, database: hub } } }
  team_b: { uses: { main: { isolation: rows, database: hub } } }
readers:
  analytics: { reads: [digi_core, madansara] }
`;

/** Messages of the walls that were named. */
function named(diagnostics: readonly Diagnostic[] = []): string[] {
  expect(diagnostics.filter((one) => one.severity === 'error')).toEqual([]);
  return diagnostics.filter((one) => one.code === 'CT2008').map((one) => one.message);
}

describeEachPostgres("a managed service's admin: CREATEROLE and CREATEDB, no superuser", { versions: 'ends' }, (server, major) => {
  const root = (sql: string, database = 'postgres') => query(at(server().url, { database }), sql);
  const env = { PW: 'steward' };
  let project: TestProject;
  let first: Applied;

  beforeAll(async () => {
    await root(`CREATE ROLE steward LOGIN CREATEROLE CREATEDB PASSWORD 'steward'`);
    project = await testProject(manifest(server().port), { ...env, ROOT: server().password });
    first = await project.apply();
    return async () => await project[Symbol.asyncDispose]();
  });

  test('applies all levels and a reader', () => {
    expect(first).toMatchObject({ ending: 'done', trouble: '' });
  });

  test('has nothing to do the second time, and sends nothing', async () => {
    const mark = await changeMark(server().url);
    const second = await project.apply();
    expect(second).toMatchObject({ ending: 'nothing-to-do', trouble: '' });
    expect(await changeMark(server().url)).toBe(mark);
  });

  test('names each wall that it cannot build, before and after', async () => {
    const before = named(first.outcome?.plan.diagnostics);
    const expected = [
      /CONNECT on database "postgres"/,
      /CONNECT on database "template1"/,
      /USAGE on schema public of database "postgres"/,
      /pg_logical_emit_message/,
      /advisory locks/,
      /temp_file_limit/,
      /sessions of logins/,
      /passwords changed by hand/,
      ...(major < 15 ? [/before PostgreSQL 15 the schema public/] : []),
    ];
    for (const wall of expected) expect(before).toContainEqual(expect.stringMatching(wall));
    expect(before).toHaveLength(expected.length);
    expect(named((await project.plan()).plan.diagnostics).sort()).toEqual([...before].sort());
  });

  test('keeps its own way in by name, in the statements that it proposes', () => {
    const hints = first.outcome?.plan.diagnostics.flatMap(({ code, hint = '' }) => (code === 'CT2008' ? [hint] : []));
    for (const kind of ['CONNECT ON DATABASE "postgres"', 'USAGE ON SCHEMA public'])
      expect(hints).toContainEqual(
        expect.stringMatching(new RegExp(`GRANT ${kind} TO "steward"; REVOKE ALL .* because all others lose it`)),
      );
  });

  test('builds what it can: walls between the apps', async () => {
    const [row] = await root(`SELECT has_database_privilege('digi_core_user', 'lernmi', 'CONNECT') AS crosses,
      has_database_privilege('digi_core_user', 'digi_core', 'CONNECT') AS own, has_database_privilege('madansara_user', 'engarde', 'CREATE') AS creates`);
    expect(row).toEqual({ crosses: false, own: true, creates: false });
    const [inside] = await root(
      `SELECT has_schema_privilege('madansara_user', 'sankore', 'USAGE') AS crosses, has_schema_privilege('madansara_user', 'madansara', 'CREATE') AS own`,
      'engarde',
    );
    expect(inside).toEqual({ crosses: false, own: true });
  });

  test('hands over what an app made past its owner role', async () => {
    await root('CREATE TABLE public.loose (n int); ALTER TABLE public.loose OWNER TO digi_core_user', 'digi_core');
    expect(await project.apply()).toMatchObject({ ending: 'done', trouble: '' });
    const rows = await root(`SELECT tableowner FROM pg_tables WHERE tablename = 'loose'`, 'digi_core');
    expect(rows).toEqual([{ tableowner: 'digi_core_owner' }]);
  });

  test('corrects drift of what is its own: a limit, a membership, a right', async () => {
    await root('ALTER ROLE lernmi_user CONNECTION LIMIT 50; CREATE ROLE stranger LOGIN');
    await query(at(server().url, { user: 'steward', password: 'steward' }), 'GRANT lernmi_ro TO stranger');
    await root('GRANT CONNECT ON DATABASE lernmi TO PUBLIC');
    expect(await project.apply({ confirm: ['stranger'] })).toMatchObject({ ending: 'done', trouble: '' });
    const [row] = await root(`SELECT (SELECT rolconnlimit FROM pg_roles WHERE rolname = 'lernmi_user') AS "limit",
      pg_has_role('stranger', 'lernmi_ro', 'MEMBER') AS member, has_database_privilege('stranger', 'lernmi', 'CONNECT') AS "connect"`);
    expect(row).toEqual({ limit: 5, member: false, connect: false });
    expect((await project.plan()).plan.steps).toEqual([]);
  });

  test("a membership that a superuser gave: corrected before 16, named from 16 on, where it is that superuser's to take back", async () => {
    await root('GRANT sankore_ro TO stranger');
    expect(await project.apply({ confirm: ['stranger'] })).toMatchObject({ ending: major < 16 ? 'done' : 'nothing-to-do', trouble: '' });
    const [row] = await root(`SELECT pg_has_role('stranger', 'sankore_ro', 'MEMBER') AS member`);
    expect(row).toEqual({ member: major >= 16 });
    const { plan } = await project.plan();
    expect(plan.steps).toEqual([]);
    expect(named(plan.diagnostics).filter((one) => one.includes('"stranger"'))).toHaveLength(major < 16 ? 0 : 1);
  });

  test('a superuser who takes over builds what was missing, and is then content', async () => {
    await project.write(manifest(server().port).replace('steward@', 'postgres@').replace('env: PW', 'env: ROOT'));
    expect(await project.apply({ confirm: 'strangers' })).toMatchObject({ ending: 'done', trouble: '' });
    const { plan } = await project.plan();
    expect(plan.steps).toEqual([]);
    expect(named(plan.diagnostics)).toEqual([]);
  });
});

describeEachPostgres('a managed admin that was given more', { versions: 'ends' }, (server, major) => {
  const root = (sql: string, database = 'postgres') => query(at(server().url, { database }), sql);

  test('builds the perimeter of the databases that it owns, and the rest that it may', async () => {
    await root(`CREATE ROLE steward LOGIN CREATEROLE CREATEDB PASSWORD 'steward'; GRANT pg_signal_backend TO steward`);
    await root('ALTER DATABASE postgres OWNER TO steward; ALTER DATABASE template1 OWNER TO steward');
    if (major >= 15) await root('GRANT SET ON PARAMETER temp_file_limit TO steward');
    await using project = await testProject(manifest(server().port), { PW: 'steward' });
    const { ending, trouble, outcome } = await project.apply();
    expect({ ending, trouble }).toEqual({ ending: 'done', trouble: '' });
    const [row] = await root(`CREATE ROLE stranger LOGIN; SELECT 1`).then(
      async () =>
        await root(`SELECT has_database_privilege('stranger', 'postgres', 'CONNECT') AS postgres,
          has_database_privilege('stranger', 'template1', 'CONNECT') AS template1,
          (SELECT rolconfig @> ARRAY['temp_file_limit=2GB'] FROM pg_roles WHERE rolname = 'lernmi_user') AS limited`),
    );
    expect(row).toEqual({ postgres: false, template1: false, limited: major >= 15 });
    const walls = named(outcome?.plan.diagnostics);
    expect(walls).not.toContainEqual(expect.stringMatching(/on database|sessions/));
    expect(walls.some((one) => one.includes('temp_file_limit'))).toBe(major < 15);
    expect((await project.plan()).plan.steps).toEqual([]);
  });

  test('is refused where it cannot make roles', async () => {
    await root(`CREATE ROLE clerk LOGIN CREATEDB PASSWORD 'clerk'; GRANT CONNECT ON DATABASE postgres TO clerk`);
    const yaml = manifest(server().port).replace('project: digi', 'project: other').replace('steward@', 'clerk@');
    await using project = await testProject(yaml, { PW: 'clerk' });
    const { ending, trouble } = await project.apply();
    expect(ending).toBe('failed');
    expect(trouble).toContain('cannot create roles and databases');
  });
});

describe('an extension that only a superuser may install', () => {
  describeEachPostgres('asked for by a managed admin', { versions: 'ends' }, (server) => {
    test('is named, and all else is built; installed by a superuser, it is as it should be', async () => {
      const root = (sql: string, database = 'postgres') => query(at(server().url, { database }), sql);
      await root(`CREATE ROLE steward LOGIN CREATEROLE CREATEDB PASSWORD 'steward'`);
      const yaml = manifest(server().port).replace('extensions: [pgcrypto]', 'extensions: [pg_stat_statements, pgcrypto]');
      await using project = await testProject(yaml, { PW: 'steward' });
      const { ending, trouble, outcome } = await project.apply();
      expect({ ending, trouble }).toEqual({ ending: 'done', trouble: '' });
      const said = /extension "pg_stat_statements" of database "digi_core" can only be installed by a superuser/;
      expect(named(outcome?.plan.diagnostics)).toContainEqual(expect.stringMatching(said));
      const again = await project.plan();
      expect(again.plan.steps).toEqual([]);
      expect(named(again.plan.diagnostics)).toContainEqual(expect.stringMatching(said));
      expect(await root('SELECT extname FROM pg_extension ORDER BY 1', 'digi_core')).toEqual([
        { extname: 'pgcrypto' },
        { extname: 'plpgsql' },
      ]);
      await root('CREATE EXTENSION pg_stat_statements', 'digi_core');
      const { plan } = await project.plan();
      expect(plan.steps).toEqual([]);
      expect(named(plan.diagnostics)).not.toContainEqual(expect.stringMatching(said));
    });
  });
});
