import { type EnvContext, type EnvName, type EnvVar, noCredentials, placementOf, tlsForApps, urlOf } from '../../../engine/index.ts';
import { oncePer } from '../../../util/once.ts';
import { secretName } from '../compile/compile.ts';
import type { Input } from '../compile/draft.ts';
import { loginsOf } from '../compile/logins.ts';
import { baseName, namesOf } from '../names.ts';
import { urlForm } from '../connect/url-form.ts';
import { type UrlInput, urlVariable, urlVariableName, urlVariableNames, urlVariables } from './urls.ts';

/** Where a login finds its data, without the password. */
interface Found {
  readonly name: string;
  readonly url: Omit<UrlInput, 'password'>;
}

/** Whose environment it is, and how: the parts of `EnvContext` that lead to an address. */
interface For {
  readonly app: string;
  readonly prefix: string | null;
  readonly file?: EnvContext['file'] | undefined;
}

type Base = Pick<UrlInput, 'app' | 'prefix'> & Way;
type Way = Pick<UrlInput, 'host' | 'port' | 'sslmode' | 'caFile' | 'ca'>;

function baseOf(input: Input, { app, prefix, file }: For): Base {
  const way = file === undefined ? plainWay(input) : wayOf(input, file);
  return { ...way, app, ...(prefix === null ? {} : { prefix }) };
}

/** Without what only files tell it is the same for all apps. */
const plainWay = oncePer((input: Input): Way => wayOf(input, undefined));

function wayOf(input: Input, file: EnvContext['file']): Way {
  const { publicUrl, url } = input.config;
  const address = publicUrl === undefined ? urlOf(url, urlForm) : urlOf(publicUrl, urlForm, 'apps');
  const { host, port } = address ?? { host: '127.0.0.1', port: urlForm.port };
  const { sslmode, sslrootcert, ca } = tlsForApps(input.config, urlForm, publicUrl, file);
  return {
    host,
    port,
    ...(sslmode === undefined ? {} : { sslmode }),
    ...(sslrootcert === undefined ? {} : { caFile: sslrootcert }),
    ...(ca === undefined ? {} : { ca }),
  };
}

/** The logins of an app; the first is the usual one. A reader has one, which begins in the database of the first app that it reads. */
function targets(input: Input, whose: For): readonly Found[] {
  const { app } = whose;
  const base = baseOf(input, whose);
  const placed = placementOf(input, app);
  if (placed) {
    const { database } = namesOf(app, placed.placement);
    return loginsOf(app, placed.placement).map(({ name, slots: [user] }) => ({ name, url: { ...base, database, user } }));
  }
  const reader = input.readers.find((one) => one.name === app);
  const reads = new Set(reader?.reads);
  const first = input.placements.find((one) => reads.has(one.app));
  if (!reader || !first) return [];
  const url = { ...base, database: namesOf(first.app, first.placement).database, user: namesOf(baseName(app)).logins[0] };
  return [{ name: app, url }];
}

/** The logins of an app as `env --as` calls them. */
export function logins(input: Input, app: string): readonly string[] {
  return placementOf(input, app) ? targets(input, { app, prefix: null }).map(({ name }) => name) : [];
}

export function env(input: Input, app: string, context: EnvContext): readonly EnvVar[] | null {
  const all = targets(input, { app, ...context });
  const [main, ...others] = context.login === undefined ? all : all.filter(({ name }) => name === context.login);
  if (!main) return null;
  const passwordOf = ({ url }: Found): string | null => context.secret({ secret: secretName(input.name, url.user) });
  const password = passwordOf(main);
  if (password === null) {
    const placed = placementOf(input, app);
    throw noCredentials(app, input.name, placed ? { path: placed.path, adopted: placed.placement.adopt } : null);
  }
  // What is not known of another login is missed only where it is asked for by its name.
  const beside = others.flatMap((one): EnvVar[] => {
    const other = passwordOf(one);
    return other === null ? [] : [urlVariable(one.name, { ...one.url, password: other })];
  });
  return [...urlVariables({ ...main.url, password }), ...beside];
}

export function envNames(input: Input, app: string, prefix: string | null): readonly EnvName[] {
  const [main, ...others] = targets(input, { app, prefix });
  if (!main) return [];
  const path = placementOf(input, app)?.path ?? input.path;
  const beside = others.map(({ name, url }) => ({ name: urlVariableName(name, url), path }));
  return [...urlVariableNames(main.url).map((one) => ({ ...one, path })), ...beside];
}
