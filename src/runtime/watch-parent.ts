import { spawn } from 'node:child_process';
import { Socket } from 'node:net';
import type { ServerUser } from '../engine/local.ts';

/**
 * Waits for its standard input to end. A line on it means "all is well"; an end without one means that the process that
 * held the other side was killed, and then the server goes too, with its folders. The id cannot be another process's by
 * then: the line comes as soon as the server has ended.
 */
const script = `read -r line && exit 0
pid=$1 signal=$2 n=0
shift 2
kill -"$signal" "$pid" 2>/dev/null
while kill -0 "$pid" 2>/dev/null && [ "$n" -lt 100 ]; do sleep 0.1; n=$((n + 1)); done
kill -KILL "$pid" 2>/dev/null
rm -rf -- "$@"`;

/** Ties the life of a server to this process, also when this process is killed. Returns a function that unties them. */
export function watchParent(pid: number, signal: NodeJS.Signals, remove: readonly string[], user: ServerUser | null): () => void {
  const watcher = spawn('sh', ['-c', script, 'watch-parent', String(pid), signal.replace(/^SIG/, ''), ...remove], {
    cwd: '/',
    detached: true,
    env: { PATH: process.env.PATH ?? '/usr/bin:/bin' },
    stdio: ['pipe', 'ignore', 'ignore'],
    ...(user && { uid: user.uid, gid: user.gid }),
  });
  // Without a shell nothing watches the parent; ordinary stops still work.
  watcher.on('error', () => undefined);
  watcher.stdin.on('error', () => undefined);
  watcher.unref();
  // A pipe to a child is a socket, though its type does not say so.
  if (watcher.stdin instanceof Socket) watcher.stdin.unref();
  return () => watcher.stdin.end('\n');
}
