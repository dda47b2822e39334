import { beforeAll, describe, expect, test } from 'vitest';
import { describeEachPostgres } from '../../support/engines.ts';
import { type TestProject, testProject } from '../../support/project.ts';
import { at, changeMark, query } from '../../support/query.ts';
import { verifyProject } from '../../../src/app/verify.ts';

const PASSWORD = 'word';

const head = (port: number, more = ''): string => `cotenant: 1
project: people
instances: { main: { engine: postgres, url: 'postgres://postgres@127.0.0.1:${port}/postgres', password: { env: ADMIN }, connections: { reserve: 1 }${more} } }
`;

const apps = `apps:
  shop: { uses: { main: { connections: 5 } } }
  legacy: { uses: { main: { connections: 5, adopt: true } } }
  news: { uses: { main: { connections: 5, isolation: schema, database: shared } } }
`;

const operators = `operators:
  backup: { may: [read-all] }
  datadog: { may: [monitor] }
  debezium: { may: [replication, read-all] }
  pgbouncer: { may: [auth-query] }
`;

const logins = ['backup', 'datadog', 'debezium', 'pgbouncer'];

const LOOKUP = `CREATE SCHEMA pgbouncer; GRANT USAGE ON SCHEMA pgbouncer TO pgbouncer;
CREATE FUNCTION pgbouncer.get_auth(name text) RETURNS TABLE (who text, secret text) LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog
AS $$SELECT rolname::text, rolpassword FROM pg_authid WHERE rolname = name$$;
REVOKE ALL ON FUNCTION pgbouncer.get_auth(text) FROM PUBLIC; GRANT EXECUTE ON FUNCTION pgbouncer.get_auth(text) TO pgbouncer`;

