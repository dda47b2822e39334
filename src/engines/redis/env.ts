import { type EnvContext, type EnvVar, noCredentials } from '../../engine/index.ts';
import type { Path } from '../../model/index.ts';
import { addressOf } from './connection.ts';
import type { Input } from './draft.ts';
import { secretName } from './names.ts';
import { notedDatabase } from './observe.ts';
import { channelPrefix, fixedDatabase, placementOf, userOf } from './places.ts';
import { type UrlInput, urlVariableNames, urlVariables } from './urls.ts';

interface Target {
  readonly url: Omit<UrlInput, 'password' | 'database'>;
  /** null: it stands beside the password. */
  readonly database: number | null;
  readonly path: Path;
  readonly adopt: boolean;
}

/** Where an app finds its keys, without the password. */
function target(input: Input, app: string, instance: string | null): Target | null {
  const { host, port, tls } = addressOf(input.config.publicUrl ?? input.config.url ?? 'redis://127.0.0.1:6379', input.name);
  const base = { app, host, port, tls, ...(instance === null ? {} : { instance }) };
  const placed = placementOf(input, app);
  if (placed) {
    const { placement, path } = placed;
    const prefix = placement.isolation === 'instance' ? null : channelPrefix(placed);
    return { url: { ...base, user: userOf(placed), prefix }, database: fixedDatabase(placed), path, adopt: placement.adopt };
  }
  const reader = input.readers.find((one) => one.name === app);
  if (!reader || reader.reads.every((one) => !placementOf(input, one))) return null;
  return { url: { ...base, user: reader.name, prefix: null }, database: 0, path: reader.path, adopt: false };
}

export function env(input: Input, app: string, context: EnvContext): readonly EnvVar[] | null {
  const found = target(input, app, context.prefix);
  if (!found) return null;
  const ref = { secret: secretName(input.name, found.url.user) };
  const password = context.secret(ref);
  const database = found.database ?? notedDatabase(context.derived?.(ref) ?? null);
  if (password === null || database === null) {
    throw noCredentials(app, input.name, { path: found.path, adopted: found.adopt });
  }
  return urlVariables({ ...found.url, database, password });
}

export function envNames(input: Input, app: string, prefix: string | null): readonly { name: string; path: Path }[] {
  const found = target(input, app, prefix);
  return found ? urlVariableNames({ ...found.url, database: 0 }).map((name) => ({ name, path: found.path })) : [];
}
