import { FreshNames, type Initial, plainText } from '../../engine/index.ts';
import { lookUp } from '../../util/record.ts';
import { nameTrouble, namesOf } from './names.ts';

type Env = Readonly<Record<string, string | undefined>>;

const ROOTS = ['MYSQL_ROOT_PASSWORD', 'MARIADB_ROOT_PASSWORD'] as const;

/**
 * A first instance from the variables that people set for the server's container. They are pointed at and not copied. A
 * password among them is never written.
 */
export function initial(env: Env): Initial {
  const has = (name: string): boolean => (lookUp(env, name) ?? '') !== '';
  const root = ROOTS.find((name) => has(name) || has(`${name}_FILE`));
  if (!root && !has('MYSQL_HOST')) return { found: false, name: 'mysql', instance: {}, apps: {} };
  const variable = root ?? ROOTS[0];
  const file = env[`${variable}_FILE`] ?? '';
  return {
    found: true,
    name: 'mysql',
    instance: {
      url: 'mysql://root@${MYSQL_HOST:-127.0.0.1}:${MYSQL_PORT:-3306}',
      password: file !== '' && !has(variable) ? { file: plainText(file) } : { env: variable },
    },
    apps: appsOf(env),
  };
}

/** The one database that the container's own script makes, with its login. */
function appsOf(env: Env): Record<string, Record<string, unknown>> {
  const database = env['MYSQL_DATABASE'] ?? env['MARIADB_DATABASE'] ?? '';
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
