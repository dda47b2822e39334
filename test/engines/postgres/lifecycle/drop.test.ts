import { spawn } from '../../../support/children.ts';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { cliFile, nodePath } from '../../../support/cli.ts';
import { describeEachPostgres } from '../../../support/engines.ts';
import { at, changeMark, query } from '../../../support/query.ts';
import { apps, manifestOf, session, threeLevels, urlOf, whoCanLogIn, wipe, type Workplace, workplace, writeOld } from './harness.ts';

/** What is left when three of the four are taken out. */
const rest = (removal: string): string =>
  manifestOf(`apps:
  team: { uses: { main: { isolation: rows, database: pool } } }
removal: ${removal}
`);

describeEachPostgres('what was retired', { versions: 'newest' }, (server) => {
  let place: Workplace;
  const names = async (sql: string): Promise<unknown[]> => (await query(server().url, sql)).map(({ name }) => name);
  const databases = () => names(`SELECT datname AS name FROM pg_database WHERE NOT datistemplate ORDER BY 1`);
  const roles = () => names(`SELECT rolname AS name FROM pg_roles WHERE rolname ~ '^(shop|blog|lens)' ORDER BY 1`);
  const schemas = async () =>
    (await query(at(server().url, { database: 'shared' }), `SELECT nspname AS name FROM pg_namespace WHERE nspname ~ '^blog'`)).map(
      ({ name }) => name,
    );

  beforeEach(async () => {
    await wipe(server().url);
    place = await workplace(server(), threeLevels());
    expect((await place.apply()).ending).toBe('done');
    for (const app of ['shop', 'blog']) await query(await urlOf(place, app), writeOld[app] ?? '');
  });
  afterEach(async () => await place[Symbol.asyncDispose]());

  it('is dropped only with `removal: delete` and its own name, and nothing else is', async () => {
    // Taking it out and dropping it are two acts, even where the manifest says delete.
    await place.write(rest('delete'));
    expect((await place.cli('apply', '--yes', '--confirm=shop', '--confirm=blog', '--confirm=lens')).code).toBe(0);
    const kept = await databases();
    expect(kept).toEqual(['pool', 'postgres', 'shared', expect.stringMatching(/^shop__gone_\d{8}$/)]);

    await place.write(rest('retain'));
    expect((await place.plan()).plan.steps).toEqual([]);

    await place.write(rest('delete'));
    const plan = await place.cli('plan');
    expect(plan.stdout).toMatch(/ [1-9]\d* to destroy\./);
    const mark = await changeMark(server().url);
    for (const flags of [
      [],
      ['--yes'],
      ['--yes', '--no-input'],
      ['--yes', '--confirm=team'],
      ['--yes', '--confirm=shop__gone'],
      ['--confirm=shop', '--confirm=blog'],
    ]) {
      const refused = await place.cli('apply', ...flags);
      expect([flags, refused.code, refused.stderr]).toEqual([flags, 7, expect.stringContaining('lens')]);
    }
    expect(await changeMark(server().url)).toBe(mark);

    const done = await place.cli('apply', '--confirm=shop', '--confirm=blog', '--confirm=lens');
    expect([done.code, done.stderr]).toEqual([0, expect.not.stringContaining('✖')]);
    expect(await databases()).toEqual(['pool', 'postgres', 'shared']);
    expect([await roles(), await schemas()]).toEqual([[], []]);
    expect((await place.plan()).plan.steps).toEqual([]);
    expect(await whoCanLogIn(place, ['team'])).toEqual(['team']);

    // Its name is free again, and it starts empty.
    await place.write(threeLevels());
    expect(await place.apply()).toMatchObject({ ending: 'done' });
    expect(await whoCanLogIn(place, apps)).toEqual([...apps]);
    expect(await query(await urlOf(place, 'shop'), `SELECT 1 FROM pg_class WHERE relname = 'kept'`)).toEqual([]);
  });

  it('leaves the rows of others where they share a table', async () => {
    const pool = at(server().url, { database: 'pool' });
    await query(pool, 'SET ROLE pool_owner; CREATE TABLE notes (workspace text NOT NULL, what text)');
    await place.write(threeLevels().replace('readers:', '  crew: { uses: { main: { isolation: rows, database: pool } } }\nreaders:'));
    expect((await place.apply()).ending).toBe('done');
    for (const app of ['team', 'crew']) await query(await urlOf(place, app), `INSERT INTO notes VALUES ('${app}', 'old')`);
    await place.write(
      manifestOf(`apps:
  shop: { uses: { main: {} } }
  blog: { uses: { main: { isolation: schema, database: shared } } }
  crew: { uses: { main: { isolation: rows, database: pool } } }
removal: delete
`),
    );
    expect((await place.cli('apply', '--yes')).code).toBe(0);
    expect((await place.cli('apply', '--confirm=team', '--confirm=lens')).code).toBe(0);
    expect((await place.plan()).plan.steps).toEqual([]);
    expect(await names(`SELECT rolname AS name FROM pg_roles WHERE rolname ~ '^team'`)).toEqual([]);
    expect(await query(await urlOf(place, 'crew'), 'SELECT what FROM notes')).toEqual([{ what: 'old' }]);
    expect(await query(pool, 'SELECT workspace FROM notes ORDER BY 1')).toEqual([{ workspace: 'crew' }]);
  });

  it('waits for an operator who looks into it, and says so', async () => {
    await using visitor = await session(at(server().url, { database: 'shop' }));
    await place.write(
      threeLevels()
        .replace(/ {2}shop: .*\n/, '')
        .replace('[shop, blog]', '[blog]'),
    );
    const busy = await place.cli('apply', '--yes');
    expect([busy.code, busy.stderr]).toEqual([
      3,
      expect.stringMatching(/CT2031[^]*1 session of "postgres" holds database "shop"[^]*the app is not retired/),
    ]);
    expect(await visitor.isOpen()).toBe(true);
    expect(await whoCanLogIn(place, ['blog'])).toEqual(['blog']);
    expect(await databases()).toContain('shop');
    await visitor.end();
    expect(await place.apply()).toMatchObject({ ending: 'done' });
    expect((await place.plan()).plan.steps).toEqual([]);
    expect(await databases()).toContainEqual(expect.stringMatching(/^shop__gone_/));
  });

  it('is not dropped by a question that nobody can answer: an open pipe, CI, a closed stdin', async () => {
    await place.write(rest('delete'));
    expect((await place.apply()).ending).toBe('done');
    const mark = await changeMark(server().url);
    const codes = await Promise.all([
      leftAlone(place, { stdin: 'pipe', env: {} }),
      leftAlone(place, { stdin: 'pipe', env: { CI: 'true' } }),
      leftAlone(place, { stdin: 'ignore', env: {} }),
    ]);
    expect(codes).toEqual([7, 7, 7]);
    expect(await changeMark(server().url)).toBe(mark);
  });
});

/** The exit code of an apply whose standard input nobody writes to or closes. */
async function leftAlone(
  place: Workplace,
  { stdin, env }: { stdin: 'pipe' | 'ignore'; env: Record<string, string> },
): Promise<number | null> {
  const child = spawn(nodePath(), [cliFile(), 'apply', '--lock-timeout', '1m'], {
    cwd: place.folder,
    env: { PATH: process.env['PATH'] ?? '', HOME: place.folder, ...place.env, ...env },
    stdio: [stdin, 'ignore', 'ignore'],
  });
  return await new Promise((resolve) => child.once('close', resolve));
}
