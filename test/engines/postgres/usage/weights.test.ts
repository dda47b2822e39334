import { beforeAll, expect, it } from 'vitest';
import { sizesDocument, slowDocument } from '../../../../src/report/documents/weights.ts';
import { describeEachPostgres } from '../../../support/engines.ts';
import { query } from '../../../support/query.ts';
import { threeLevels, urlOf, type Workplace, workplace } from '../lifecycle/harness.ts';

describeEachPostgres(
  'what takes time and room',
  { versions: 'ends', settings: { shared_preload_libraries: 'pg_stat_statements' } },
  (server) => {
    let place: Workplace;

    beforeAll(async () => {
      place = await workplace(server(), threeLevels());
      expect((await place.apply()).ending).toBe('done');
      for (const app of ['shop', 'blog'])
        await query(
          await urlOf(place, app),
          `CREATE TABLE of_${app} AS SELECT x, 'canary-7' AS y FROM generate_series(1, 20000) x; CREATE INDEX ON of_${app} (x)`,
        );
      return async () => await place[Symbol.asyncDispose]();
    });

    it('statements of each app without what stands in them; of one app only its own', async () => {
      expect((await place.cli('slow')).stdout).toContain('CREATE EXTENSION pg_stat_statements');
      await query(server().url, 'CREATE EXTENSION pg_stat_statements');
      for (const app of ['shop', 'blog']) {
        const url = await urlOf(place, app);
        await query(url, `SELECT count(*) FROM of_${app} WHERE y = 'canary-7' /* canary-7 */`);
        await query(url, `DO $$ BEGIN PERFORM 'canary-7'; END $$`);
        await query(url, `SET application_name = 'canary-7'`);
      }
      const all = await place.cli('slow', '--lines', '100', '--json');
      expect(all.stdout).not.toContain('canary-7');
      const report = slowDocument.parse(JSON.parse(all.stdout));
      expect(new Set(report.statements.map(({ app }) => app))).toEqual(new Set(['shop', 'blog']));
      expect(report.statements.find(({ text }) => text.startsWith('SELECT count(*) FROM of_shop'))).toMatchObject({
        app: 'shop',
        calls: 1,
        rows: 1,
      });
      const shop = await place.cli('slow', 'shop', '--lines', '100');
      expect(shop.stdout).toContain('of_shop');
      expect(shop.stdout).not.toMatch(/of_blog|canary-7/);
    });

    it('sizes of each app, and of its tables; of one app only its own', async () => {
      const report = sizesDocument.parse(JSON.parse((await place.cli('sizes', '--tables', '--json')).stdout));
      expect(report.apps.map(({ app }) => app).toSorted()).toEqual(['blog', 'shop', 'team']);
      expect(report.apps.find(({ app }) => app === 'team')).toMatchObject({ bytes: null });
      const tables = (report.tables ?? []).map(({ app, table }) => [app, table]);
      expect(tables).toContainEqual(['shop', 'public.of_shop']);
      expect(tables).toContainEqual(['blog', 'blog.of_blog']);
      expect(report.tables?.find(({ app }) => app === 'shop')?.bytes).toBeGreaterThan(500_000);
      const { stdout } = await place.cli('sizes', 'blog', '--tables');
      expect(stdout).toContain('blog.of_blog');
      expect(stdout).not.toContain('shop');
    });
  },
);
