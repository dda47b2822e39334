import type { SessionContext } from '../../../engine/index.ts';
import { fail } from '../../../model/index.ts';
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

export interface Address {
  readonly host: string;
  readonly port: number;
  readonly user: string;
}

/** null where it is no address of a server of this kind. */
export function addressOf(text: string): Address | null {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !/^(mysql|mariadb):$/.test(url.protocol) || url.hostname === '') return null;
  try {
    const host = decodeURIComponent(url.hostname).replace(/^\[(.*)\]$/, '$1');
    return { host, port: Number(url.port || PORT), user: decodeURIComponent(url.username) || 'root' };
  } catch {
    return null;
  }
}

/** Throws CT3005. */
export function parseUrl(text: string): Address {
  const found = addressOf(text);
  if (!found) throw fail('CT3005', 'the url is no address of a MySQL or MariaDB server', { hint: 'write it as mysql://admin@host:3306' });
  return found;
}

export async function targetOf(config: Config, context: SessionContext): Promise<Target> {
  if (config.url === undefined) {
    throw fail('CT3005', `instance "${context.instance}" has no url`, {
      instance: context.instance,
      path: ['instances', context.instance],
      hint: 'add url: mysql://admin@host:3306',
    });
  }
  return { ...parseUrl(config.url), password: await passwordOf(config, context), ssl: tlsOf(config.sslmode ?? 'disable') };
}

async function passwordOf(config: Config, context: SessionContext): Promise<string> {
  if (context.admin) return context.secrets.peek(context.admin) ?? '';
  return config.password ? await context.reveal(config.password) : '';
}

export function tlsOf(mode: NonNullable<Config['sslmode']>): Tls | null {
  if (mode === 'disable') return null;
  return { rejectUnauthorized: mode !== 'require', verifyIdentity: mode === 'verify-full' };
}
