import { asUrl, type Rows } from '../../src/engines/postgres/local/client.ts';

/** Runs one statement on a connection of its own and gives its rows. */
export async function query(url: string, sql: string, params: readonly unknown[] = []): Promise<Rows> {
  return await asUrl(url, sql, params);
}

/** The URL with another database, user or password. */
export function at(
  url: string,
  part: { readonly database?: string; readonly user?: string; readonly password?: string; readonly port?: number },
): string {
  const changed = new URL(url);
  if (part.database !== undefined) changed.pathname = `/${encodeURIComponent(part.database)}`;
  if (part.user !== undefined) changed.username = encodeURIComponent(part.user);
  if (part.password !== undefined) changed.password = encodeURIComponent(part.password);
  if (part.port !== undefined) changed.port = String(part.port);
  return changed.href;
}

/**
 * A mark that moves with every transaction that changed anything anywhere on the instance (ALTER SYSTEM apart). Two equal
 * marks: nothing was changed in between. Needs autovacuum off, as test servers have it.
 */
export async function changeMark(url: string): Promise<string> {
  const [row] = await query(url, 'SELECT pg_catalog.pg_snapshot_xmax(pg_catalog.pg_current_snapshot())::text AS mark');
  return String(row?.['mark']);
}
