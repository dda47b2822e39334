import { createHash } from 'node:crypto';
import { createServer } from 'node:net';

/** A port on 127.0.0.1 that the system holds to be free. It is free only until somebody takes it. */
export async function freePort(): Promise<number> {
  const port = await listen(0);
  if (port === null) throw new Error('the system has no free port');
  return port;
}

/** Below those that systems give to outgoing connections, which could hold it when the server starts again. */
const lowest = 15_000;
const count = 15_000;

/** A free port that depends on the seed alone as long as nobody else has it. */
export async function choosePort(seed: string): Promise<number> {
  const first = createHash('sha256').update(seed).digest().readUInt32BE(0) % count;
  for (let i = 0; i < count; i++) {
    const port = lowest + ((first + i) % count);
    if (await isPortFree(port)) return port;
  }
  throw new Error('no port is free');
}

export async function isPortFree(port: number): Promise<boolean> {
  return (await listen(port)) !== null;
}

/** The port that could be listened on; null: it is taken. */
async function listen(port: number): Promise<number | null> {
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ port, host: '127.0.0.1', exclusive: true }, resolve);
    });
  } catch {
    return null;
  }
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('a TCP server has no port');
  return address.port;
}
