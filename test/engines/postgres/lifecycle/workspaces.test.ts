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

  it('of a deleted app stays its own as long as its rows do', async () => {
    const gone = `${yaml(a, c)}removal: delete\n`;
    await world.manifest(gone);
    await world.apply();
    const { plan } = await world.project.plan();
    expect(plan.diagnostics.map(({ code, message, hint }) => `${code} ${message} ${hint}`)).toEqual([
      expect.stringMatching(
        /^CT2030 app "team_b" is deleted on "main" without its rows: those of workspace "b" .* notes .*DELETE FROM "notes" WHERE "workspace" = 'b';/,
      ),
    ]);
    await world.apply(['team_b']);
    expect(await world.pending()).toEqual([]);
    const intruder = yaml(a, c, app('intruder', ', workspace: b'));
    expect(await errors(intruder)).toEqual([
      expect.stringMatching(/^CT2007 workspace "b" .* was that of the login "team_b_user", which is gone/),
    ]);
    await world.catalog.run('teams', `DELETE FROM notes WHERE workspace = 'b'; DELETE FROM cotenant.workspaces WHERE workspace = 'b'`);
    expect(await errors(intruder)).toEqual([]);
    await world.apply();
    expect(await sees('intruder')).toEqual([]);
  });
});
