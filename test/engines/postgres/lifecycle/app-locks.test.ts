import { afterAll, beforeAll, expect, it } from 'vitest';
import { applyProject } from '../../../../src/app/apply.ts';
import type { EventBody } from '../../../../src/app/types.ts';
import { describeEachPostgres } from '../../../support/engines.ts';
import { query } from '../../../support/query.ts';
import { type TestProject, testProject } from '../../../support/project.ts';

const manifest = (port: number): string => `cotenant: 1
project: locked
instances: { main: { engine: postgres, url: 'postgres://postgres@127.0.0.1:${port}/postgres', password: { env: ADMIN } } }
apps:
  shop: { uses: { main: { connections: 2 } } }
  wiki: { uses: { main: { connections: 2 } } }
  news: { uses: { main: { connections: 2, isolation: schema, database: pool } } }
  blog: { uses: { main: { connections: 2, isolation: schema, database: pool } } }
readers: { lens: { reads: [wiki], connections: 1 } }
shares: [{ from: shop, to: news, tables: [orders], via: grant }]
`;

describeEachPostgres('the lock of an act on one app', { versions: 'newest' }, (server) => {
  let project: TestProject;
  beforeAll(async () => {
    project = await testProject(manifest(server().port), { ADMIN: server().password });
  });
  afterAll(async () => await project[Symbol.asyncDispose]());

  const run = async (app: string): Promise<AsyncGenerator<EventBody>> =>
    applyProject(await project.open(), { apps: [app], consent: () => Promise.resolve(true) });
  const endingOf = async (events: AsyncGenerator<EventBody>): Promise<string> => {
    for await (const event of events) if (event.type === 'result') return event.ending;
    return '';
  };
  /** Who is kept out while an apply of this app has its locks and its plan. */
  const keptOut = async (app: string): Promise<readonly string[]> => {
    const standing = await run(app);
    expect((await standing.next()).value).toMatchObject({ type: 'planned' });
    const out: string[] = [];
    for (const other of ['shop', 'wiki', 'news', 'blog', 'lens']) if ((await endingOf(await run(other))) === 'locked') out.push(other);
    expect(await endingOf(standing)).toMatch(/^(done|nothing-to-do)$/);
    return out;
  };

  it('is one of the whole server where its plan makes what others have too', async () => {
    expect(await keptOut('news')).toEqual(['shop', 'wiki', 'news', 'blog', 'lens']);
  });

  it('is as wide as what the app shares: its database, a share, a reader', async () => {
    await project.apply({ confirm: 'all' });
    expect(await keptOut('shop')).toEqual(['shop', 'news']);
    expect(await keptOut('wiki')).toEqual(['wiki', 'lens']);
    expect(await keptOut('news')).toEqual(['shop', 'news', 'blog']);
    expect(await keptOut('blog')).toEqual(['news', 'blog']);
    expect(await keptOut('lens')).toEqual(['wiki', 'lens']);
  });

  it('does not take the lanes of another act for what a dead run has left, and sees those of a dead one', async () => {
    await query(server().url, 'ALTER ROLE shop_user CREATEDB; ALTER ROLE wiki_user CREATEDB');
    const standing = await run('shop');
    for await (const event of { [Symbol.asyncIterator]: () => ({ next: () => standing.next() }) }) if (event.type === 'step') break;
    expect(await endingOf(await run('wiki'))).toBe('done');
    expect(await endingOf(standing)).toBe('done');
    expect((await project.plan()).plan.steps).toEqual([]);
  });
});
