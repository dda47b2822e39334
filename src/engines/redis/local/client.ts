import { makeClient } from '../connect/client.ts';
import { errorCode } from '../../../util/system.ts';

export interface LoginPoint {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** Default 0. */
  readonly database?: number;
}

/** Runs one command on a connection of its own. */
export async function ask(point: LoginPoint, ...words: readonly string[]): Promise<unknown> {
  const { host, port, user, password } = point;
  const client = makeClient(2, { host, port, tls: null, login: { user, password }, deadline: 10_000 });
  try {
    await client.connect();
    if (point.database !== undefined && point.database !== 0) await client.sendCommand(['SELECT', String(point.database)]);
    return await client.sendCommand([...words]);
  } finally {
    if (client.isOpen) client.destroy();
  }
}

/** True where the server does not take commands yet, or no longer: nobody listens, or it still reads its data. */
export function isNotServing(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.every(isNotServing);
  if (!(error instanceof Error)) return false;
  if (['ECONNREFUSED', 'ECONNRESET'].includes(errorCode(error))) return true;
  return error.message.startsWith('LOADING ') || /Socket closed/.test(error.message);
}
