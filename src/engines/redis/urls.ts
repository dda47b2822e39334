import type { EnvVar } from '../../engine/index.ts';

export interface UrlInput {
  /** The app; its name stands in `<APP>_REDIS_URL`. */
  readonly app: string;
  /** A name, an IPv4 address, or an IPv6 address without brackets. */
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  readonly user: string;
  readonly password: string;
  readonly database: number;
  /** What keys and channels begin with, separator included; null: nothing has to. */
  readonly prefix: string | null;
  /** The instance's name, in front of every variable where an app has two placements of this engine. */
  readonly instance?: string;
}

const mask = '********';

/** The variables of one app on one instance. Pure. */
export function urlVariables(input: UrlInput): readonly EnvVar[] {
  const { app, host, port, user, password, database, prefix, instance } = input;
  const url = { value: urlOf(input, encode(password)), masked: urlOf(input, mask), secret: true };
  const open = (name: string, value: string): EnvVar => ({ name, value, secret: false });
  const all: readonly EnvVar[] = [
    { name: 'REDIS_URL', ...url },
    { name: `${variableName(app)}_REDIS_URL`, ...url },
    { name: 'SPRING_DATA_REDIS_URL', ...url },
    open('REDIS_HOST', host),
    open('REDIS_PORT', String(port)),
    open('REDIS_DB', String(database)),
    open(`REDIS_DB_${variableName(app)}`, String(database)),
    open('REDIS_USERNAME', user),
    { name: 'REDIS_PASSWORD', value: password, secret: true },
    ...(prefix === null ? [] : [open('REDIS_KEY_PREFIX', prefix)]),
    ...(input.tls ? [open('REDIS_TLS', 'true')] : []),
  ];
  const front = instance === undefined ? '' : `${variableName(instance)}_`;
  return all.map((one) => ({ ...one, name: front + one.name }));
}

/** One URL more, for another login of the app: `SHOP_REPORTS_REDIS_URL`. */
export function loginVariable(login: string, input: UrlInput): EnvVar {
  const { password } = input;
  return { name: loginVariableName(login, input), value: urlOf(input, encode(password)), masked: urlOf(input, mask), secret: true };
}

export function loginVariableName(login: string, { app, instance }: Pick<UrlInput, 'app' | 'instance'>): string {
  return `${instance === undefined ? '' : `${variableName(instance)}_`}${variableName(app)}_${variableName(login)}_REDIS_URL`;
}

/** The names that `urlVariables` gives for the same input. */
export function urlVariableNames(input: Omit<UrlInput, 'password'>): readonly string[] {
  return urlVariables({ ...input, password: '' }).map(({ name }) => name);
}

/** A name as it stands in a variable's name: upper case, and `_` for what no variable can hold. */
function variableName(name: string): string {
  return name
    .toUpperCase()
    .replaceAll(/[^A-Z0-9_]/g, '_')
    .replace(/^(?=\d)/, '_');
}

/**
 * One form serves redis-py, node-redis, ioredis, go-redis, Lettuce, Jedis and redis-rb. Database 0 is left out: it is where
 * a connection starts, and a driver that selects it all the same would need a right that the app does not have.
 */
function urlOf({ host, port, tls, user, database }: UrlInput, password: string): string {
  const address = `${host.includes(':') ? `[${host}]` : encode(host)}:${port}`;
  return `${tls ? 'rediss' : 'redis'}://${encode(user)}:${password}@${address}${database === 0 ? '' : `/${database}`}`;
}

/** Percent-encodes all but letters, digits and `-._~`. */
function encode(text: string): string {
  return encodeURIComponent(text).replaceAll(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}
