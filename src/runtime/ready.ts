import { open } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LocalProcess } from '../engine/local.ts';
import { fail } from '../model/index.ts';

/** Asks `probe` until it says true; see Machine.untilReady. */
export async function untilReady(server: LocalProcess, probe: () => Promise<boolean>, timeout: number): Promise<void> {
  const deadline = Date.now() + timeout;
  for (let pause = 5; ; pause = Math.min(pause * 1.5, 200)) {
    if (server.end)
      throw fail(
        'CT6001',
        `The server exited before it was ready (${server.end.signal ?? `code ${server.end.code}`}).`,
        await logHint(server.logFile),
      );
    if (await probe()) return;
    if (Date.now() > deadline) throw fail('CT6002', `The server was not ready after ${timeout} ms.`, await logHint(server.logFile));
    await Promise.race([sleep(pause), server.ended]);
  }
}

/** The end of a log, as a hint. */
export async function logHint(file: string): Promise<{ hint: string }> {
  const lines = (await tail(file, 4096)).trimEnd().split('\n').slice(-5);
  return { hint: `Its log (${file}) ends with:\n${lines.join('\n')}` };
}

async function tail(file: string, bytes: number): Promise<string> {
  await using handle = await open(file, 'r');
  const { size } = await handle.stat();
  const { buffer, bytesRead } = await handle.read({ buffer: Buffer.alloc(bytes), position: Math.max(0, size - bytes) });
  return buffer.toString('utf8', 0, bytesRead);
}
