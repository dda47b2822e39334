import { beforeEach, expect, it } from 'vitest';
import { describeEachPostgres } from '../../../support/engines.ts';
import { type TestProject, testProject } from '../../../support/project.ts';
import { at, query } from '../../../support/query.ts';
import { wipe } from '../lifecycle/harness.ts';

const WORD = 'word';

/** Before 15 everybody may make things in `public`, and what runs as its owner may do so on behalf of whoever uses it. */
describeEachPostgres('code that makes something in a schema', { versions: 'ends' }, (server) => {
  let project: TestProject;
  const root = (sql: string, database = 'postgres') => query(at(server().url, { database }), sql);
  const as = (user: string, sql: string) => query(at(server().url, { user, password: WORD, database: 'shop' }), sql);

  beforeEach(async () => {
    await wipe(server().url);
    for (const login of ['shop', 'm3', 'k3']) await root(`CREATE ROLE ${login} LOGIN PASSWORD '${WORD}'`);
    await root('CREATE ROLE own5 NOLOGIN');
    await root('CREATE DATABASE shop OWNER shop');
    await root('GRANT CREATE, USAGE ON SCHEMA public TO PUBLIC; CREATE TABLE orders (id int); ALTER TABLE orders OWNER TO shop', 'shop');
    await root('GRANT INSERT ON orders TO k3', 'shop');
    project = await testProject(
      `cotenant: 1
project: makers
instances: { main: { engine: postgres, url: 'postgres://postgres@127.0.0.1:${server().port}/postgres', password: { env: ADMIN }, connections: { reserve: 1 } } }
operators: { m3: { may: [monitor] } }
known: [{ user: k3, why: test }]
apps: { shop: { uses: { main: { adopt: true, names: { login: shop }, connections: 5 } } } }
`,
      { ADMIN: server().password },
    );
    return async () => await project[Symbol.asyncDispose]();
  });

  it.each(['m3', 'own5'])('of %s: whoever uses it is told and asked for', async (owner) => {
    await root(
      `CREATE FUNCTION public.noted() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN CREATE TABLE IF NOT EXISTS public.noted (n int); RETURN NEW; END $$;
       ALTER FUNCTION public.noted() OWNER TO ${owner}; CREATE TRIGGER note BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION public.noted()`,
      'shop',
    );
    for (const login of ['shop', 'k3']) await as(login, 'INSERT INTO orders VALUES (1)');
    await root('DROP TABLE noted', 'shop');
    const { plan } = await project.plan();
    const told = plan.steps.flatMap(({ losses = [] }) => losses).filter(({ what }) => what.some((one) => one.includes('trigger')));
    expect(
      told
        .filter(({ confirm }) => confirm !== undefined)
        .map(({ who }) => who)
        .toSorted((a, b) => a.localeCompare(b)),
    ).toEqual(['k3', 'shop']);
    expect(told).toHaveLength(2);
    expect(told[0]?.what.join()).toContain(`its owner "${owner}" loses CREATE`);
    expect((await project.apply()).ending).toBe('refused');
  });

  it('is not asked for where nothing is made but temporary tables', async () => {
    await root(
      `CREATE FUNCTION public.counted() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN DROP TABLE IF EXISTS pg_temp.seen; CREATE LOCAL TEMP TABLE seen (n int); RETURN NEW; END $$;
       ALTER FUNCTION public.counted() OWNER TO m3; CREATE TRIGGER count BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION public.counted()`,
      'shop',
    );
    const { plan } = await project.plan();
    expect(JSON.stringify(plan.steps.map(({ losses = [] }) => losses))).not.toContain('loses CREATE');
  });
});
