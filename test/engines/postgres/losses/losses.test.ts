import { beforeAll, describe, expect, test } from 'vitest';
import { describeEachPostgres } from '../../../support/engines.ts';
import { type TestProject, testProject } from '../../../support/project.ts';
import { at, query } from '../../../support/query.ts';
import { verifyProject } from '../../../../src/app/verify.ts';
import type { Loss, Plan } from '../../../../src/model/index.ts';

const PASSWORD = 'word';

const manifest = (port: number, rest: string, more = ''): string => `cotenant: 1
project: losses
instances: { main: { engine: postgres, url: 'postgres://postgres@127.0.0.1:${port}/postgres', password: { env: ADMIN }, connections: { reserve: 1 }${more} } }
${rest}`;

/** `login of: what`, each once. */
function told(plan: Plan, who: (loss: Loss) => boolean = () => true): readonly string[] {
  const all = plan.steps.flatMap(({ losses = [] }) => losses).filter(who);
  return [...new Set(all.flatMap(({ who: login, of, what }) => what.map((one) => `${login} ${of}: ${one}`)))].sort();
}

describeEachPostgres('who loses what', { versions: 'ends' }, (server, major) => {
  const root = (sql: string, database = 'postgres') => query(at(server().url, { database }), sql);
  const as = (user: string, database: string, sql = 'SELECT 1 AS one') =>
    query(at(server().url, { user, password: PASSWORD, database }), sql);
  let project: TestProject;
  const write = (rest: string, more = ''): Promise<void> => project.write(manifest(server().port, rest, more));

  beforeAll(async () => {
    for (const login of ['web', 'alice', 'bob', 'backup', 'shop']) await root(`CREATE ROLE ${login} LOGIN PASSWORD '${PASSWORD}'`);
    await root('CREATE ROLE boss SUPERUSER LOGIN; CREATE ROLE idle NOLOGIN; CREATE ROLE team NOLOGIN; GRANT team TO bob');
    await root('CREATE DATABASE shopdb OWNER shop');
    await root('CREATE DATABASE other');
    await root(
      'REVOKE CONNECT ON DATABASE shopdb FROM PUBLIC; GRANT CONNECT ON DATABASE shopdb TO team, alice; GRANT TEMPORARY ON DATABASE shopdb TO alice',
    );
    project = await testProject(manifest(server().port, 'apps: {}\n'), { ADMIN: server().password });
    return async () => await project[Symbol.asyncDispose]();
  });

  const adopting = 'apps:\n  shop: { uses: { main: { connections: 5, adopt: true, database: shopdb, names: { login: shop } } } }\n';
  const strangers = ['web', 'alice', 'bob', 'backup'];

  describe('of databases', () => {
    test('names every login that comes in through PUBLIC, and nobody else', async () => {
      await write(adopting);
      const { plan } = await project.plan();
      const everybody = strangers.flatMap((who) => ['postgres', 'template1'].map((name) => `${who} null: connect to database "${name}"`));
      expect(told(plan, ({ of }) => of === null)).toEqual(
        [...everybody, 'alice null: connect to database "shopdb"', 'bob null: connect to database "shopdb"'].sort(),
      );
      expect(told(plan, ({ who }) => who === 'shop').filter((one) => !one.includes(': call '))).toEqual(
        [
          ...['postgres', 'template1'].map((name) => `connect to database "${name}"`),
          'idle_in_transaction_session_timeout above 10min (nothing was set for it)',
          'more than 5 sessions at a time (there was no limit)',
          'ownership of database "shopdb"',
          'temp_file_limit above 2GB (nothing was set for it)',
        ].map((what) => `shop shop: ${what}`),
      );
    });

    test('says what would keep it', async () => {
      const { plan } = await project.plan();
      const keep = new Map(plan.steps.flatMap(({ losses = [] }) => losses.map((loss) => [loss.who, loss.keep])));
      expect(keep.get('backup')).toBe('known: [{ user: backup, on: main, why: … }]');
      expect(keep.get('web')).toBe('known: [{ user: web, on: main, why: … }]');
      expect(keep.get('shop')).toBeNull();
    });

    test('counts the sessions that are open', async () => {
      const { default: pg } = await import('pg');
      const client = new pg.Client({ connectionString: at(server().url, { user: 'alice', password: PASSWORD, database: 'shopdb' }) });
      await client.connect();
      const { plan } = await project.plan();
      await client.end();
      const losses = plan.steps.flatMap((step) => step.losses ?? []).filter(({ who }) => who === 'alice');
      expect(losses.map(({ what, sessions }) => [what, sessions])).toContainEqual([['connect to database "shopdb"'], 1]);
      expect(losses.map(({ what }) => what)).toContainEqual(['the sessions that are open in database "shopdb"']);
    });

    test('is applied only with the name of each', async () => {
      expect(await project.apply()).toMatchObject({ ending: 'refused' });
      expect(await project.apply({ confirm: ['web', 'alice', 'bob'] })).toMatchObject({ ending: 'refused' });
      for (const login of strangers) expect(await as(login, 'postgres')).toEqual([{ one: 1 }]);
    });

    test('is nothing where those that are known stay', async () => {
      await write(
        `${adopting}operators: { backup: { may: [connect] } }\nknown:\n${['web', 'alice', 'bob'].map((user) => `  - { user: ${user}, why: test }\n`).join('')}`,
      );
      const { plan } = await project.plan();
      expect(told(plan, ({ of }) => of === null)).toEqual([]);
      expect(told(plan, ({ who }) => who === 'backup')).toEqual([]);
      expect(await project.apply()).toMatchObject({ ending: 'done', trouble: '' });
      expect((await project.plan()).plan.steps).toEqual([]);
      for (const login of ['web', 'alice', 'bob']) {
        expect(await as(login, 'postgres', 'CREATE TEMPORARY TABLE t (n int)')).toBeDefined();
        expect(await as(login, 'template1')).toEqual([{ one: 1 }]);
      }
      expect(await as('alice', 'shopdb', 'CREATE TEMPORARY TABLE t (n int)')).toBeDefined();
      expect(await as('bob', 'shopdb')).toEqual([{ one: 1 }]);
      await expect(as('web', 'shopdb')).rejects.toThrow(/permission denied for database/);
    });

    test('leaves no trace in a plan that takes nothing', async () => {
      const { plan } = await project.plan();
      expect(plan.steps).toEqual([]);
    });

    test('an entry that goes makes a stranger of its login', async () => {
      await write(`${adopting}operators: { backup: { may: [connect] } }\nknown: [{ user: web, why: test }, { user: bob, why: test }]\n`);
      const { plan } = await project.plan();
      expect(told(plan)).toEqual([
        'alice null: EXECUTE on each future function of "shop" in database "shopdb"',
        'alice null: EXECUTE on each future function of "shop_owner" in database "shopdb"',
        'alice null: call pg_logical_emit_message in database "shopdb"',
        'alice null: connect to database "shopdb"',
        ...(major < 15 ? ['alice null: make objects in schema "public" in database "shopdb"'] : []),
        'alice null: use schema "public" in database "shopdb"',
      ]);
      expect(await project.apply({ confirm: ['alice'] })).toMatchObject({ ending: 'done', trouble: '' });
      expect(await as('alice', 'postgres')).toEqual([{ one: 1 }]);
    });

    test('foreign databases are closed to the apps, and everybody else keeps them by name', async () => {
      await write(
        `${adopting}operators: { backup: { may: [connect] } }\nknown: [{ user: web, why: test }, { user: bob, why: test }]\n`,
        ', foreignDatabases: close',
      );
      const { plan } = await project.plan();
      expect(told(plan)).toEqual(['shop shop: connect to database "other"']);
      expect(await project.apply()).toMatchObject({ ending: 'done', trouble: '' });
      for (const login of ['backup', 'web', 'bob', 'alice']) expect(await as(login, 'other')).toEqual([{ one: 1 }]);
      expect((await project.plan()).plan.steps).toEqual([]);
    });
  });

  describe('of roles', () => {
    test('names everybody behind a member from outside', async () => {
      await root('GRANT shop_ro TO team; GRANT shop_owner TO boss; GRANT shop_ro TO idle');
      const { plan } = await project.plan();
      expect(told(plan)).toEqual([]);
      await root('REVOKE team FROM bob; GRANT team TO alice');
      const after = await project.plan();
      // `team` got by name what `bob` did in sessions in which it became that group.
      expect(told(after.plan)).toEqual([
        'alice null: EXECUTE on each future function of "shop" in database "shopdb"',
        'alice null: EXECUTE on each future function of "shop_owner" in database "shopdb"',
        'alice null: call pg_logical_emit_message in database "shopdb"',
        'alice null: connect to database "shopdb"',
        ...(major < 15 ? ['alice null: make objects in schema "public" in database "shopdb"'] : []),
        'alice null: the rights of role "shop_ro"',
        'alice null: use schema "public" in database "shopdb"',
      ]);
      await root('REVOKE shop_ro FROM team, idle; REVOKE shop_owner FROM boss; REVOKE team FROM alice; GRANT team TO bob');
    });

    test.runIf(major >= 16)('counts a membership that passes nothing on as nothing', async () => {
      await root('GRANT shop_ro TO alice WITH INHERIT FALSE, SET FALSE');
      const { plan } = await project.plan();
      expect(told(plan)).toEqual([]);
      await root('REVOKE shop_ro FROM alice');
    });

    test('says what an app’s own login loses, which goes with the yes', async () => {
      await root('GRANT pg_monitor TO shop; ALTER ROLE shop CREATEDB');
      const { plan } = await project.plan();
      expect(told(plan)).toEqual(['shop shop: make databases (CREATEDB)', 'shop shop: the rights of role "pg_monitor"']);
      expect(await project.apply()).toMatchObject({ ending: 'done', trouble: '' });
    });
  });

  test('is told of no database that is made in the same plan', async () => {
    await write(
      `${adopting}  blog: { uses: { main: { connections: 5 } } }\noperators: { backup: { may: [connect] } }\nknown: [{ user: web, why: test }, { user: bob, why: test }]\n`,
    );
    const { plan } = await project.plan();
    expect(told(plan)).toEqual([]);
  });
});

