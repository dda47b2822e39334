import { expect, test } from 'vitest';
import { describeEachMajor, freshPostgres } from '../../../support/engines.ts';
import { testProject } from '../../../support/project.ts';
import { at, query } from '../../../support/query.ts';
import { importServer } from '../../../../src/app/import.ts';
import { verifyProject } from '../../../../src/app/verify.ts';

/** `viewer` sees the data of an app by what a role without login owns, and by nothing else. */
const MADE = `CREATE TABLE public.notes (id int); INSERT INTO public.notes VALUES (1), (2);
  CREATE SCHEMA seen; GRANT USAGE ON SCHEMA seen TO viewer, maker; GRANT USAGE ON SCHEMA public TO maker; GRANT SELECT ON public.notes TO maker;
  CREATE VIEW seen.looks AS SELECT count(*) AS n FROM public.notes; ALTER VIEW seen.looks OWNER TO maker; GRANT SELECT ON seen.looks TO viewer;
  CREATE FUNCTION seen.counts() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT count(*) FROM public.notes'; ALTER FUNCTION seen.counts() OWNER TO maker;
  REVOKE EXECUTE ON FUNCTION seen.counts() FROM PUBLIC; GRANT EXECUTE ON FUNCTION seen.counts() TO viewer`;

describeEachMajor('an import of a database in which a role without login owns what others use', { versions: 'ends' }, (major) => {
  test('names that role under known, and its users go on as before', async () => {
    await using server = await freshPostgres({ major });
    for (const login of ['shop', 'viewer']) await query(server.url, `CREATE USER ${login} PASSWORD 'old'`);
    await query(server.url, 'CREATE ROLE maker');
    await query(server.url, 'CREATE ROLE idle');
    await query(server.url, 'CREATE DATABASE shop OWNER shop');
    const url = at(server.url, { database: 'shop' });
    await query(url, MADE);
    await query(url, 'ALTER TABLE public.notes OWNER TO shop');
    const asViewer = at(url, { user: 'viewer', password: 'old' });
    const sees = async () => [await query(asViewer, 'SELECT n FROM seen.looks'), await query(asViewer, 'SELECT seen.counts() AS n')];
    const before = await sees();
    const { yaml } = await importServer({ url: server.url, password: null, env: {}, cwd: '/by-hand' });
    expect(yaml).toContain('user: maker');
    expect(yaml).not.toContain('user: idle');
    await using project = await testProject(yaml, { POSTGRES_PASSWORD: server.password });
    expect((await project.plan()).plan.steps.flatMap(({ losses = [] }) => losses.map(({ who }) => who))).not.toContain('viewer');
    expect((await project.apply()).trouble).toBe('');
    expect(await sees()).toEqual(before);
    expect((await project.plan()).plan.steps).toEqual([]);
    const { report } = await verifyProject(await project.open(), { seed: 7 });
    expect(report.findings.filter(({ verdict }) => verdict !== 'UNPROVEN')).toEqual([]);
  });
});
