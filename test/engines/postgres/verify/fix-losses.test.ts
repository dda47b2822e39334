import { beforeAll, expect, test } from 'vitest';
import { describeEachPostgres, tableFor } from '../../../support/engines.ts';
import { type TestProject, testProject } from '../../../support/project.ts';
import { at, query } from '../../../support/query.ts';
import { applyFixes, fixPlan } from '../../../../src/app/fix.ts';
import { verifyProject } from '../../../../src/app/verify.ts';
import { type Loss, lossesToConfirm, type VerifyReport } from '../../../../src/model/index.ts';

const APPS = `apps:
  shop: { uses: { main: { connections: 3 } } }
  news: { uses: { main: { connections: 3, isolation: schema, database: shared } } }
  mail: { uses: { main: { connections: 3, isolation: schema, database: shared } } }
  x: { uses: { main: { connections: 3, isolation: rows, database: pool } } }
  y: { uses: { main: { connections: 3, isolation: rows, database: pool } } }
`;
const PEOPLE = 'operators: { backup: { may: [connect, read-all] } }\nknown: [{ user: friend, why: test }]\n';

/** Everybody whose view counts: strangers, one in a group with somebody known, an operator, another project, a service's own. */
const PEOPLES = ['alice', 'bob', 'carol', 'friend', 'backup', 'pa_user', 'svc'];

/** What somebody, `$`, is given, and where. `once`: it names nobody who could be PUBLIC or hold it twice. */
interface Gift {
  readonly in: string;
  readonly sql: string;
  readonly role?: true;
  /** Nobody can pass it on. */
  readonly dead?: true;
  readonly since?: number;
}

const gifts: readonly Gift[] = [
  ...['shop', 'shared', 'pool'].map((name): Gift => ({ in: 'postgres', sql: `GRANT CONNECT, TEMPORARY, CREATE ON DATABASE ${name} TO $` })),
  { in: 'postgres', sql: 'GRANT CONNECT ON DATABASE gone_away TO $' },
  { in: 'postgres', sql: 'GRANT CREATE ON TABLESPACE pg_default TO $' },
  { in: 'postgres', sql: 'GRANT SET ON PARAMETER log_statement TO $', since: 15 },
  { in: 'postgres', sql: 'GRANT shop_ro, news_rw, shared_tenants TO $', role: true },
  { in: 'postgres', sql: "ALTER ROLE $ SET my.token = 'postgres://u:secret@h/d'; COMMENT ON ROLE $ IS 'password: hunter2'", role: true },
  { in: 'postgres', sql: 'GRANT CREATE ON SCHEMA public TO $' },
  {
    in: 'shop',
    sql: 'GRANT ALL ON SCHEMA public TO $; GRANT ALL ON t, v TO $; GRANT UPDATE (note) ON t TO $; GRANT ALL ON SEQUENCE s TO $',
  },
  {
    in: 'shop',
    sql: 'GRANT EXECUTE ON FUNCTION f(), definer() TO $; GRANT USAGE ON TYPE mood, d TO $; GRANT ALL ON LARGE OBJECT 4711 TO $',
  },
  {
    in: 'shop',
    sql: 'GRANT USAGE ON LANGUAGE plpgsql TO $; GRANT USAGE ON FOREIGN DATA WRAPPER w TO $; GRANT USAGE ON FOREIGN SERVER far TO $',
  },
  { in: 'shop', sql: 'GRANT EXECUTE ON FUNCTION pg_read_file(text), pg_reload_conf() TO $' },
  { in: 'shop', sql: 'CREATE USER MAPPING FOR $ SERVER far', role: true },
  { in: 'shop', sql: 'ALTER DEFAULT PRIVILEGES FOR ROLE shop_owner GRANT SELECT ON TABLES TO $', dead: true },
  { in: 'shop', sql: 'CREATE POLICY only_$ ON t FOR SELECT TO $ USING (true)', role: true },
  {
    in: 'shop',
    sql: 'CREATE SCHEMA own_$; ALTER SCHEMA own_$ OWNER TO $; CREATE TABLE own_$.t (x int); ALTER TABLE own_$.t OWNER TO $',
    role: true,
  },
  {
    in: 'shop',
    sql: `CREATE FUNCTION own_$.fire() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'; ALTER FUNCTION own_$.fire() OWNER TO $;
      CREATE EVENT TRIGGER fire_$ ON sql_drop EXECUTE FUNCTION own_$.fire()`,
    role: true,
  },
  { in: 'shared', sql: 'GRANT ALL ON SCHEMA news TO $; GRANT ALL ON news.t TO $' },
  {
    in: 'pool',
    sql: 'GRANT USAGE ON SCHEMA public TO $; GRANT ALL ON rows, plain TO $; GRANT ALL ON SCHEMA cotenant TO $; GRANT SELECT ON cotenant.workspaces TO $',
  },
  { in: 'pool', sql: "INSERT INTO cotenant.workspaces VALUES ('$', 'x')", role: true },
  { in: 'hand', sql: 'GRANT ALL ON SCHEMA public TO $; GRANT ALL ON t TO $; GRANT CREATE ON DATABASE hand TO $' },
  { in: 'lab', sql: 'GRANT ALL ON SCHEMA public TO $; GRANT CREATE ON DATABASE lab TO $' },
];

