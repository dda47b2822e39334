import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeEachPostgres } from '../../../support/engines.ts';
import { everyday } from '../../../support/sample.ts';
import { query } from '../../../support/query.ts';
import { manifestOf, session, until, urlOf, type Workplace, workplace } from './harness.ts';

const both = `apps:
  shop: { uses: { main: { connections: 5 } } }
  blog: { uses: { main: { connections: 5, isolation: schema, database: shared } } }
`;

/** A session whose process on the server does not answer to signals. */
async function stopped(admin: string, url: string): Promise<Disposable & { readonly pid: number }> {
  const named = new URL(url);
  named.searchParams.set('application_name', 'stopped');
  await session(named.href);
  const { pid } = await until(admin, `SELECT pid FROM pg_stat_activity WHERE application_name = 'stopped'`);
  process.kill(Number(pid), 'SIGSTOP');
  return { pid: Number(pid), [Symbol.dispose]: () => void process.kill(Number(pid), 'SIGCONT') };
}

describeEachPostgres('sessions that do not end', { versions: 'newest' }, (server) => {
  let place: Workplace;
  beforeAll(async () => {
    place = await workplace(server(), manifestOf(both));
    expect((await place.apply()).ending).toBe('done');
  });
  afterAll(async () => await place[Symbol.asyncDispose]());

  const isThere = async (pid: number): Promise<boolean> =>
    (await query(server().url, 'SELECT 1 FROM pg_stat_activity WHERE pid = $1', [pid])).length > 0;
  const codes = (applied: Awaited<ReturnType<Workplace['apply']>>): readonly string[] =>
    applied.diagnostics.filter(({ severity }) => severity === 'error').map(({ code }) => code);

  it('of an app that lost something: the apply says so, and the next one ends them, though nothing else is left to do', async () => {
    const held = await stopped(server().url, await urlOf(place, 'shop'));
    {
      using _held = held;
      await query(server().url, 'ALTER ROLE shop_user CREATEDB');
      const first = await place.apply();
      expect([first.ending, codes(first)]).toEqual(['partly', ['CT3008']]);
      expect(await isThere(held.pid)).toBe(true);
      const { plan } = await place.plan();
      expect(plan.steps.map(({ address, cause }) => `${cause} ${address.kind} ${address.name}`)).toEqual(['intended sessions shop']);
    }
    expect((await place.apply()).ending).toBe('done');
    expect(await isThere(held.pid)).toBe(false);
    expect((await place.plan()).plan.steps).toEqual([]);
  });

  it('of a stranger in a database that was closed to it', async () => {
    await query(server().url, `CREATE ROLE guest LOGIN PASSWORD 'x'`);
    await query(server().url, 'GRANT CONNECT ON DATABASE shop TO guest');
    const url = new URL(server().url);
    const held = await stopped(server().url, `postgres://guest:x@${url.host}/shop`);
    {
      using _held = held;
      const first = await place.apply(['guest']);
      expect([first.ending, codes(first)]).toEqual(['partly', ['CT3008']]);
    }
    expect((await place.apply(['guest'])).ending).toBe('done');
    expect(await isThere(held.pid)).toBe(false);
    expect((await place.plan()).plan.steps).toEqual([]);
  });

  it.each(everyday(['postgres', 'template1'], { oneOf: 2 }))('of a stranger in %s, which no app owns', async (database) => {
    await query(server().url, `GRANT CONNECT ON DATABASE ${database} TO PUBLIC; ALTER ROLE guest PASSWORD 'x'`);
    const held = await stopped(server().url, `postgres://guest:x@${new URL(server().url).host}/${database}`);
    {
      using _held = held;
      const first = await place.apply(['guest']);
      expect([first.ending, codes(first)]).toEqual(['partly', ['CT3008']]);
      expect(await isThere(held.pid)).toBe(true);
      const { plan } = await place.plan();
      expect(plan.steps.map(({ address, cause }) => `${cause} ${address.kind} ${address.name}`)).toEqual([`intended sessions ${database}`]);
    }
    expect((await place.apply(['guest'])).ending).toBe('done');
    expect(await isThere(held.pid)).toBe(false);
    expect((await place.plan()).plan.steps).toEqual([]);
  });

  describe('of an app that goes', () => {
    it('it is not done, and the next apply goes on', async () => {
      const held = await stopped(server().url, await urlOf(place, 'blog'));
      {
        using _held = held;
        await place.write(manifestOf(both.replace(/  blog.*\n/, '')));
        const first = await place.apply();
        expect(codes(first)).toContain('CT3008');
        expect(await isThere(held.pid)).toBe(true);
        expect((await place.plan()).plan.steps.length).toBeGreaterThan(0);
      }
      expect((await place.apply()).ending).toBe('done');
      expect(await isThere(held.pid)).toBe(false);
      expect((await place.plan()).plan.steps).toEqual([]);
    });
  });

  it('of a retired app that somebody opened', async () => {
    await place.write(manifestOf('apps: {}\n'));
    expect((await place.apply()).ending).toBe('done');
    const [found] = await query(server().url, `SELECT rolname, current_date FROM pg_roles WHERE rolname LIKE 'shop\\_user\\_\\_gone%'`);
    const role = String(found?.['rolname']);
    const [base] = await query(server().url, `SELECT datname FROM pg_database WHERE datname LIKE 'shop\\_\\_gone%'`);
    await query(
      server().url,
      `ALTER ROLE "${role}" LOGIN PASSWORD 'y'; GRANT CONNECT ON DATABASE "${String(base?.['datname'])}" TO "${role}"`,
    );
    const held = await stopped(server().url, `postgres://${role}:y@${new URL(server().url).host}/${String(base?.['datname'])}`);
    {
      using _held = held;
      const first = await place.apply();
      expect([first.ending, codes(first)]).toEqual(['failed', ['CT3008']]);
      // Nothing of it is done until they have ended.
      expect((await place.plan()).plan.steps.map(({ address }) => address.kind)).toContain('sessions');
    }
    expect((await place.apply()).ending).toBe('done');
    expect(await isThere(held.pid)).toBe(false);
    expect((await place.plan()).plan.steps).toEqual([]);
  });
});
