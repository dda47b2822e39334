import { expect, test } from 'vitest';
import { DriftWorld } from '../../support/drift.ts';
import { describeEachMajor, freshPostgres } from '../../support/engines.ts';
import { at, query } from '../../support/query.ts';
import { applyFixes } from '../../../src/app/fix.ts';
import { importServer } from '../../../src/app/import.ts';
import { restoreApp } from '../../../src/app/restore.ts';
import { statusProject } from '../../../src/app/status.ts';
import { verifyProject } from '../../../src/app/verify.ts';

const yaml = (more = '', apps = ''): string => `removal: retain
apps:
  shop: { uses: { main: { connections: 5${more} } } }
  news: { uses: { main: { connections: 5, isolation: schema, database: shared, relax: { createOnDatabase: true, temporary: true } } } }
  mail: { uses: { main: { connections: 5, isolation: schema, database: shared } } }
  team: { uses: { main: { connections: 5, isolation: rows, database: pool } } }
${apps}readers:
  audit: { reads: [shop, news], connections: 2 }
`;
const shares =
  'shares:\n  - { from: news, tables: [orders], to: mail, via: grant }\n  - { from: shop, tables: [orders], to: mail, via: grant }\n';

/** A sequence is not rolled back: what ran as the operator is known for good. */
const spring = (schema: string): string => `CREATE SEQUENCE ${schema}.sprung; GRANT ALL ON SEQUENCE ${schema}.sprung TO PUBLIC;
  CREATE FUNCTION ${schema}.spring(what text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $f$BEGIN
    IF 'postgres' IN (current_user, session_user) THEN PERFORM pg_catalog.nextval('${schema}.sprung'); END IF; RETURN true; END$f$;
  CREATE FUNCTION ${schema}.fire() RETURNS trigger LANGUAGE plpgsql AS $f$BEGIN PERFORM ${schema}.spring('trigger'); RETURN coalesce(NEW, OLD); END$f$;`;

/** Names and arguments that fit what the operator asks better than the server's own. */
const overloads = (schema: string): string =>
  [
    'pg_get_userbyid(oid) RETURNS name',
    'pg_get_expr(pg_node_tree, oid) RETURNS text',
    'pg_get_viewdef(oid) RETURNS text',
    'pg_describe_object(oid, oid, integer) RETURNS text',
    'has_database_privilege(name, oid, text) RETURNS boolean',
    'has_table_privilege(oid, oid, text) RETURNS boolean',
    'pg_has_role(oid, text) RETURNS boolean',
    'pg_total_relation_size(regclass) RETURNS bigint',
    'pg_database_size(oid) RETURNS bigint',
    'current_setting(text) RETURNS text',
    'format_type(oid, integer) RETURNS text',
    'array_to_string(name[], text) RETURNS text',
    'lower(varchar) RETURNS text',
    'concat_ws(text, name) RETURNS text',
    'coalesce_name(name) RETURNS name',
    'sha256(text) RETURNS bytea',
  ]
    .map(
      (one) => `CREATE FUNCTION ${schema}.${one} LANGUAGE plpgsql AS $f$BEGIN PERFORM ${schema}.spring('overload'); RETURN NULL; END$f$;`,
    )
    .join('\n');

/** Everything on a table and beside it that can run code. `more`: columns of the level. */
const traps = (schema: string, more = ''): string => `${spring(schema)}${overloads(schema)}
  CREATE DOMAIN ${schema}.checked AS text CHECK (${schema}.spring('domain'));
  CREATE TABLE ${schema}.orders (${more} id int DEFAULT (${schema}.spring('default'))::int, note ${schema}.checked, CHECK (${schema}.spring('check')),
    made boolean GENERATED ALWAYS AS (${schema}.spring('generated')) STORED);
  CREATE INDEX trap_expression ON ${schema}.orders (${schema}.spring(note)); CREATE INDEX trap_partial ON ${schema}.orders (id) WHERE ${schema}.spring(note);
  CREATE STATISTICS ${schema}.trap_statistics ON (${schema}.spring(note)), id FROM ${schema}.orders;
  INSERT INTO ${schema}.orders (${more === '' ? '' : 'workspace, '}id, note) VALUES (${more === '' ? '' : "'team', "}1, 'x');
  CREATE TRIGGER trap_row BEFORE INSERT OR UPDATE OR DELETE ON ${schema}.orders FOR EACH ROW EXECUTE FUNCTION ${schema}.fire();
  CREATE TRIGGER trap_statement AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON ${schema}.orders FOR EACH STATEMENT EXECUTE FUNCTION ${schema}.fire();
  ALTER TABLE ${schema}.orders ENABLE ALWAYS TRIGGER trap_row;
  CREATE TABLE ${schema}.ruled (id int); CREATE RULE trap_rule AS ON DELETE TO ${schema}.ruled DO ALSO SELECT ${schema}.spring('rule');
  CREATE TABLE ${schema}.guarded (id int); CREATE POLICY trap_policy ON ${schema}.guarded USING (${schema}.spring('policy')); ALTER TABLE ${schema}.guarded ENABLE ROW LEVEL SECURITY;
  CREATE TABLE ${schema}.parted (id int, at text) PARTITION BY LIST ((${schema}.spring(at)));
  CREATE VIEW ${schema}.seen AS SELECT ${schema}.spring('view') AS x, * FROM ${schema}.ruled; CREATE VIEW ${schema}.pg_roles AS SELECT ${schema}.spring('relation') AS rolsuper;
  CREATE MATERIALIZED VIEW ${schema}.kept AS SELECT ${schema}.spring('materialized');
  CREATE TYPE ${schema}.pair AS (a int, b text); CREATE FUNCTION ${schema}.to_pair(text) RETURNS ${schema}.pair LANGUAGE plpgsql AS $f$BEGIN PERFORM ${schema}.spring('cast'); RETURN NULL; END$f$;
  CREATE CAST (text AS ${schema}.pair) WITH FUNCTION ${schema}.to_pair(text) AS IMPLICIT;
  CREATE FUNCTION ${schema}.same(name, name) RETURNS boolean LANGUAGE sql AS 'SELECT ${schema}.spring(''operator'')'; CREATE OPERATOR ${schema}.= (LEFTARG = name, RIGHTARG = name, FUNCTION = ${schema}.same);
  CREATE FUNCTION ${schema}.same(oid, oid) RETURNS boolean LANGUAGE sql AS 'SELECT ${schema}.spring(''operator'')'; CREATE OPERATOR ${schema}.= (LEFTARG = oid, RIGHTARG = oid, FUNCTION = ${schema}.same);
  CREATE FUNCTION ${schema}.step(int, int) RETURNS int LANGUAGE plpgsql AS $f$BEGIN PERFORM ${schema}.spring('aggregate'); RETURN 1; END$f$; CREATE AGGREGATE ${schema}.count (int) (sfunc = ${schema}.step, stype = int);`;

