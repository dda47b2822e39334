import { beforeEach, expect, it } from 'vitest';
import { describeEachPostgres } from '../../../support/engines.ts';
import { at, query } from '../../../support/query.ts';
import { manifestOf, session, urlOf, wipe, type Workplace, workplace } from './harness.ts';

const shop = '  shop: { uses: { main: { connections: 3 } } }';
const blog = '  blog: { uses: { main: { isolation: schema, database: shared, connections: 3 } } }';
const wiki = '  wiki: { uses: { main: { connections: 3 } } }';
const all = manifestOf(`apps:\n${shop}\n${blog}\n${wiki}\n`);
const rest = (removal = 'retain'): string => manifestOf(`apps:\n${wiki}\nremoval: ${removal}\n`);

describeEachPostgres('a removal', { versions: 'ends', settings: { max_prepared_transactions: '5', wal_level: 'logical' } }, (server) => {
  let place: Workplace;
  const steps = async () => (await place.plan()).plan.steps.map(({ id }) => id);
  const said = async () =>
    (await place.plan()).plan.diagnostics.map(({ code, severity, message, hint }) => `${severity} ${code} ${message} | ${hint}`).join('\n');
  const logins = async () => await query(server().url, `SELECT rolname FROM pg_roles WHERE rolcanlogin AND rolname ~ '^(shop|blog)'`);

  beforeEach(async () => {
    await query(server().url, `SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots`);
    await wipe(server().url);
    place = await workplace(server(), all);
    expect(await place.apply()).toMatchObject({ ending: 'done' });
    for (const app of ['shop', 'blog']) {
      const url = await urlOf(place, app);
      await query(url, `CREATE TABLE kept (x int)`);
      await query(url, `INSERT INTO kept VALUES (1)`);
    }
  });

  it('of apps that hold prepared transactions takes their logins, says what holds them, and ends with a later apply', async () => {
    const [shopUrl, blogUrl] = [await urlOf(place, 'shop'), await urlOf(place, 'blog')];
    await query(shopUrl, `BEGIN; INSERT INTO kept VALUES (2); PREPARE TRANSACTION 'it''s one'`);
    await query(blogUrl, `BEGIN; INSERT INTO kept VALUES (2); PREPARE TRANSACTION 'two'`);
    await place.write(rest());
    expect(await said()).toMatch(
      /warning CT2031 app "shop": the prepared transaction 'it''s one' of "shop_[a-z]+" holds database "shop".*ROLLBACK PREPARED 'it''s one'/,
    );
    expect(await place.apply()).toMatchObject({ ending: 'waiting' });
    expect(await logins()).toEqual([]);
    expect(await steps()).toEqual([]);
    expect(await place.apply()).toMatchObject({ ending: 'waiting' });
    await place.write(all);
    expect(await place.apply()).toMatchObject({
      ending: 'failed',
      diagnostics: expect.arrayContaining([expect.objectContaining({ code: 'CT2007' })]),
    });

    // Half put aside, it can be restored; whole, once nothing holds it.
    await place.write(rest());
    expect(await place.restore('shop')).toMatchObject({ ending: 'done' });
    await place.write(all.replace(`${blog}\n`, ''));
    expect(await place.apply()).toMatchObject({ ending: 'done' });
    expect(await query(await urlOf(place, 'shop'), 'SELECT x FROM kept')).toEqual([{ x: 1 }]);
    await place.write(rest());
    expect(await place.apply()).toMatchObject({ ending: 'waiting' });
    await query(at(server().url, { database: 'shop' }), `ROLLBACK PREPARED 'it''s one'`);
    expect(await steps()).not.toEqual([]);
    expect(await place.apply()).toMatchObject({ ending: 'done' });
    expect(await steps()).toEqual([]);

    await place.write(rest('delete'));
    expect(await said()).toMatch(/error CT2031 app "blog": the prepared transaction 'two' .* holds database "shared"/);
    await query(at(server().url, { database: 'shared' }), `COMMIT PREPARED 'two'`);
    expect(await place.apply(['shop', 'blog'])).toMatchObject({ ending: 'done' });
    expect(await steps()).toEqual([]);
  });

  it('is told by restore-app what holds a retired database, and that logins open with the next apply', async () => {
    await place.write(rest());
    expect(await place.apply()).toMatchObject({ ending: 'done' });
    const [row] = await query(server().url, `SELECT datname FROM pg_database WHERE datname LIKE 'shop__gone%'`);
    const gone = at(server().url, { database: String(row?.['datname']) });
    await query(gone, `BEGIN; CREATE TABLE public.odd (x int); PREPARE TRANSACTION 'held'`);
    for (const manifest of [rest(), all]) {
      await place.write(manifest);
      const held = await place.restore('shop');
      expect(held).toMatchObject({
        ending: 'failed',
        diagnostics: expect.arrayContaining([
          expect.objectContaining({ code: 'CT2031', hint: expect.stringContaining(`ROLLBACK PREPARED 'held'`) as unknown }),
        ]),
      });
    }
    await query(gone, `ROLLBACK PREPARED 'held'`);
    expect(await place.restore('shop')).toMatchObject({
      ending: 'done',
      diagnostics: expect.arrayContaining([expect.objectContaining({ code: 'CT2032', severity: 'info' })]),
    });
  });

  it('with a stranger’s session, an inactive slot, a template: the stranger is named, nothing is done, a delete waits for them', async () => {
    await query(server().url, `ALTER DATABASE shop IS_TEMPLATE true`);
    await query(at(server().url, { database: 'shop' }), `SELECT pg_create_logical_replication_slot('cdc', 'test_decoding')`);
    {
      await using visitor = await session(at(server().url, { database: 'shop' }));
      await place.write(rest());
      expect(await said()).toMatch(/warning CT2031 app "shop": 1 session of "postgres" holds database "shop"/);
      expect(await place.apply()).toMatchObject({ ending: 'waiting' });
      expect(await visitor.isOpen()).toBe(true);
      // The other one, which nobody holds, is retired.
      expect((await logins()).map(({ rolname }) => rolname)).toEqual(['shop_user']);
    }
    expect(await place.apply()).toMatchObject({ ending: 'done' });
    expect(await steps()).toEqual([]);
    await place.write(rest('delete'));
    expect(await said()).toMatch(/error CT2030 .*replication slot "cdc".*pg_drop_replication_slot\('cdc'\)/);
    await query(server().url, `SELECT pg_drop_replication_slot('cdc')`);
    const [row] = await query(server().url, `SELECT datname FROM pg_database WHERE datname LIKE 'shop__gone%'`);
    await using visitor = await session(at(server().url, { database: String(row?.['datname']) }));
    const { plan } = await place.plan();
    expect(plan.steps.flatMap(({ losses }) => losses ?? [])).toContainEqual(
      expect.objectContaining({ who: 'postgres', of: null, sessions: 1 }),
    );
    expect(await place.apply(['shop', 'blog'])).toMatchObject({ ending: 'refused' });
    expect(await visitor.isOpen()).toBe(true);
    expect(await place.apply(['shop', 'blog', 'postgres'])).toMatchObject({ ending: 'done' });
    expect(await steps()).toEqual([]);
  });

  it('that waits for somebody’s session writes no mark again and again', async () => {
    const known = 'known: [{ user: teller, why: test }]\n';
    await place.write(`${all}${known}`);
    expect(await place.apply()).toMatchObject({ ending: 'done' });
    await using visitor = await session(at(server().url, { database: 'shop' }));
    await place.write(`${manifestOf(`apps:\n${blog}\n${wiki}\nremoval: retain\n`)}${known}`);
    expect(await place.apply()).toMatchObject({ ending: 'waiting' });
    expect(await visitor.isOpen()).toBe(true);
  });
});
