import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { runCli, type RunningCli, startCli } from '../support/cli.ts';
import { describeEachPostgres } from '../support/engines.ts';
import { at, query } from '../support/query.ts';
import { everyday } from '../support/sample.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';

const manifest = `cotenant: 1
project: signals
instances:
  main:
    engine: postgres
    url: postgres://postgres@\${PGHOST}:\${PGPORT}/postgres
    password: { env: ADMIN_PASSWORD }
apps:
  shop: { uses: { main: { connections: 5 } } }
  blog: { uses: { main: { connections: 5 } } }
`;

const signals = [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const;

/** A transaction of somebody else, which others wait for. */
interface Obstacle extends AsyncDisposable {
  /** Resolves when somebody waits. */
  met(): Promise<void>;
  lift(): Promise<void>;
}

async function obstacle(url: string, statement: string): Promise<Obstacle> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  await client.query(`BEGIN; ${statement}`);
  const { rows } = await client.query<{ readonly pid: number }>('SELECT pg_backend_pid() AS pid');
  const waiting = `SELECT 1 FROM pg_stat_activity WHERE $1 = ANY (pg_blocking_pids(pid))`;
  return {
    met: async () => await expect.poll(async () => await query(url, waiting, [rows[0]?.pid]), { timeout: 60_000 }).not.toEqual([]),
    lift: async () => void (await client.query('ROLLBACK')),
    [Symbol.asyncDispose]: async () => await client.end().catch(() => undefined),
  };
}

const round = z.looseObject({ time: z.string(), exitCode: z.number(), findings: z.array(z.unknown()) });
const fixed = z.looseObject({
  exitCode: z.number(),
  findings: z.array(z.unknown()),
  fix: z.object({ ending: z.string(), steps: z.array(z.object({ status: z.string() })) }),
});

describeEachPostgres('a proof that is told to end', { versions: 'newest' }, (server) => {
  let folder: TempDir;
  let env: Record<string, string>;
  let cli: RunningCli | null = null;

  beforeEach(async () => {
    folder = await tempDir();
    env = { PGHOST: server().host, PGPORT: String(server().port), ADMIN_PASSWORD: server().password };
    await writeFile(join(folder.path, 'cotenant.yaml'), manifest);
    expect(await runCli(['apply', '--yes', '--confirm=new-passwords'], { cwd: folder.path, env })).toMatchObject({ code: 0 });
  });
  afterEach(async () => {
    // A wall that a test has opened is closed for the next one.
    await query(server().url, 'REVOKE CONNECT ON DATABASE shop FROM PUBLIC');
    cli?.kill('SIGKILL');
    await cli?.done;
    await folder[Symbol.asyncDispose]();
  });

  const start = (...args: readonly string[]): RunningCli => {
    cli = startCli(args, { cwd: folder.path, env });
    return cli;
  };
  /** Nothing is read in shop's database any more. */
  const unread = async (): Promise<Obstacle> => await obstacle(at(server().url, { database: 'shop' }), 'LOCK TABLE pg_default_acl');

  describe.each(everyday(signals, { oneOf: 2 }))('by %s', (signal, code) => {
    it('in a round of --watch: that round is not told, and the code is that of the signal', async () => {
      const watch = start('verify', '--watch=1s', '--json');
      await expect.poll(() => watch.stdout().split('\n').length, { timeout: 60_000 }).toBeGreaterThan(1);
      await using block = await unread();
      await block.met();
      const told = watch.stdout();
      watch.kill(signal);
      const result = await watch.done;
      expect([result.code, result.signal]).toEqual([code, null]);
      expect(result.stdout).toBe(told);
      for (const line of told.trimEnd().split('\n')) expect(round.parse(JSON.parse(line))).toMatchObject({ exitCode: 0, findings: [] });
      // What takes long says before how far it is.
      expect(result.stderr.trim().split('\n').at(-1)).toMatch(/^Interrupted\./);
    });

    it('in a pause of --watch', async () => {
      const watch = start('verify', '--watch=1h');
      await expect.poll(() => watch.stdout(), { timeout: 60_000 }).toContain('Clean:');
      watch.kill(signal);
      expect((await watch.done).code).toBe(code);
    });

    it('in a proof: nothing is told of it', async () => {
      await using block = await unread();
      const verify = start('verify');
      await block.met();
      verify.kill(signal);
      const result = await verify.done;
      expect([result.code, result.stdout]).toEqual([code, '']);
      // What takes long says before how far it is.
      expect(result.stderr.trim().split('\n').at(-1)).toMatch(/^Interrupted\./);
    });

    it('while a fix is sent: that one ends, and what was sent is told', async () => {
      await query(server().url, 'GRANT CONNECT ON DATABASE shop TO PUBLIC');
      await using block = await obstacle(server().url, 'GRANT CONNECT ON DATABASE shop TO postgres');
      const fix = start('verify', '--fix', '--yes', '--json');
      await block.met();
      fix.kill(signal);
      await expect.poll(() => fix.stderr()).toContain('Interrupted.');
      await block.lift();
      const result = await fix.done;
      expect(result.code).toBe(code);
      const said = fixed.parse(JSON.parse(result.stdout));
      expect(said).toMatchObject({ exitCode: code, fix: { ending: 'interrupted' } });
      expect(said.fix.steps[0]).toMatchObject({ status: 'done' });
      const [row] = await query(server().url, "SELECT has_database_privilege('blog_user', 'shop', 'CONNECT') AS open");
      expect(row).toEqual({ open: false });
    });

    it('in the proof after a fix: what was sent is told, and that nothing was proved since', async () => {
      await query(server().url, 'GRANT CONNECT ON DATABASE shop TO PUBLIC');
      await using first = await obstacle(server().url, 'GRANT CONNECT ON DATABASE shop TO postgres');
      const fix = start('verify', '--fix', '--yes', '--json');
      await first.met();
      await using second = await unread();
      await first.lift();
      await second.met();
      fix.kill(signal);
      const result = await fix.done;
      expect(result.code).toBe(code);
      const said = fixed.parse(JSON.parse(result.stdout));
      expect(said).toMatchObject({ exitCode: code, fix: { ending: 'done' } });
      expect(said.findings).not.toEqual([]);
      expect(new Set(said.fix.steps.map(({ status }) => status))).toEqual(new Set(['done']));
    });

    it('while an apply looks: no plan is shown, and nobody is asked', async () => {
      await using block = await unread();
      const apply = start('apply', '--yes');
      await block.met();
      apply.kill(signal);
      const result = await apply.done;
      expect([result.code, result.stdout]).toEqual([code, '']);
      expect(result.stderr).toContain('Interrupted. Nothing was sent.');
    });
  });
});
