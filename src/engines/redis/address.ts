import { notAnAddress, serverUrl } from '../../engine/index.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** '' where there is none. */
  readonly password: string;
  readonly tls: boolean;
}

export const EXAMPLE = 'redis://admin@host:6379';

/** null where it is no address of a server of this kind. */
export function addressOf(text: string): Address | null {
  const url = serverUrl(['redis', 'rediss', 'valkey', 'valkeys'], text);
  if (!url || url.host === '') return null;
  const { host, port, user, password, scheme } = url;
  return { host, port: port ?? 6379, user: user || 'default', password, tls: scheme === 'rediss' || scheme === 'valkeys' };
}

/** Throws CT3005. */
export function parseUrl(text: string): Address {
  const found = addressOf(text);
  if (!found) throw notAnAddress('Redis or Valkey', EXAMPLE);
  return found;
}
