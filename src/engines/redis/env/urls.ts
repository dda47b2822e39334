import { type EnvVar, hostAndPort, MASK, percentEncode as encode, variableName, variableOf, withoutValue } from '../../../engine/index.ts';

export interface UrlInput {
  /** The app; its name stands in `<APP>_REDIS_URL`. */
  readonly app: string;
  /** A name, an IPv4 address, or an IPv6 address without brackets. */
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  /** The file with the authority that the server's certificate comes from. */
  readonly caFile?: string;
  readonly user: string;
  readonly password: string;
  readonly database: number;
  /** What keys and channels begin with, separator included; null: nothing has to. */
  readonly prefix: string | null;
  /** The instance's name, in front of every variable where an app has two placements of this engine. */
  readonly instance?: string;
}

/** The variables of one app on one instance. Pure. */
export function urlVariables(input: UrlInput): readonly EnvVar[] {
  const { app, host, port, user, password, database, prefix, instance } = input;
  const url = { value: urlOf(input, encode(password)), masked: urlOf(input, MASK), secret: true };
  const open = (name: string, value: string, part?: string): EnvVar => ({
    name,
    value,
    secret: false,
    ...(part === undefined ? {} : { part }),
  });
  const all: readonly EnvVar[] = [
    { name: 'REDIS_URL', ...url, part: 'url' },
    { name: `${variableName(app)}_REDIS_URL`, ...url },
    { name: 'SPRING_DATA_REDIS_URL', ...url },
    open('REDIS_HOST', host, 'host'),
    open('REDIS_PORT', String(port), 'port'),
    open('REDIS_DB', String(database), 'db'),
    open(`REDIS_DB_${variableName(app)}`, String(database)),
    open('REDIS_USERNAME', user, 'user'),
    { name: 'REDIS_PASSWORD', value: password, secret: true, part: 'password' },
    ...(prefix === null ? [] : [open('REDIS_KEY_PREFIX', prefix, 'prefix')]),
    ...(input.tls ? [open('REDIS_TLS', 'true')] : []),
    ...(input.caFile === undefined ? [] : [open('REDIS_TLS_CA', input.caFile)]),
  ];
  return all.map((one) => ({ ...one, name: variableOf(instance, one.name) }));
}

/** One URL more, for another login of the app: `SHOP_REPORTS_REDIS_URL`. */
export function loginVariable(login: string, input: UrlInput): EnvVar {
  const { password } = input;
  return { name: loginVariableName(login, input), value: urlOf(input, encode(password)), masked: urlOf(input, MASK), secret: true };
}

export function loginVariableName(login: string, { app, instance }: Pick<UrlInput, 'app' | 'instance'>): string {
  return variableOf(instance, app, login, 'REDIS_URL');
}

/** The names that `urlVariables` gives for the same input. */
export function urlVariableNames(input: Omit<UrlInput, 'password'>): readonly Pick<EnvVar, 'name' | 'part'>[] {
  return urlVariables({ ...input, password: '' }).map(withoutValue);
}

/**
 * One form serves redis-py, node-redis, ioredis, go-redis, Lettuce, Jedis and redis-rb. Database 0 is left out: it is where
 * a connection starts, and a driver that selects it all the same would need a right that the app does not have.
 */
function urlOf({ host, port, tls, user, database }: UrlInput, password: string): string {
  return `${tls ? 'rediss' : 'redis'}://${encode(user)}:${password}@${hostAndPort({ host, port })}${database === 0 ? '' : `/${database}`}`;
}
