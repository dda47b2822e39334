import { beforeAll, expect, test } from 'vitest';
import { describeEachPostgres } from '../../../support/engines.ts';
import { type TestProject, testProject } from '../../../support/project.ts';
import { at, query } from '../../../support/query.ts';
import { lossesToConfirm } from '../../../../src/model/index.ts';

const KNOWN = 'friend';
const STRANGER = 'alice';

/** A right that somebody got with the option to grant it on, and that the next ones have from them. */
interface Chain {
  readonly what: string;
  readonly database: string;
  /** `$` is who holds the option, `%` who gets it from them. */
  readonly grant: string;
  readonly pass: string;
  /** True while `%` has it. */
  readonly has: string;
  /** What a plan calls it. */
  readonly said: string;
  readonly since?: number;
}

const chain = (what: string, database: string, on: string, said: string, has: string, since = 14): Chain => ({
  what,
  said,
  database,
  grant: `GRANT ${on} TO $ WITH GRANT OPTION`,
  pass: `GRANT ${on} TO %`,
  has,
  since,
});

const chains: readonly Chain[] = [
  chain('a database', 'shop', 'CONNECT ON DATABASE shop', 'connect to database "shop"', "has_database_privilege('%', 'shop', 'CONNECT')"),
  chain('a schema', 'shop', 'USAGE ON SCHEMA public', 'use schema "public"', "has_schema_privilege('%', 'public', 'USAGE')"),
  chain('a table', 'shop', 'SELECT ON orders', 'SELECT on table "public"."orders"', "has_table_privilege('%', 'orders', 'SELECT')"),
  chain('a view', 'shop', 'SELECT ON lens', 'SELECT on view', "has_table_privilege('%', 'lens', 'SELECT')"),
  chain('a column', 'shop', 'UPDATE (note) ON orders', 'UPDATE on column "note"', "has_column_privilege('%', 'orders', 'note', 'UPDATE')"),
  chain('a sequence', 'shop', 'USAGE ON SEQUENCE counter', 'USAGE', "has_sequence_privilege('%', 'counter', 'USAGE')"),
  chain('a function', 'shop', 'EXECUTE ON FUNCTION f()', 'EXECUTE on function', "has_function_privilege('%', 'f()', 'EXECUTE')"),
  chain(
    'the maintenance database',
    'postgres',
    'CREATE ON DATABASE postgres',
    'make schemas in database "postgres"',
    "has_database_privilege('%', 'postgres', 'CREATE')",
  ),
  chain(
    'its schema',
    'postgres',
    'CREATE ON SCHEMA public',
    'make objects in schema "public"',
    "has_schema_privilege('%', 'public', 'CREATE')",
  ),
  chain(
    'a parameter',
    'postgres',
    'SET ON PARAMETER log_statement',
    'parameter log_statement',
    "has_parameter_privilege('%', 'log_statement', 'SET')",
    15,
  ),
  {
    what: 'a membership',
    database: 'postgres',
    grant: 'GRANT shop_ro TO $ WITH ADMIN OPTION',
    pass: 'GRANT shop_ro TO %',
    said: 'the rights of role "shop_ro"',
    has: "pg_has_role('%', 'shop_ro', 'MEMBER')",
  },
  {
    what: 'a membership in a group of nobody here',
    database: 'postgres',
    grant: 'GRANT club TO $ WITH ADMIN OPTION',
    pass: 'GRANT club TO %',
    said: 'the rights of role "club"',
    has: "pg_has_role('%', 'club', 'MEMBER')",
  },
];

describeEachPostgres('what is passed on', { versions: 'ends' }, (server, major) => {
  const root = (sql: string, database = 'postgres') => query(at(server().url, { database }), sql);
  const some = chains.filter(({ since = 14 }) => major >= since);
  let project: TestProject;

  beforeAll(async () => {
    for (const login of [KNOWN, STRANGER]) await root(`CREATE ROLE ${login} LOGIN PASSWORD 'x'`);
    await root('CREATE ROLE club');
    const { host, port, password } = server();
    project = await testProject(
      `cotenant: 1\nproject: chains\ninstances: { main: { engine: postgres, url: 'postgres://postgres@${host}:${port}/postgres', password: { env: ADMIN } } }
apps: { shop: { uses: { main: { connections: 5 } } } }\nknown: [{ user: ${KNOWN}, why: test }]\n`,
      { ADMIN: password },
    );
    expect((await project.apply({ confirm: 'strangers' })).trouble).toBe('');
    await root(
      "CREATE TABLE orders (id int, note text); CREATE VIEW lens AS SELECT * FROM orders; CREATE SEQUENCE counter; CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
      'shop',
    );
    for (const kind of ['TABLE orders', 'VIEW lens', 'SEQUENCE counter', 'FUNCTION f()'])
      await root(`ALTER ${kind} OWNER TO shop_owner`, 'shop');
    expect((await project.apply({ confirm: 'strangers' })).trouble).toBe('');
    return async () => await project[Symbol.asyncDispose]();
  });

  const holds = async ({ database, has }: Chain, who: string): Promise<unknown> =>
    (await root(`SELECT ${has.replaceAll('%', who)} AS has`, database))[0]?.['has'];

  test.each(['shop_rw', STRANGER])('by %s: a known login keeps it, a stranger is named', async (holder) => {
    const late = `late_${holder}`;
    await root(`CREATE ROLE ${late} LOGIN PASSWORD 'x'`);
    for (const { database, grant, pass } of some) {
      const passes = [KNOWN, late].map((heir) => pass.replaceAll('%', heir)).join('; ');
      await root(`${grant.replaceAll('$', holder)}; SET ROLE ${holder}; ${passes}; RESET ROLE`, database);
    }
    expect(await Promise.all(some.map((one) => holds(one, late)))).toEqual(some.map(() => true));
    const { plan } = await project.plan();
    const losses = plan.steps.flatMap((step) => step.losses ?? []);
    expect(losses.filter(({ who }) => who === KNOWN)).toEqual([]);
    expect((await project.apply({ confirm: [...lossesToConfirm(plan).keys()] })).trouble).toBe('');
    for (const one of some) {
      expect([one.what, await holds(one, KNOWN)]).toEqual([one.what, true]);
      if ((await holds(one, late)) !== true)
        expect(losses.flatMap(({ who, what }) => (who === late ? what : [])).join()).toContain(one.said);
    }
    expect((await project.plan()).plan.steps).toEqual([]);
    for (const { database, pass } of some) await root(pass.replace(/^GRANT (.*) TO %$/, `REVOKE $1 FROM ${KNOWN} CASCADE`), database);
  });
});
