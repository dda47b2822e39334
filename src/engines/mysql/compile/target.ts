import { adminPassword, adminUrl, notAnAddress, serverUrl, type SessionContext } from '../../../engine/index.ts';
import type { Config } from '../config.ts';

export interface Tls {
  readonly rejectUnauthorized: boolean;
  readonly verifyIdentity: boolean;
}

/** Where the server is; for apps and for the operator. */
export interface Place {
  readonly host: string;
  readonly port: number;
  /** null: no TLS. */
  readonly ssl: Tls | null;
}

/** As whom; the password is never part of anything that is printed. */
export interface Target extends Place {
  readonly user: string;
  readonly password: string;
}

const PORT = 3306;
const EXAMPLE = `mysql://admin@host:${PORT}`;

export interface Address {
  readonly host: string;
  readonly port: number;
  readonly user: string;
}

/** null where it is no address of a server of this kind. */
export function addressOf(text: string): Address | null {
  const url = serverUrl(['mysql', 'mariadb'], text);
  if (!url || url.host === '') return null;
  return { host: url.host, port: url.port ?? PORT, user: url.user || 'root' };
}

/** Throws CT3005. */
export function parseUrl(text: string): Address {
  const found = addressOf(text);
  if (!found) throw notAnAddress('MySQL or MariaDB', EXAMPLE);
  return found;
}

export async function targetOf(config: Config, context: SessionContext): Promise<Target> {
  const address = parseUrl(adminUrl(config, context, EXAMPLE));
  return { ...address, password: await adminPassword(config, context), ssl: tlsOf(config.sslmode ?? 'disable') };
}

export function tlsOf(mode: NonNullable<Config['sslmode']>): Tls | null {
  if (mode === 'disable') return null;
  return { rejectUnauthorized: mode !== 'require', verifyIdentity: mode === 'verify-full' };
}
