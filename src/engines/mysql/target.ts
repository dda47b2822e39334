import type { SessionContext } from '../../engine/index.ts';
import { fail } from '../../model/index.ts';
import type { Config } from './config.ts';

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

export function parseUrl(text: string): { readonly host: string; readonly port: number; readonly user: string } {
  const { hostname, port, username } = new URL(text);
  const host = decodeURIComponent(hostname).replace(/^\[(.*)\]$/, '$1');
  return { host: host || '127.0.0.1', port: Number(port || PORT), user: decodeURIComponent(username) || 'root' };
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
