import { expect, test } from 'vitest';
import { describeEachPostgres } from '../../../support/engines.ts';
import { testProject } from '../../../support/project.ts';
import { at, query } from '../../../support/query.ts';

describeEachPostgres('an app that becomes the owner of a schema', { versions: 'ends' }, (server) => {
  test.each([
    ['the operator’s before', 'shop', 'postgres', true],
    ['its own already', 'till', 'till', false],
  ] as const)('with things of others in it: %s', async (_name, app, owner, told) => {
    const root = (sql: string, database = 'postgres') => query(at(server().url, { database }), sql);
    const db = `db_${app}`;
    await root(
      `DO $$ BEGIN IF to_regrole('audit') IS NULL THEN CREATE ROLE audit LOGIN; CREATE ROLE team NOLOGIN; CREATE ROLE member LOGIN; GRANT team TO member; CREATE ROLE dump LOGIN; END IF; END $$;
       CREATE ROLE ${app} LOGIN PASSWORD 'x'`,
    );
    await root(`CREATE DATABASE ${db} OWNER ${owner}`);
    await root(
      `${told ? '' : `ALTER SCHEMA public OWNER TO ${app};`} GRANT ALL ON SCHEMA public TO ${app};
       CREATE TABLE orders (n int); ALTER TABLE orders OWNER TO ${app}; CREATE TABLE log (n int); ALTER TABLE log OWNER TO audit;
       CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'; ALTER FUNCTION f() OWNER TO team; CREATE TABLE dumps (n int); ALTER TABLE dumps OWNER TO dump; CREATE TABLE ops (n int)`,
      db,
    );
    await using project = await testProject(
      `cotenant: 1
project: ${app}
instances: { main: { engine: postgres, url: 'postgres://postgres@127.0.0.1:${server().port}/postgres', password: { env: ADMIN }, perimeter: warn } }
operators: { dump: { may: [read-all] } }
apps: { ${app}: { uses: { main: { connections: 5, adopt: true, database: ${db}, names: { login: ${app} } } } } }
`,
      { ADMIN: server().password },
    );
    const { plan } = await project.plan();
    const said = plan.steps.flatMap(({ losses = [] }) =>
      losses.flatMap(({ who, of, what }) => what.filter((one) => one.startsWith('sole say')).map((one) => `${who} ${of ?? '-'} ${one}`)),
    );
    const why = `in database "${db}": the app gets schema "public", and whoever owns a schema may drop what lies in it`;
    expect(said.sort()).toEqual(
      told
        ? [
            `audit - sole say over table "public"."log" ${why}`,
            `dump dump sole say over table "public"."dumps" ${why}`,
            `member - sole say over function public.f() ${why}`,
          ]
        : [],
    );
    expect(await project.apply({ confirm: 'strangers' })).toMatchObject({ ending: 'done', trouble: '' });
    expect((await project.plan()).plan.steps).toEqual([]);
  });
});
