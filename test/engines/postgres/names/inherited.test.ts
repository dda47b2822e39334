import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { DriftWorld } from '../../../support/drift.ts';
import { describeEachPostgres } from '../../../support/engines.ts';
import { inheritedNames } from '../../../support/hostile-names.ts';
import { testProject } from '../../../support/project.ts';
import { refused } from '../../../support/refused.ts';
import { importServer } from '../../../../src/app/import.ts';
import { verifyProject } from '../../../../src/app/verify.ts';
import { ident, literal } from '../../../../src/engines/postgres/quote.ts';

const placement = (more: Readonly<Record<string, unknown>>): unknown => ({ uses: { main: { connections: 2, ...more } } });

/** Apps at every level whose names on the server are names that every object inherits. */
const manifest = stringify({
  apps: {
    shop: placement({
      database: 'constructor',
      schema: 'toString',
      names: {
        owner: 'valueOf',
        readWrite: 'hasOwnProperty',
        readOnly: 'isPrototypeOf',
        login: '__proto__',
        standbyLogin: 'toLocaleString',
      },
      settings: { 'app.constructor': '__proto__' },
    }),
    wiki: placement({ isolation: 'schema', database: '__proto__', schema: 'constructor', names: { owner: 'constructor' } }),
    blog: placement({ isolation: 'schema', database: '__proto__', schema: '__proto__' }),
    desk: placement({
      isolation: 'rows',
      database: 'toString',
      schema: '__proto__',
      column: 'constructor',
      workspace: 'valueOf',
      names: { login: 'toString', standbyLogin: '__defineGetter__' },
    }),
    till: placement({ isolation: 'rows', database: 'toString', schema: '__proto__', column: 'constructor' }),
  },
  readers: { audit: { reads: ['shop', 'wiki'], connections: 1 } },
  shares: [
    { from: 'shop', tables: ['constructor'], columns: ['__proto__'], to: 'wiki', via: 'grant' },
    { from: 'blog', tables: ['__proto__'], to: 'wiki', via: 'grant' },
  ],
});

/** Things of every kind, each under each of the names. */
const things = (schema: string): string =>
  inheritedNames
    .map((name) => {
      const it = `${ident(schema)}.${ident(name)}`;
      return `CREATE TABLE ${it} (${inheritedNames.map((column) => `${ident(column)} int`).join(', ')});
        CREATE FUNCTION ${it}() RETURNS int LANGUAGE sql AS 'SELECT 1';
        CREATE VIEW ${ident(schema)}.${ident(`${name}_v`)} AS SELECT * FROM ${it}`;
    })
    .join(';\n');

