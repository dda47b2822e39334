import { appsOf, placementOf, valueAt } from '../edit.ts';
import type { Context, Document, Variables } from '../frame.ts';
import type { Login } from './session.ts';

/** The app that this is a login of: of the manifest, or of one that was applied before. null: of none. */
export function ofLogin({ document, former }: Pick<Context, 'document' | 'former'>, login: string): string | null {
  const documents = [document, ...former.toReversed()];
  return documents.flatMap((one) => appsOf(one).filter((app) => namesOf(one, app).includes(login)))[0] ?? null;
}

/** Every login of an app: the usual one with its second slot, and those under `logins`. */
function namesOf(document: Document, app: string): readonly string[] {
  const usual = valueAt(document, ['apps', app, 'uses', 'main', 'names', 'login']);
  const logins = valueAt(document, ['apps', app, 'uses', 'main', 'logins']);
  const named = typeof logins === 'object' && logins !== null ? Object.entries(logins) : [];
  const others = named.map(([key, fields]) => {
    const login: unknown = typeof fields === 'object' && fields !== null ? (fields as Document)['login'] : undefined;
    return typeof login === 'string' ? login : `${app}_${key}`;
  });
  return [...(typeof usual === 'string' ? [usual] : [`${app}_user`, `${app}_user_2`]), ...others];
}

/** How the app gets in. */
export function loginsOf(variables: Variables | undefined): readonly Login[] {
  const url = variables?.['DATABASE_URL'];
  if (url === undefined) return [];
  const { username, password, pathname } = new URL(url);
  return [{ user: decodeURIComponent(username), password: decodeURIComponent(password), database: decodeURIComponent(pathname.slice(1)) }];
}

export interface Home {
  readonly level: string;
  readonly database: string;
  readonly schema: string;
}

/** Where an app that cotenant makes lives. */
export function homeOf(document: Document, app: string): Home {
  const placement = placementOf(document, app) ?? {};
  const text = (field: string, unset: string): string => (typeof placement[field] === 'string' ? placement[field] : unset);
  const level = text('isolation', 'database');
  return { level, database: text('database', app), schema: text('schema', level === 'schema' ? app : 'public') };
}