describeEachPostgres('a perimeter that stays open', { versions: 'ends' }, (server) => {
  test('takes nothing from anybody, is said in every report, and is no finding', async () => {
    const root = (sql: string, database = 'postgres') => query(at(server().url, { database }), sql);
    await root(`CREATE ROLE web LOGIN PASSWORD '${PASSWORD}'`);
    await root('CREATE TABLE pages (n int); ALTER TABLE pages OWNER TO web');
    const yaml = manifest(server().port, 'apps: { shop: { uses: { main: { connections: 5 } } } }\n', ', perimeter: warn');
    await using project = await testProject(yaml, { ADMIN: server().password });
    expect(told((await project.plan()).plan)).toEqual([]);
    expect(await project.apply()).toMatchObject({ ending: 'done', trouble: '' });
    expect((await project.plan()).plan.steps).toEqual([]);
    expect((await project.open()).relaxations.map(({ name }) => name)).toContain('perimeter: warn');
    expect(await query(at(server().url, { user: 'web', password: PASSWORD, database: 'postgres' }), 'SELECT * FROM pages')).toEqual([]);
    const { report } = await verifyProject(await project.open());
    expect(report.findings).toEqual([]);
    await root('GRANT CONNECT ON DATABASE template1 TO shop_user');
    const again = await verifyProject(await project.open());
    expect(again.report.findings.map(({ probe }) => probe)).toContain('PG-P01');
    await project.write(yaml.replace('warn', 'close'));
    expect(await project.apply()).toMatchObject({ ending: 'refused' });
    expect(await project.apply({ confirm: ['web'] })).toMatchObject({ ending: 'done', trouble: '' });
  });
});
