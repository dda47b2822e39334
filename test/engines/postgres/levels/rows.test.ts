import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DriftWorld } from '../../../support/drift.ts';
import { describeEachPostgres } from '../../../support/engines.ts';
import { refused } from '../../../support/refused.ts';

const yaml = `apps:
  alpha: { uses: { main: { connections: 5, isolation: rows, database: pool, column: tenant, workspace: 'A team' } } }
  beta: { uses: { main: { connections: 5, isolation: rows, database: pool, column: tenant, relax: { temporary: true } } } }
  solo: { uses: { main: { connections: 5, isolation: rows, database: lonely, schema: work } } }
  shop: { uses: { main: { connections: 5 } } }
`;

const made = `
  CREATE TABLE docs (tenant text NOT NULL, id int NOT NULL, body text, PRIMARY KEY (tenant, id));
  CREATE TABLE marks (tenant varchar(20) NOT NULL, id uuid PRIMARY KEY DEFAULT gen_random_uuid(), doc int, FOREIGN KEY (tenant, doc) REFERENCES docs (tenant, id));
  CREATE TABLE events (tenant text NOT NULL, day date NOT NULL, what text) PARTITION BY RANGE (day);
  CREATE TABLE events_2026 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
`;

describeEachPostgres('level rows', { versions: 'each' }, (server, major) => {
  let world: DriftWorld;
  beforeAll(async () => {
    world = await DriftWorld.make(server(), yaml, []);
    await world.runAs('pool_migrator', 'pool', made);
    await world.apply();
  });
  afterAll(async () => await world[Symbol.asyncDispose]());
  const run = async (app: 'alpha' | 'beta', sql: string): Promise<readonly unknown[][]> => await world.runAs(`${app}_user`, 'pool', sql);
  const code = async (app: 'alpha' | 'beta', sql: string): Promise<string | null> => await refused(run(app, sql));

  test('the migrator migrates: as the owner, sees all rows, and nobody else makes tables', async () => {
    expect(await world.runAs('pool_migrator', 'pool', 'SELECT current_user')).toEqual([['pool_owner']]);
    await world.runAs(
      'pool_migrator',
      'pool',
      'ALTER TABLE docs ADD COLUMN more text; CREATE INDEX ON docs (body); ALTER TABLE docs DROP COLUMN more',
    );
    expect(await code('alpha', 'CREATE TABLE own (tenant text)')).toBe('42501');
    expect(await code('alpha', 'ALTER TABLE docs DISABLE ROW LEVEL SECURITY')).toBe('42501');
    expect(await code('alpha', 'DROP POLICY cotenant_guard ON docs')).toBe('42501');
    expect(await code('alpha', 'CREATE POLICY mine ON docs USING (true)')).toBe('42501');
    expect(await code('alpha', 'SET ROLE pool_owner')).toBe('42501');
  });

  describe('a login', () => {
    beforeAll(async () => {
      await run(
        'alpha',
        `INSERT INTO docs VALUES ('A team', 1, 'a1'), ('A team', 2, 'a2'); INSERT INTO events VALUES ('A team', '2026-05-05', 'x')`,
      );
      await run(
        'beta',
        `INSERT INTO docs VALUES ('beta', 1, 'b1'); INSERT INTO marks (tenant, doc) VALUES ('beta', 1); INSERT INTO events VALUES ('beta', '2026-05-05', 'y')`,
      );
    });

    test('sees its own workspace only, in every table', async () => {
      expect(await run('alpha', 'SELECT body FROM docs ORDER BY 1')).toEqual([['a1'], ['a2']]);
      expect(await run('beta', 'SELECT body FROM docs ORDER BY 1')).toEqual([['b1']]);
      expect(await run('alpha', 'SELECT (SELECT count(*) FROM marks), (SELECT count(*) FROM events)')).toEqual([['0', '1']]);
      expect(await code('alpha', 'SELECT * FROM events_2026')).toBe('42501');
      expect(await world.runAs('pool_migrator', 'pool', 'SELECT count(*) FROM docs')).toEqual([['3']]);
    });

    test('writes its own workspace only', async () => {
      expect(await code('alpha', `INSERT INTO docs VALUES ('beta', 9, 'planted')`)).toBe('42501');
      expect(await code('alpha', `UPDATE docs SET tenant = 'beta' WHERE id = 1`)).toBe('42501');
      expect(await code('alpha', `INSERT INTO docs VALUES ('beta', 1, 'x') ON CONFLICT (tenant, id) DO UPDATE SET body = 'taken'`)).toBe(
        '42501',
      );
      expect(await code('alpha', `COPY docs FROM STDIN`)).not.toBeNull();
      await run('alpha', `UPDATE docs SET body = 'all mine'; DELETE FROM docs WHERE tenant = 'beta'; UPDATE docs SET body = 'a' || id`);
      expect(await code('alpha', 'TRUNCATE docs')).toBe('42501');
      if (major >= 15) {
        const merge = `MERGE INTO docs d USING (SELECT 1 AS id) s ON d.id = s.id WHEN MATCHED THEN UPDATE SET body = 'merged' WHEN NOT MATCHED THEN INSERT VALUES ('beta', 7, 'x')`;
        await run('alpha', merge);
      }
      expect(await run('beta', 'SELECT tenant, id, body FROM docs')).toEqual([['beta', 1, 'b1']]);
    });

    test('stays who it is, whatever it sets', async () => {
      const own = [['2']];
      const count = 'SELECT count(*) FROM docs';
      expect(await run('alpha', `SET ROLE pool_rw; ${count}`)).toEqual(own);
      expect(await run('alpha', `SELECT set_config('app.workspace', 'beta', false); SET cotenant.workspace = 'beta'; ${count}`)).toEqual(
        own,
      );
      expect(await run('alpha', `SET search_path = pg_temp, public; ${count}`)).toEqual(own);
      expect(await code('alpha', `SET row_security = off; ${count}`)).toBe('42501');
      expect(await code('alpha', `SET session_replication_role = replica`)).toBe('42501');
      expect(await code('alpha', `SET SESSION AUTHORIZATION beta_user`)).toBe('42501');
      expect(await code('alpha', `SET ROLE beta_user`)).toBe('42501');
      expect(await code('alpha', 'SELECT * FROM cotenant.workspaces')).toBe('42501');
      expect(await code('alpha', `UPDATE cotenant.workspaces SET workspace = 'beta'`)).toBe('42501');
      expect(await run('alpha', 'SELECT cotenant.workspace()')).toEqual([['A team']]);
      await run('alpha', `ALTER ROLE alpha_user SET role = 'pool_rw'`);
      expect(await run('alpha', count)).toEqual(own);
      await world.apply();
    });

    test('cannot make temporary tables, unless one app of the database may', async () => {
      expect(await run('alpha', 'CREATE TEMP TABLE t AS SELECT count(*) AS n FROM docs; SELECT n FROM t')).toEqual([['2']]);
      expect(await refused(world.runAs('solo_user', 'lonely', 'CREATE TEMP TABLE t (id int)'))).toBe('42501');
    });

    test('cannot enter other databases, nor others this one', async () => {
      for (const database of ['lonely', 'shop', 'postgres', 'template1'])
        expect(await refused(world.runAs('alpha_user', database, 'SELECT 1'))).toBe('42501');
      for (const user of ['shop_user', 'solo_user', 'lonely_migrator'])
        expect(await refused(world.runAs(user, 'pool', 'SELECT 1'))).toBe('42501');
    });
  });

  test('a new table is closed until the next apply, and guarded after it', async () => {
    await world.runAs(
      'pool_migrator',
      'pool',
      `CREATE TABLE notes (tenant text, body text); INSERT INTO notes VALUES ('beta', 'b'), ('A team', 'a')`,
    );
    expect(await code('alpha', 'SELECT * FROM notes')).toBe('42501');
    await world.apply();
    expect(await run('alpha', 'SELECT body FROM notes')).toEqual([['a']]);
    expect(await world.pending()).toEqual([]);
  });

  test('a schema of its own works the same', async () => {
    await world.runAs('lonely_migrator', 'lonely', 'CREATE TABLE work.things (workspace text, word text)');
    await world.apply();
    await world.runAs('solo_user', 'lonely', `INSERT INTO work.things VALUES ('solo', 'w')`);
    expect(await refused(world.runAs('solo_user', 'lonely', `INSERT INTO work.things VALUES ('other', 'w')`))).toBe('42501');
    expect(await world.runAs('solo_user', 'lonely', 'SELECT word FROM work.things')).toEqual([['w']]);
    expect(await world.pending()).toEqual([]);
  });

  test('keys, references, sequences and tables that leave the workspace out are named, and nothing else', async () => {
    const told = async (): Promise<readonly string[]> =>
      (await world.project.plan()).plan.diagnostics
        .filter((one) => one.code === 'CT2011')
        .map(({ severity, message }) => `${severity} ${message}`);
    expect(await told()).toEqual([]);
    const sql = `CREATE TABLE wrong (tenant text, id serial PRIMARY KEY, slug text UNIQUE, doc int, code uuid UNIQUE);
      CREATE TABLE child (tenant text NOT NULL, wrong int REFERENCES wrong (id), PRIMARY KEY (tenant, wrong));
      CREATE UNIQUE INDEX slugs ON docs (lower(body)); CREATE UNIQUE INDEX fine ON docs (tenant, lower(body)); CREATE UNIQUE INDEX included ON docs (body) INCLUDE (tenant);
      CREATE TABLE countries (code text PRIMARY KEY)`;
    await world.runAs('pool_migrator', 'pool', sql);
    expect(await told()).toEqual([
      expect.stringMatching(/^warning pool\.public: tables without "tenant" .*: countries$/),
      expect.stringMatching(
        /^warning pool\.public: unique keys without "tenant" .*: docs\.included, docs\.slugs, wrong\.wrong_pkey, wrong\.wrong_slug_key$/,
      ),
      expect.stringMatching(/^warning pool\.public: foreign keys without "tenant" .*: child\.child_wrong_fkey$/),
      expect.stringMatching(/^warning pool\.public: sequences .*: wrong_id_seq$/),
    ]);
    await world.runAs('pool_migrator', 'pool', 'DROP TABLE child, wrong, countries; DROP INDEX slugs, fine, included');
    expect(await told()).toEqual([]);
  });

  test('relaxations of one app are listed for the whole database', async () => {
    const { relaxations } = await world.project.plan();
    expect(relaxations.filter(({ name }) => name === 'relax.temporary')).toEqual([
      expect.objectContaining({ app: null, instance: 'main' }),
    ]);
  });
});
