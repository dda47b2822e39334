import { beforeAll, expect, it } from 'vitest';
import { found } from '../../../support/doctor.ts';
import { describeEachPostgres } from '../../../support/engines.ts';
import { at, query } from '../../../support/query.ts';
import { manifestOf, session, until, urlOf, type Workplace, workplace } from '../lifecycle/harness.ts';

const apps = `apps:
  shop: { uses: { main: { connections: 5 } } }
  crm: { uses: { main: { isolation: schema, database: shared, connections: 5 } } }
  team: { uses: { main: { isolation: rows, database: pool } } }
`;
const settings = { autovacuum: true, max_prepared_transactions: 5, max_connections: 45 };

describeEachPostgres('doctor and sessions', { versions: 'ends', settings }, (server) => {
  let place: Workplace;
  let shop = '';

  beforeAll(async () => {
    place = await workplace(server(), manifestOf(apps));
    expect((await place.apply()).ending).toBe('done');
    shop = await urlOf(place, 'shop');
    await query(shop, 'CREATE TABLE orders (id int)');
    return async () => await place[Symbol.asyncDispose]();
  });

  const waiting = async (sql: string, n = 1): Promise<unknown> =>
    await until(server().url, `SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query = $1 HAVING count(*) = $2`, [
      sql,
      n,
    ]);

  it('nothing is found where nobody waits and nothing is left open', async () => {
    await using _idle = await session(shop);
    expect(await found(place, ['CT-D107', 'CT-D108', 'CT-D109', 'CT-D110', 'CT-D111'])).toEqual([]);
  });

  it('who blocks whom is told as apps, followed to the one who waits for nobody', async () => {
    const operator = at(server().url, { database: 'shop' });
    await using _first = await session(operator, 'BEGIN; LOCK TABLE orders IN ACCESS SHARE MODE');
    const lock = 'LOCK TABLE orders IN ACCESS EXCLUSIVE MODE';
    await using second = await session(shop, 'BEGIN');
    void second;
    const one = query(shop, `BEGIN; ${lock}`).catch(() => []);
    await waiting(`BEGIN; ${lock}`);
    const read = 'SELECT count(*) FROM orders';
    const two = query(shop, read).catch(() => []);
    await waiting(read);
    const [finding, ...more] = await found(place, ['CT-D107'], { limits: { wait: 0 } });
    expect(more).toEqual([]);
    expect(finding).toMatchObject({ severity: 'error', apps: ['shop'], evidence: { blocker: 'login "postgres"', waiting: 2 } });
    expect(finding?.what).toMatch(/^login "postgres" \(session \d+, idle in transaction for \d+ s\) blocks 2 sessions of shop/);
    // What is pasted ends this very session.
    const end = finding?.remedy.find(({ text }) => text?.includes('pg_terminate_backend'))?.text ?? '';
    expect(await found(place, ['CT-D107'], { limits: { wait: 3600 } })).toEqual([]);
    expect(await query(server().url, end)).toEqual([{ pg_terminate_backend: true }]);
    await Promise.all([one, two]);
    expect(await found(place, ['CT-D107'], { limits: { wait: 0 } })).toEqual([]);
  });

  it('an app that is in its own way is a warning, and one behind a prepared transaction is told so', async () => {
    await using _holder = await session(shop, 'BEGIN; LOCK TABLE orders IN ACCESS EXCLUSIVE MODE');
    const read = 'SELECT 1 FROM orders';
    const wait = query(shop, read);
    await waiting(read);
    expect(await found(place, ['CT-D107'], { limits: { wait: 0 } })).toMatchObject([{ severity: 'warning', apps: ['shop'] }]);
    await _holder.end();
    await wait;
    await query(shop, `BEGIN; LOCK TABLE orders IN ACCESS EXCLUSIVE MODE; PREPARE TRANSACTION 'it''s left'`);
    const behind = query(shop, read);
    await waiting(read);
    const both = await found(place, ['CT-D107', 'CT-D111'], { limits: { wait: 0, prepared: 0 } });
    expect(both).toMatchObject([
      { id: 'CT-D107', what: expect.stringMatching(/^somebody \(a prepared transaction\) blocks 1 session of shop/) as unknown },
      { id: 'CT-D111', apps: ['shop'], evidence: { gid: "it's left", database: 'shop' } },
    ]);
    expect(await found(place, ['CT-D111'])).toEqual([]);
    const back = both[1]?.remedy.find(({ text }) => text?.startsWith('ROLLBACK'))?.text ?? '';
    await query(shop, back);
    await behind;
    expect(await found(place, ['CT-D111'], { limits: { prepared: 0 } })).toEqual([]);
  });

  it('transactions that do nothing, long ones, and long statements are told by app, without their text', async () => {
    const crm = await urlOf(place, 'crm');
    await using _idle = await session(shop, 'BEGIN');
    await using _other = await session(crm, 'BEGIN');
    const sleep = query(shop, `SELECT 'a row of shop', pg_sleep(600)`).catch(() => []);
    await until(
      server().url,
      `SELECT 1 FROM pg_stat_activity WHERE query LIKE '%a row of shop%' AND state = 'active' AND pid <> pg_backend_pid()`,
    );
    const limits = { idle: 0, query: 0, transaction: 3600 };
    const all = await found(place, ['CT-D108', 'CT-D109', 'CT-D110'], { limits });
    expect(all.map(({ id, severity, apps: about }) => [id, severity, about])).toEqual([
      ['CT-D108', 'warning', ['crm']],
      ['CT-D108', 'warning', ['shop']],
      ['CT-D110', 'info', ['shop']],
    ]);
    expect(JSON.stringify(all)).not.toContain('a row of shop');
    expect(await found(place, ['CT-D108'], { limits, apps: ['crm'] })).toMatchObject([{ apps: ['crm'] }]);
    const long = await found(place, ['CT-D109'], { limits: { idle: 3600, query: 3600, transaction: 0 } });
    expect(long.map(({ apps: about }) => about.join()).sort()).toEqual(['crm', 'shop']);
    await query(
      server().url,
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(600)%' AND pid <> pg_backend_pid()`,
    );
    await sleep;
  });

  it('an app near its limit, at it, and at it with nothing idle', async () => {
    const open = await Promise.all(Array.from({ length: 4 }, () => session(shop)));
    const told = async (): Promise<unknown> => (await found(place, ['CT-D103'])).map(({ severity, evidence }) => [severity, evidence]);
    expect(await told()).toEqual([['info', { open: 4, idle: 4, limit: 5 }]]);
    open.push(await session(shop));
    expect(await told()).toEqual([['warning', { open: 5, idle: 5, limit: 5 }]]);
    await Promise.all(open.map((one) => one.end()));
    const busy = Array.from({ length: 5 }, () => query(shop, 'SELECT pg_sleep(601)').catch(() => []));
    await until(
      server().url,
      `SELECT 1 FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(601)' AND state = 'active' HAVING count(*) = 5`,
    );
    expect(await told()).toEqual([['error', { open: 5, idle: 0, limit: 5 }]]);
    await query(server().url, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(601)'`);
    await Promise.all(busy);
    await until(server().url, `SELECT 1 FROM pg_stat_activity WHERE usename = 'shop_user' HAVING count(*) = 0`);
    expect(await told()).toEqual([]);
  });

  it('a server on which ordinary logins have no connection left says who has them, and is looked at all the same', async () => {
    await query(server().url, 'CREATE ROLE flood LOGIN PASSWORD $$x$$'.replaceAll('$$', "'"));
    const flood = at(server().url, { user: 'flood', password: 'x' });
    await query(server().url, 'GRANT CONNECT ON DATABASE postgres TO flood');
    const open = [];
    for (;;) {
      const one = await session(flood).catch(() => null);
      if (one === null) break;
      open.push(one);
    }
    const [finding] = await found(place, ['CT-D104']);
    expect(finding).toMatchObject({ severity: 'error', apps: [], evidence: { 'login "flood"': open.length } });
    expect(finding?.what).toContain(`${open.length} by login "flood"`);
    await Promise.all(open.map((one) => one.end()));
    await query(server().url, 'REVOKE CONNECT ON DATABASE postgres FROM flood; DROP ROLE flood');
    expect(await found(place, ['CT-D104'])).toEqual([]);
  });
});
