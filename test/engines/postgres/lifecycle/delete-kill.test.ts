import { expect, it } from 'vitest';
import { describeEachPostgres } from '../../../support/engines.ts';
import { at, query } from '../../../support/query.ts';
import { firstMoment, strideOn } from '../../../support/sample.ts';
import { changing, type SeenStatement } from '../proxy/harness.ts';
import { killedAt, tap, untilNoOrphan } from './faults/harness.ts';
import { manifestOf, urlOf, wipe, workplace } from './harness.ts';

const isChange = (statement: SeenStatement): boolean => changing([statement]).length > 0;

const wiki = '  wiki: { uses: { main: { isolation: schema, database: shared, connections: 3 } } }';
const all = manifestOf(`apps:
${wiki}
  crm: { uses: { main: { isolation: schema, database: shared, connections: 3 } } }
  shop: { uses: { main: { connections: 3 } } }
`);

describeEachPostgres('a delete, ended by SIGKILL', { versions: 'newest', whole: 'moments' }, (server, major) => {
  const stride = strideOn(`postgres${major}`, { daily: 3, ci: 2 });
  const start = firstMoment({ oneOf: stride });
  it('at every statement in turn that changes something: the next one ends it, and the neighbour is whole', {
    timeout: 600_000,
  }, async () => {
    await using line = await tap(server());
    const wrong: unknown[] = [];
    for (let n = start, wasKilled = true; wasKilled; n += stride) {
      await wipe(server().url);
      await using place = await workplace({ host: '127.0.0.1', port: line.proxy.port, password: server().password }, all);
      expect((await place.apply()).ending).toBe('done');
      await query(await urlOf(place, 'wiki'), 'CREATE TABLE kept (x int)');
      await query(
        at(server().url, { database: 'shared' }),
        `CREATE SCHEMA side AUTHORIZATION crm_owner; CREATE TABLE side.t (x int); ALTER TABLE side.t OWNER TO crm_user; CREATE TABLE crm.t (x int); ALTER TABLE crm.t OWNER TO crm_owner`,
      );
      await query(at(server().url, { database: 'postgres' }), 'CREATE TABLE public.odd (x int); ALTER TABLE public.odd OWNER TO crm_user');
      await place.write(manifestOf(`apps:\n${wiki}\nremoval: delete\n`));
      expect((await place.apply()).ending).toBe('done');
      const flags = ['apply', '--yes', '--confirm=crm', '--confirm=shop'];
      wasKilled = (await killedAt(place, line, flags, { n, how: 'sent', only: isChange })).signal === 'SIGKILL';
      await untilNoOrphan(server().url);
      const next = await place.apply(['crm', 'shop']);
      const left = (await place.plan()).plan.steps.map(({ id }) => id);
      const roles = await query(server().url, `SELECT rolname FROM pg_roles WHERE rolname ~ '^(crm|shop)'`);
      const rows = await query(await urlOf(place, 'wiki'), 'SELECT x FROM kept').catch(() => null);
      if (!['done', 'nothing-to-do'].includes(next.ending ?? '') || left.length > 0 || roles.length > 0 || rows === null)
        wrong.push({ n, next, left, roles, rows });
      if (n === start) expect(wasKilled).toBe(true);
    }
    expect(wrong).toEqual([]);
  });
});
