import { appsOf, placementOf } from '../edit.ts';
import type { Context, Document, Json, Variables } from '../frame.ts';

export interface Login {
  readonly user: string;
  readonly password: string;
  readonly database: number;
}

/** The app that this is a login of: of the manifest, or of one that was applied before. null: of none. */
export function ofLogin({ document, former }: Pick<Context, 'document' | 'former'>, login: string): string | null {
  const documents = [document, ...former.toReversed()];
  const found = documents.flatMap((one) => [
    ...appsOf(one).filter((app) => usersOf(one, app).includes(login)),
    ...keysOf(one['readers']).filter((name) => name === login),
    ...keysOf(one['operators']).filter((name) => name === login),
  ]);
  return found[0] ?? null;
}

function usersOf(document: Document, app: string): readonly string[] {
  const placement = placementOf(document, app);
  if (placement === null) return [];
  const text = (value: Json | undefined, unset: string): string => (typeof value === 'string' ? value : unset);
  const main = text(placement['user'], app);
  const logins = placement['logins'];
  if (typeof logins !== 'object' || logins === null || Array.isArray(logins)) return [main];
  return Object.entries(logins as Readonly<Record<string, Json>>).map(([name, said]) => {
    const user = typeof said === 'object' && said !== null && 'user' in said ? said.user : undefined;
    return text(user, name === 'app' ? main : `${app}_${name}`);
  });
}

export function keysOf(value: Json | undefined): readonly string[] {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.keys(value) : [];
}

export function loginOf(variables: Variables): Login {
  return {
    user: variables['REDIS_USERNAME'] ?? '',
    password: variables['REDIS_PASSWORD'] ?? '',
    database: Number(variables['REDIS_DB'] ?? 0),
  };
}

/** The login that an app is told first, and its others. */
export function loginsOf(variables: Variables): readonly Login[] {
  const others = Object.entries(variables).filter(([name]) => /.REDIS_URL$/.test(name));
  const first = loginOf(variables);
  const found = others.map(([, text]): Login => {
    const { username, password, pathname } = new URL(text);
    return { user: decodeURIComponent(username), password: decodeURIComponent(password), database: Number(pathname.slice(1) || 0) };
  });
  return [first, ...found.filter(({ user }) => user !== first.user)];
}
