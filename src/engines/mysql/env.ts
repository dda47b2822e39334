import { type EnvContext, type EnvName, type EnvVar, noCredentials } from '../../engine/index.ts';
import { secretName } from './compile.ts';
import type { Input } from './draft.ts';
import { baseName, namesOf } from './names.ts';
import { parseUrl } from './target.ts';
import { type UrlInput, urlVariableNames, urlVariables } from './urls.ts';

const byApp = new WeakMap<Input, ReadonlyMap<string, Input['placements'][number]>>();

/** The placement of an app. An input is frozen: the apps are put in a map once. */
function placementOf(input: Input, app: string): Input['placements'][number] | undefined {
  const map = byApp.get(input) ?? new Map(input.placements.map((one) => [one.app, one]));
  byApp.set(input, map);
  return map.get(app);
}

/** Where an app finds its data, without the password. */
function target(input: Input, app: string, prefix: string | null): Omit<UrlInput, 'password'> | null {
  const { host, port } = parseUrl(input.config.publicUrl ?? input.config.url ?? 'mysql://127.0.0.1');
  const base = {
    app,
    host,
    port,
    ...(prefix === null ? {} : { prefix }),
    ...(input.config.sslmode === undefined ? {} : { sslmode: input.config.sslmode }),
  };
  const placed = placementOf(input, app);
  if (placed) {
    const { database, logins } = namesOf(app, placed.placement);
    return { ...base, database, user: logins[0] };
  }
  // A reader begins in the database of the first app that it reads; the others are one `USE` away.
  const reader = input.readers.find((one) => one.name === app);
  const first = input.placements.find((one) => reader?.reads.includes(one.app));
  if (!reader || !first) return null;
  return { ...base, database: namesOf(first.app, first.placement).database, user: namesOf(baseName(app)).logins[0] };
}

export function env(input: Input, app: string, context: EnvContext): readonly EnvVar[] | null {
  const found = target(input, app, context.prefix);
  if (!found) return null;
  const password = context.secret({ secret: secretName(input.name, found.user) });
  if (password === null) {
    const placed = placementOf(input, app);
    throw noCredentials(app, input.name, placed ? { path: placed.path, adopted: placed.placement.adopt } : null);
  }
  return urlVariables({ ...found, password });
}

export function envNames(input: Input, app: string, prefix: string | null): readonly EnvName[] {
  const found = target(input, app, prefix);
  const path = placementOf(input, app)?.path ?? input.path;
  return found ? urlVariableNames(found).map((one) => ({ ...one, path })) : [];
}
