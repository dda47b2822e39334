import { setTimeout as delay } from 'node:timers/promises';
import { beforeAll, expect, it, vi } from 'vitest';
import { describeEachMysql } from '../../../support/engines-mysql.ts';
import { ended, listed, sizes, slow, vacuumed } from '../../../support/tending.ts';
import { of, type Rounds, watched } from '../../../support/usage.ts';
import { loginOf, manifestOf, type OpenSession, session, type Workplace, workplace } from '../lifecycle/harness.ts';

const app = (name: string): string => `  ${name}: { uses: { main: { connections: 2 } } }\n`;
const manifest = manifestOf(`apps:\n  shop: { uses: { main: { connections: 5 } } }\n  blog: { uses: { main: { connections: 5 } } }\n`);

describeEachMysql('what apps use', { versions: 'all', settings: { performance_schema: 'ON' } }, (server, version) => {
  const isMaria = version.startsWith('mariadb');
  let place: Workplace;
  let rounds: Rounds;

  beforeAll(async () => {
    place = await workplace(server(), manifest);
    expect((await place.apply()).ending).toBe('done');
    await place.as('shop', 'CREATE TABLE orders (id int PRIMARY KEY, n int)');
    await place.as('shop', 'INSERT INTO orders VALUES (1, 1), (2, 2)');
    if (isMaria) await place.root('SET GLOBAL userstat = 1');
    rounds = await watched(place);
    return async () => {
      await rounds[Symbol.asyncDispose]();
      await place[Symbol.asyncDispose]();
    };
  });

  const open = async (name: string): Promise<OpenSession> => await session(loginOf(await place.reveal(name)));

  it('tells connections by what they do, who waits for whom, work, sizes and the limits of the server', async () => {
    const first = await rounds.round(true);
    expect(first).toMatchObject({ instance: 'main', engine: 'mysql', lost: [], untold: [], waits: [] });
    expect(first.connections.max).toBeGreaterThan(10);
    expect(of(first, 'shop')).toMatchObject({ connectionLimit: 5, blocked: 0, size: { exact: true } });
    expect(of(first, 'shop').size?.bytes).toBeGreaterThan(10_000);
    await using holder = await open('shop');
    await holder.query('START TRANSACTION');
    await holder.query('UPDATE orders SET n = 3 WHERE id = 1');
    await using waiter = await open('shop');
    await using _idle = await open('blog');
    const wait = waiter.query('UPDATE orders SET n = 4 WHERE id = 1').catch(() => []);
    while ((await place.root("SELECT 1 FROM information_schema.INNODB_TRX WHERE trx_state = 'LOCK WAIT'")).length === 0) await delay(20);
    const second = await rounds.round();
    expect(second.lost).toEqual([]);
    expect(of(second, 'shop')).toMatchObject({ connections: { idleInTransaction: 1, waiting: 1 }, blocked: 1 });
    expect(of(second, 'blog').connections).toMatchObject({ idle: 1, idleInTransaction: 0, waiting: 0 });
    expect(second.waits).toMatchObject([{ waiting: 'shop', holding: 'shop', sessions: 1 }]);
    expect(of(second, 'shop').work.calls).toBeGreaterThan(0);
    await holder.query('ROLLBACK');
    await wait;
    await place.as('blog', 'SELECT * FROM shop.orders').catch(() => []);
    await place.as('shop', 'SELECT * FROM orders');
    let third = await rounds.round();
    // What a session did is added up when the server has seen its end.
    while (!of(third, 'blog').work.denied || !of(third, 'shop').work.rows) third = await rounds.round();
    expect(of(third, 'shop').work.denied).toBe(0);
    expect(third.pressures).toMatchObject([{ metric: 'history_list_length' }]);
  });

  it('lists who is connected and who waits for whom, and ends the sessions of one app', async () => {
    await using holder = await open('shop');
    await holder.query('START TRANSACTION');
    await holder.query('UPDATE orders SET n = 5 WHERE id = 2');
    await using waiter = await open('shop');
    await using other = await open('blog');
    const wait = waiter.query('UPDATE orders SET n = 6 WHERE id = 2').catch(() => []);
    while ((await place.root("SELECT 1 FROM information_schema.INNODB_TRX WHERE trx_state = 'LOCK WAIT'")).length === 0) await delay(20);
    // Its own lists lag behind each other by moments.
    await vi.waitFor(
      async () => {
        const all = await listed(place);
        const [held] = all.filter(({ state }) => state === 'idle in transaction');
        expect(held).toMatchObject({ app: 'shop', kind: 'app', database: 'shop' });
        expect(all.filter(({ state }) => state === 'waiting')).toMatchObject([{ app: 'shop', waitsFor: [held?.id] }]);
      },
      { timeout: 20_000 },
    );
    expect((await listed(place, 'blog')).map((one) => one.app)).toEqual(['blog']);
    expect((await ended(place, 'shop')).map(({ gone }) => gone)).toEqual([true, true]);
    await wait;
    expect(await other.query('SELECT 1 AS n')).toHaveLength(1);
    expect(await listed(place, 'shop')).toEqual([]);
  });

  it('shows what takes time without what stands in it, and how big tables are; of one app nothing of another', async () => {
    await place.as('shop', "SELECT n FROM orders WHERE n > 1 OR 'canary-7' = 'x'");
    await place.as('blog', "CREATE TABLE posts AS SELECT 'canary-7' AS body");
    const all = await slow(place);
    expect(JSON.stringify(all)).not.toContain('canary-7');
    expect(all.statements.find(({ text }) => text.includes('posts'))).toMatchObject({ app: 'blog', calls: 1 });
    const shop = await slow(place, 'shop');
    expect(shop.statements.some(({ text }) => text.includes('orders'))).toBe(true);
    expect(JSON.stringify(shop)).not.toMatch(/posts|blog/);
    const { apps, tables } = await sizes(place, 'shop');
    expect(apps).toMatchObject([{ app: 'shop', exact: true }]);
    expect(tables).toMatchObject([{ app: 'shop', table: 'orders' }]);
  });

  it('counts the tables of one app anew, as that app', async () => {
    const { tables, diagnostics } = await vacuumed(place, 'shop');
    expect([tables, diagnostics]).toEqual([[expect.objectContaining({ app: 'shop', table: 'orders', state: 'done' })], []]);
  });

  it('sends as many statements for 40 apps as for 2, as the server counts them', async () => {
    const asked = async (): Promise<number> => {
      const [row] = await place.root("SHOW GLOBAL STATUS LIKE 'Questions'");
      return Number(row?.['Value']);
    };
    // What looking at the counter adds to it.
    const sent = async (sizes: boolean): Promise<number> => {
      const before = await asked();
      const own = (await asked()) - before;
      const start = await asked();
      const { statements } = await rounds.round(sizes);
      expect((await asked()) - start - own).toBe(statements.length);
      return statements.length;
    };
    const few = [await sent(false), await sent(true)];
    const more = Array.from({ length: 38 }, (_, n) => app(`a${n}`)).join('');
    await place.write(`${manifest}${more}`);
    expect((await place.apply()).ending).toBe('done');
    await rounds[Symbol.asyncDispose]();
    rounds = await watched(place);
    expect((await rounds.round()).apps).toHaveLength(40);
    expect([await sent(false), await sent(true)]).toEqual(few);
  });
});
