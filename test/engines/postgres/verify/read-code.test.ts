import { beforeAll, expect, it } from 'vitest';
import { verifyProject } from '../../../../src/app/verify.ts';
import { describeEachPostgres } from '../../../support/engines.ts';
import { query } from '../../../support/query.ts';
import { manifestOf, urlOf, wipe, type Workplace, workplace } from '../lifecycle/harness.ts';

const manifest = manifestOf(`apps:
  wiki: { uses: { main: { isolation: schema, database: content } } }
  news: { uses: { main: { isolation: schema, database: content } } }
  alone: { uses: { main: {} } }
readers:
  analytics: { reads: [wiki, news] }
shares:
  - { from: wiki, tables: [pages], to: news, via: grant }
`);

/** Reads the neighbour's rows with the rights of whoever reads this, and sends them on. */
const SEND = `pg_notify('x', query_to_xml('SELECT secret FROM news.arts', true, false, '')::text)`;

describeEachPostgres('what runs in the session of whoever reads', { versions: 'ends' }, (server) => {
  let place: Workplace;
  const as = async (app: string, sql: string) => await query(await urlOf(place, app), sql);

  beforeAll(async () => {
    await wipe(server().url);
    place = await workplace(server(), manifest);
    await place.apply();
    for (const app of ['wiki', 'alone']) await as(app, 'CREATE TABLE pages (id int, title text)');
    await as('news', `CREATE TABLE arts (secret text); INSERT INTO arts VALUES ('news-secret'); CREATE SEQUENCE counter`);
    await as('wiki', 'INSERT INTO pages VALUES (1)');
    expect((await place.apply()).ending).toBe('done');
    return async () => await place[Symbol.asyncDispose]();
  });

  const found = async (): Promise<readonly string[]> => {
    const { report } = await verifyProject(await place.open());
    return report.findings.map(({ probe, verdict, from, to }) => `${verdict} ${probe} ${String(from)} → ${String(to)}`);
  };

  it.each([
    [
      'wiki',
      'a policy that sends what a query gives',
      `ALTER TABLE pages ENABLE ROW LEVEL SECURITY; CREATE POLICY z ON pages USING (${SEND} IS NULL)`,
    ],
    ['wiki', 'a view with a query as a text', `CREATE VIEW trap AS SELECT query_to_xml('SELECT 1', true, false, '') AS x`],
    ['wiki', 'a view of a table by its name', `CREATE VIEW trap AS SELECT table_to_xml(to_regclass('news.arts'), true, false, '') AS x`],
    ['wiki', 'a view that sets the search_path', `CREATE VIEW trap AS SELECT set_config('search_path', 'wiki', false) AS x`],
    ['wiki', 'a view that draws from a sequence', `CREATE VIEW trap AS SELECT nextval('news.counter'::text::regclass) AS x`],
    [
      'wiki',
      'a view behind a view',
      `CREATE VIEW inner_one AS SELECT (ts_stat('SELECT 1')).word AS x; CREATE VIEW trap AS SELECT * FROM inner_one`,
    ],
  ])('by %s, %s, is a breach', { timeout: 60_000 }, async (app, _, sql) => {
    await as(app, sql);
    expect(await found()).toEqual(expect.arrayContaining(['BREACH PG-S34 wiki → news']));
    await as(app, 'DROP VIEW IF EXISTS trap, inner_one; DROP POLICY IF EXISTS z ON pages; ALTER TABLE pages DISABLE ROW LEVEL SECURITY');
    expect(await found()).toEqual([]);
  });

  it('what only computes is none, nor is anything where nobody who reads has more', { timeout: 60_000 }, async () => {
    await as(
      'wiki',
      `CREATE VIEW fine AS SELECT id, random() AS r, now() AS n, clock_timestamp() AS c, gen_random_uuid() AS u, lower(title) AS t, pg_relation_size('pg_class') AS s,
         current_setting('search_path') AS p, count(*) OVER () AS k FROM pages;
       ALTER TABLE pages ENABLE ROW LEVEL SECURITY; CREATE POLICY ok ON pages USING (title IS NULL OR title <> current_setting('app.tenant', true))`,
    );
    await as('alone', `CREATE VIEW odd AS SELECT query_to_xml('SELECT 1', true, false, '') AS x`);
    expect(await found()).toEqual([]);
    await as('wiki', 'DROP VIEW fine; DROP POLICY ok ON pages; ALTER TABLE pages DISABLE ROW LEVEL SECURITY');
  });

  it('the reader’s rows do go that way: the finding is no theory', { timeout: 60_000 }, async () => {
    await as('wiki', `CREATE VIEW trap AS SELECT query_to_xml('SELECT secret FROM news.arts', true, false, '')::text AS x`);
    await expect(as('wiki', 'SELECT * FROM trap')).rejects.toThrow(/permission denied/);
    await place.apply();
    const url =
      (await place.reveal('analytics'))['CONTENT_URL'] ??
      Object.values(await place.reveal('analytics')).find((one) => one.startsWith('postgres'));
    expect(JSON.stringify(await query(String(url), 'SELECT x FROM wiki.trap'))).toContain('news-secret');
    await as('wiki', 'DROP VIEW trap');
  });
});
