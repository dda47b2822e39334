import { beforeAll, describe, expect, test } from 'vitest';
import { describeEachPostgres } from '../../../support/engines.ts';
import { type TestProject, testProject } from '../../../support/project.ts';
import { at, query } from '../../../support/query.ts';
import type { Plan } from '../../../../src/model/index.ts';

const PASSWORD = 'word';

function told(plan: Plan, login: string): readonly string[] {
  const all = plan.steps.flatMap(({ losses = [] }) => losses).filter(({ who }) => who === login);
  return [...new Set(all.flatMap(({ what }) => what))].sort();
}

/** `gateway` → `team` → `anon`, none of which inherits; `boss` administers `anon`; `shop` is the app. */
describeEachPostgres('what is done after SET ROLE', { versions: 'ends' }, (server, major) => {
  const root = (sql: string, database = 'postgres') => query(at(server().url, { database }), sql);
  const as = (user: string, database: string, sql: string) => query(at(server().url, { user, password: PASSWORD, database }), sql);
  let project: TestProject;
  const write = (rest: string): Promise<void> =>
    project.write(`cotenant: 1
project: become
instances: { main: { engine: postgres, url: 'postgres://postgres@127.0.0.1:${server().port}/postgres', password: { env: ADMIN }, connections: { reserve: 1 } } }
apps: { shop: { uses: { main: { connections: 5, adopt: true, names: { login: shop } } } } }
${rest}`);
  const reads = 'SET ROLE anon; SELECT n FROM notes';

  beforeAll(async () => {
    const bare = 'LOGIN NOINHERIT PASSWORD';
    await root(`CREATE ROLE shop ${bare} '${PASSWORD}'; CREATE ROLE gateway ${bare} '${PASSWORD}'; CREATE ROLE boss ${bare} '${PASSWORD}'`);
    await root('CREATE ROLE anon NOLOGIN; CREATE ROLE team NOLOGIN NOINHERIT; CREATE ROLE carol LOGIN; CREATE ROLE helper NOLOGIN');
    await root('GRANT anon TO team; GRANT team, carol TO gateway');
    const options = major < 16 ? 'OPTION' : 'TRUE, INHERIT FALSE, SET FALSE';
    await root(`GRANT anon TO boss WITH ADMIN ${options}; GRANT helper TO shop WITH ADMIN ${options}`);
    await root('CREATE DATABASE shop OWNER shop');
    await root('CREATE TABLE notes (n int); INSERT INTO notes VALUES (1); GRANT SELECT ON notes TO anon', 'shop');
    project = await testProject('', { ADMIN: server().password });
    return async () => await project[Symbol.asyncDispose]();
  });

  describe('before anything is applied', () => {
    test('a stranger loses the way in, and what a known login loses as somebody else is told', async () => {
      await write('known: [{ user: boss, why: test }]\n');
      expect(told((await project.plan()).plan, 'gateway')).toContain('connect to database "shop"');
      await write('known: [{ user: boss, why: test }, { user: gateway, why: test }]\n');
      const { plan } = await project.plan();
      // A login that the manifest does not name gets nothing by name.
      expect(told(plan, 'gateway').filter((what) => !what.endsWith('as "carol"'))).toEqual([]);
      expect(told(plan, 'gateway')).toContain('use schema "public" in database "shop", as "carol"');
    });

    test('the rights of a group that the app’s login only administers count as its own', async () => {
      expect(told((await project.plan()).plan, 'shop')).toContain('the rights of role "helper"');
    });
  });

  test('goes on after the apply for those who are known, and a second apply is silent', async () => {
    const work = async (): Promise<void> => {
      await as('gateway', 'shop', reads);
      await as('boss', 'shop', `BEGIN; GRANT anon TO boss; ${reads}; ROLLBACK`);
    };
    await work();
    // That the manifest names it agrees to nothing: it loses something as somebody that it can become, further on.
    const refused = await project.apply({ confirm: ['carol'] });
    expect(refused.ending).toBe('refused');
    expect(refused.trouble).toContain('"gateway" would lose: ');
    await work();
    expect(await project.apply({ confirm: ['carol', 'gateway'] })).toMatchObject({ ending: 'done', trouble: '' });
    await work();
    expect((await project.plan()).plan.steps).toEqual([]);
  });

  test('an entry that goes is told with all that goes with it', async () => {
    await write('known: [{ user: boss, why: test }]\n');
    expect(told((await project.plan()).plan, 'gateway')).toContain('connect to database "shop"');
    await write('');
    expect(told((await project.plan()).plan, 'boss')).toContain('connect to database "shop"');
    expect(await project.apply({ confirm: 'strangers' })).toMatchObject({ ending: 'done', trouble: '' });
    expect((await project.plan()).plan.steps).toEqual([]);
    await expect(as('gateway', 'shop', reads)).rejects.toThrow(/permission denied/);
  });
});
