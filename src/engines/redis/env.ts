import { type EnvContext, type EnvName, type EnvVar, noCredentials, placementOf } from '../../engine/index.ts';
import type { Path } from '../../model/index.ts';
import { parseUrl } from './address.ts';
import type { Input } from './compile/draft.ts';
import { loginsOf } from './compile/logins.ts';
import { secretName } from './names.ts';
import { notedDatabase } from './observe/observe.ts';
import { channelPrefix, fixedDatabase } from './compile/places.ts';
import { loginVariable, loginVariableName, type UrlInput, urlVariableNames, urlVariables } from './urls.ts';

interface Target {
  /** As the manifest calls the login; null: the only one of a reader. */
  readonly login: string | null;
  readonly url: Omit<UrlInput, 'password' | 'database'>;
  /** null: it stands beside the password. */
  readonly database: number | null;
  readonly path: Path;
  readonly adopt: boolean;
}

/** Where each login of an app finds its keys, without the password. The first is the usual one. */
function targets(input: Input, app: string, instance: string | null): readonly Target[] {
  const { host, port, tls } = parseUrl(input.config.publicUrl ?? input.config.url ?? 'redis://127.0.0.1:6379');
  const base = { app, host, port, tls, ...(instance === null ? {} : { instance }) };
  const placed = placementOf(input, app);
  if (placed) {
    const { placement, path } = placed;
    const prefix = placement.isolation === 'instance' ? null : channelPrefix(placed);
    const database = fixedDatabase(placed);
    return loginsOf(placed).map(({ name, user }) => ({
      login: name,
      url: { ...base, user, prefix },
      database,
      path,
      adopt: placement.adopt,
    }));
  }
  const reader = input.readers.find((one) => one.name === app);
  if (!reader || reader.reads.every((one) => !placementOf(input, one))) return [];
  return [{ login: null, url: { ...base, user: reader.name, prefix: null }, database: 0, path: reader.path, adopt: false }];
}

/** The logins of an app as `env --as` calls them. */
export function logins(input: Input, app: string): readonly string[] {
  return targets(input, app, null).flatMap(({ login }) => login ?? []);
}

export function env(input: Input, app: string, context: EnvContext): readonly EnvVar[] | null {
  const all = targets(input, app, context.prefix);
  const found = context.login === undefined ? all[0] : all.find(({ login }) => login === context.login);
  if (!found) return null;
  const [main] = all;
  // All logins of an app are in one database, which is noted beside the password of each.
  const filled = ({ url, database }: Target): UrlInput | null => {
    const ref = { secret: secretName(input.name, url.user) };
    const password = context.secret(ref);
    const number = database ?? notedDatabase(context.derived?.(ref) ?? null);
    return password === null || number === null ? null : { ...url, password, database: number };
  };
  const url = filled(found);
  if (url === null) throw noCredentials(app, input.name, { path: found.path, adopted: found.adopt });
  // What is not known of another login is missed only where it is asked for by its name.
  const beside = found === main && context.login === undefined ? all.slice(1) : [];
  const more = beside.flatMap((one): EnvVar[] => {
    const other = filled(one);
    return other === null || one.login === null ? [] : [loginVariable(one.login, other)];
  });
  return [...urlVariables(url), ...more];
}

export function envNames(input: Input, app: string, prefix: string | null): readonly EnvName[] {
  const [main, ...others] = targets(input, app, prefix);
  if (!main) return [];
  const names = [
    ...urlVariableNames({ ...main.url, database: 0 }),
    ...others.flatMap(({ login, url }) => (login === null ? [] : [{ name: loginVariableName(login, url) }])),
  ];
  return names.map((one) => ({ ...one, path: main.path }));
}