/** Who can do what, as the server says. One line each. */
const rights = (version: number): string => {
  const who = "(SELECT oid, rolname FROM pg_roles WHERE rolcanlogin AND NOT rolsuper AND rolname !~ '^pg_')";
  const each = (kind: string, from: string, name: string, words: readonly string[], check: string): string =>
    `SELECT l.rolname || ' ' || p || ' ${kind} ' || (${name})::text AS line FROM ${who} l, ${from} o, unnest(ARRAY['${words.join("','")}']) p WHERE ${check}`;
  const table = ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER'];
  return [
    each(
      'table',
      "(SELECT * FROM pg_class WHERE relkind IN ('r', 'v') AND relnamespace > 16383 OR relname IN ('t', 'v', 'rows', 'plain'))",
      'o.oid::regclass',
      table,
      'has_table_privilege(l.oid, o.oid, p)',
    ),
    each(
      'column',
      "(SELECT * FROM pg_attribute WHERE attname = 'note')",
      "o.attrelid::regclass::text || '.note'",
      ['SELECT', 'UPDATE'],
      'has_column_privilege(l.oid, o.attrelid, o.attnum, p)',
    ),
    each(
      'sequence',
      "(SELECT * FROM pg_class WHERE relkind = 'S' AND oid > 16383)",
      'o.relname',
      ['USAGE', 'SELECT', 'UPDATE'],
      'has_sequence_privilege(l.oid, o.oid, p)',
    ),
    each('schema', 'pg_namespace', 'o.nspname', ['USAGE', 'CREATE'], 'has_schema_privilege(l.oid, o.oid, p)'),
    each(
      'function',
      "(SELECT * FROM pg_proc WHERE oid > 16383 OR proname IN ('pg_read_file', 'pg_reload_conf', 'pg_logical_emit_message'))",
      'o.oid::regprocedure',
      ['EXECUTE'],
      'has_function_privilege(l.oid, o.oid, p)',
    ),
    each('type', '(SELECT * FROM pg_type WHERE oid > 16383)', 'o.typname', ['USAGE'], 'has_type_privilege(l.oid, o.oid, p)'),
    each('language', 'pg_language', 'o.lanname', ['USAGE'], 'has_language_privilege(l.oid, o.oid, p)'),
    each('wrapper', 'pg_foreign_data_wrapper', 'o.fdwname', ['USAGE'], 'has_foreign_data_wrapper_privilege(l.oid, o.oid, p)'),
    each('server', 'pg_foreign_server', 'o.srvname', ['USAGE'], 'has_server_privilege(l.oid, o.oid, p)'),
    each('database', 'pg_database', 'o.datname', ['CONNECT', 'TEMPORARY', 'CREATE'], 'has_database_privilege(l.oid, o.oid, p)'),
    each('tablespace', 'pg_tablespace', 'o.spcname', ['CREATE'], 'has_tablespace_privilege(l.oid, o.oid, p)'),
    each('role', 'pg_roles', 'o.rolname', ['MEMBER'], 'l.oid <> o.oid AND pg_has_role(l.oid, o.oid, p)'),
    each(
      'owner of',
      '(SELECT oid, relname, relowner FROM pg_class WHERE oid > 16383)',
      'o.relname',
      ['OWN'],
      "pg_has_role(l.oid, o.relowner, 'USAGE')",
    ),
    ...(version >= 15
      ? [each('parameter', "(SELECT 'log_statement' AS name)", 'o.name', ['SET'], 'has_parameter_privilege(l.oid, o.name, p)')]
      : []),
    `SELECT l.rolname || ' has large object ' || o.oid::text FROM ${who} l, pg_largeobject_metadata o, aclexplode(o.lomacl) a WHERE a.grantee = 0 OR pg_has_role(l.oid, a.grantee, 'USAGE')`,
    `SELECT l.rolname || ' will have ' || d.defaclobjtype::text || d.defaclrole::text FROM ${who} l, pg_default_acl d, aclexplode(d.defaclacl) a WHERE CASE WHEN a.grantee = 0 THEN true ELSE pg_has_role(l.oid, a.grantee, 'USAGE') END OR (a.privilege_type = 'SELECT' AND pg_has_role(l.oid, 'pg_read_all_data', 'USAGE'))`,
    `SELECT u.umuser::regrole::text || ' maps ' || u.umserver::text FROM pg_user_mapping u WHERE u.umuser <> 0`,
    `SELECT r.rolname || ' setting ' || s.setconfig::text FROM pg_db_role_setting s JOIN pg_roles r ON r.oid = s.setrole`,
    `SELECT r.rolname || ' comment ' || d.description FROM pg_shdescription d JOIN pg_roles r ON r.oid = d.objoid AND d.classoid = 'pg_authid'::regclass`,
    `SELECT t.evtowner::regrole::text || ' trigger ' || t.evtname || t.evtenabled::text FROM pg_event_trigger t`,
    `SELECT r.rolname || ' policy ' || p.polname FROM pg_policy p JOIN pg_roles r ON r.oid = ANY (p.polroles)`,
  ].join(' UNION ');
};

