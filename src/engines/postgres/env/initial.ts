import { type Containers, type FoundUrl, FreshNames, foundUrl, type Initial, plainText } from '../../../engine/index.ts';
import { lookUp, putIn } from '../../../util/record.ts';
import { baseName, nameTrouble, roleNames } from '../names.ts';
import { urlForm } from '../connect/url-form.ts';

type Env = Readonly<Record<string, string | undefined>>;

const KNOWN = [
  'POSTGRES_MULTIPLE_DATABASES',
  'POSTGRES_HOST',
  'POSTGRES_PORT',
  'POSTGRES_USER',
  'POSTGRES_PASSWORD',
  'POSTGRES_PASSWORD_FILE',
] as const;

/** libpq's own names, and the password for an admin that they speak of. */
const LIBPQ = ['PGHOST', 'PGPORT', 'PGUSER', 'PGPASSWORD'] as const;
const URLS = ['DATABASE_URL', 'POSTGRES_URL', 'POSTGRESQL_URL', 'PG_URL'] as const;

export const containers: Containers = {
  images:
    /^(?:library\/)?postgres$|(?:^|\/)(?:postgres|postgresql|pgvector|postgis|timescaledb|timescaledb-ha|cloudnative-pg|pgvecto-rs|paradedb|citus|age)$/,
  port: 5432,
  address: { host: 'POSTGRES_HOST', port: 'POSTGRES_PORT' },
};

/**
 * A first instance from the variables that people set for the server's container, for libpq, or for an app. They are pointed
 * at and not copied where they are short, so that the manifest fits every place where they are set. A password among them is
 * never written.
 */
export function initial(env: Env): Initial {
  const has = (names: readonly string[]): boolean => names.some((name) => (lookUp(env, name) ?? '') !== '');
  const url = foundUrl(env, URLS, urlForm);
  const instance = has(KNOWN) ? byContainer(env, url) : has(LIBPQ) ? byLibpq(env) : url !== null ? byUrl(url) : null;
  if (instance === null) return { found: false, name: 'main', instance: {}, apps: {} };
  return { found: true, name: 'main', instance, apps: appsOf(env['POSTGRES_MULTIPLE_DATABASES'] ?? '', databasesOf(env, url)) };
}

type Instance = Readonly<Record<string, unknown>>;

function byContainer(env: Env, url: FoundUrl | null): Instance {
  const file = env['POSTGRES_PASSWORD_FILE'] ?? '';
  // Where nobody says where the container is reached, the address of an app does.
  const at = url === null ? ['127.0.0.1', '5432'] : [shown(url.parts.host), String(url.parts.port)];
  const [host = '', port = ''] = at;
  return {
    url: `postgres://${part(env, 'POSTGRES_USER', 'postgres')}@${part(env, 'POSTGRES_HOST', host)}:\${POSTGRES_PORT:-${port}}/postgres`,
    password: file !== '' && (env['POSTGRES_PASSWORD'] ?? '') === '' ? { file: plainText(file) } : { env: 'POSTGRES_PASSWORD' },
  };
}

function byLibpq(env: Env): Instance {
  const { PGPASSWORD: password = '', PGSSLMODE: mode = '', PGHOST: host = '' } = env;
  const sslmode = Object.hasOwn(urlForm.parameters, 'sslmode') && ['disable', 'require', 'verify-ca', 'verify-full'].includes(mode);
  const end = sslmode ? `?sslmode=${mode}` : '';
  const user = part(env, 'PGUSER', 'postgres');
  const port = '${PGPORT:-5432}';
  const place = host.startsWith('/') ? `${plainText(encodeURIComponent(host))}:${port}` : `${part(env, 'PGHOST', '127.0.0.1')}:${port}`;
  return {
    url: `postgres://${user}@${place}/${part(env, 'PGDATABASE', 'postgres')}${end}`,
    ...(password === '' ? {} : { password: { env: 'PGPASSWORD' } }),
  };
}

function byUrl({ address, query, parts, password }: FoundUrl): Instance {
  const own = parts.database !== null && MAINTENANCE.has(parts.database) ? parts.database : 'postgres';
  return { url: `${address}/${own}${query}`, ...password };
}

/** Databases in which nobody's app lives, as services call them. */
const MAINTENANCE: ReadonlySet<string> = new Set(['postgres', 'defaultdb', 'neondb', 'tsdb', 'template1']);

/** Databases that the container makes by itself, and that an app already uses. */
function databasesOf(env: Env, url: FoundUrl | null): readonly string[] {
  return [env['POSTGRES_DB'] ?? '', url?.parts.database ?? ''].filter((name) => name !== '' && !MAINTENANCE.has(name));
}

function shown(host: string): string {
  return plainText(host.includes(':') ? `[${host}]` : host.startsWith('/') ? encodeURIComponent(host) : host);
}

/** A part of the URL as a variable; as it is now, where it would need another form in a URL. */
function part(env: Env, name: string, usual: string): string {
  const value = lookUp(env, name) ?? '';
  if (value === '' || /^[A-Za-z0-9._-]+$/.test(value)) return `\${${name}:-${usual}}`;
  return plainText(value.includes(':') && name.endsWith('HOST') ? `[${value}]` : encodeURIComponent(value));
}

/**
 * `shop, blog:blog_login`: databases, each with its login where one is given. What stands after the login is a password in some
 * scripts. They are there already, so they are adopted.
 */
function appsOf(list: string, more: readonly string[]): Record<string, Record<string, unknown>> {
  const apps: Record<string, Record<string, unknown>> = {};
  const names = new FreshNames();
  const databases = new Set<string>();
  const logins = new Set<string>();
  const items = list.split(/[,;\s]+/).map((item) => item.split(':'));
  for (const [database = '', login = ''] of [...items, ...more.map((name) => [name])]) {
    if (databases.has(database) || nameTrouble(database)) continue;
    databases.add(database);
    const app = names.app(database);
    const base = baseName(app);
    const placement: Record<string, unknown> = {};
    if (database !== base) placement['database'] = plainText(database);
    if (login !== roleNames(base).logins[0] && !nameTrouble(login) && !logins.has(login)) placement['names'] = { login: plainText(login) };
    logins.add(login);
    putIn(apps, app, { ...placement, adopt: true });
  }
  return apps;
}