describeEachPostgres('operators', { versions: 'ends' }, (server, major) => {
  const root = (sql: string, database = 'postgres') => query(at(server().url, { database }), sql);
  const as = (user: string, database: string, sql = 'SELECT 1 AS one') =>
    query(at(server().url, { user, password: PASSWORD, database }), sql);
  let project: TestProject;
  /** Without those that a first apply of an adopted login leaves. */
  const findings = async (): Promise<readonly string[]> => {
    const { report } = await verifyProject(await project.open());
    const found = report.findings.filter(({ probe, from }) => from === null || logins.includes(from) || !['PG-ID'].includes(probe));
    return [...new Set(found.map(({ probe, verdict, from, to }) => `${probe} ${verdict} ${from} > ${to}`))].sort();
  };

  beforeAll(async () => {
    for (const login of logins) await root(`CREATE ROLE ${login} LOGIN PASSWORD '${PASSWORD}'`);
    await root('CREATE DATABASE legacy');
    await root('CREATE TABLE orders (n int); INSERT INTO orders VALUES (1)', 'legacy');
    await root(LOOKUP, 'legacy');
    project = await testProject(head(server().port) + apps + operators, { ADMIN: server().password });
    return async () => await project[Symbol.asyncDispose]();
  });

  describe('an apply', () => {
    test('grants what they may do, and its second has nothing to do', async () => {
      // Before 15 everybody makes things in `public`: where an app lives an operator does not.
      expect(await project.apply({ confirm: major < 15 ? logins : [] })).toMatchObject({ ending: 'done', trouble: '' });
      const mark = await changeMark(server().url);
      expect(await project.apply()).toMatchObject({ ending: 'nothing-to-do', trouble: '' });
      expect(await changeMark(server().url)).toBe(mark);
    });

    test.for(['postgres', 'template1', 'shop', 'legacy', 'shared'])('lets all of them into %s', async (database) => {
      for (const login of logins) expect(await as(login, database)).toEqual([{ one: 1 }]);
    });

    test('lets a backup read everything, and write nothing', async () => {
      expect(await as('backup', 'legacy', 'SELECT n FROM orders')).toEqual([{ n: 1 }]);
      await expect(as('backup', 'legacy', 'DELETE FROM orders')).rejects.toThrow(/permission denied/);
    });

    test('lets a monitor read what the server counts', async () => {
      const sql = `SELECT pg_has_role('pg_monitor', 'USAGE') AS yes`;
      expect(await as('datadog', 'postgres', sql)).toEqual([{ yes: true }]);
    });

    test('lets change data capture stream', async () => {
      expect(await root(`SELECT rolreplication AS yes FROM pg_roles WHERE rolname = 'debezium'`)).toEqual([{ yes: true }]);
    });

    test('is proved: they have what they may do, and no more', async () => {
      expect(await findings()).toEqual([]);
    });

    test('leaves the lookup of a pooler to its owner', async () => {
      expect(await as('pgbouncer', 'legacy', `SELECT who FROM pgbouncer.get_auth('datadog')`)).toEqual([{ who: 'datadog' }]);
      const sql = `SELECT proowner::regrole::text AS owner, nspowner::regrole::text AS space FROM pg_proc JOIN pg_namespace n ON n.oid = pronamespace WHERE proname = 'get_auth'`;
      expect(await root(sql, 'legacy')).toEqual([{ owner: 'postgres', space: 'postgres' }]);
    });
  });

  describe('later', () => {
    test.for([
      ['CONNECT on an app’s database', 'REVOKE CONNECT ON DATABASE shop FROM backup', /^GRANT CONNECT ON DATABASE "shop" TO "backup"$/],
      ['CONNECT on postgres', 'REVOKE CONNECT ON DATABASE postgres FROM backup', /^GRANT CONNECT ON DATABASE "postgres" TO "backup"$/],
      ['a membership', 'REVOKE pg_monitor FROM datadog', /^GRANT "pg_monitor" TO "datadog"/],
      ['an attribute', 'ALTER ROLE debezium NOREPLICATION', /^ALTER ROLE "debezium" REPLICATION$/],
    ] as const)('%s that was taken comes back', async ([, sql, statement]) => {
      await root(sql);
      const { outcome, trouble } = await project.apply();
      expect(trouble).toBe('');
      const sent = outcome?.plan.steps.flatMap((step) => step.commands.map(({ text }) => text)) ?? [];
      expect(sent).toEqual([expect.stringMatching(statement)]);
      expect(outcome?.plan.steps.map(({ cause }) => cause)).toEqual(['drift']);
    });

    test('what they have beyond their words is not taken silently', async () => {
      await root('GRANT shop_rw TO datadog; GRANT TEMPORARY ON DATABASE shop TO datadog; GRANT CREATE ON DATABASE shared TO backup');
      await root('CREATE TABLE t (n int); GRANT INSERT ON t TO backup', 'legacy');
      await project.apply();
      expect((await project.plan()).plan.steps).toEqual([]);
      expect(await as('backup', 'legacy', `SELECT has_table_privilege('t', 'INSERT') AS yes`)).toEqual([{ yes: true }]);
    });

    test('what they have beyond their words is a finding', async () => {
      // What the app will make is read by the member of its group as well.
      expect(await findings()).toEqual([
        ...['backup > legacy', 'backup > shared', 'datadog > shop'].map((pair) => `PG-F2 BREACH ${pair}`),
        'PG-F2 LATENT datadog > shop',
      ]);
      await root(
        'REVOKE shop_rw FROM datadog; REVOKE TEMPORARY ON DATABASE shop FROM datadog; REVOKE CREATE ON DATABASE shared FROM backup',
      );
      await root('DROP TABLE t', 'legacy');
    });

    test.for([
      ['SUPERUSER', 'ALTER ROLE datadog SUPERUSER', 'ALTER ROLE datadog NOSUPERUSER', ['PG-F2 BREACH datadog > null']],
      [
        'a role of the server',
        'GRANT pg_write_all_data TO backup',
        'REVOKE pg_write_all_data FROM backup',
        ['PG-F2 BREACH backup > pg_write_all_data'],
      ],
      [
        'a whole database',
        'ALTER DATABASE shop OWNER TO backup',
        'ALTER DATABASE shop OWNER TO postgres; GRANT CONNECT ON DATABASE shop TO backup',
        ['PG-F2 BREACH backup > shop'],
      ],
      ['less than it may', 'REVOKE pg_monitor FROM datadog', 'GRANT pg_monitor TO datadog', ['PG-F2 UNPROVEN datadog > null']],
    ] as const)('%s is one too', async ([, sql, undo, expected]) => {
      await root(sql);
      const found = await findings();
      const { report } = await verifyProject(await project.open());
      await root(undo);
      expect(found).toEqual(expected);
      const fixes = report.findings.flatMap(({ fix }) => fix.map(({ statement }) => statement.text));
      expect(fixes.filter((text) => !text.startsWith('GRANT '))).toEqual([]);
    });

    test('a retired app leaves them no finding, and nothing of theirs to a fix', async () => {
      await root('GRANT USAGE ON SCHEMA public TO debezium', 'legacy');
      const all = head(server().port) + apps + operators;
      await project.write(all.replace(/ {2}legacy: .*\n/, ''));
      expect(await project.apply()).toMatchObject({ ending: 'done', trouble: '' });
      expect(await findings()).toEqual([]);
    });

    test('a new app is open to them too', async () => {
      await project.write(
        `${head(server().port) + apps.replace(/ {2}legacy: .*\n/, '')}  blog: { uses: { main: { connections: 5 } } }\n${operators}`,
      );
      expect(await project.apply()).toMatchObject({ ending: 'done', trouble: '' });
      for (const login of logins) expect(await as(login, 'blog')).toEqual([{ one: 1 }]);
      expect((await project.plan()).plan.steps).toEqual([]);
    });
  });

  describe('an entry', () => {
    test('whose login is not there is a warning, and nothing is made', async () => {
      await project.write(`${head(server().port) + apps}operators: { nobody: { may: [monitor] } }\nknown: [{ user: noone, why: test }]\n`);
      const { plan } = await project.plan();
      const said = plan.diagnostics.filter(({ code }) => code === 'CT2028').map(({ message }) => message);
      expect(said).toEqual([
        'the operator "nobody" does not exist on "main", so nothing is granted',
        'the known login "noone" does not exist on "main"',
      ]);
      expect(plan.steps.filter(({ address }) => address.kind === 'operator')).toEqual([]);
    });

    test.for([
      ['an app’s login', 'operators: { shop_user: { may: [connect] } }', 'CT2001'],
      ['an app’s group', 'known: [{ user: shop_ro, why: test }]', 'CT2001'],
      ['both', 'operators: { both: { may: [connect] } }\nknown: [{ user: both, why: test }]', 'CT2001'],
    ] as const)('that is %s is refused', async ([, yaml, code]) => {
      await project.write(`${head(server().port) + apps}${yaml}\n`);
      await expect(project.plan()).rejects.toThrow(code);
    });

    test('that reads all and no rows is warned of', async () => {
      const rows = 'apps: { a: { uses: { main: { isolation: rows, database: pool } } } }\n';
      await project.write(`${head(server().port) + rows}operators: { backup: { may: [read-all] } }\n`);
      expect((await project.open()).diagnostics.map((one) => one.code)).toContain('CT2029');
    });
  });
});

