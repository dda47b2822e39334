import { afterAll, beforeAll, expect, test } from 'vitest';
import { fixPlan } from '../../../../src/app/fix.ts';
import { verifyProject } from '../../../../src/app/verify.ts';
import type { Plan } from '../../../../src/model/index.ts';
import { DriftWorld } from '../../../support/drift.ts';
import { describeEachPostgres } from '../../../support/engines.ts';
import { query } from '../../../support/query.ts';
import { wipe } from '../lifecycle/harness.ts';

const yaml = `apps:
  blog: { uses: { main: { connections: 3, isolation: schema, database: content } } }
  wiki: { uses: { main: { connections: 3, isolation: schema, database: content } } }
operators: { backup: { may: [connect, read-all] } }
`;

describeEachPostgres('a fix that closes to everybody what the operator made', { versions: 'ends' }, (server) => {
  let world: DriftWorld;
  const fixes = async (): Promise<Plan> => {
    const project = await world.project.open();
    const { report } = await verifyProject(project);
    return fixPlan(project, report);
  };
  const losers = (plan: Plan, what: RegExp): readonly string[] =>
    plan.steps
      .flatMap(({ losses = [] }) => losses.filter((one) => one.what.some((words) => what.test(words))).map(({ who }) => who))
      .sort();

  beforeAll(async () => {
    await wipe(server().url);
    await query(server().url, 'CREATE ROLE backup LOGIN');
    world = await DriftWorld.make(server(), yaml, []);
  });
  afterAll(async () => await world[Symbol.asyncDispose]());

  test('names the apps that use its function', async () => {
    await world.catalog.run('content', `CREATE FUNCTION public.helper() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 42'`);
    expect(losers(await fixes(), /^EXECUTE on function public\.helper\(\) in "content"$/)).toEqual(['blog_user', 'wiki_user']);
    await world.catalog.run('content', 'GRANT EXECUTE ON FUNCTION public.helper() TO blog_owner');
    expect(losers(await fixes(), /helper/)).toEqual(['wiki_user']);
    await world.catalog.run('content', 'DROP FUNCTION public.helper()');
  });

  test('names everybody who reads its large object, a backup too', async () => {
    await world.catalog.run('content', `SELECT lo_from_bytea(99, 'q'); GRANT SELECT ON LARGE OBJECT 99 TO PUBLIC`);
    expect(losers(await fixes(), /large object 99/)).toEqual(['backup', 'blog_user', 'wiki_user']);
  });

  test('leaves alone what no app can call: in a schema that is closed to them, or run by event triggers', async () => {
    const definer = "LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS 'BEGIN RETURN NULL; END'";
    const dropped = "LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS 'BEGIN END'";
    for (const sql of [
      'CREATE SCHEMA audit',
      `CREATE FUNCTION audit.logged() RETURNS trigger ${definer}`,
      'CREATE TABLE audit.log (id int)',
      'CREATE TRIGGER logged BEFORE INSERT ON audit.log FOR EACH ROW EXECUTE FUNCTION audit.logged()',
      `CREATE FUNCTION audit.plain() RETURNS int ${definer}`,
      `CREATE FUNCTION audit.ended() RETURNS event_trigger ${dropped}`,
      `CREATE FUNCTION public.ended() RETURNS event_trigger ${dropped}`,
      'CREATE EVENT TRIGGER ended ON sql_drop EXECUTE FUNCTION audit.ended()',
    ])
      await world.catalog.run('content', sql);
    const found = async (): Promise<readonly string[]> => {
      const { report } = await verifyProject(await world.project.open());
      const cells = report.findings.filter(({ statement, verdict }) => /audit\.|ended/.test(statement) && verdict !== 'RESIDUAL');
      return cells.map(({ probe, statement }) => `${probe} ${statement}`);
    };
    expect(await found()).toEqual([]);
    await world.catalog.run('content', 'GRANT USAGE ON SCHEMA audit TO wiki_rw');
    expect((await found()).join()).toMatch(/^PG-E4 function audit.logged\(\).* audit.plain\(\) in content$/);
    await world.catalog.run('content', 'REVOKE USAGE ON SCHEMA audit FROM wiki_rw');
    // Something that apps use calls it, whatever the schema says.
    await world.catalog.run('content', 'CREATE VIEW public.through AS SELECT audit.plain(); GRANT SELECT ON public.through TO wiki_rw');
    expect((await found()).join()).toContain('audit.plain()');
    await world.catalog.run('content', 'DROP EVENT TRIGGER ended; DROP VIEW public.through; DROP SCHEMA audit CASCADE');
  });
});
