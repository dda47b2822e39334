import { type Containers, type FoundUrl, FreshNames, foundUrl, type Initial, plainText } from '../../../engine/index.ts';
import { lookUp } from '../../../util/record.ts';
import { nameTrouble, namesOf } from '../names.ts';
import { urlForm } from '../connect/url-form.ts';

type Env = Readonly<Record<string, string | undefined>>;

const ROOTS = ['MYSQL_ROOT_PASSWORD', 'MARIADB_ROOT_PASSWORD'] as const;

export const containers: Containers = {
  images: /^(?:library\/)?(?:mysql|mariadb)$|(?:^|\/)(?:mysql|mysql-server|mariadb|percona|percona-server)$/,
  port: 3306,
  address: { host: 'MYSQL_HOST', port: 'MYSQL_PORT' },
};

/**
 * A first instance from the variables that people set for the server's container, or for an app. They are pointed at and not
 * copied. A password among them is never written.
 */
export function initial(env: Env): Initial {
  const has = (name: string): boolean => (lookUp(env, name) ?? '') !== '';
  const root = ROOTS.find((name) => has(name) || has(`${name}_FILE`));
  const url = foundUrl(env, ['DATABASE_URL', 'MYSQL_URL', 'MARIADB_URL'], urlForm);
  const database = url?.parts.database ?? '';
  if (!root && !has('MYSQL_HOST')) return url === null ? none : { ...none, found: true, instance: byUrl(url), apps: appsOf(env, database) };
  const variable = root ?? ROOTS[0];
  const file = env[`${variable}_FILE`] ?? '';
  // Where nobody says where the container is reached, the address of an app does.
  const { host = '127.0.0.1', port = 3306 } = url?.parts ?? {};
  return {
    found: true,
    name: 'mysql',
    instance: {
      url: `mysql://root@\${MYSQL_HOST:-${host.includes(':') ? `[${host}]` : host}}:\${MYSQL_PORT:-${port}}`,
      password: file !== '' && !has(variable) ? { file: plainText(file) } : { env: variable },
    },
    apps: appsOf(env, database),
  };
}

const none: Initial = { found: false, name: 'mysql', instance: {}, apps: {} };

function byUrl({ address, query, password }: FoundUrl): Initial['instance'] {
  return { url: `${address}${query}`, ...password };
}

/** The one database that the container's own script makes, with its login; or the one that an app’s address names. */
function appsOf(env: Env, used: string): Record<string, Record<string, unknown>> {
  const database = env['MYSQL_DATABASE'] ?? env['MARIADB_DATABASE'] ?? used;
  const login = env['MYSQL_USER'] ?? env['MARIADB_USER'] ?? '';
  if (database === '' || nameTrouble('database', database)) return {};
  const app = new FreshNames().app(database);
  const usual = namesOf(app);
  return {
    [app]: {
      ...(database === usual.database ? {} : { database: plainText(database) }),
      ...(login === '' || login === usual.logins[0] || nameTrouble('account', login) ? {} : { names: { login: plainText(login) } }),
      adopt: true,
    },
  };
}
