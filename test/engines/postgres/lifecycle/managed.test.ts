import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeEachPostgres } from '../../../support/engines.ts';
import { at, query } from '../../../support/query.ts';
import { apps, readOld, threeLevels, unfinished, urlOf, whoCanLogIn, type Workplace, workplace, writeOld } from './harness.ts';

const asSteward = (manifest: string): string =>
  manifest.replace('//postgres@', '//steward@').replace('extensions: [citext]', 'extensions: [pgcrypto]');

describeEachPostgres("retiring as a managed service's admin, no superuser", { versions: 'ends' }, (server) => {
  let place: Workplace;
  const onlyTeam = (more = ''): string =>
    asSteward(
      threeLevels(more)
        .replace(/ {2}(shop|blog): .*\n/g, '')
        .replace(/readers:\n.*\n/, ''),
    );
  const errors = (found: Awaited<ReturnType<Workplace['apply']>>) => ({
    ending: found.ending,
    errors: found.diagnostics.filter(({ severity }) => severity === 'error').map(({ message, expected }) => [message, expected]),
  });

  beforeAll(async () => {
    await query(server().url, `CREATE ROLE steward LOGIN CREATEROLE CREATEDB PASSWORD 'steward'; GRANT pg_signal_backend TO steward`);
    place = await workplace({ ...server(), host: '127.0.0.1', port: server().port, password: 'steward' }, asSteward(threeLevels()));
    expect(errors(await place.apply())).toEqual({ ending: 'done', errors: [] });
    for (const app of ['shop', 'blog']) await query(await urlOf(place, app), writeOld[app] ?? '');
  });
  afterAll(async () => await place[Symbol.asyncDispose]());

  it('goes all the way: put aside, brought back with its data, put aside again, dropped', async () => {
    await place.write(onlyTeam());
    expect(errors(await place.apply())).toEqual({ ending: 'done', errors: [] });
    expect((await place.plan()).plan.steps).toEqual([]);
    for (const app of ['shop', 'blog', 'lens']) expect(errors(await place.restore(app))).toEqual({ ending: 'done', errors: [] });
    await place.write(asSteward(threeLevels()));
    expect(await unfinished(place)).toEqual([]);
    for (const app of ['shop', 'blog']) expect(await query(await urlOf(place, app), readOld[app] ?? '')).toEqual([{ what: 'old' }]);

    await place.write(onlyTeam('removal: delete\n'));
    expect(errors(await place.apply())).toEqual({ ending: 'done', errors: [] });
    expect(errors(await place.apply(['shop', 'blog', 'lens']))).toEqual({ ending: 'done', errors: [] });
    expect((await place.plan()).plan.steps).toEqual([]);
    expect(await query(server().url, `SELECT rolname FROM pg_roles WHERE rolname ~ '^(shop|blog|lens)'`)).toEqual([]);
    expect(await query(at(server().url, { database: 'shared' }), `SELECT nspname FROM pg_namespace WHERE nspname ~ '^blog'`)).toEqual([]);

    await place.write(asSteward(threeLevels()));
    expect(errors(await place.apply())).toEqual({ ending: 'done', errors: [] });
    expect(await whoCanLogIn(place, apps)).toEqual([...apps]);
  });

  it('sends a password again that waits in the store: it cannot read which one the server has', async () => {
    const file = join(place.folder, '.cotenant/secrets.json');
    const { secrets } = JSON.parse(await readFile(file, 'utf8')) as { secrets: Record<string, string>[] };
    const waiting = secrets.map(({ project, name, ...next }) => ({ project, name, next }));
    await writeFile(file, JSON.stringify({ format: 1, secrets: waiting }), { mode: 0o600 });
    expect(errors(await place.apply())).toEqual({ ending: 'done', errors: [] });
    expect(await unfinished(place)).toEqual([]);
    expect(await whoCanLogIn(place, apps)).toEqual([...apps]);
  });

  it('deletes rows of shared tables that it sees, and the app comes back without them', async () => {
    const pool = at(server().url, { database: 'pool' });
    await query(pool, 'SET ROLE pool_owner; CREATE TABLE tasks (workspace text, what text)');
    expect(errors(await place.apply())).toEqual({ ending: 'done', errors: [] });
    await query(pool, `INSERT INTO tasks VALUES ('team', 'old'), ('other', 'of others')`);
    const gone = asSteward(threeLevels('removal: delete\n').replace(/ {2}team: .*\n/, ''));
    await place.write(gone);
    expect(errors(await place.apply())).toEqual({ ending: 'done', errors: [] });
    const { plan } = await place.plan();
    expect(plan.diagnostics.flatMap(({ severity, message }) => (severity === 'error' ? [message] : []))).toEqual([]);
    expect(plan.steps.flatMap(({ facts }) => facts['rows by table'] ?? [])).toEqual(['public.tasks 1']);
    expect(errors(await place.apply(['team']))).toEqual({ ending: 'done', errors: [] });
    expect((await place.plan()).plan.steps).toEqual([]);
    expect(await query(pool, 'SELECT what FROM tasks')).toEqual([{ what: 'of others' }]);
    await place.write(asSteward(threeLevels()));
    expect(errors(await place.apply())).toEqual({ ending: 'done', errors: [] });
  });
});
