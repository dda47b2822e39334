import { expect, test } from 'vitest';
import { describeEachMajor, freshPostgres } from '../../../support/engines.ts';
import { testProject } from '../../../support/project.ts';
import { at, query } from '../../../support/query.ts';
import { importServer } from '../../../../src/app/import.ts';
import { verifyProject } from '../../../../src/app/verify.ts';

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

describeEachMajor('after an import and its apply', { versions: 'ends' }, (major) => {
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
    expect((await project.plan()).plan.steps.flatMap(({ commands: statements }) => statements.map(({ text }) => text))).toEqual([]);
    const { report } = await verifyProject(await project.open(), { seed: 7 });
    const open = report.findings.filter(({ verdict }) => verdict !== 'UNPROVEN');
    expect(open.map((one) => `${one.probe} ${one.from} > ${one.to}: ${one.statement} | ${one.answer}`)).toEqual([]);
  });

  test.each(['import', 'adopt'])(
    'what stays with the operator works for the app as it did: triggers, row level security, views, columns (%s)',
    async (way) => {
      await using server = await freshPostgres({ major });
      for (const login of ['shop', 'pgbouncer']) await query(server.url, `CREATE USER ${login} PASSWORD 'old'`);
      await query(server.url, 'CREATE DATABASE shop');
      const url = at(server.url, { database: 'shop' });
      for (const sql of [
        'GRANT ALL ON SCHEMA public TO shop',
        `CREATE TABLE notes (id serial PRIMARY KEY, text text, at timestamptz); GRANT ALL ON notes, notes_id_seq TO shop`,
        `CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN NEW.at = now(); RETURN NEW; END$$; CREATE TRIGGER stamp BEFORE INSERT ON notes FOR EACH ROW EXECUTE FUNCTION stamp()`,
        `CREATE TABLE docs (tenant int, body text); INSERT INTO docs VALUES (1, 'mine'), (2, 'theirs'); ALTER TABLE docs ENABLE ROW LEVEL SECURITY;
       CREATE POLICY p ON docs USING (tenant = current_setting('app.tenant')::int); GRANT SELECT, INSERT, UPDATE, DELETE ON docs TO shop`,
        'CREATE TABLE audit (id int, what text, secret text); GRANT SELECT (id, what), INSERT ON audit TO shop; CREATE VIEW seen AS SELECT id FROM audit; GRANT SELECT ON seen TO shop',
        `CREATE SCHEMA pgbouncer; GRANT USAGE ON SCHEMA pgbouncer TO pgbouncer; CREATE FUNCTION pgbouncer.get_auth(text) RETURNS text LANGUAGE sql SECURITY DEFINER AS 'SELECT rolname::text FROM pg_authid WHERE rolname = $1';
       REVOKE ALL ON FUNCTION pgbouncer.get_auth(text) FROM PUBLIC; GRANT EXECUTE ON FUNCTION pgbouncer.get_auth(text) TO pgbouncer`,
      ])
        await query(url, sql);
      const does = [
        "INSERT INTO notes (text) VALUES ('x')",
        'SELECT id, what FROM audit',
        "INSERT INTO audit VALUES (1, 'x', 'y')",
        'SELECT * FROM seen',
        "SELECT set_config('app.tenant', '1', false)",
      ];
      // An adopted app owns the schema, and whoever does may drop what lies in it: CT2036 says so.
      const may = async (): Promise<readonly string[]> => {
        const asShop = at(url, { user: 'shop', password: 'old' });
        const out: string[] = [];
        for (const sql of [...does, 'SELECT secret FROM audit', 'DELETE FROM audit', ...(way === 'import' ? ['DROP TABLE docs'] : [])])
          out.push(
            await query(asShop, sql).then(
              () => `${sql}: ok`,
              (error: unknown) => `${sql}: ${(error as { code: string }).code}`,
            ),
          );
        const rows = await query(`${asShop}?options=-c%20app.tenant%3D1`, 'SELECT body FROM docs');
        return [...out, JSON.stringify(rows)];
      };
      const before = await may();
      const { yaml } = await importServer({ url: server.url, password: null, env: {}, cwd: '/by-hand' });
      const byHand = `cotenant: 1
project: tests
instances: { main: { engine: postgres, url: 'postgres://postgres@${server.host}:${server.port}/postgres', password: { env: POSTGRES_PASSWORD } } }
apps: { shop: { uses: { main: { adopt: true, names: { login: shop }, connections: 5 } } } }
known: [{ user: pgbouncer, on: main, why: a pooler }]
`;
      await using project = await testProject(way === 'import' ? yaml : byHand, { POSTGRES_PASSWORD: server.password });
      const { trouble } = await project.apply();
      expect(trouble).toBe('');
      expect(await may()).toEqual(before);
      expect((await project.plan()).plan.steps).toEqual([]);
      const owner = await query(url, `SELECT proowner::regrole::text AS owner FROM pg_proc WHERE proname = 'get_auth'`);
      expect(owner).toEqual([{ owner: 'postgres' }]);
    },
  );
});
