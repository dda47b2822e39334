import { afterEach, expect, it } from 'vitest';
import { topDocument } from '../../../../src/report/documents/usage.ts';
import { describeEachPostgres } from '../../../support/engines.ts';
import { query } from '../../../support/query.ts';
import { of, watched } from '../../../support/usage.ts';
import { manifestOf, session, threeLevels, until, urlOf, wipe, workplace } from '../lifecycle/harness.ts';

const counting = { shared_preload_libraries: 'pg_stat_statements', max_connections: 300 };

describeEachPostgres('what apps use', { versions: 'ends', settings: counting }, (server) => {
  afterEach(async () => {
    await query(server().url, 'DROP EXTENSION IF EXISTS pg_stat_statements');
    await wipe(server().url);
  });

  it('tells connections by what they do, who waits for whom, work, sizes and the limits of the server', async () => {
    await using place = await workplace(server(), threeLevels());
    expect((await place.apply()).ending).toBe('done');
    await query(server().url, 'CREATE EXTENSION IF NOT EXISTS pg_stat_statements');
    await using rounds = await watched(place);
    const first = await rounds.round(true);
    expect(first).toMatchObject({ instance: 'main', engine: 'postgres', lost: [], untold: [], waits: [] });
    expect(first.version).toBe(server().version);
    expect(first.connections).toMatchObject({ max: 300, reserved: expect.any(Number) as unknown });
    expect(first.apps.map(({ app, kind }) => `${kind} ${app}`)).toEqual(['app shop', 'app blog', 'app team', 'reader lens']);
    expect(of(first, 'shop')).toMatchObject({ connectionLimit: 5, blocked: 0, oldestTransaction: null, work: {} });
    expect(of(first, 'shop').size?.bytes).toBeGreaterThan(1_000_000);
    expect(of(first, 'blog').size).toMatchObject({ exact: true });
    expect(of(first, 'lens').size).toBe(null);

    const url = await urlOf(place, 'shop');
    await query(url, 'CREATE TABLE t (x int); INSERT INTO t VALUES (1)');
    const top = await place.cli('top', '--once', '--json', '--interval', '500ms');
    expect(top.code).toBe(0);
    expect(
      topDocument
        .parse(JSON.parse(top.stdout))
        .rows.map(({ app }) => app)
        .toSorted(),
    ).toEqual(['blog', 'lens', 'shop', 'team']);
    await using _holder = await session(url, 'BEGIN; UPDATE t SET x = 2');
    await using _idle = await session(await urlOf(place, 'blog'));
    const waiter = await session(url);
    const waiting = query(url, 'UPDATE t SET x = 3').catch(() => undefined);
    await until(server().url, "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'");
    const second = await rounds.round();
    expect(of(second, 'shop')).toMatchObject({ connections: { active: 0, idle: 1, idleInTransaction: 1, waiting: 1 }, blocked: 1 });
    expect(of(second, 'shop').oldestTransaction).toBeGreaterThanOrEqual(0);
    expect(of(second, 'blog').connections).toEqual({ active: 0, idle: 1, idleInTransaction: 0, waiting: 0 });
    expect(second.waits).toMatchObject([{ waiting: 'shop', holding: 'shop', sessions: 1 }]);
    expect(of(second, 'shop').work.calls).toBeGreaterThanOrEqual(3);
    expect(of(second, 'shop').work.walBytes).toBeGreaterThan(0);
    expect(of(second, 'shop').size).toEqual(of(first, 'shop').size);
    expect(second.pressures.map(({ metric }) => metric)).toEqual(['xid_age', 'multixact_age']);
    await _holder.end();
    await waiting;
    await waiter.end();
    // Counters that the server throws away take nothing back.
    await query(server().url, 'SELECT pg_stat_statements_reset()');
    const third = await rounds.round();
    expect(of(third, 'shop').work.calls).toBeGreaterThanOrEqual(of(second, 'shop').work.calls ?? 0);
  });

  it('loses the figures of a statement that fails and no others, and goes on when its connection was ended', async () => {
    await using place = await workplace(server(), threeLevels());
    expect((await place.apply()).ending).toBe('done');
    await using rounds = await watched(place);
    expect((await rounds.round()).untold).toEqual([expect.stringContaining('CREATE EXTENSION')]);
    const url = await urlOf(place, 'blog');
    await query(url, 'CREATE TABLE IF NOT EXISTS big (x int)');
    await using holder = await session(url, 'BEGIN; LOCK TABLE big IN ACCESS EXCLUSIVE MODE');
    const round = await rounds.round(true);
    expect(round.lost).toMatchObject([{ statement: 'sizes in shared', why: expect.stringContaining('lock timeout') as unknown }]);
    expect(of(round, 'shop').size?.bytes).toBeGreaterThan(0);
    expect(of(round, 'blog')).toMatchObject({ size: null, connections: { idleInTransaction: 1 } });
    await holder.end();
    const ended = await query(
      server().url,
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'cotenant-monitor'",
    );
    expect(ended).toHaveLength(1);
    // Seen before the round, or in it.
    await rounds.round().catch(() => undefined);
    expect(of(await rounds.round(), 'blog').connections).not.toBe(null);
  });

  it('sends as many statements for 40 apps as for 4, as the server counts them', async () => {
    const admin = server().url;
    const sent = async (count: number): Promise<readonly number[]> => {
      const apps = Array.from(
        { length: count },
        (_, n) => `  a${n}: { uses: { main: { isolation: schema, database: many, connections: 2 } } }`,
      );
      await using place = await workplace(server(), manifestOf(`apps:\n${apps.join('\n')}\n`));
      expect((await place.apply()).ending).toBe('done');
      await using rounds = await watched(place);
      await rounds.round(true);
      await query(admin, 'CREATE EXTENSION IF NOT EXISTS pg_stat_statements');
      const counts: number[] = [];
      for (const sizes of [false, true]) {
        await query(admin, 'SELECT pg_stat_statements_reset()');
        const { statements, apps: told } = await rounds.round(sizes);
        expect(told).toHaveLength(count);
        const [row] = await query(
          admin,
          `SELECT sum(s.calls)::int AS n FROM pg_stat_statements s JOIN pg_roles r ON r.oid = s.userid WHERE r.rolname = 'postgres' AND s.toplevel
           AND query !~ 'pg_stat_statements_reset' AND query ~ '^(SELECT|WITH)'`,
        );
        expect(Number(row?.['n'])).toBe(statements.length);
        counts.push(statements.length);
      }
      await query(admin, 'DROP EXTENSION pg_stat_statements');
      await wipe(admin);
      return counts;
    };
    const few = await sent(4);
    expect(few).toEqual([7, 9]);
    expect(await sent(40)).toEqual(few);
  });
});
