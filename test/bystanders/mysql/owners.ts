import { appsOf, placementOf, valueAt } from '../edit.ts';
import type { Context, Document, Json, Variables } from '../frame.ts';
import type { Login } from './world.ts';

type Map = { readonly [key: string]: Json };
const isMap = (value: Json | undefined): value is Map => typeof value === 'object' && value !== null && !Array.isArray(value);
const textAt = (map: Json | undefined, key: string): string | undefined => {
  const value = isMap(map) ? map[key] : undefined;
  return typeof value === 'string' ? value : undefined;
};
const based = (app: string): string => app.replaceAll('-', '_');

/** Every user of an app: those of its logins, with the second slots. */
function usersOf(document: Document, app: string): readonly string[] {
  const placement = placementOf(document, app);
  if (placement === null) return [];
  const pair = (login: string, standby: string | undefined): readonly string[] => [login, standby ?? `${login}_2`];
  const names = placement['names'];
  const usual = pair(textAt(names, 'login') ?? `${based(app)}_user`, textAt(names, 'standbyLogin'));
  const logins = placement['logins'];
  if (!isMap(logins)) return usual;
  return Object.entries(logins).flatMap(([name, fields]) =>
    name === 'app' ? usual : pair(textAt(fields, 'login') ?? `${based(app)}_${name}`, textAt(fields, 'standbyLogin')),
  );
}

function namesUnder(document: Document, key: string): readonly string[] {
  const value = document[key];
  return isMap(value) ? Object.keys(value) : [];
}

/** The app or reader that this user is of: in the manifest, or in one that was applied before. null: of none. */
export function tenantOf({ document, former }: Pick<Context, 'document' | 'former'>, user: string): string | null {
  for (const one of [document, ...former.toReversed()]) {
    for (const app of appsOf(one)) if (usersOf(one, app).includes(user)) return app;
    for (const name of namesUnder(one, 'readers')) if ([`${based(name)}_user`, `${based(name)}_user_2`].includes(user)) return name;
  }
  return null;
}

/** The same, and a name under `operators`. */
export function ofAccount(context: Pick<Context, 'document' | 'former'>, { user, host }: Login): string | null {
  const operator = namesUnder(context.document, 'operators').find((name) => name === user || name === `${user}@${host}`);
  return tenantOf(context, user) ?? operator ?? null;
}

export function isKnown({ document }: Pick<Context, 'document'>, { user, host }: Login): boolean {
  const known = document['known'];
  return Array.isArray(known) && known.some((one: Json) => [user, `${user}@${host}`].includes(textAt(one, 'user') ?? ''));
}

/** False for an account of an app's user from a host that no manifest speaks of. */
export function isAsked({ document, former }: Pick<Context, 'document' | 'former'>, { host }: Login): boolean {
  return host === '%' || [document, ...former].some((one) => JSON.stringify(one).includes(JSON.stringify(host)));
}

export function databaseOf(document: Document, app: string): string {
  return textAt(placementOf(document, app) ?? undefined, 'database') ?? based(app);
}

/** The app that lives in a database, now or formerly. */
export function residentOf({ document, former }: Pick<Context, 'document' | 'former'>, database: string): string | null {
  for (const one of [document, ...former.toReversed()])
    for (const app of appsOf(one)) if (placementOf(one, app) !== null && databaseOf(one, app) === database) return app;
  return null;
}

export interface AppLogin extends Login {
  readonly database: string;
}

/** How an app gets in, the usual login first. From here, every account of it is one for everybody or for this machine. */
export function loginsOf(variables: Variables | undefined): readonly AppLogin[] {
  const urls = Object.entries(variables ?? {}).filter(([name]) => name === 'DATABASE_URL' || name.endsWith('_MYSQL_URL'));
  const found = new Map<string, AppLogin>();
  for (const [, url] of urls.sort(([one], [other]) => Number(other === 'DATABASE_URL') - Number(one === 'DATABASE_URL'))) {
    const { username, password, pathname } = new URL(url);
    const user = decodeURIComponent(username);
    const login = { user, host: '%', password: decodeURIComponent(password), database: decodeURIComponent(pathname.slice(1)) };
    if (!found.has(user)) found.set(user, login);
  }
  return [...found.values()];
}

export function fieldOf(document: Document, app: string, ...path: readonly string[]): Json | undefined {
  return valueAt(document, ['apps', app, 'uses', 'main', ...path]);
}
