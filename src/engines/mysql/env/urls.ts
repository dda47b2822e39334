import {
  type EnvVar,
  hostAndPort,
  MASK,
  percentEncode as encode,
  type Query,
  queryParts,
  variableName,
  variableOf,
  withoutValue,
} from '../../../engine/index.ts';

type SslMode = 'disable' | 'require' | 'verify-ca' | 'verify-full';

export interface UrlInput {
  /** The app; its name stands in `<APP>_MYSQL_URL`. */
  readonly app: string;
  /** A name, an IPv4 address, or an IPv6 address without brackets. */
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
  readonly sslmode?: SslMode;
  /** The file with the authority that the server's certificate comes from. */
  readonly caFile?: string;
  /** The same as text, for drivers that read no file. */
  readonly ca?: string;
  /** The instance's name, in front of every variable where an app has two placements of this engine. */
  readonly prefix?: string;
}

/** An input whose password is masked or as it is. */
type Target = UrlInput & { readonly masked: boolean };
type UrlForm = (target: Target) => string;

/** The variables of one app on one instance, in the order in which people look for them. Pure. */
export function urlVariables(input: UrlInput): readonly EnvVar[] {
  const target: Target = { ...input, masked: false };
  const shown: Target = { ...input, password: MASK, masked: true };
  const urls = urlForms(input.app).map(
    ([name, form]): EnvVar => ({
      name,
      value: form(target),
      secret: true,
      masked: form(shown),
      ...(COMMON.has(name) ? { common: true } : {}),
      ...(name === 'MYSQL_URL' ? { part: 'url' } : {}),
    }),
  );
  return [...urls, ...discrete(input)].map((variable) => ({ ...variable, name: variableOf(input.prefix, variable.name) }));
}

/** The names that `urlVariables` gives for the same input. */
export function urlVariableNames(input: Omit<UrlInput, 'password'>): readonly Pick<EnvVar, 'name' | 'common' | 'part'>[] {
  return urlVariables({ ...input, password: '' }).map(withoutValue);
}

/** The URL of another login of the app, as `SHOP_MIGRATOR_MYSQL_URL`. */
export function urlVariable(login: string, input: UrlInput): EnvVar {
  const value = driverUrl({ ...input, masked: false });
  return { name: urlVariableName(login, input), value, secret: true, masked: driverUrl({ ...input, password: MASK, masked: true }) };
}

export function urlVariableName(login: string, { app, prefix }: Pick<UrlInput, 'app' | 'prefix'>): string {
  return variableOf(prefix, app, login, 'MYSQL_URL');
}

/** Names that other engines use for theirs as well. */
const COMMON: ReadonlySet<string> = new Set(['DATABASE_URL', 'SQLALCHEMY_DATABASE_URL', 'JDBC_DATABASE_URL']);

function urlForms(app: string): readonly (readonly [name: string, form: UrlForm])[] {
  return [
    ['DATABASE_URL', driverUrl],
    ['SQLALCHEMY_DATABASE_URL', sqlalchemyUrl('pymysql')],
    ['JDBC_DATABASE_URL', jdbcUrl],
    ['MYSQL_URL', driverUrl],
    [`${variableName(app)}_MYSQL_URL`, driverUrl],
    ['MYSQL_PRISMA_URL', prismaUrl],
    ['MYSQL_SQLALCHEMY_URL', sqlalchemyUrl('pymysql')],
    ['MYSQL_MYSQLCLIENT_URL', sqlalchemyUrl('mysqldb')],
    ['MYSQL_JDBC_URL', jdbcUrl],
    ['MYSQL_GO_DSN', goDsn],
  ];
}

function discrete(input: UrlInput): EnvVar[] {
  const open: readonly (readonly [name: string, value: string, part: string])[] = [
    ['MYSQL_HOST', input.host, 'host'],
    ['MYSQL_PORT', String(input.port), 'port'],
    ['MYSQL_DATABASE', input.database, 'database'],
    ['MYSQL_USER', input.user, 'user'],
  ];
  return [
    ...open.map(([name, value, part]): EnvVar => ({ name, value, secret: false, part })),
    { name: 'MYSQL_PASSWORD', value: input.password, secret: true, part: 'password' },
  ];
}

/** mysql2 and its kin take TLS options as JSON in the query. */
function driverUrl(target: Target): string {
  return url('mysql', target, { ssl: tlsJson(target) });
}

function tlsJson({ sslmode: mode, ca }: Target): string | null {
  if (mode === undefined || mode === 'disable') return null;
  const identity = mode === 'verify-full' ? { verifyIdentity: true } : {};
  return JSON.stringify({ rejectUnauthorized: mode !== 'require', ...identity, ...(ca === undefined ? {} : { ca }) });
}

function prismaUrl(target: Target): string {
  const { sslmode } = target;
  if (sslmode === undefined || sslmode === 'disable') return url('mysql', target, {});
  return url('mysql', target, { sslaccept: sslmode === 'require' ? 'accept_invalid_certs' : 'strict', sslcert: target.caFile ?? null });
}

function sqlalchemyUrl(driver: 'pymysql' | 'mysqldb'): UrlForm {
  return (target) => {
    const strict = target.sslmode?.startsWith('verify') ?? false;
    const on = target.sslmode !== undefined && target.sslmode !== 'disable';
    const tls: Query =
      driver === 'mysqldb'
        ? { ssl_mode: on ? (MODES[target.sslmode ?? 'require'] ?? null) : null }
        : { ssl_verify_cert: on ? String(strict) : null, ssl_verify_identity: target.sslmode === 'verify-full' ? 'true' : null };
    return url(`mysql+${driver}`, target, { charset: 'utf8mb4', ...tls, ssl_ca: on ? (target.caFile ?? null) : null });
  };
}

const MODES: Readonly<Record<string, string>> = {
  require: 'REQUIRED',
  'verify-ca': 'VERIFY_CA',
  'verify-full': 'VERIFY_IDENTITY',
};

/** Connector/J gets credentials as parameters. Without TLS it has to be allowed to ask for the server's public key. */
function jdbcUrl(target: Target): string {
  const mode = target.sslmode === undefined || target.sslmode === 'disable' ? null : (MODES[target.sslmode] ?? null);
  const query = {
    user: target.user,
    password: target.password,
    sslMode: mode ?? (target.sslmode === 'disable' ? 'DISABLED' : null),
    allowPublicKeyRetrieval: mode === null ? 'true' : null,
  };
  const parts = Object.entries(query).flatMap(([key, value]) =>
    value === null ? [] : [`${key}=${key === 'password' && target.masked ? MASK : encode(value)}`],
  );
  return `jdbc:mysql://${hostAndPort(target)}/${encode(target.database)}?${parts.join('&')}`;
}

/** go-sql-driver: nothing is escaped but the name of the database. */
function goDsn(target: Target): string {
  const { user, password, host, port, database, sslmode } = target;
  const address = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const tls = sslmode === undefined || sslmode === 'disable' ? '' : `&tls=${sslmode === 'require' ? 'skip-verify' : 'true'}`;
  return `${user}:${password}@tcp(${address})/${encode(database)}?parseTime=true${tls}`;
}

function url(scheme: string, target: Target, query: Query): string {
  const password = target.masked ? MASK : encode(target.password);
  const parts = queryParts(query);
  const search = parts.length === 0 ? '' : `?${parts.join('&')}`;
  return `${scheme}://${encode(target.user)}:${password}@${hostAndPort(target)}/${encode(target.database)}${search}`;
}