describeEachPostgres('who loses what by every kind of right', { versions: 'ends' }, (server, major) => {
  const root = (sql: string, database = 'postgres') => query(at(server().url, { database }), sql);
  const stack = new AsyncDisposableStack();
  const some = gifts.filter(({ since = 14 }) => major >= since);
  let project: TestProject;

  beforeAll(async () => {
    for (const login of ['alice', 'bob', 'carol', 'friend', 'backup', 'svc', 'hand_o'])
      await root(`CREATE ROLE ${login} LOGIN PASSWORD 'x'`);
    await root('CREATE ROLE club; GRANT club TO bob, friend; CREATE ROLE svc_group; GRANT svc_group TO svc');
    await root('CREATE DATABASE hand OWNER hand_o');
    await root('CREATE DATABASE lab OWNER alice');
    for (const database of ['hand', 'lab']) await root('CREATE TABLE t (note text)', database);
    const { host, port, password } = server();
    const instance = `instances: { main: { engine: postgres, url: 'postgres://postgres@${host}:${port}/postgres', password: { env: ADMIN }, perimeter: warn, service: { roles: [svc_group] } } }\n`;
    const other = stack.use(
      await testProject(`cotenant: 1\nproject: others\n${instance}apps: { pa: { uses: { main: { connections: 3 } } } }\n`, {
        ADMIN: password,
      }),
    );
    expect((await other.apply({ confirm: 'strangers' })).trouble).toBe('');
    const body = (apps: string): string => `cotenant: 1\nproject: tests\n${instance}${apps}${PEOPLE}`;
    project = stack.use(await testProject(body(`${APPS}  gone: { uses: { main: { connections: 3 } } }\n`), { ADMIN: password }));
    expect((await project.apply({ confirm: 'strangers' })).trouble).toBe('');
    await project.write(body(`${APPS}removal: retain\n`));
    expect((await project.apply({ confirm: 'strangers' })).trouble).toBe('');
    const [gone] = await root("SELECT datname FROM pg_database WHERE datname ~ 'gone'");
    await root(`ALTER DATABASE "${String(gone?.['datname'])}" RENAME TO gone_away`);
    await root(
      `CREATE TABLE t (id int, note text); CREATE VIEW v AS SELECT id FROM t; CREATE SEQUENCE s; CREATE TYPE mood AS ENUM ('good'); CREATE DOMAIN d AS int;
       CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE FUNCTION definer() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1';
       SELECT lo_create(4711); ALTER LARGE OBJECT 4711 OWNER TO shop_owner; CREATE FOREIGN DATA WRAPPER w; CREATE SERVER far FOREIGN DATA WRAPPER w`,
      'shop',
    );
    for (const what of ['TABLE t', 'VIEW v', 'SEQUENCE s', 'FUNCTION f()']) await root(`ALTER ${what} OWNER TO shop_owner`, 'shop');
    await root('CREATE TABLE news.t (id int); ALTER TABLE news.t OWNER TO news_owner', 'shared');
    await root(
      'CREATE TABLE rows (id int, workspace text); CREATE TABLE plain (id int); ALTER TABLE rows OWNER TO pool_owner; ALTER TABLE plain OWNER TO pool_owner',
      'pool',
    );
    await project.apply({ confirm: 'strangers' });
    return async () => await stack.disposeAsync();
  });

  const look = async (): Promise<ReadonlySet<string>> => {
    const lines = new Set<string>();
    for (const database of ['postgres', 'shop', 'shared', 'pool', 'hand', 'lab'])
      for (const { line } of await root(rights(major), database)) lines.add(`${database}: ${String(line)}`);
    return lines;
  };

  /** Sends all of it; what the server refuses takes nothing. */
  const fixed = async (report: VerifyReport): Promise<void> => {
    const plan = fixPlan(await project.open(), report);
    const confirm = [...lossesToConfirm(plan).keys(), ...plan.steps.flatMap((step) => step.confirm ?? [])];
    for await (const event of applyFixes(await project.open(), report, { consent: () => Promise.resolve(true), confirm }))
      if (event.type === 'result') expect(['done', 'partly', 'nothing-to-do']).toContain(event.ending);
  };

  const give = async (way: string, who: string): Promise<void> => {
    const fitting = some.filter(
      ({ role, dead }) => (role !== true || who !== 'PUBLIC') && (way === 'to' || (role !== true && dead !== true)),
    );
    for (const gift of fitting) {
      const given = gift.sql.replaceAll('$', who);
      const passing = gift.sql.replaceAll('$', PEOPLES.filter((one) => one !== who).join(', '));
      const grants = given.replaceAll(/(GRANT [^;]*)/g, '$1 WITH GRANT OPTION');
      await root(way === 'to' ? given : `${grants}; SET ROLE ${who}; ${passing}; RESET ROLE`, gift.in);
    }
  };

  /** What went, of whoever could come to where it is, and was not told of. */
  const untold = (before: ReadonlySet<string>, after: ReadonlySet<string>, losses: readonly Loss[]): readonly string[] =>
    [...before].filter((line) => {
      const [, database = '', login = '', thing = ''] = /^(\w+): (\w+) .*?([\w#]+)\W*$/.exec(line) ?? [];
      if (after.has(line) || !PEOPLES.includes(login) || !before.has(`postgres: ${login} CONNECT database ${database}`)) return false;
      const told = losses.flatMap(({ who, what }) => (who === login ? what : []));
      const out = told.some((what) => /connect to|CONNECT/.test(what) && what.includes(`database "${database}"`));
      return !out && !told.some((what) => what.includes(thing));
    });

  const taken = [...PEOPLES.filter((who) => who !== 'carol'), 'club', 'svc_group', 'gone', 'PUBLIC'];
  const passed = ['shop_rw', 'alice', 'club', 'friend'];
  test.each([
    ...tableFor(major, taken, 3).map((who) => ['to', who] as const),
    ...tableFor(major, passed, 2).map((who) => ['passed on by', who] as const),
  ])('a fix of what is given %s %s names whoever loses something by it, and takes nothing from who is accepted', async (way, holder) => {
    const [found] = await root(
      `SELECT rolname FROM pg_roles WHERE rolname ~ '^gone.*_ro' OR rolname = '${holder}' ORDER BY rolname = '${holder}' DESC`,
    );
    await give(way, holder === 'gone' ? String(found?.['rolname']) : holder);
    const before = await look();
    const { report } = await verifyProject(await project.open(), { seed: 7 });
    const { steps } = fixPlan(await project.open(), report);
    await fixed(report);
    const after = await look();
    const losses = steps.flatMap((step) => step.losses ?? []);
    expect(untold(before, after, losses)).toEqual([]);
    const accepted = losses.filter(({ who }) => ['friend', 'backup'].includes(who));
    expect(untold(before, after, []).filter((line) => /^\w+: (friend|backup) /.test(line) && accepted.length === 0)).toEqual([]);
    await project.apply({ confirm: 'strangers' });
  });

  const edited = [
    ['to', 'carol'],
    ['to', 'PUBLIC'],
    ['passed on by', 'shop_rw'],
    ['passed on by', 'carol'],
  ] as const;
  test.each(tableFor(major, edited, 2))(
    'an apply after something was given %s %s names whoever loses something by it',
    async (way, who) => {
      await give(way, who);
      const before = await look();
      const { plan } = await project.plan();
      expect((await project.apply({ confirm: 'strangers' })).trouble).toBe('');
      expect(
        untold(
          before,
          await look(),
          plan.steps.flatMap((step) => step.losses ?? []),
        ),
      ).toEqual([]);
    },
  );
});
