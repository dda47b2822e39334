import { expect, it } from 'vitest';
import { vacuumDocument } from '../../../../src/report/documents/weights.ts';
import { describeEachPostgres } from '../../../support/engines.ts';
import { query } from '../../../support/query.ts';
import { session, threeLevels, urlOf, workplace } from '../lifecycle/harness.ts';

describeEachPostgres('tidying up', { versions: 'ends' }, (server) => {
  it('does the tables of one app, as that app: what of it runs meanwhile has no other rights', async () => {
    await using place = await workplace(server(), threeLevels());
    expect((await place.apply()).ending).toBe('done');
    const [shop, blog] = [await urlOf(place, 'shop'), await urlOf(place, 'blog')];
    await query(
      shop,
      `CREATE TABLE seen (who text);
       CREATE FUNCTION spy(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN
         RAISE WARNING 'skipping vacuum';
         IF session_user <> 'shop_user' THEN RAISE EXCEPTION 'a login with other rights'; END IF; RETURN $1; END $$;
       CREATE TABLE t AS SELECT x FROM generate_series(1, 1000) x; CREATE INDEX ON t (spy(x)); DELETE FROM t WHERE x > 10;
       CREATE TABLE held (x int)`,
    );
    await query(blog, 'CREATE TABLE other AS SELECT 1 AS x');
    await using holder = await session(shop, 'BEGIN; LOCK TABLE held');
    const { code, stdout, stderr } = await place.cli('vacuum', 'shop', '--json');
    await holder.end();
    expect([code, stderr]).toEqual([3, '']);
    const { tables } = vacuumDocument.parse(JSON.parse(stdout));
    expect(tables.map(({ app, table, state, why }) => [app, table, state, why ?? ''])).toEqual([
      ['shop', 'public.held', 'skipped', expect.stringContaining('lock timeout')],
      ['shop', 'public.seen', 'done', ''],
      // What the app itself says is no word of the server.
      ['shop', 'public.t', 'done', ''],
    ]);
    const [row] = await query(shop, `SELECT reltuples::int AS n FROM pg_class WHERE relname = 't'`);
    expect(row?.['n']).toBe(10);
    expect((await query(blog, `SELECT reltuples::int AS n FROM pg_class WHERE relname = 'other'`))[0]?.['n']).toBeLessThan(1);
    const all = await place.cli('vacuum');
    expect([all.code, all.stdout]).toEqual([0, expect.stringContaining('4 tables done')]);
  });
});
