import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { verifyProject } from '../../../../src/app/verify.ts';
import { DriftWorld } from '../../../support/drift.ts';
import { describeEachPostgres } from '../../../support/engines.ts';
import { wipe } from './harness.ts';

const app = (name: string): string => `  ${name}: { uses: { main: { connections: 5, isolation: rows, database: teams } } }\n`;
const both = `apps:\n${app('a')}${app('b')}`;
const one = `apps:\n${app('a')}`;
const doomed = `${one}removal: delete\n`;

describeEachPostgres('a delete of rows', { versions: 'ends', settings: { wal_level: 'logical' } }, (server) => {
  let world: DriftWorld;
  const sql = async (text: string, database = 'teams'): Promise<unknown> => await world.catalog.run(database, text);
  const plan = async () => (await world.project.plan()).plan;
  const retire = async (more = ''): Promise<void> => {
    await world.apply();
    await world.manifest(one + more);
    await world.apply();
    await world.manifest(doomed + more);
  };

  beforeEach(async () => {
    await wipe(server().url);
    world = await DriftWorld.make(server(), both, []);
    await world.runAs('teams_migrator', 'teams', 'CREATE TABLE notes (workspace text NOT NULL, id int, PRIMARY KEY (workspace, id))');
    await world.apply();
    await sql(`INSERT INTO notes VALUES ('a', 1), ('b', 1), ('b', 2)`);
  });
  afterEach(async () => await world[Symbol.asyncDispose]());

  it('takes those in other schemas of the shared owner as well, and counts those that stay with others', async () => {
    await sql(
      `CREATE SCHEMA archive AUTHORIZATION teams_owner; CREATE TABLE archive.notes (workspace text, id int); ALTER TABLE archive.notes OWNER TO teams_owner; INSERT INTO archive.notes VALUES ('a', 1), ('b', 1);
       CREATE ROLE audit; CREATE SCHEMA audit AUTHORIZATION audit; CREATE TABLE audit.log (workspace text); ALTER TABLE audit.log OWNER TO audit; INSERT INTO audit.log VALUES ('a'), ('b'), ('b'), ('b')`,
    );
    await retire();
    const { steps } = await plan();
    expect(steps[0]?.facts).toMatchObject({
      'rows by table': 'archive.notes 1, public.notes 2',
      'rows that stay in tables of others': 'audit.log 3',
    });
    await world.apply(['b']);
    expect(await world.pending()).toEqual([]);
    const all =
      'SELECT workspace FROM notes UNION ALL SELECT workspace FROM archive.notes UNION ALL SELECT workspace FROM audit.log ORDER BY 1';
    expect(await sql(all)).toEqual([['a'], ['a'], ['a'], ['b'], ['b'], ['b']]);
  });

  describe('in a table that is published', () => {
    it.each(['FOR TABLE public.notes', 'FOR ALL TABLES', 'FOR TABLES IN SCHEMA public'])(
      'tells that they go on the subscribers too: %s',
      async (which) => {
        const [[schemas] = []] = await world.catalog.run('postgres', `SELECT current_setting('server_version_num')::int >= 150000`);
        const what = which.includes('IN SCHEMA') && schemas !== true ? 'FOR TABLE public.notes' : which;
        for (const text of ['CREATE ROLE cdc LOGIN', 'CREATE ROLE dwh LOGIN SUPERUSER', 'CREATE DATABASE dwh']) await sql(text, 'postgres');
        await sql(`CREATE PUBLICATION p ${what}; GRANT CREATE ON DATABASE teams TO cdc`);
        if (what.startsWith('FOR TABLE ')) await sql('ALTER PUBLICATION p OWNER TO cdc');
        await sql(
          `CREATE TABLE notes (workspace text, id int); CREATE SUBSCRIPTION s CONNECTION 'dbname=teams' PUBLICATION p WITH (connect = false, slot_name = NONE, enabled = false); ALTER SUBSCRIPTION s OWNER TO dwh`,
          'dwh',
        );
        await retire();
        const { steps } = await plan();
        const step = steps.find(({ title }) => title.startsWith('delete rows'));
        expect(String(step?.facts['deleted on subscribers too'])).toMatch(
          /^publication p of "(postgres|cdc)" \((cotenant\.workspaces, )?(public\.)?notes\)$/,
        );
        const told = step?.losses?.map(({ who, what: lost }) => [who, ...lost]) ?? [];
        const lost = expect.stringMatching(/^rows of workspace "b" in .*notes, on the subscribers of publication p too$/);
        expect(told).toEqual([...(what.startsWith('FOR TABLE ') ? [['cdc', lost]] : []), ['dwh', lost]]);
        await world.apply(['b', 'cdc', 'dwh']);
        expect(await sql('SELECT workspace FROM notes')).toEqual([['a']]);
        await sql('DROP SUBSCRIPTION s', 'dwh');
      },
    );

    it('and has no replica identity is refused: the server would refuse it', async () => {
      await sql('ALTER TABLE notes REPLICA IDENTITY NOTHING; CREATE PUBLICATION p FOR TABLE notes');
      await retire();
      expect((await plan()).diagnostics.map(({ code, message }) => [code, message])).toEqual([
        [
          'CT2030',
          expect.stringMatching(
            /publication p, for which a table without a replica identity cannot lose a row, of "postgres" on public\.notes/,
          ),
        ],
      ]);
    });
  });

  describe('by a map that others may write', () => {
    it.each([
      ['somebody', 'CREATE ROLE eve LOGIN; GRANT UPDATE ON cotenant.workspaces TO eve', 'eve', ''],
      ['everybody', 'GRANT INSERT ON cotenant.workspaces TO PUBLIC', '', ''],
      ['a known login', 'CREATE ROLE eve LOGIN; GRANT DELETE ON cotenant.workspaces TO eve', 'eve', 'known: [{ user: eve, why: reads }]\n'],
    ])('is refused, and says who: %s', async (_, text, who, more) => {
      await world.manifest(both + more);
      await retire(more);
      await sql(text);
      const { diagnostics } = await plan();
      expect(diagnostics.filter(({ severity }) => severity === 'error').map(({ code, message }) => [code, message])).toEqual([
        [
          'CT2030',
          `app "b" cannot be deleted on "main": which rows of database "teams" are its own, cotenant.workspaces says, and ${who === '' ? 'everybody' : '"eve"'} can write it too`,
        ],
      ]);
      expect(await sql('SELECT count(*)::int FROM notes')).toEqual([[3]]);
      // Meanwhile: a finding, and an apply takes it back.
      await world.manifest(one + more);
      const { report } = await verifyProject(await world.project.open());
      expect(report.findings.map(({ probe, statement, fix }) => [probe, statement, fix.length > 0])).toContainEqual([
        'PG-R02',
        'table of the guard in teams',
        true,
      ]);
      await world.apply(['eve']);
      expect(await world.pending()).toEqual([]);
      expect((await verifyProject(await world.project.open())).report.findings.filter(({ probe }) => probe === 'PG-R02')).toEqual([]);
      await world.manifest(doomed + more);
      await world.apply(['b', 'eve']);
      expect(await sql('SELECT workspace FROM notes')).toEqual([['a']]);
    });

    it('is refused where the table is another one', async () => {
      await retire();
      await sql('CREATE ROLE eve LOGIN; ALTER TABLE cotenant.workspaces OWNER TO eve');
      expect((await plan()).diagnostics.filter(({ severity }) => severity === 'error').map(({ code, message }) => [code, message])).toEqual(
        [['CT2030', expect.stringContaining('cotenant.workspaces says, and the table is not as cotenant made it ("eve")')]],
      );
      expect(await sql('SELECT count(*)::int FROM notes')).toEqual([[3]]);
    });

    it('goes on where somebody may read it', async () => {
      await sql('CREATE ROLE eve LOGIN; GRANT USAGE ON SCHEMA cotenant TO eve; GRANT SELECT ON cotenant.workspaces TO eve');
      const known = 'known: [{ user: eve, why: reads }]\n';
      await world.manifest(both + known);
      await retire(known);
      await world.apply(['b']);
      expect(await sql('SELECT workspace FROM notes')).toEqual([['a']]);
    });
  });
});
