import { afterEach, beforeEach, expect, it } from 'vitest';
import { restoreApp } from '../../../../src/app/restore.ts';
import { DriftWorld } from '../../../support/drift.ts';
import { describeEachPostgres } from '../../../support/engines.ts';
import { wipe } from './harness.ts';

const app = (name: string, more = ''): string =>
  `  ${name}: { uses: { main: { connections: 5, isolation: rows, database: teams${more} } } }\n`;
const a = app('team_a', ', workspace: a');
const b = app('team_b', ', workspace: b');
const c = app('team_c');
const yaml = (...apps: readonly string[]): string => `apps:\n${apps.join('')}`;

describeEachPostgres('a workspace', { versions: 'ends' }, (server) => {
  let world: DriftWorld;
  const sees = async (name: string): Promise<unknown> => await world.runAs(`${name}_user`, 'teams', 'SELECT what FROM notes');
  const errors = async (text: string): Promise<readonly string[]> => {
    await world.manifest(text);
    const { plan } = await world.project.plan();
    return plan.diagnostics.filter(({ severity }) => severity === 'error').map(({ code, message }) => `${code} ${message}`);
  };

  beforeEach(async () => {
    await wipe(server().url);
    world = await DriftWorld.make(server(), yaml(a, b, c), []);
    await world.runAs('teams_migrator', 'teams', 'CREATE TABLE notes (workspace text NOT NULL, what text)');
    await world.apply();
    for (const [name, workspace] of [
      ['team_a', 'a'],
      ['team_b', 'b'],
      ['team_c', 'team_c'],
    ])
      await world.runAs(`${name}_user`, 'teams', `INSERT INTO notes VALUES ('${workspace}', 'of ${name}')`);
  });
  afterEach(async () => await world[Symbol.asyncDispose]());

  it('does not move: what its app has lies there', async () => {
    const has = (name: string, workspace: string): unknown =>
      expect.stringMatching(new RegExp(`^CT2010 app "${name}" has its rows in workspace "${workspace}" of database "teams"`));
    const left = (name: string): unknown => expect.stringMatching(new RegExp(`^CT2010 app "${name}" has its rows in database "teams"`));
    const swapped = [app('team_a', ', workspace: b'), app('team_b', ', workspace: a')];
    expect(await errors(yaml(...swapped, c))).toEqual([has('team_a', 'a'), has('team_b', 'b')]);
    expect(await errors(yaml(app('team_a', ', workspace: x'), b, c))).toEqual([has('team_a', 'a')]);
    expect(await errors(yaml(app('team_a'), b, c))).toEqual([has('team_a', 'a')]);
    expect(await errors(yaml(a, b, app('team_c', ', workspace: "w{name}"')))).toEqual([has('team_c', 'team_c')]);
    expect(await errors(yaml(app('team_a', ', workspace: x, names: { login: other }'), b, c))).toEqual([has('team_a', 'a')]);
    expect(await errors(yaml(a.replace('teams', 'teams2'), b, c))).toEqual([left('team_a')]);
    expect(await errors(yaml(a, b, c).replaceAll('teams', 'teams2'))).toEqual([left('team_a'), left('team_b'), left('team_c')]);
    expect(await errors(yaml('  team_a: { uses: { main: { connections: 5 } } }\n', b, c))).toEqual([left('team_a')]);
    expect(await sees('team_a')).toEqual([['of team_a']]);

    expect(await errors(yaml(a, app('team_b', ', workspace: b, names: { login: other }'), c))).toEqual([]);
    await world.apply();
    expect(await world.runAs('other', 'teams', 'SELECT what FROM notes')).toEqual([['of team_b']]);
    expect(await world.pending()).toEqual([]);
  });

  it('of a retired app is given to nobody, and comes back with it', async () => {
    await world.manifest(yaml(a, c));
    await world.apply();
    expect(await world.pending()).toEqual([]);
    const intruder = app('intruder', ', workspace: b');
    const taken = expect.stringMatching(/^CT2007 workspace "b" of database "teams", for app "intruder", belongs to app "team_b"/);
    expect(await errors(yaml(a, c, intruder))).toEqual([taken]);
    expect(await errors(yaml(a, c, app('b')))).toEqual([expect.stringContaining('CT2007 workspace "b"')]);
    expect(await errors(yaml(a, c, app('intruder', ', names: { login: team_b_user }')))).toEqual([
      expect.stringMatching(/^CT2007 the login "team_b_user" of app "intruder" was that of app "team_b"/),
    ]);
    await world.manifest(yaml(a, b, c));
    for await (const _ of restoreApp(await world.project.open(), 'team_b', { consent: () => Promise.resolve(true) })) continue;
    await world.apply();
    expect(await sees('team_b')).toEqual([['of team_b']]);
  });

  it('of an app that leaves in the same plan is given to nobody', async () => {
    expect(await errors(yaml(a, c, app('intruder', ', workspace: b')))).toEqual([expect.stringContaining('CT2007 workspace "b"')]);
  });

  it('changes as long as it is empty', async () => {
    await world.runAs('team_b_user', 'teams', 'DELETE FROM notes');
    await world.runAs('team_c_user', 'teams', 'DELETE FROM notes');
    const moved = app('team_b', ', workspace: b2');
    expect(await errors(yaml(app('team_a', ', workspace: a2'), moved, c))).toEqual([expect.stringContaining('CT2010 app "team_a"')]);
    expect(await errors(yaml(a, moved, c))).toEqual([]);
    await world.apply();
    expect(await world.pending()).toEqual([]);
    await world.runAs('team_b_user', 'teams', `INSERT INTO notes VALUES ('b2', 'moved')`);
    expect(await errors(yaml(a, b, c))).toEqual([expect.stringContaining('CT2010 app "team_b" has its rows in workspace "b2"')]);
  });

  it('goes with a deleted app: its rows and no others, counted, and it can come back', async () => {
    await world.runAs(
      'teams_migrator',
      'teams',
      `CREATE TABLE docs (workspace varchar(9) NOT NULL, id int, parent int, PRIMARY KEY (workspace, id), FOREIGN KEY (workspace, parent) REFERENCES docs);
       CREATE TABLE pages (workspace varchar(9), doc int NOT NULL, FOREIGN KEY (workspace, doc) REFERENCES docs ON DELETE RESTRICT) PARTITION BY LIST (doc);
       CREATE TABLE pages_1 PARTITION OF pages DEFAULT; CREATE TABLE empty (workspace text);
       INSERT INTO docs VALUES ('b', 1, NULL), ('b', 2, 1), ('a', 1, NULL), ('B', 1, NULL); INSERT INTO pages VALUES ('b', 1), ('b', 2), ('a', 1)`,
    );
    await world.apply();
    await world.manifest(yaml(a, c));
    await world.apply();
    await world.manifest(`${yaml(a, c)}removal: delete\n`);
    const { plan } = await world.project.plan();
    expect(plan.diagnostics.map(({ code }) => code)).toEqual([]);
    expect(plan.steps.map(({ title, facts }) => [title, facts])).toEqual([
      [
        'delete rows of the app among those of others',
        {
          app: 'team_b',
          database: 'teams',
          workspace: 'b',
          tables: 3,
          rows: 5,
          'rows by table': 'public.docs 2, public.notes 1, public.pages 2',
        },
      ],
      ['drop roles', expect.anything()],
    ]);
    await world.apply(['team_b']);
    expect(await world.pending()).toEqual([]);
    const all = `SELECT workspace FROM notes UNION ALL SELECT workspace FROM docs UNION ALL SELECT workspace FROM pages ORDER BY 1`;
    expect(await world.catalog.run('teams', all)).toEqual([['B'], ['a'], ['a'], ['a'], ['team_c']]);
    expect(await world.catalog.run('teams', 'SELECT DISTINCT workspace FROM cotenant.workspaces ORDER BY 1')).toEqual([['a'], ['team_c']]);
    expect(await errors(yaml(a, c, app('other', ', workspace: b')))).toEqual([]);
    expect(await errors(yaml(a, b, c))).toEqual([]);
    await world.apply();
    expect(await sees('team_b')).toEqual([]);
  });

  it('goes with the last app of its database as well', async () => {
    const shop = '  shop: { uses: { main: { connections: 5 } } }\n';
    await world.manifest(yaml(shop));
    await world.apply();
    await world.manifest(`${yaml(shop)}removal: delete\n`);
    const { plan } = await world.project.plan();
    expect(plan.steps.flatMap(({ facts }) => facts['rows by table'] ?? [])).toEqual(['public.notes 1', 'public.notes 1', 'public.notes 1']);
    await world.apply(['team_a', 'team_b', 'team_c']);
    expect(await world.pending()).toEqual([]);
    expect(await world.catalog.run('teams', 'SELECT workspace FROM notes UNION ALL SELECT login FROM cotenant.workspaces')).toEqual([]);
    await world.manifest(yaml(shop, a, b, c));
    await world.apply();
    expect(await sees('team_a')).toEqual([]);
  });

  it.each([
    [
      'a trigger that runs code',
      'CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN old; END$$; CREATE TRIGGER tidy BEFORE DELETE ON notes FOR EACH ROW EXECUTE FUNCTION f()',
      /trigger tidy, which runs public\.f\(\) of "teams_owner" on public\.notes/,
    ],
    ['a rule', 'CREATE RULE tidy AS ON DELETE TO notes DO INSTEAD NOTHING', /rule tidy of "teams_owner" on public\.notes/],
    [
      'rows of others that refer to these',
      `ALTER TABLE notes ADD key uuid UNIQUE DEFAULT gen_random_uuid(); CREATE TABLE likes (workspace text, note uuid REFERENCES notes (key) ON DELETE CASCADE); INSERT INTO likes SELECT 'a', key FROM notes WHERE workspace = 'b'`,
      /foreign key likes_note_fkey of public\.likes, by which rows of others refer to these of "teams_owner" on public\.notes/,
    ],
    [
      'a table without the workspace that refers to these',
      `ALTER TABLE notes ADD key uuid UNIQUE DEFAULT gen_random_uuid(); CREATE TABLE tags (note uuid REFERENCES notes (key) ON DELETE SET NULL); INSERT INTO tags SELECT key FROM notes WHERE workspace = 'b'`,
      /foreign key tags_note_fkey of public\.tags, by which rows of others refer to these/,
    ],
    [
      'a key of which both ends name the workspace, and one pads it',
      `CREATE TABLE par (workspace char(6), id int, PRIMARY KEY (workspace, id)); CREATE TABLE kid (workspace text, par int, FOREIGN KEY (workspace, par) REFERENCES par ON DELETE CASCADE); INSERT INTO par VALUES ('b', 1); INSERT INTO kid VALUES ('b', 1), ('b ', 1)`,
      /foreign key kid_workspace_par_fkey of public\.kid, by which rows of others refer to these/,
    ],
  ])('of a deleted app stays where a delete would reach more: %s', async (_name, sql, said) => {
    await world.runAs('teams_migrator', 'teams', sql);
    await world.apply();
    await world.manifest(yaml(a, c));
    await world.apply();
    const gone = `${yaml(a, c)}removal: delete\n`;
    expect(await errors(gone)).toEqual([
      expect.stringMatching(/^CT2030 app "team_b" cannot be deleted on "main": its rows in database "teams" \(workspace "b"\)/),
    ]);
    expect(await errors(gone)).toEqual([expect.stringMatching(said)]);
    expect(await errors(`${yaml(c)}removal: delete\n`)).toEqual([expect.stringContaining('app "team_b"')]);
    expect(await world.catalog.run('teams', `SELECT count(*)::int FROM notes WHERE workspace = 'b'`)).toEqual([[1]]);
  });

  it('of a deleted app goes where keys lead to nobody else, and who reads it through a view is told', async () => {
    await world.catalog.run(
      'teams',
      `CREATE ROLE analyst LOGIN; CREATE ROLE readers; GRANT readers TO analyst; GRANT CONNECT ON DATABASE teams TO analyst`,
    );
    await world.runAs(
      'teams_migrator',
      'teams',
      `ALTER TABLE notes ADD key uuid UNIQUE DEFAULT gen_random_uuid(); CREATE TABLE likes (workspace text, note uuid REFERENCES notes (key) ON DELETE CASCADE);
       INSERT INTO likes SELECT workspace, key FROM notes`,
    );
    await world.manifest(`${yaml(a, b, c)}known: [{ user: analyst, why: of old }]\n`);
    await world.apply();
    await world.catalog.run(
      'teams',
      `CREATE SCHEMA stats; CREATE VIEW stats.all_notes AS SELECT * FROM public.notes; GRANT USAGE ON SCHEMA stats TO readers; GRANT SELECT ON stats.all_notes TO readers`,
    );
    await world.manifest(`${yaml(a, c)}known: [{ user: analyst, why: of old }]\n`);
    await world.apply();
    await world.manifest(`${yaml(a, c)}known: [{ user: analyst, why: of old }]\nremoval: delete\n`);
    const { plan } = await world.project.plan();
    expect(plan.steps.flatMap(({ losses = [] }) => losses.map(({ who, what }) => [who, what]))).toEqual([
      ['analyst', ['rows of workspace "b" in view stats.all_notes of database "teams"']],
    ]);
    await world.apply(['team_b', 'analyst']);
    expect(await world.catalog.run('teams', 'SELECT workspace FROM likes UNION ALL SELECT workspace FROM notes ORDER BY 1')).toEqual([
      ['a'],
      ['a'],
      ['team_c'],
      ['team_c'],
    ]);
  });

  it('that another login has as well is nobody’s to delete', async () => {
    await world.manifest(yaml(a, c));
    await world.apply();
    await world.catalog.run('teams', `INSERT INTO cotenant.workspaces VALUES ('gone_login', 'b')`);
    expect(await errors(`${yaml(a, c)}removal: delete\n`)).toEqual([
      expect.stringMatching(/workspace 'b' as that of the login "gone_login"/),
    ]);
  });

  it('is its exact text, whatever the collation of a column holds to be equal', async ({ skip }) => {
    const [[icu] = []] = await world.catalog.run('teams', `SELECT count(*)::int FROM pg_collation WHERE collprovider = 'i'`);
    if (icu === 0) skip('a server without ICU');
    await world.runAs(
      'teams_migrator',
      'teams',
      `CREATE COLLATION any_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
       CREATE TABLE par (workspace text COLLATE any_case, id int, PRIMARY KEY (workspace, id));
       CREATE TABLE kid (workspace text COLLATE any_case, par int, FOREIGN KEY (workspace, par) REFERENCES par ON DELETE CASCADE);
       INSERT INTO par VALUES ('b', 1); INSERT INTO kid VALUES ('b', 1), ('B', 1)`,
    );
    await world.apply();
    expect(await world.pending()).toEqual([]);
    expect(await world.runAs('team_b_user', 'teams', 'SELECT workspace FROM kid')).toEqual([['b']]);
    await world.runAs('team_b_user', 'teams', 'UPDATE kid SET par = NULL');
    await world.runAs('team_b_user', 'teams', 'DELETE FROM kid');
    await expect(world.runAs('team_b_user', 'teams', `INSERT INTO kid VALUES ('B', 1)`)).rejects.toThrow(/row-level security/);
    expect(await world.catalog.run('teams', 'SELECT workspace, par FROM kid')).toEqual([['B', 1]]);
    await world.manifest(yaml(a, c));
    await world.apply();
    expect(await errors(`${yaml(a, c)}removal: delete\n`)).toEqual([
      expect.stringMatching(/foreign key kid_\w+ of public\.kid, by which rows of others refer to these/),
    ]);
  });

  it('takes rows of a new table from those alone who could read it', async () => {
    await world.catalog.run(
      'teams',
      `CREATE ROLE legacy LOGIN; CREATE ROLE deep LOGIN; GRANT CONNECT ON DATABASE teams TO legacy, deep; GRANT USAGE ON SCHEMA public TO deep`,
    );
    const known = `${yaml(a, b, c)}known: [{ user: legacy, why: of old }, { user: deep, why: of old }]\n`;
    await world.manifest(known);
    await world.apply();
    await world.runAs('teams_migrator', 'teams', 'CREATE TABLE news (workspace text); GRANT SELECT (workspace) ON news TO deep');
    const { plan } = await world.project.plan();
    expect(plan.steps.flatMap(({ losses = [] }) => losses.map(({ who }) => who))).toEqual(['deep']);
  });
});
