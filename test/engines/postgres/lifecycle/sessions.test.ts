import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { describeEachPostgres } from '../../../support/engines.ts';
import { at, query } from '../../../support/query.ts';
import { type OpenSession, session, threeLevels, urlOf, type Workplace, workplace } from './harness.ts';

describeEachPostgres('open sessions', { versions: 'each' }, (server) => {
  let place: Workplace;
  const open: OpenSession[] = [];
  const admin = async (sql: string, database = 'postgres') => await query(at(server().url, { database }), sql);
  const enter = async (url: string, first?: string): Promise<OpenSession> => {
    const made = await session(url, first);
    open.push(made);
    return made;
  };
  const asStranger = (database: string): string => at(server().url, { user: 'stranger', password: 'stranger', database });
  /** One session of each app, then a change by hand, then an apply: whose sessions are still open? */
  const survivors = async (byHand: string): Promise<string[]> => {
    const sessions = new Map<string, OpenSession>();
    for (const app of ['shop', 'blog', 'team', 'lens']) sessions.set(app, await enter(await urlOf(place, app)));
    await admin(byHand);
    expect((await place.apply(['stranger', 'of shop_ro'])).ending).toBe('done');
    expect((await place.plan()).plan.steps).toEqual([]);
    const left: string[] = [];
    for (const [app, one] of sessions) if (await one.isOpen()) left.push(app);
    return left;
  };

  beforeAll(async () => {
    place = await workplace(server(), threeLevels());
    expect((await place.apply()).ending).toBe('done');
    await admin(`CREATE ROLE stranger LOGIN PASSWORD 'stranger'`);
  });
  afterEach(async () => {
    for (const one of open.splice(0)) await one.end();
  });
  afterAll(async () => await place[Symbol.asyncDispose]());

  it.each([
    ['a membership that was granted', 'GRANT blog_rw TO shop_user'],
    ['a role attribute', 'ALTER ROLE shop_user CREATEDB'],
    ['the right to make others members', 'GRANT shop_ro TO shop_user WITH ADMIN OPTION'],
    ['a password that was set', `ALTER ROLE shop_user PASSWORD 'other'`],
  ])('end where %s is taken back, those of that app only', async (_what, byHand) => {
    expect(await survivors(byHand)).toEqual(['blog', 'team', 'lens']);
  });

  it.each([
    ['a connection limit comes down', 'ALTER ROLE shop_user CONNECTION LIMIT 50'],
    [
      'a connection limit comes down beside a setting',
      `ALTER ROLE shop_user CONNECTION LIMIT 50; ALTER ROLE shop_user SET work_mem = '9MB'`,
    ],
    ['a limit of the database changes', 'ALTER DATABASE shop CONNECTION LIMIT 50'],
    ['a right is given back', 'REVOKE shop_rw FROM shop_user'],
    ['a right on objects is taken back, which counts at the next statement', ''],
  ])('stay where %s', async (_what, byHand) => {
    if (byHand === '') await admin('GRANT USAGE ON SCHEMA blog TO team_user', 'shared');
    expect(await survivors(byHand)).toEqual(['shop', 'blog', 'team', 'lens']);
  });

  it('end where somebody from outside was let into a role, those of the one from outside only', async () => {
    await admin('GRANT shop_owner TO stranger');
    const inside = await enter(asStranger('shop'), 'SET ROLE shop_owner');
    expect(await survivors('SELECT 1')).toEqual(['shop', 'blog', 'team', 'lens']);
    expect(await inside.isOpen()).toBe(false);
  });

  it('and one whose name reads like a membership is no other one', async () => {
    await admin(`CREATE ROLE "of shop_ro" LOGIN PASSWORD 'stranger'; GRANT shop_owner TO "of shop_ro"`);
    const inside = await enter(at(server().url, { user: 'of shop_ro', password: 'stranger', database: 'shop' }), 'SET ROLE shop_owner');
    expect(await survivors('SELECT 1')).toEqual(['shop', 'blog', 'team', 'lens']);
    expect(await inside.isOpen()).toBe(false);
  });

  it('end where a database was opened to somebody from outside, those of the one from outside only', async () => {
    await admin('GRANT CONNECT ON DATABASE shop TO stranger');
    const inside = await enter(asStranger('shop'));
    expect(await survivors('SELECT 1')).toEqual(['shop', 'blog', 'team', 'lens']);
    expect(await inside.isOpen()).toBe(false);
  });

  it('end where the slot that waits for a rotation was opened by hand', async () => {
    await admin(`ALTER ROLE shop_user_2 LOGIN PASSWORD 'by-hand'`);
    const slot = await enter(at(await urlOf(place, 'shop'), { user: 'shop_user_2', password: 'by-hand' }));
    await survivors('SELECT 1');
    expect(await slot.isOpen()).toBe(false);
    await expect(session(at(await urlOf(place, 'shop'), { user: 'shop_user_2', password: 'by-hand' }))).rejects.toMatchObject({
      code: expect.stringMatching(/^28/) as unknown,
    });
  });
});
