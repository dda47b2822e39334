import { beforeAll, expect, it } from 'vitest';
import { killDocument, sessionsDocument } from '../../../../src/report/documents/tending.ts';
import { describeEachPostgres } from '../../../support/engines.ts';
import { query } from '../../../support/query.ts';
import { session, threeLevels, until, urlOf, type Workplace, workplace } from '../lifecycle/harness.ts';

describeEachPostgres('who is connected', { versions: 'ends' }, (server) => {
  let place: Workplace;

  beforeAll(async () => {
    place = await workplace(server(), threeLevels());
    expect((await place.apply()).ending).toBe('done');
    await query(server().url, `CREATE ROLE stranger LOGIN PASSWORD 'x'; GRANT CONNECT ON DATABASE postgres TO stranger`);
    return async () => await place[Symbol.asyncDispose]();
  });

  const list = async (...args: readonly string[]) =>
    sessionsDocument.parse(JSON.parse((await place.cli('sessions', '--json', ...args)).stdout)).sessions;

  it('lists each with its app, and those in its way; with an app only its own', async () => {
    const url = await urlOf(place, 'shop');
    await query(url, 'CREATE TABLE t AS SELECT 1 AS x');
    await using holder = await session(url, 'BEGIN; UPDATE t SET x = 2');
    await using _other = await session(await urlOf(place, 'blog'));
    const waiting = query(url, 'UPDATE t SET x = 3').catch(() => undefined);
    await until(server().url, "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'");
    const all = await list();
    const [held] = all.filter(({ state }) => state === 'idle in transaction');
    expect(held).toMatchObject({ app: 'shop', kind: 'app', login: 'shop_user', database: 'shop', waitsFor: [] });
    expect(all.filter(({ state }) => state === 'waiting')).toMatchObject([{ app: 'shop', waitsFor: [held?.id] }]);
    expect(all.map(({ app }) => app)).toContain('blog');
    expect(new Set((await list('shop')).map(({ app }) => app))).toEqual(new Set(['shop']));
    expect((await place.cli('sessions', 'sho')).code).toBe(1);
    await holder.end();
    await waiting;
  });

  it('ends the sessions of one app and proves it, asks before, and leaves the others', async () => {
    const [shop, blog] = [await urlOf(place, 'shop'), await urlOf(place, 'blog')];
    await using one = await session(shop);
    await using two = await session(shop, 'BEGIN');
    await using other = await session(blog);
    const refused = await place.cli('kill', 'shop');
    expect(refused).toMatchObject({ code: 7, stdout: '' });
    expect(refused.stderr).toContain('2 sessions of shop on main, 1 with a transaction open, whose work is lost');
    const asJson = await place.cli('kill', 'shop', '--json');
    expect([asJson.code, JSON.parse(asJson.stdout)]).toMatchObject([
      7,
      { ending: 'failed', exitCode: 7, diagnostics: [{ code: 'CT4003' }] },
    ]);
    expect([await one.isOpen(), await two.isOpen()]).toEqual([true, true]);
    const { code, stdout } = await place.cli('kill', 'shop', '--yes', '--json');
    expect(code).toBe(0);
    expect(killDocument.parse(JSON.parse(stdout)).sessions.map(({ app, gone }) => [app, gone])).toEqual([
      ['shop', true],
      ['shop', true],
    ]);
    expect([await one.isOpen(), await two.isOpen(), await other.isOpen()]).toEqual([false, false, true]);
    expect((await place.cli('kill', 'shop', '--yes')).stdout).toBe('shop has no session: nothing was ended.\n');
  });

  it('ends one session by its number, and one of a stranger only with its login named', async () => {
    await using blog = await session(await urlOf(place, 'blog'));
    const mine = (await list('blog'))[0];
    expect((await place.cli('kill', mine?.id ?? '', '--yes')).code).toBe(0);
    expect(await blog.isOpen()).toBe(false);
    const { host, port } = server();
    await using stranger = await session(`postgres://stranger:x@${host}:${port}/postgres`);
    const [there] = (await list()).filter(({ login }) => login === 'stranger');
    expect(there).toMatchObject({ app: null, kind: 'other' });
    const refused = await place.cli('kill', there?.id ?? '', '--yes');
    expect([refused.code, refused.stderr]).toEqual([7, expect.stringContaining('--confirm=stranger')]);
    expect(await stranger.isOpen()).toBe(true);
    expect((await place.cli('kill', there?.id ?? '', '--yes', '--confirm=stranger')).code).toBe(0);
    expect(await stranger.isOpen()).toBe(false);
  });

  it('never ends one of its own, nor what is not there; a name that an app gives itself makes it none', async () => {
    const admin = new URL(server().url);
    admin.searchParams.set('application_name', 'cotenant apply');
    await using own = await session(String(admin));
    const [there] = (await list()).filter(({ kind }) => kind === 'cotenant');
    const refused = await place.cli('kill', there?.id ?? '', '--yes', '--confirm=postgres');
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('CT4603')]);
    expect(await own.isOpen()).toBe(true);
    expect((await place.cli('kill', '999999', '--yes')).stderr).toContain('CT4602');
    const named = new URL(await urlOf(place, 'shop'));
    named.searchParams.set('application_name', 'cotenant apply');
    await using hidden = await session(String(named));
    expect((await place.cli('kill', 'shop', '--yes')).code).toBe(0);
    expect(await hidden.isOpen()).toBe(false);
  });
});
