import { parse } from 'pg-connection-string';
import { type EnvContext, type EnvVar, noCredentials } from '../../engine/index.ts';
import { secretName } from './compile-roles.ts';
import { ownDatabaseNames, schemaNames } from './space.ts';
import type { Input } from './draft.ts';
import { baseName, roleNames } from './names.ts';
import { type UrlInput, urlVariableNames, urlVariables } from './urls.ts';

const byApp = new WeakMap<Input, ReadonlyMap<string, Input['placements'][number]>>();

/** The placement of an app. An input is frozen: the apps are put in a map once. */
function placementOf(input: Input, app: string): Input['placements'][number] | undefined {
  const map = byApp.get(input) ?? new Map(input.placements.map((one) => [one.app, one]));
  byApp.set(input, map);
  return map.get(app);
}

/** Where an app finds its data, without the password. */
function target(
  input: Input,
  app: string,
  prefix: string | null,
): { readonly url: Omit<UrlInput, 'password'>; readonly login: string } | null {
  const address = parse(input.config.publicUrl ?? input.config.url ?? 'postgres://127.0.0.1:5432/postgres');
  const base = {
    app,
    host: address.host || 'localhost',
    port: Number(address.port ?? 5432),
    ...(prefix === null ? {} : { prefix }),
    ...(input.config.sslmode === undefined ? {} : { sslmode: input.config.sslmode }),
  };
  const placed = placementOf(input, app);
  if (!placed) return readerTarget(input, app, base);
  const { placement } = placed;
  const path = placement.searchPath ? { searchPath: placement.searchPath } : {};
  if (placement.isolation === 'database') {
    const names = ownDatabaseNames(app, placement);
    const schema = names.schema === 'public' && !placement.searchPath ? {} : { schema: names.schema };
    return { url: { ...base, database: names.database, user: names.logins[0], ...schema, ...path }, login: names.logins[0] };
  }
  const names = schemaNames(app, placement);
  const more = placement.isolation === 'schema' ? { schema: names.schema, ...path } : { workspace: placement.workspace ?? app };
  return { url: { ...base, database: names.database, user: names.logins[0], ...more }, login: names.logins[0] };
}

/** A reader connects to the database of the first app it reads; the others are one `database` away. */
function readerTarget(input: Input, name: string, base: Pick<UrlInput, 'app' | 'host' | 'port'>): ReturnType<typeof target> {
  const reader = input.readers.find((one) => one.name === name);
  const first = input.placements.find((one) => reader?.reads.includes(one.app));
  if (!reader || !first) return null;
  const [login] = roleNames(baseName(name)).logins;
  const names =
    first.placement.isolation === 'schema' ? schemaNames(first.app, first.placement) : ownDatabaseNames(first.app, first.placement);
  return { url: { ...base, database: names.database, user: login }, login };
}

export function env(input: Input, app: string, context: EnvContext): readonly EnvVar[] | null {
  const found = target(input, app, context.prefix);
  if (!found) return null;
  const password = context.secret({ secret: secretName(input.name, found.login) });
  if (password === null) {
    const placed = placementOf(input, app);
    throw noCredentials(app, input.name, placed ? { path: placed.path, adopted: placed.placement.adopt } : null);
  }
  return urlVariables({ ...found.url, password });
}

export function envNames(
  input: Input,
  app: string,
  prefix: string | null,
): readonly { name: string; path: readonly (string | number)[] }[] {
  const found = target(input, app, prefix);
  const path = placementOf(input, app)?.path ?? input.path;
  return found ? urlVariableNames(found.url).map((name) => ({ name, path })) : [];
}
