import { FreshNames, type Initial, plainText } from '../../engine/index.ts';
import { lookUp, putIn } from '../../util/record.ts';
import { baseName, nameTrouble, roleNames } from './names.ts';

type Env = Readonly<Record<string, string | undefined>>;

const KNOWN = [
  'POSTGRES_MULTIPLE_DATABASES',
  'POSTGRES_HOST',
  'POSTGRES_PORT',
  'POSTGRES_USER',
  'POSTGRES_PASSWORD',
  'POSTGRES_PASSWORD_FILE',
] as const;

/**
 * A first instance from the variables that people set for the server's container. They are pointed at and not copied, so
 * that the manifest fits every place where they are set. A password among them is never written.
 */
export function initial(env: Env): Initial {
  const found = KNOWN.some((name) => (env[name] ?? '') !== '');
  if (!found) return { found, name: 'main', instance: {}, apps: {} };
  const file = env['POSTGRES_PASSWORD_FILE'] ?? '';
  return {
    found,
    name: 'main',
    instance: {
      url: `postgres://${part(env, 'POSTGRES_USER', 'postgres')}@${part(env, 'POSTGRES_HOST', '127.0.0.1')}:\${POSTGRES_PORT:-5432}/postgres`,
      password: file !== '' && (env['POSTGRES_PASSWORD'] ?? '') === '' ? { file: plainText(file) } : { env: 'POSTGRES_PASSWORD' },
    },
    apps: appsOf(env['POSTGRES_MULTIPLE_DATABASES'] ?? ''),
  };
}

/** A part of the URL as a variable; as it is now, where it would need another form in a URL. */
function part(env: Env, name: string, usual: string): string {
  const value = lookUp(env, name) ?? '';
  if (value === '' || /^[A-Za-z0-9._-]+$/.test(value)) return `\${${name}:-${usual}}`;
  return plainText(value.includes(':') && name === 'POSTGRES_HOST' ? `[${value}]` : encodeURIComponent(value));
}

/** `shop, blog:blog_login`: databases, each with its login where one is given. What stands after the login is a password in some scripts. */
function appsOf(list: string): Record<string, Record<string, unknown>> {
  const apps: Record<string, Record<string, unknown>> = {};
  const names = new FreshNames();
  const databases = new Set<string>();
  const logins = new Set<string>();
  for (const item of list.split(/[,;\s]+/)) {
    const [database = '', login = ''] = item.split(':');
    if (databases.has(database) || nameTrouble(database)) continue;
    databases.add(database);
    const app = names.app(database);
    const base = baseName(app);
    const placement: Record<string, unknown> = {};
    if (database !== base) placement['database'] = plainText(database);
    if (login !== roleNames(base).logins[0] && !nameTrouble(login) && !logins.has(login)) placement['names'] = { login: plainText(login) };
    logins.add(login);
    putIn(apps, app, placement);
  }
  return apps;
}
