import { fail } from '../model/index.ts';
import type { SecretInput } from './secret-input.ts';
import type { ServerUrl, UrlForm } from './server-url.ts';
import type { SessionContext } from './session.ts';
import { urlOf } from './tls.ts';

interface Access {
  readonly url?: string | undefined;
  readonly password?: SecretInput | undefined;
}

/** Where the admin connects. Throws CT3005 where the manifest does not say and no local server runs. */
export function adminUrl({ url }: Access, { instance }: Pick<SessionContext, 'instance'>, form: UrlForm): ServerUrl {
  const address = urlOf(url, form);
  if (address !== null) return address;
  const hint = `run cotenant up for a local server, or add url: ${form.schemes[0]}://admin@host:${form.port}`;
  throw fail('CT3005', `instance "${instance}" has no url`, { instance, path: ['instances', instance], hint });
}

/** '' where the server asks for none. */
export async function adminPassword({ password }: Access, context: SessionContext): Promise<string> {
  if (context.admin) return context.secrets.peek(context.admin) ?? '';
  return password ? await context.reveal(password) : '';
}

/** The password for an import, and the variable that the manifest names for it: one that holds it already, where there is one. */
export async function importPassword(
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
