import {
  type EnvContext,
  type EnvName,
  type EnvVar,
  hostAndPort,
  noCredentials,
  placementOf,
  urlOf,
  variableName,
  variableOf,
  withoutValue,
} from '../../../engine/index.ts';
import { type Input, userOf } from '../compile/draft.ts';
import { urlForm } from '../connect/url-form.ts';
import { secretName } from '../names.ts';

/** Where apps reach the server, with the scheme that the manifest has: it says whether drivers use TLS. */
function addressOf({ config }: Input): { readonly scheme: string; readonly host: string; readonly port: number } {
  const { publicUrl, url } = config;
  const address = publicUrl === undefined ? urlOf(url, urlForm) : urlOf(publicUrl, urlForm, 'apps');
  return address ?? { scheme: 'bolt', host: '127.0.0.1', port: urlForm.port };
}

function variables(input: Input, app: string, password: string, prefix: string | null): readonly EnvVar[] {
  const placed = placementOf(input, app);
  if (!placed) return [];
  const address = addressOf(input);
  const user = userOf(placed);
  const { database } = input.config;
  const open = (name: string, value: string, part?: string): EnvVar => ({
    name,
    value,
    secret: false,
    ...(part === undefined ? {} : { part }),
  });
  const all: readonly EnvVar[] = [
    open('NEO4J_URI', `${address.scheme}://${hostAndPort(address)}`, 'url'),
    open('NEO4J_HOST', address.host, 'host'),
    open('NEO4J_PORT', String(address.port), 'port'),
    open('NEO4J_USERNAME', user, 'user'),
    open('NEO4J_USER', user),
    { name: 'NEO4J_PASSWORD', value: password, secret: true, part: 'password' },
    open('NEO4J_DATABASE', database, 'database'),
    open(`NEO4J_DATABASE_${variableName(app)}`, database),
  ];
  return all.map((one) => ({ ...one, name: variableOf(prefix ?? undefined, one.name) }));
}

export function env(input: Input, app: string, context: EnvContext): readonly EnvVar[] | null {
  const placed = placementOf(input, app);
  if (!placed) return null;
  const password = context.secret({ secret: secretName(input.name, userOf(placed)) });
  if (password === null) throw noCredentials(app, input.name, { path: placed.path, adopted: placed.placement.adopt });
  return variables(input, app, password, context.prefix);
}

export function envNames(input: Input, app: string, prefix: string | null): readonly EnvName[] {
  const path = placementOf(input, app)?.path;
  return path === undefined ? [] : variables(input, app, '', prefix).map((one) => ({ ...withoutValue(one), path }));
}
