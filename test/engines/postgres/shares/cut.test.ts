import { afterAll, beforeAll, expect, test } from 'vitest';
import { DriftWorld } from '../../../support/drift.ts';
import { describeEachPostgres } from '../../../support/engines.ts';
import { firstMoment, strideOn } from '../../../support/sample.ts';
import { applyProject } from '../../../../src/app/apply.ts';
import { openProject } from '../../../../src/app/project.ts';

const apps = `apps:
  shop: { uses: { main: { connections: 5 } } }
  wiki: { uses: { main: { connections: 5 } } }
  news: { uses: { main: { connections: 5, isolation: schema, database: shared } } }
  mail: { uses: { main: { connections: 5, isolation: schema, database: shared } } }
`;
const shares = `shares:
  - { from: shop, tables: [orders], columns: [id], to: wiki, via: grant }
  - { from: news, tables: [posts], to: mail, via: grant }
  - { from: news, tables: [posts], to: wiki, via: grant }
`;

describeEachPostgres('an apply that is cut short while it', { versions: 'newest', whole: 'moments' }, (server, major) => {
  /** Steps from one cut to the next. */
  const stride = strideOn(`postgres${major}`, { daily: 4, ci: 4 });
  const start = firstMoment({ oneOf: stride });
  let world: DriftWorld;
  beforeAll(async () => {
    world = await DriftWorld.make(server(), apps, ['wiki', 'shared', 'shop']);
    await world.runAs('shop_user', 'shop', 'CREATE TABLE orders AS SELECT 1 AS id, 2 AS total');
    await world.runAs('news_user', 'shared', 'CREATE TABLE posts AS SELECT 3 AS id');
    await world.apply();
  });
  afterAll(async () => await world[Symbol.asyncDispose]());

  /** Stops after so many steps; gives how many the plan had. */
  async function cutAfter(steps: number): Promise<number> {
    const stop = new AbortController();
    const project = await openProject({ cwd: world.project.path, env: { ADMIN: server().password }, signal: stop.signal });
    let done = 0;
    let all = 0;
    for await (const event of applyProject(project, { consent: async () => Promise.resolve(true) })) {
      if (event.type === 'planned') all = event.outcome.plan.steps.length;
      if (event.type === 'step' && event.result.status === 'done') done += 1;
      if (done >= steps) stop.abort();
    }
    return all;
  }

  const reads = async (): Promise<unknown> => [
    await world.runAs('wiki_user', 'wiki', 'SELECT o.id, p.id FROM from_shop.orders o, from_news.posts p'),
    await world.runAs('mail_user', 'shared', 'SELECT id FROM news.posts'),
  ];

  test('makes or takes back shares is gone on with, wherever that was', { timeout: 300_000 }, async () => {
    const bare = await world.catalog.lines(['wiki', 'shared', 'shop']);
    for (let cut = start, all = start + 1; cut < all; cut += stride) {
      await world.manifest(apps + shares);
      all = await cutAfter(cut);
      await world.apply();
      expect([cut, await reads(), await world.pending()]).toEqual([cut, [[[1, 3]], [[3]]], []]);
      await world.manifest(apps);
      all = Math.max(all, await cutAfter(cut));
      await world.apply();
      expect([cut, await world.pending()]).toEqual([cut, []]);
      expect(await world.catalog.lines(['wiki', 'shared', 'shop'])).toEqual(bare);
    }
  });
});