/** What makes the operator touch every one of them. */
const drift = (schema: string, owner: string): string => `SET session_replication_role = replica;
  GRANT ALL ON ALL TABLES IN SCHEMA ${schema} TO PUBLIC; GRANT ALL ON ALL ROUTINES IN SCHEMA ${schema} TO PUBLIC; GRANT SELECT (note) ON ${schema}.orders TO PUBLIC;
  ALTER TABLE ${schema}.orders OWNER TO ${owner}_user; ALTER MATERIALIZED VIEW ${schema}.kept OWNER TO ${owner}_user; ALTER VIEW ${schema}.seen OWNER TO ${owner}_user; ALTER DOMAIN ${schema}.checked OWNER TO ${owner}_user;
  ALTER FUNCTION ${schema}.fire() OWNER TO ${owner}_user; ALTER SEQUENCE ${schema}.sprung OWNER TO ${owner}_user`;

describeEachMajor('a database full of traps', { versions: 'ends' }, (major) => {
  test('springs none of them in a session of the operator, whatever the command', async () => {
    await using server = await freshPostgres({ major });
    await using world = await DriftWorld.make(server, yaml(), ['shop', 'shared', 'pool']);
    const { project } = world;
    // Each on a connection of its own: a database that somebody is in is not renamed.
    const run = async (database: string, sql: string) => await query(at(server.url, { database }), sql);
    const places = [
      ['shop', 'public', 'shop_user'],
      ['shared', 'news', 'news_user'],
      ['pool', 'public', 'pool_migrator'],
    ] as const;
    for (const [database, schema, login] of places)
      await world.runAs(login, database, traps(schema, database === 'pool' ? 'workspace text,' : ''));
    const sprung = async (): Promise<readonly unknown[]> =>
      await Promise.all(
        places.map(async ([database, schema]) => (await run(database, `SELECT is_called FROM ${schema}.sprung`))[0]?.['is_called']),
      );
    const safe = async (verb: string): Promise<void> => expect([verb, ...(await sprung())]).toEqual([verb, false, false, false]);
    const apply = async (verb: string): Promise<void> => {
      const { trouble } = await project.apply();
      expect([verb, trouble]).toEqual([verb, '']);
      if (verb !== 'removal') await safe(verb);
    };
    await apply('apply');
    await run('shop', drift('public', 'shop'));
    await run('shared', drift('news', 'news'));
    await safe('drift');
    await project.plan();
    await safe('plan');
    await apply('apply of drift');
    await statusProject(await project.open());
    await safe('status');
    const { report } = await verifyProject(await project.open(), { seed: 7 });
    await safe('verify');
    await run('shop', 'GRANT ALL ON ALL TABLES IN SCHEMA public TO news_owner');
    const again = await verifyProject(await project.open(), { seed: 7 });
    for await (const event of applyFixes(await project.open(), again.report, {
      consent: () => Promise.resolve(true),
      confirm: ['shop', 'shared', 'pool'],
    }))
      expect(event).toBeTruthy();
    await safe('verify --fix');
    expect(report.findings.filter(({ verdict }) => verdict === 'BREACH')).toEqual([]);
    await importServer({ url: server.url, password: null, env: {}, cwd: '/by-hand' });
    await safe('import');
    await world.manifest(`${yaml(', extensions: []')}${shares}`);
    await apply('apply of shares');
    await world.manifest(yaml());
    await apply('shares taken back');
    await world.manifest(`removal: retain\napps:\n  mail: { uses: { main: { connections: 5, isolation: schema, database: shared } } }\n`);
    await apply('removal');
    await world.manifest(yaml());
    for (const app of ['shop', 'news', 'team'])
      for await (const event of restoreApp(await project.open(), app, { consent: () => Promise.resolve(true) })) expect(event).toBeTruthy();
    await apply('apply after a restore');
    // The control: the same session, without care, steps on them.
    await query(at(server.url, { database: 'shop' }), "INSERT INTO public.orders (note) VALUES ('x')");
    expect((await sprung())[0]).toBe(true);
  });
});
