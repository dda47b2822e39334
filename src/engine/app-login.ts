import { fail } from '../model/index.ts';
import { lookUp } from '../util/record.ts';
import type { Access } from './admin.ts';
import type { UrlForm } from './server-url.ts';
import { type TlsConfig, tlsWanted } from './tls.ts';

/** How the variables of an app are called that say where it lives, and as whom. */
export interface LoginVariables {
  readonly host: string;
  readonly port: string;
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

/** A login of an app. `port` null: the server's usual one. */
export interface AppLogin {
  readonly host: string;
  readonly port: number | null;
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

/** How that login gets in, over TLS as the instance has it. */
export function accessOfApp({ host, port, user, password, database }: AppLogin, config: TlsConfig, form: UrlForm): Access {
  const url = { scheme: form.schemes[0] ?? '', host, port: port ?? form.port, user, password, database, said: {} };
  return { url, password, tls: tlsWanted(config, form) };
}

/** The app's own login, from the secret store or from where its variables are set. Throws CT5007. */
export function loginIn(
  variables: Readonly<Record<string, string | undefined>>,
  names: LoginVariables,
  { app, instance }: { readonly app: string; readonly instance: string },
): AppLogin {
  const [host, port, user, password, database] = [names.host, names.port, names.user, names.password, names.database].map((name) =>
    lookUp(variables, name),
  );
  if (host !== undefined && user !== undefined && password !== undefined && database !== undefined)
    return { host, port: port === undefined ? null : Number(port), user, password, database };
  const wanted = `${names.host}, ${names.user}, ${names.password} and ${names.database}`;
  throw fail('CT5007', `there are no credentials for "${app}": neither the secret store nor ${wanted}`, {
    instance,
    hint: 'run it where the variables of cotenant env are set, or beside the secret store',
  });
}
