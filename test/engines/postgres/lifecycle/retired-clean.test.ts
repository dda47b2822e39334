import { beforeEach, expect, it } from 'vitest';
import { describeEachPostgres } from '../../../support/engines.ts';
import { at, query } from '../../../support/query.ts';
import { checkProject } from '../../../../src/app/check.ts';
import { openProject } from '../../../../src/app/project.ts';
import { ground, type Ground } from '../verify/harness.ts';
import { manifestOf, threeLevels, unfinished, urlOf, wipe } from './harness.ts';

const rest = (more = ''): string => manifestOf(`apps:\n  wiki: { uses: { main: { connections: 3 } } }\n${more}`);

const findings = async (made: Ground): Promise<readonly string[]> =>
  (await made.verify()).findings.map(({ verdict, probe, from, to, answer }) => `${verdict} ${probe} ${from} -> ${to}: ${answer}`);

/** What is still to do, what verify finds, and what a look at the shared part finds. */
async function left(made: Ground): Promise<unknown> {
  const { plan } = await made.place.plan();
  const check = await checkProject(await openProject({ cwd: made.place.folder, env: made.place.env }));
  return {
    steps: plan.steps.map(({ id, cause }) => `${cause} ${id}`),
    findings: await findings(made),
    differences: check.differences.map(({ address, what, fields }) => [what, address.kind, address.name, fields.map(({ field }) => field)]),
  };
}

const nothing = { steps: [], findings: [], differences: [] };

describeEachPostgres('a server with retired apps', { versions: 'ends' }, (server) => {
  beforeEach(async () => {
    await wipe(server().url);
  });

  it('is clean: last apps of shared databases, all apps of a rows database, a reader', { timeout: 300_000 }, async () => {
    const all = threeLevels().replace(
      'apps:',
      'apps:\n  wiki: { uses: { main: { connections: 3 } } }\n  crew: { uses: { main: { isolation: rows, database: pool } } }',
    );
    await using made = await ground(server(), all);
    await query(await urlOf(made.place, 'blog'), 'CREATE TABLE orders (id int); INSERT INTO orders VALUES (1)');
    await made.place.write(rest());
    expect(await made.place.apply()).toMatchObject({ ending: 'done' });
    expect(await left(made)).toEqual(nothing);
    expect(await made.place.apply()).toMatchObject({ ending: 'nothing-to-do' });
    for (const app of ['shop', 'blog', 'team', 'crew', 'lens']) expect(await made.place.restore(app)).toMatchObject({ ending: 'done' });
    await made.place.write(all);
    expect(await unfinished(made.place)).toEqual([]);
    expect(await query(await urlOf(made.place, 'blog'), 'SELECT id FROM orders')).toEqual([{ id: 1 }]);
    expect(await left(made)).toEqual(nothing);
  });

  it('is clean with forty of them, and removing the first app is nobody’s drift', { timeout: 300_000 }, async () => {
    const names = Array.from({ length: 40 }, (_, i) => `a${i}`);
    const lines = names.map((name, i) => `  ${name}: { uses: { main: { isolation: schema, database: s${i % 2}, connections: 1 } } }`);
    await using made = await ground(server(), manifestOf(`apps:\n${lines.join('\n')}\n  wiki: { uses: { main: { connections: 1 } } }\n`));
    await made.place.write(
      manifestOf(
        `apps:\n  a39: { uses: { main: { isolation: schema, database: s1, connections: 1 } } }\n  wiki: { uses: { main: { connections: 1 } } }\n`,
      ),
    );
    const { plan } = await made.place.plan();
    expect(plan.steps.filter(({ cause }) => cause === 'drift').map(({ id }) => id)).toEqual([]);
    expect(await made.place.apply()).toMatchObject({ ending: 'done' });
    expect(await left(made)).toEqual(nothing);
  });

  it.each(['shop', 'blog', 'lens'])(
    'opened again by hand is shown, and closed by the next apply (%s)',
    { timeout: 300_000 },
    async (app) => {
      await using made = await ground(server(), threeLevels('').replace('apps:', 'apps:\n  wiki: { uses: { main: { connections: 3 } } }'));
      await made.place.write(rest());
      expect(await made.place.apply()).toMatchObject({ ending: 'done' });
      const url = server().url;
      const names = async (sql: string) => (await query(url, sql)).map(({ name }) => String(name));
      const [login = ''] = await names(`SELECT rolname AS name FROM pg_roles WHERE rolname LIKE '${app}_user__gone%'`);
      await query(
        url,
        `CREATE ROLE stranger LOGIN PASSWORD 'x'; ALTER ROLE "${login}" LOGIN CREATEDB PASSWORD 'x'; GRANT "${login}" TO stranger`,
      );
      if (app === 'shop') {
        const [database = ''] = await names(`SELECT datname AS name FROM pg_database WHERE datname LIKE 'shop__gone%'`);
        await query(url, `GRANT CONNECT ON DATABASE "${database}" TO stranger, "${login}", PUBLIC`);
      }
      if (app === 'blog') {
        const shared = at(url, { database: 'shared' });
        const [schema = ''] = (await query(shared, `SELECT nspname AS name FROM pg_namespace WHERE nspname LIKE 'blog__gone%'`)).map(
          ({ name }) => String(name),
        );
        await query(shared, `CREATE TABLE "${schema}".t (x int)`);
        await query(
          shared,
          `GRANT USAGE ON SCHEMA "${schema}" TO stranger; GRANT SELECT ON "${schema}".t TO stranger, PUBLIC; GRANT CONNECT ON DATABASE shared TO "${login}"`,
        );
      }
      const { plan } = await made.place.plan();
      expect(plan.steps.length).toBeGreaterThan(0);
      expect(new Set(plan.steps.map(({ cause }) => cause))).toEqual(new Set(['drift']));
      expect(await made.place.apply(['stranger'])).toMatchObject({ ending: 'done' });
      expect(await left(made)).toEqual(nothing);
      await expect(query(at(url, { user: login, password: 'x', database: 'shared' }), 'SELECT 1')).rejects.toThrow();
    },
  );
});
