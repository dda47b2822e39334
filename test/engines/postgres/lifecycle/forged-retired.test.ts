import { beforeEach, expect, it } from 'vitest';
import { verifyProject } from '../../../../src/app/verify.ts';
import { describeEachPostgres } from '../../../support/engines.ts';
import { at, query } from '../../../support/query.ts';
import { manifestOf, wipe, type Workplace, workplace } from './harness.ts';

const mark = (app: string | null, more: object = {}): string => `cotenant ${JSON.stringify({ project: 'life', app, ...more })}`;
const day = { retired: '2026-11-01' };
const full = manifestOf(`apps:
  shop: { uses: { main: {} } }
  erp: { uses: { main: { isolation: schema, database: shared } } }
`);
const withoutErp = full.replace(/ {2}erp: .*\n/, '');
const deleting = withoutErp.replace('apps:', 'removal: delete\napps:');

describeEachPostgres('a stranger under a retired name, or with the mark of what serves several apps', { versions: 'ends' }, (server) => {
  let place: Workplace;
  const root = (sql: string) => query(server().url, sql);
  const told = async (): Promise<readonly string[]> =>
    (await place.plan()).plan.diagnostics.flatMap(({ code, message }) => (code === 'CT2071' ? [message] : []));
  const nobody = (name: string): unknown =>
    expect.stringMatching(new RegExp(`role "${name}".*it is taken for nobody's of this project, and left as it is`));
  const touching = async (names: RegExp): Promise<readonly string[]> =>
    (await place.plan()).plan.steps.filter((step) => names.test(JSON.stringify(step.commands))).map(({ id }) => id);
  const fixes = async (names: RegExp): Promise<readonly string[]> => {
    const { report } = await verifyProject(await place.open());
    return report.findings.flatMap(({ fix }) => fix.map(({ statement }) => statement.text)).filter((text) => names.test(text));
  };

  beforeEach(async () => {
    await wipe(server().url);
    place = await workplace(server(), full);
    expect((await place.apply()).ending).toBe('done');
  });

  it.each([
    ['an app that is nowhere', 'ghost_user', 'ghost', {}],
    ['an app that is nowhere, as an older version wrote it', 'ghost_user', 'ghost', { was: undefined }],
    ['an app that is in use', 'shop_user', 'shop', {}],
    ['an app that is in use, a role that it has not', 'x', 'shop', {}],
    ['an app that leaves', 'erp_user', 'erp', {}],
    ['an app that leaves, a role that it has not', 'x', 'erp', {}],
    ['what serves several apps', 'x', null, {}],
  ])('keeps what it has, with a mark of %s', { timeout: 120_000 }, async (_, was, app, more) => {
    const name = `${was}__gone_20261101`;
    await root(`CREATE ROLE ${name} LOGIN PASSWORD 'word'`);
    await root(`CREATE DATABASE estate OWNER ${name}`);
    const estate = at(server().url, { user: name, password: 'word', database: 'estate' });
    await query(estate, 'CREATE TABLE mine (id int)');
    await root(`COMMENT ON ROLE ${name} IS '${mark(app, { ...day, was, ...more })}'`);
    const isTheirs = new RegExp(`${name}|estate`);
    for (const [manifest, confirm] of [
      [full, []],
      [withoutErp, ['erp']],
      [deleting, ['erp', 'ghost', 'shop']],
    ] as const) {
      await place.write(manifest);
      expect(await touching(isTheirs)).toEqual([]);
      expect(await fixes(isTheirs)).toEqual([]);
      expect(await told()).toEqual([nobody(name)]);
      expect((await place.apply([...confirm])).ending).toMatch(/^(done|nothing-to-do)$/);
    }
    await query(estate, 'INSERT INTO mine VALUES (1)');
    expect((await place.status()).placements.map(({ app: one }) => one)).toEqual(['shop']);
  });

  it('keeps a login that is a member of its group, with marks of what serves several apps and of an app', {
    timeout: 120_000,
  }, async () => {
    await root(`CREATE ROLE grp; CREATE ROLE victim LOGIN PASSWORD 'word'; GRANT grp TO victim; CREATE ROLE othr LOGIN; GRANT grp TO othr`);
    await root('CREATE DATABASE estate OWNER grp');
    await root(`COMMENT ON ROLE grp IS '${mark(null)}'`);
    for (const app of ['ghost', 'erp', null]) {
      await place.write(full);
      await root(`COMMENT ON ROLE victim IS '${mark(app)}'`);
      for (const [manifest, confirm] of [
        [full, []],
        [withoutErp, ['erp']],
        [deleting, ['erp', 'ghost']],
      ] as const) {
        await place.write(manifest);
        expect(await touching(/grp|victim|estate|othr/)).toEqual([]);
        expect(await fixes(/grp|victim|estate|othr/)).toEqual([]);
        expect(await told()).toContainEqual(nobody('grp'));
        expect((await place.apply([...confirm])).ending).toMatch(/^(done|nothing-to-do)$/);
      }
      await query(at(server().url, { user: 'victim', password: 'word', database: 'estate' }), `CREATE TABLE mine_${String(app)} (id int)`);
    }
  });
});
