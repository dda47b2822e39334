// Every process that a test starts ends: with the test that waits for it, or here.
import * as node from 'node:child_process';
import { promisify } from 'node:util';

/** Milliseconds. Before the test itself is given up, so that what it waited for is named. */
const limit = { timeout: 110_000, killSignal: 'SIGKILL' } as const;

export const spawn = ((program: string, args: readonly string[], options: node.SpawnOptions) =>
  node.spawn(program, args, { ...limit, ...options })) as typeof node.spawn;

export const spawnSync = ((program: string, args: readonly string[], options: node.SpawnSyncOptions) =>
  node.spawnSync(program, args, { ...limit, ...options })) as typeof node.spawnSync;

export const execFileSync = ((program: string, args: readonly string[], options: node.ExecFileSyncOptions) =>
  node.execFileSync(program, args, { ...limit, ...options })) as typeof node.execFileSync;

/** What it said; rejects with that, and with how it ended, where it did not end well. */
export async function execFile(
  program: string,
  args: readonly string[],
  options: node.ExecFileOptions = {},
): Promise<{ readonly stdout: string; readonly stderr: string }> {
  return await promisify(node.execFile)(program, args, { ...limit, ...options, encoding: 'utf8' });
}
