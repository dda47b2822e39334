import { afterEach, beforeEach, expect, it } from 'vitest';
import { describeEachPostgres } from '../../../support/engines.ts';
import { at, query } from '../../../support/query.ts';
import { manifestOf, urlOf, wipe, type Workplace, workplace } from '../lifecycle/harness.ts';

const CASES = [
  ['relax: { logicalMessages: true }', '', `SELECT pg_logical_emit_message(false, 'a', 'b')`, 'pg_logical_emit_message'],
  ['', 'advisoryLocks: deny', 'SELECT pg_try_advisory_lock(7)', 'pg_try_advisory_lock'],
] as const;

describeEachPostgres('functions of the server that the manifest opens and closes', { versions: 'ends' }, (server) => {
  let place: Workplace;
  const root = (sql: string, database = 'postgres') => query(at(server().url, { database }), sql);
  const manifest = (more: string): string =>
    manifestOf(`apps:\n  shop: { uses: { main: { ${more} } } }\nknown: [{ user: guest, why: test }]\n`);
  beforeEach(async () => {
    await wipe(server().url);
    await root(`CREATE ROLE guest LOGIN PASSWORD 'word'; CREATE ROLE eve LOGIN PASSWORD 'word'`);
  });
  const notices = async (): Promise<readonly string[]> =>
    (await place.plan()).plan.diagnostics.flatMap(({ code, severity, hint = '' }) =>
      code === 'CT2073' && severity === 'info' ? [hint] : [],
    );
  afterEach(async () => await place[Symbol.asyncDispose]());

  it.each(CASES)('with "%s", then "%s"', { timeout: 120_000 }, async (open, closed, call, name) => {
    place = await workplace(server(), manifest(open));
    expect((await place.apply(['eve'])).ending).toBe('done');
    await root('GRANT CONNECT ON DATABASE shop TO guest');
    const asGuest = async () =>
      await query(at(server().url, { user: 'guest', password: 'word', database: 'shop' }), call).then(
        () => 'may',
        () => 'may not',
      );
    const asShop = async () =>
      await query(await urlOf(place, 'shop'), call).then(
        () => 'may',
        () => 'may not',
      );
    expect([await asShop(), await asGuest()]).toEqual(['may', 'may']);
    const lost = async (): Promise<readonly string[]> =>
      (await place.plan()).plan.steps.flatMap(({ losses = [], risk }) =>
        losses.flatMap(({ who, what }) => what.flatMap((one) => (one.includes(name) ? [`${who} [${risk}]`] : []))),
      );
    await place.write(manifest(closed));
    expect(await lost()).toEqual(['shop_user [access-reducing]']);
    expect((await place.apply()).ending).toBe('done');
    expect([await asShop(), await asGuest()]).toEqual(['may not', 'may']);
    expect((await place.plan()).plan.steps).toEqual([]);

    await place.write(manifest(open));
    expect((await place.plan()).plan.steps.filter(({ address }) => address.kind === 'builtin')).toEqual([]);
    const [hint = ''] = await notices();
    expect(hint).toContain(name);
    expect((await place.apply()).ending).toBe('done');
    expect([await asShop(), await asGuest()]).toEqual(['may not', 'may']);
    await root(/GRANT .* TO PUBLIC/.exec(hint)?.[0] ?? '', 'shop');
    expect([await asShop(), await asGuest()]).toEqual(['may', 'may']);
    expect((await place.plan()).plan.steps).toEqual([]);
    expect(await notices()).toEqual([]);

    await place.write(manifest(closed));
    expect(await lost()).toEqual(['shop_user [access-reducing]']);
  });

  it('are given to nobody where somebody else closed them', { timeout: 120_000 }, async () => {
    await root('CREATE ROLE dba LOGIN');
    await root('CREATE DATABASE shop OWNER dba');
    const adopting = manifest('adopt: true');
    place = await workplace(server(), adopting);
    expect((await place.apply(['dba', 'eve'])).ending).toBe('done');
    await root('REVOKE EXECUTE ON FUNCTION pg_advisory_lock(bigint) FROM PUBLIC', 'shop');
    for (const text of [adopting, manifest('')]) {
      await place.write(text);
      const { plan } = await place.plan();
      expect(plan.steps.flatMap(({ commands }) => commands.filter((one) => /GRANT.*TO PUBLIC/.test(one.text)))).toEqual([]);
      expect(await notices()).toEqual([
        'to open them, in "shop": GRANT EXECUTE ON FUNCTION pg_catalog.pg_advisory_lock(bigint) TO PUBLIC; else `advisoryLocks: deny` says that they are to be closed',
      ]);
    }
    await place.apply(['dba', 'eve']);
    expect(await root(`SELECT has_function_privilege('guest', 'pg_advisory_lock(bigint)', 'EXECUTE') AS may`, 'shop')).toEqual([
      { may: false },
    ]);
  });
});
