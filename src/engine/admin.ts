import { fail } from '../model/index.ts';
import type { SecretInput } from './secret-input.ts';
import type { ServerUrl, UrlForm } from './server-url.ts';
import type { SessionContext } from './session.ts';
import { givenUrl, type TlsConfig, tlsWanted, type TlsWanted, urlOf } from './tls.ts';

interface Given extends TlsConfig {
  readonly password?: SecretInput | undefined;
}

/** Where a server is, with what password, and with which TLS; null: none. */
export interface Access {
  readonly url: ServerUrl;
  readonly password: string;
  readonly tls: TlsWanted | null;
}

/** The admin's. Throws CT3005 where the manifest does not say and no local server runs. */
export async function accessOf(config: Given, context: SessionContext, form: UrlForm): Promise<Access> {
  return { url: adminUrl(config, context, form), password: await adminPassword(config, context), tls: tlsWanted(config, form) };
}

/** That of an import, which has an address and perhaps a password. */
export async function importAccess(
  text: string,
  given: string | null,
  variables: readonly [string, ...string[]],
  context: SessionContext,
  form: UrlForm,
): Promise<Access & { readonly variable: string }> {
  const url = givenUrl(text, form);
  return { url, tls: tlsWanted({ url: text }, form), ...(await importPassword(variables, given ?? url.password, context)) };
}

/** What every driver takes. `user`: who it is where the address says nothing. */
export interface LoginAt {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** Milliseconds for opening a connection, where the URL says so. */
  readonly connectTimeout?: number;
}

export function loginAt({ url, password }: Access, user: string): LoginAt {
  const { host, port, said } = url;
  const { connectTimeout } = said;
  return { host, port, user: url.user ?? user, password, ...(connectTimeout === undefined ? {} : { connectTimeout }) };
}

function adminUrl({ url }: Given, { instance }: Pick<SessionContext, 'instance'>, form: UrlForm): ServerUrl {
  const address = urlOf(url, form);
  if (address !== null) return address;
  const hint = `run cotenant up for a local server, or add url: ${form.schemes[0]}://admin@host:${form.port}`;
  throw fail('CT3005', `instance "${instance}" has no url`, { instance, path: ['instances', instance], hint });
}

/** '' where the server asks for none. */
async function adminPassword({ password }: Given, context: SessionContext): Promise<string> {
  if (context.admin) return context.secrets.peek(context.admin) ?? '';
  return password ? await context.reveal(password) : '';
}

/** The password for an import, and the variable that the manifest names for it: one that holds it already, where there is one. */
async function importPassword(
  variables: readonly [string, ...string[]],
  given: string | null,
  context: SessionContext,
): Promise<{ readonly password: string; readonly variable: string }> {
  for (const variable of variables) {
    const value = await context.reveal({ env: variable }).catch(() => null);
    if (value !== null && (given === null || given === value)) return { password: value, variable };
  }
  return { password: given ?? '', variable: variables[0] };
}
