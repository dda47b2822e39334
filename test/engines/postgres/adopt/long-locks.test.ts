import pg from 'pg';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, it } from 'vitest';
import { describeEachMajor, freshPostgres } from '../../../support/engines.ts';
import { at, query } from '../../../support/query.ts';
import { manifestOf, type Workplace, workplace } from '../lifecycle/harness.ts';

const adopting = manifestOf(`apps:
  shop: { uses: { main: { adopt: true, connections: 5, names: { login: shop } } } }
  blog: { uses: { main: { adopt: true, connections: 5, names: { login: blog } } } }
`);
const strangers = ['postgres', 'pgmon', 'shop', 'blog'];

interface Held extends AsyncDisposable {
  readonly place: Workplace;
  inside(database: string, user?: string): string;
  works(app: string): Promise<unknown>;
}

/** Two apps that run on a server of their own, and a manifest that adopts both. */
async function set(): Promise<Held> {
  const stack = new AsyncDisposableStack();
  const server = stack.use(await freshPostgres({ settings: { max_prepared_transactions: '5' } }));
  const inside = (database: string, user?: string): string =>
    at(server.url, { database, ...(user === undefined ? {} : { user, password: `old-${user}` }) });
  for (const app of ['shop', 'blog']) {
    await query(server.url, `CREATE ROLE ${app} LOGIN PASSWORD 'old-${app}'`);
    await query(server.url, `CREATE DATABASE ${app} OWNER ${app}`);
    await query(inside(app, app), 'CREATE TABLE kept (id serial PRIMARY KEY, x int)');
  }
  return {
    place: stack.use(await workplace(server, adopting)),
    inside,
    works: async (app) => await query(inside(app, app), 'INSERT INTO kept (x) VALUES (9)'),
    [Symbol.asyncDispose]: async () => await stack.disposeAsync(),
  };
}

// Each waits for half a minute: the two wait together.
describeEachMajor('what an apply waits for until it gives up', { versions: 'ends' }, (major) => {
  describe.runIf(major === 18).concurrent('is named', { timeout: 150_000 }, () => {
    it('by the error, where no table tells: a login that a prepared transaction changed', async ({ expect }) => {
      await using held = await set();
      const { place, inside, works } = held;
      await query(inside('shop'), `BEGIN; ALTER ROLE shop CONNECTION LIMIT 7; PREPARE TRANSACTION 'given'`);
      const ended = await place.apply(strangers);
      expect(ended.ending).toBe('partly');
      expect(ended.diagnostics.find(({ code }) => code === 'CT3003' || code === 'CT2031')).toMatchObject({
        message: expect.stringContaining(`the prepared transaction 'given' of "postgres" holds the lock`),
        hint: expect.stringContaining(`ROLLBACK PREPARED 'given'`),
      });
      await works('shop');
      await works('blog');
      await query(inside('shop'), `ROLLBACK PREPARED 'given'`);
      expect(await place.apply(strangers)).toMatchObject({ ending: 'done' });
      await works('shop');
    });

    it('by the error where a session holds it since the plan, and by the plan where it does for long', async ({ expect }) => {
      await using held = await set();
      const { place, inside } = held;
      const client = new pg.Client(inside('shop', 'shop'));
      await client.connect();
      try {
        await client.query('BEGIN; SELECT * FROM kept');
        const [{ pid }] = (await client.query('SELECT pg_backend_pid() AS pid')).rows;
        const first = await place.apply(strangers);
        expect(first).toMatchObject({ ending: 'partly' });
        expect(first.diagnostics.find(({ code }) => code === 'CT3003')).toMatchObject({
          message: expect.stringContaining(`the session ${pid} of "shop" holds the lock that it waits for`),
          hint: expect.stringContaining(`pg_terminate_backend(${pid})`),
        });
        await sleep(1000);
        const said = (await place.plan()).plan.diagnostics.map(({ message }) => message).join('\n');
        expect(said).toContain(`app "shop": the session ${pid} of "shop" holds "public"."kept"`);
        expect(await place.apply(strangers)).toMatchObject({ ending: 'waiting' });
      } finally {
        await client.end();
      }
      expect(await place.apply(strangers)).toMatchObject({ ending: 'done' });
      const sql = `SELECT pg_get_userbyid(relowner) AS o FROM pg_class WHERE relname = 'kept'`;
      expect(await query(inside('shop'), sql)).toEqual([{ o: 'shop_owner' }]);
    });
  });
});
