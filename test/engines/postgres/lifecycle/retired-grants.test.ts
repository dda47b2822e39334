import { beforeEach, expect, it } from 'vitest';
import { checkProject } from '../../../../src/app/check.ts';
import { openProject } from '../../../../src/app/project.ts';
import { describeEachPostgres } from '../../../support/engines.ts';
import { at, query } from '../../../support/query.ts';
import { ground, type Ground } from '../verify/harness.ts';
import { manifestOf, wipe } from './harness.ts';

const known = 'known: [{ user: anna, why: reads }, { user: carl, why: reads }]\n';
const wiki = '  wiki: { uses: { main: { connections: 3 } } }\n';
const team = '  team: { uses: { main: { isolation: schema, database: shop, connections: 5 } } }\n';
const cases = {
  'an adopted database': ['  shop: { uses: { main: { adopt: true, connections: 5 } } }\n', '', 'public'],
  'a database': ['  shop: { uses: { main: { connections: 5 } } }\n', '', 'public'],
  'a schema': ['  shop: { uses: { main: { isolation: schema, database: shop, connections: 5 } } }\n', team, 'shop'],
  rows: ['  shop: { uses: { main: { isolation: rows, database: shop, connections: 5 } } }\n', '', 'public'],
} as const;

/** What is still to do, what verify says of people, and what a look at the shared part finds. */
async function left({ place, verify }: Ground): Promise<unknown> {
  const { plan } = await place.plan();
  const check = await checkProject(await openProject({ cwd: place.folder, env: place.env }));
  return {
    steps: plan.steps.map(({ id }) => id),
    findings: (await verify()).findings.map(({ probe, from, statement, answer }) => `${probe} ${from}: ${statement}: ${answer}`),
    differences: check.differences.length,
  };
}

const nothing = { steps: [], findings: [], differences: 0 };

describeEachPostgres('rights by name of somebody who was known', { versions: 'ends' }, (server) => {
  beforeEach(async () => {
    await wipe(server().url);
  });

  it.each(Object.entries(cases))(
    'in what was retired are nothing that waits for ever: %s',
    { timeout: 120_000 },
    async (_, [app, rest, schema]) => {
      for (const sql of ['CREATE ROLE anna LOGIN', 'CREATE ROLE carl LOGIN']) await query(server().url, sql);
      if (app.includes('adopt')) await query(server().url, 'CREATE DATABASE shop');
      const all = manifestOf(`apps:\n${app}${rest}${wiki}${known}`);
      await using made = await ground(server(), all);
      await query(server().url, 'GRANT CONNECT, TEMPORARY ON DATABASE shop TO anna');
      await query(
        at(server().url, { database: 'shop' }),
        `SET ROLE shop_owner; CREATE TABLE ${schema}.t (workspace text DEFAULT 'shop', a int); CREATE FUNCTION ${schema}.f() RETURNS int LANGUAGE sql AS 'SELECT 1';
       CREATE TYPE ${schema}.mood AS ENUM ('a'); CREATE SEQUENCE ${schema}.s; CREATE VIEW ${schema}.v AS SELECT a FROM ${schema}.t; GRANT USAGE ON SCHEMA ${schema} TO anna;
       GRANT SELECT ON ${schema}.t, ${schema}.v TO anna; GRANT UPDATE (a) ON ${schema}.t TO anna; GRANT EXECUTE ON FUNCTION ${schema}.f() TO anna; GRANT USAGE ON TYPE ${schema}.mood TO anna;
       GRANT USAGE ON SEQUENCE ${schema}.s TO anna; ALTER DEFAULT PRIVILEGES IN SCHEMA ${schema} GRANT SELECT ON TABLES TO anna; SELECT lo_create(77); GRANT SELECT ON LARGE OBJECT 77 TO anna; RESET ROLE`,
      );
      await made.place.apply();
      await made.place.write(manifestOf(`apps:\n${rest}${wiki}${known}`));
      expect(await made.place.apply()).toMatchObject({ ending: 'done' });
      expect(await left(made)).toEqual(nothing);
      await made.place.write(manifestOf(`apps:\n${rest}${wiki}`));
      const { plan } = await made.place.plan();
      if (schema === 'shop') {
        const told = plan.steps.flatMap(({ losses = [] }) => losses.flatMap(({ who, what }) => (who === 'anna' ? what : [])));
        expect(told).toContain('read large object 77 of database "shop"');
      }
      expect(await made.place.apply(['anna', 'carl'])).toMatchObject({ ending: 'done' });
      expect(await left(made)).toEqual(nothing);
      expect(await made.place.restore('shop')).toMatchObject({ ending: 'done' });
      await made.place.write(manifestOf(`apps:\n${app}${rest}${wiki}`));
      expect(await made.place.apply(['anna', 'carl'])).toMatchObject({ ending: 'done' });
      expect(await left(made)).toEqual(nothing);
      expect(await query(at(server().url, { database: 'shop' }), `SELECT a FROM ${schema}.t`)).toEqual([]);
    },
  );
});
