import { expect, it } from 'vitest';
import { describeEachPostgres } from '../../../support/engines.ts';
import { at, query } from '../../../support/query.ts';
import { manifestOf, wipe, workplace } from '../lifecycle/harness.ts';

describeEachPostgres('rows that a guard hides from logins that the manifest names', { versions: 'newest' }, (server) => {
  it('are told as theirs, and want their names', async () => {
    await wipe(server().url);
    const root = (sql: string, database = 'postgres') => query(at(server().url, { database }), sql);
    for (const login of ['bi', 'ops']) await root(`CREATE ROLE ${login} LOGIN PASSWORD 'word'`);
    await using place = await workplace(
      server(),
      manifestOf(
        `apps: { team: { uses: { main: { isolation: rows, database: pool } } } }\nknown: [{ user: bi, on: main, why: test }]\noperators: { ops: { may: [connect] } }\n`,
      ),
    );
    expect((await place.apply()).ending).toBe('done');
    await root(
      'CREATE TABLE public.notes (workspace text, what text); GRANT SELECT ON public.notes TO bi, ops; GRANT USAGE ON SCHEMA public TO bi, ops',
      'pool',
    );
    await root('GRANT CONNECT ON DATABASE pool TO bi, ops');
    const { plan } = await place.plan();
    const losses = plan.steps
      .flatMap(({ losses: all = [] }) => all)
      .filter(({ what }) => what.some((one) => one.startsWith('the rows of table')));
    expect(losses.map(({ who, of, confirm }) => [who, of, confirm])).toEqual([
      ['bi', 'bi', 'bi'],
      ['ops', 'ops', 'ops'],
    ]);
    const refused = await place.cli('apply', '--yes', '--no-input');
    expect(refused.code).not.toBe(0);
    expect(refused.stdout + refused.stderr).toMatch(/"bi" would lose: the rows of table/);
    expect(refused.stdout + refused.stderr).not.toMatch(/not in the manifest/);
    expect((await place.apply(['bi', 'ops'])).ending).toBe('done');
  });
});
