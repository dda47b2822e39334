import type { Endpoint } from '../../../engine/index.ts';
import { openDriver, type Row } from '../connect/connection.ts';
import { errorNumber } from '../connect/trouble.ts';
import { errorCode } from '../../../util/system.ts';

/** Runs one statement with these credentials on a connection of its own. */
export async function ask(
  point: Pick<Endpoint, 'host' | 'port' | 'password'> & { readonly user?: string; readonly database?: string },
  sql: string,
): Promise<readonly Row[]> {
  const { host, port, password, user = 'root', database } = point;
  const driver = await openDriver({ host, port, user, password, ssl: null }, 'cotenant runtime', 10_000);
  try {
    if (database !== undefined) await driver.changeUser({ database });
    const [rows] = await driver.query(sql);
    return Array.isArray(rows) ? (rows as readonly Row[]) : [];
  } finally {
    await driver.end().catch(() => undefined);
  }
}

/** True where the server does not take sessions yet, or no longer. */
export function isNotServing(error: unknown): boolean {
  const shutdown = errorNumber(error) === 1053 || errorNumber(error) === 1077;
  return shutdown || /^(ECONNREFUSED|ECONNRESET|ETIMEDOUT|EPIPE|PROTOCOL_)/.test(errorCode(error));
}

export function isRefused(error: unknown): boolean {
  return [1045, 1698, 1130].includes(errorNumber(error));
}