describeEachPostgres('names that every object inherits', { versions: 'newest', settings: { max_connections: 200 } }, (server) => {
  let world: DriftWorld;
  beforeAll(async () => {
    world = await DriftWorld.make(server(), manifest, []);
    await world.runAs('__proto__', 'constructor', things('toString'));
    await world.runAs('blog_user', '__proto__', things('__proto__'));
    for (const name of inheritedNames) {
      const it = `"__proto__".${ident(name)}`;
      const sql = `CREATE TABLE ${it} ("constructor" text, n int); CREATE POLICY ${ident(name)} ON ${it} AS RESTRICTIVE USING (true)`;
      await world.runAs('toString_migrator', 'toString', sql);
    }
    await world.apply();
  }, 120_000);
  afterAll(async () => await world[Symbol.asyncDispose]());

  const breaches = async (): Promise<readonly string[]> => {
    const { report, diagnostics } = await verifyProject(await world.project.open(), { seed: 7 });
    expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
    return report.findings.map(({ probe, verdict, statement, answer }) => `${verdict} ${probe}: ${statement}: ${answer}`);
  };

  test('are applied, work, and then there is nothing to do', async () => {
    expect(await world.pending()).toEqual([]);
    const mine = `SELECT current_user, current_schema(), current_setting('app.constructor')`;
    expect(await world.runAs('__proto__', 'constructor', mine)).toEqual([['valueOf', 'toString', '__proto__']]);
    const row = `INSERT INTO "__proto__"."constructor" VALUES ('valueOf', 1); SELECT * FROM "__proto__"."constructor"`;
    expect(await world.runAs('toString', 'toString', row)).toEqual([['valueOf', 1]]);
    expect(await world.runAs('till_user', 'toString', 'SELECT * FROM "__proto__"."constructor"')).toEqual([]);
    expect(await refused(world.runAs('wiki_user', '__proto__', 'SELECT * FROM "__proto__"."constructor"'))).toBe('42501');
    expect(await world.runAs('wiki_user', '__proto__', 'SELECT * FROM "__proto__"."__proto__"')).toEqual([]);
  });

  test('verify finds nothing', { timeout: 120_000 }, async () => expect(await breaches()).toEqual([]));

  test('drift under them is seen, proved and corrected', { timeout: 120_000 }, async () => {
    await world.catalog.run(
      'postgres',
      `CREATE ROLE "propertyIsEnumerable" LOGIN PASSWORD 'x'; CREATE ROLE "__lookupGetter__"; GRANT "__lookupGetter__" TO "__proto__";
       GRANT "valueOf" TO "propertyIsEnumerable"; ALTER ROLE "__proto__" SET "app.valueof" = 'x';
       ALTER ROLE "__proto__" IN DATABASE "constructor" SET "app.tostring" = 'x'; GRANT CONNECT ON DATABASE "constructor" TO "propertyIsEnumerable"`,
    );
    await world.catalog.run(
      'constructor',
      `GRANT SELECT ON ALL TABLES IN SCHEMA "toString" TO "propertyIsEnumerable"; GRANT USAGE ON SCHEMA "toString" TO "propertyIsEnumerable";
       GRANT UPDATE ("__proto__") ON "toString"."toString" TO "propertyIsEnumerable"; GRANT EXECUTE ON FUNCTION "toString"."valueOf"() TO PUBLIC;
       ALTER TABLE "toString"."constructor" OWNER TO "__proto__";
       ALTER DEFAULT PRIVILEGES FOR ROLE "valueOf" IN SCHEMA "toString" GRANT SELECT ON TABLES TO "propertyIsEnumerable";
       ALTER DEFAULT PRIVILEGES FOR ROLE "propertyIsEnumerable" GRANT SELECT ON TABLES TO "isPrototypeOf"`,
    );
    await world.catalog.run(
      'toString',
      `INSERT INTO cotenant.workspaces VALUES ('propertyIsEnumerable', 'valueOf'); UPDATE cotenant.workspaces SET workspace = '__proto__' WHERE login = 'toString'`,
    );
    expect((await breaches()).length).toBeGreaterThan(5);
    const { plan } = await world.project.plan();
    const named = plan.steps.flatMap(({ address, fields }) => fields.map(({ field }) => `${address.kind} ${address.name}: ${field}`));
    expect(named).toEqual(expect.arrayContaining([expect.stringContaining('of propertyIsEnumerable')]));
    await world.apply();
    expect(await world.pending()).toEqual([]);
    expect(await breaches()).toEqual([]);
  });

  test('an import reads them', async () => {
    for (const name of ['hasOwnProperty', 'valueOf']) {
      await world.catalog.run('postgres', `CREATE ROLE ${ident(`${name}!`)} LOGIN PASSWORD 'x'`);
      await world.catalog.run('postgres', `CREATE DATABASE ${ident(name)} OWNER ${ident(`${name}!`)}`);
      await world.catalog.run('postgres', `ALTER ROLE ${ident(`${name}!`)} SET "app.constructor" = ${literal(name)}`);
      await world.catalog.run(name, `GRANT CONNECT ON DATABASE ${ident(name)} TO "propertyIsEnumerable"`);
    }
    const { host, port, password } = server();
    const { yaml } = await importServer({ url: `postgres://postgres@${host}:${port}/postgres`, password, env: {}, cwd: '/by-hand' });
    const found = parse(yaml) as { apps: Record<string, { uses: { main: Record<string, unknown> } }> };
    expect(Object.entries(found.apps).map(([app, { uses }]) => [app, uses.main['database'], uses.main['settings']])).toEqual([
      ['hasOwnProperty_2', 'hasOwnProperty', { 'app.constructor': 'hasOwnProperty' }],
      ['valueOf_2', 'valueOf', { 'app.constructor': 'valueOf' }],
    ]);
    await using other = await testProject(yaml, { POSTGRES_PASSWORD: password });
    await expect(other.open()).resolves.toBeDefined();
  });
});
