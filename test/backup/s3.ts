import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { toolAt } from '../migrate/tools.ts';
import { spawn } from '../support/children.ts';

/** A server that speaks S3 on loopback and keeps everything in memory. */
export interface S3 extends AsyncDisposable {
  readonly url: string;
}

/** null: it is not installed, and a run says so at its end. */
export const s3Server: string | null = toolAt('moto');

/** Milliseconds, for all tests of a suite. */
const LIFE = 600_000;

/** With one empty bucket. Credentials are wanted, and any are right. */
export async function startS3(program: string, bucket: string): Promise<S3> {
  const port = await freePort();
  const child = spawn(program, ['-H', '127.0.0.1', '-p', String(port)], { stdio: 'ignore', timeout: LIFE });
  const url = `http://127.0.0.1:${port}`;
  const made = async (): Promise<boolean> =>
    await fetch(`${url}/${bucket}`, { method: 'PUT' }).then(
      ({ ok }) => ok,
      () => false,
    );
  while (child.exitCode === null && !(await made())) await sleep(50);
  if (child.exitCode !== null) throw new Error(`${program} ended with ${child.exitCode}`);
  return {
    url,
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('a server has its port');
  return address.port;
}
