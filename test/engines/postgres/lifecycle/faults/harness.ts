import { Client } from 'pg';
import type { CliResult, RunningCli } from '../../../../support/cli.ts';
import { query } from '../../../../support/query.ts';
import { type Proxy, type ProxyOptions, type SeenStatement, startProxy } from '../../proxy/harness.ts';
import { type ServerPoint, until, type Workplace } from '../harness.ts';

/** A proxy whose behaviour can be set for each run. */
export interface Tap extends AsyncDisposable {
  readonly proxy: Proxy;
  /** Called with each statement before it goes on, until it is set anew. */
  listen(onStatement: NonNullable<ProxyOptions['onStatement']>): void;
}

export async function tap(target: ServerPoint): Promise<Tap> {
  let current: NonNullable<ProxyOptions['onStatement']> = () => 'forward';
  const proxy = await startProxy({ target, onStatement: (statement) => current(statement) });
  return {
    proxy,
    listen: (onStatement) => {
      current = onStatement;
    },
    [Symbol.asyncDispose]: async () => await proxy[Symbol.asyncDispose](),
  };
}

export interface Death {
  /** At which statement, from 1. One message can carry a whole transaction, and counts once. */
  readonly n: number;
  /**
   * `sent` lets that one through to the server, which goes on alone; `lost` keeps it back, so that the answer to the one
   * before was the last thing that the process saw.
   */
  readonly how: 'sent' | 'lost';
  /** Which statements count. Default: all, reads included. */
  readonly only?: (statement: SeenStatement) => boolean;
}

/** Runs the CLI and ends it with SIGKILL at its n-th statement. */
export async function killedAt(
  place: Workplace,
  { proxy, listen }: Tap,
  args: readonly string[],
  { n, how, only = () => true }: Death,
): Promise<CliResult> {
  proxy.reset();
  const cli = Promise.withResolvers<RunningCli>();
  let seen = 0;
  listen(async (statement) => {
    const running = await cli.promise;
    if (seen < n && !only(statement)) return 'forward';
    seen += 1;
    if (seen < n) return 'forward';
    if (seen === n && how === 'sent') {
      setImmediate(() => running.kill('SIGKILL'));
      return 'forward';
    }
    running.kill('SIGKILL');
    await running.done;
    return 'drop';
  });
  const running = place.start(...args);
  cli.resolve(running);
  const result = await running.done;
  listen(() => 'forward');
  return result;
}

/** A transaction of somebody else that has a role of this name under way: whoever makes one like it has to wait. */
export interface Obstacle extends AsyncDisposable {
  /** The process id of the backend that waits. */
  waiter(): Promise<number>;
  /** Takes it back, and the waiter goes on. */
  lift(): Promise<void>;
}

export async function obstacle(url: string, role: string): Promise<Obstacle> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  await client.query(`BEGIN; CREATE ROLE ${role}`);
  return {
    waiter: async () =>
      Number(
        (await until(url, `SELECT pid FROM pg_stat_activity WHERE application_name = 'cotenant lane' AND wait_event_type = 'Lock'`))['pid'],
      ),
    lift: async () => void (await client.query('ROLLBACK')),
    [Symbol.asyncDispose]: async () => await client.end().catch(() => undefined),
  };
}

/** Backends that still work for a run whose process is gone. */
export async function untilNoOrphan(url: string): Promise<void> {
  await until(url, `SELECT 1 FROM pg_stat_activity WHERE application_name = 'cotenant lane' HAVING count(*) = 0`);
}

export async function endBackends(url: string, where: string): Promise<void> {
  await query(url, `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE ${where}`);
}
