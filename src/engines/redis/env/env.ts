import {
  type EnvContext,
  type EnvName,
  type EnvVar,
  noCredentials,
  placementOf,
  tlsForApps,
  unreadFile,
  urlOf,
} from '../../../engine/index.ts';
import type { Path } from '../../../model/index.ts';
import { oncePer } from '../../../util/once.ts';
import type { Input } from '../compile/draft.ts';
import { loginsOf } from '../compile/logins.ts';
import { secretName } from '../names.ts';
import { notedDatabase } from '../observe/observe.ts';
import { channelPrefix, fixedDatabase } from '../compile/places.ts';
import { urlForm } from '../connect/url-form.ts';
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

/** Whose environment it is, and how: the parts of `EnvContext` that lead to an address. */
interface For {
  readonly app: string;
  readonly prefix: string | null;
  readonly file?: EnvContext['file'] | undefined;
}

type Way = Pick<UrlInput, 'host' | 'port' | 'tls' | 'caFile'>;

/** Without what only files tell it is the same for all apps. */
const namedWay = oncePer((input: Input): Way => wayOf(input, unreadFile));

function wayOf({ config }: Input, file: EnvContext['file']): Way {
  const { publicUrl, url } = config;
  const address = publicUrl === undefined ? urlOf(url, urlForm) : urlOf(publicUrl, urlForm, 'apps');
  if (address === null) return { host: '127.0.0.1', port: urlForm.port, tls: false };
  const tls = urlForm.tlsSchemes.includes(address.scheme);
  const { sslrootcert } = tls ? tlsForApps(config, urlForm, publicUrl, file) : {};
  return { host: address.host, port: address.port, tls, ...(sslrootcert === undefined ? {} : { caFile: sslrootcert }) };
}

/** Where each login of an app finds its keys, without the password. The first is the usual one. */
function targets(input: Input, { app, prefix: instance, file }: For): readonly Target[] {
  const way = file === unreadFile ? namedWay(input) : wayOf(input, file);
  const base = { app, ...way, ...(instance === null ? {} : { instance }) };
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
  return targets(input, { app, prefix: null }).flatMap(({ login }) => login ?? []);
}

export function env(input: Input, app: string, context: EnvContext): readonly EnvVar[] | null {
  const all = targets(input, { app, ...context });
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
  const [main, ...others] = targets(input, { app, prefix, file: unreadFile });
  if (!main) return [];
  const names = [
    ...urlVariableNames({ ...main.url, database: 0 }),
    ...others.flatMap(({ login, url }) => (login === null ? [] : [{ name: loginVariableName(login, url) }])),
  ];
  return names.map((one) => ({ ...one, path: main.path }));
}
