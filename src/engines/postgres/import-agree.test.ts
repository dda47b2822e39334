import { expect, test } from 'vitest';
import { describeEachPostgres, freshPostgres } from '../../../test/support/engines.ts';
import { testProject } from '../../../test/support/project.ts';
import { at, query } from '../../../test/support/query.ts';
import { importServer } from '../../app/import.ts';
import { verifyProject } from '../../app/verify.ts';

/** What people leave on a server: rights of logins that are no app's, on what is theirs and on what is the operator's. */
const LEFT: readonly (readonly [string, string])[] = [
  ['shop', 'CREATE EXTENSION pg_stat_statements; GRANT SELECT ON ALL TABLES IN SCHEMA public TO grafana_ro'],
  ['shop', 'ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO readonly'],
  ['shop', 'ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO shop'],
  ['shop', 'CREATE TABLE public.ops (id int, secret text); GRANT SELECT (id) ON public.ops TO readonly'],
  [
    'shop',
    "CREATE SCHEMA tools; GRANT USAGE ON SCHEMA tools TO readonly; CREATE FUNCTION tools.check() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'; REVOKE ALL ON FUNCTION tools.check() FROM PUBLIC; GRANT EXECUTE ON FUNCTION tools.check() TO readonly",
  ],
  [
    'shop',
    'CREATE FUNCTION public.watch() RETURNS event_trigger LANGUAGE plpgsql AS $$BEGIN END$$; CREATE EVENT TRIGGER watch ON ddl_command_end EXECUTE FUNCTION public.watch()',
  ],
];

describeEachPostgres('after an import and its apply', { versions: 'ends' }, (_server, major) => {
  test('plan and verify agree about what was left', async () => {
    await using server = await freshPostgres({ major });
    for (const login of ['shop', 'readonly', 'grafana_ro']) await query(server.url, `CREATE USER ${login} PASSWORD 'old'`);
    await query(server.url, 'CREATE DATABASE shop OWNER shop');
    const url = at(server.url, { database: 'shop' });
    await query(url, 'GRANT ALL ON SCHEMA public TO shop');
    await query(at(url, { user: 'shop', password: 'old' }), 'CREATE TABLE notes (id serial PRIMARY KEY)');
    for (const [database, sql] of LEFT) await query(at(server.url, { database }), sql);
    const { yaml } = await importServer({ url: server.url, password: null, env: {}, cwd: '/by-hand' });
    await using project = await testProject(yaml, { POSTGRES_PASSWORD: server.password });
    const { outcome, trouble } = await project.apply();
    expect([trouble, outcome?.plan.steps.length]).toEqual(['', expect.any(Number)]);
    expect((await project.plan()).plan.steps.flatMap(({ statements }) => statements.map(({ text }) => text))).toEqual([]);
    const { report } = await verifyProject(await project.open(), { seed: 7 });
    const open = report.findings.filter(({ verdict }) => verdict !== 'UNPROVEN');
    expect(open.map((one) => `${one.probe} ${one.from} > ${one.to}: ${one.statement} | ${one.answer}`)).toEqual([]);
  });
});
