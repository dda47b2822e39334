import { createClient } from '@redis/client';

export interface LoginPoint {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
}

/** Runs one command on a connection of its own. */
export async function ask(point: LoginPoint, ...words: readonly string[]): Promise<unknown> {
  const { host, port, user, password } = point;
  const client = createClient({
    socket: { host, port, connectTimeout: 10_000, reconnectStrategy: false },
    username: user,
    password,
    RESP: 2,
    disableClientInfo: true,
  });
  // An idle connection that breaks must not end the process.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await client.sendCommand([...words]);
  } finally {
    if (client.isOpen) client.destroy();
  }
}

/** True where the server does not take commands yet, or no longer: nobody listens, or it still reads its data. */
export function isNotServing(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.every(isNotServing);
  if (!(error instanceof Error)) return false;
  if ('code' in error && (error.code === 'ECONNREFUSED' || error.code === 'ECONNRESET')) return true;
  return error.message.startsWith('LOADING ') || /Socket closed/.test(error.message);
}