describeEachPostgres('operators of a managed admin', { versions: 'ends' }, (server, major) => {
  test('get what the admin may grant; the rest is named with the statement for a superuser', async () => {
    const root = (sql: string) => query(at(server().url, { database: 'postgres' }), sql);
    await root(`CREATE ROLE steward LOGIN CREATEROLE CREATEDB PASSWORD '${PASSWORD}'`);
    for (const login of logins) await root(`CREATE ROLE ${login} LOGIN PASSWORD '${PASSWORD}'`);
    const yaml = head(server().port).replace('postgres://postgres@', 'postgres://steward@');
    const shop = 'apps: { shop: { uses: { main: { connections: 5 } } } }\n';
    await using project = await testProject(yaml + shop + operators, { ADMIN: PASSWORD });
    const { ending, trouble, outcome } = await project.apply({ confirm: 'strangers' });
    expect({ ending, trouble }).toEqual({ ending: 'done', trouble: '' });
    expect((await project.plan()).plan.steps).toEqual([]);
    const hints = new Map(
      (outcome?.plan.diagnostics ?? []).flatMap(({ message, hint = '' }) => {
        const name = /the operator "(\w+)" all of/.exec(message)?.[1];
        return name === undefined ? [] : [[name, hint] as const];
      }),
    );
    expect(hints.get('debezium')).toContain('ALTER ROLE "debezium" REPLICATION');
    expect(hints.get('backup')).toContain('GRANT CONNECT ON DATABASE "postgres" TO "backup"');
    expect(hints.get('datadog')?.includes('GRANT "pg_monitor"')).toBe(major >= 16);
    expect(await query(at(server().url, { user: 'backup', password: PASSWORD, database: 'shop' }), 'SELECT 1 AS one')).toEqual([
      { one: 1 },
    ]);
  });
});
