import { type Access, accessOf, loginAt, type SessionContext, tlsFiles } from '../../../engine/index.ts';
import type { Config } from '../config.ts';
import { urlForm } from './url-form.ts';

/** As the driver takes it. */
export interface Tls {
  readonly rejectUnauthorized: boolean;
  readonly verifyIdentity: boolean;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** Where the server is; for apps and for the operator. */
export interface Place {
  readonly host: string;
  readonly port: number;
  /** null: no TLS. */
  readonly ssl: Tls | null;
  /** Milliseconds for opening a connection, where the URL says so. */
  readonly connectTimeout?: number;
}

/** As whom; the password is never part of anything that is printed. */
export interface Target extends Place {
  readonly user: string;
  readonly password: string;
}

export async function targetOf(config: Config, context: SessionContext): Promise<Target> {
  return await targetAt(await accessOf(config, context, urlForm), context);
}

/** Throws CT3012 where a file for TLS cannot be used. */
export async function targetAt(access: Access, context: SessionContext): Promise<Target> {
  const files = await tlsFiles(access.tls, context);
  return { ...loginAt(access, 'root'), ssl: files ? tlsOf(files) : null };
}

function tlsOf({ mode, ...files }: NonNullable<Awaited<ReturnType<typeof tlsFiles>>>): Tls {
  return { rejectUnauthorized: mode !== 'require', verifyIdentity: mode === 'verify-full', ...files };
}
