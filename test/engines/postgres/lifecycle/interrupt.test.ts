import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunningCli } from '../../../support/cli.ts';
import { describeEachPostgres } from '../../../support/engines.ts';
import { query } from '../../../support/query.ts';
import { endBackends, type Obstacle, obstacle } from './faults/harness.ts';
import { threeLevels, unfinished, until, wipe, type Workplace, workplace } from './harness.ts';

/** What the server has of blog, whose roles are one unit. */
async function rolesOfBlog(url: string): Promise<unknown[]> {
  return (await query(url, `SELECT rolname FROM pg_roles WHERE rolname LIKE 'blog%' ORDER BY 1`)).map(({ rolname }) => rolname);
}

async function saidBy(cli: RunningCli, text: string): Promise<void> {
  while (!cli.stderr().includes(text)) await delay(10);
}

describeEachPostgres('an apply that is stopped in the middle of a unit', { versions: 'newest' }, (server) => {
  let place: Workplace;
  let block: Obstacle;
  let cli: RunningCli;
  let waiter: number;
  // The third role of blog is held up: two others are made, and nothing is committed.
  beforeEach(async () => {
    await wipe(server().url);
    place = await workplace(server(), threeLevels());
    block = await obstacle(server().url, 'blog_ro');
    cli = place.start('apply', '--yes');
    waiter = await block.waiter();
  });
  afterEach(async () => {
    await block[Symbol.asyncDispose]();
    await cli.done;
    await place[Symbol.asyncDispose]();
  });

  it('by the end of its backend: nothing of the unit stays, what was done does, and status names it', async () => {
    await query(server().url, 'SELECT pg_terminate_backend($1, 5000)', [waiter]);
    const result = await cli.done;
    expect(result.stderr).toContain('CT3004');
    expect(result.code).toBe(3);
    await block.lift();
    expect(await rolesOfBlog(server().url)).toEqual([]);
    const { placements } = await place.status();
    expect(placements.map(({ app, state, pending }) => [app, state, pending > 0])).toMatchObject([
      ['shop', 'incomplete', true],
      ['blog', 'absent', true],
      ['team', 'absent', true],
      ['lens', 'absent', true],
    ]);
    expect(await unfinished(place)).toEqual([]);
  });

  it('by a crash of the server', async () => {
    await server().kill();
    const result = await cli.done;
    expect(result.stderr).toContain('CT3004');
    expect(result.code).toBe(3);
    const away = await place.cli('status');
    expect(away.code).toBe(5);
    expect(away.stderr).toContain('CT3001');
    await server().restart();
    expect(await rolesOfBlog(server().url)).toEqual([]);
    expect(await unfinished(place)).toEqual([]);
  });

  it('by SIGKILL, while the server works on alone: the next apply waits for that, then goes on', async () => {
    cli.kill('SIGKILL');
    expect((await cli.done).signal).toBe('SIGKILL');
    const next = place.start('apply', '--yes');
    const holds = `SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted AND pid IN
      (SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'cotenant apply %pid ' || $1)`;
    await until(server().url, holds, [next.pid]);
    expect(await rolesOfBlog(server().url)).toEqual([]);
    await block.lift();
    expect(await next.done).toMatchObject({ code: 0, stderr: expect.not.stringContaining('✖') as unknown });
    expect(await rolesOfBlog(server().url)).toContain('blog_ro');
    expect(await unfinished(place)).toEqual([]);
  });

  it('by the loss of its lock: what is under way ends, nothing more is sent', async () => {
    await endBackends(server().url, `application_name LIKE 'cotenant apply %'`);
    await block.lift();
    const result = await cli.done;
    expect(result.stderr).toContain('CT3004');
    expect(result.code).toBe(3);
    expect(await rolesOfBlog(server().url)).toContain('blog_ro');
    expect(await query(server().url, `SELECT 1 FROM pg_database WHERE datname IN ('shop', 'shared', 'pool')`)).toEqual([]);
    expect(await unfinished(place)).toEqual([]);
  });

  describe('by Ctrl-C', () => {
    it('once: it says what is half done, lets that end, and leaves with 130', async () => {
      cli.kill('SIGINT');
      await saidBy(cli, 'Interrupted');
      await block.lift();
      const result = await cli.done;
      expect(result.code).toBe(130);
      expect(result.stderr).toMatch(/Interrupted\. In progress, will be finished or rolled back first: .*role\/blog_ro/);
      expect(result.stderr).toMatch(/Interrupted: \d+ added.* Run apply again: it continues from here\./);
      expect(await rolesOfBlog(server().url)).toContain('blog_ro');
      expect(await query(server().url, `SELECT 1 FROM pg_roles WHERE rolname LIKE 'lens%'`)).toEqual([]);
      expect(await unfinished(place)).toEqual([]);
    });

    it('twice: it leaves at once', async () => {
      cli.kill('SIGINT');
      await saidBy(cli, 'Interrupted');
      cli.kill('SIGINT');
      // The obstacle still stands.
      expect((await cli.done).code).toBe(130);
      await block.lift();
      expect(await unfinished(place)).toEqual([]);
    });
  });

  it('and of others that come meanwhile, one is told who is at work, one waits and has nothing to do', async () => {
    const refused = await place.cli('apply', '--yes');
    expect(refused.code).toBe(6);
    expect(refused.stderr).toMatch(
      new RegExp(`is held by cotenant apply \\S+@\\S+ pid ${cli.pid}, since \\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ`),
    );
    const waiting = place.start('apply', '--yes', '--lock-timeout', '2m');
    await until(server().url, `SELECT 1 FROM pg_stat_activity WHERE application_name LIKE 'cotenant apply %pid ' || $1`, [waiting.pid]);
    await block.lift();
    expect((await cli.done).code).toBe(0);
    const second = await waiting.done;
    expect(second.code).toBe(0);
    expect(second.stdout).toContain('No changes.');
    expect(await unfinished(place)).toEqual([]);
  });
});
