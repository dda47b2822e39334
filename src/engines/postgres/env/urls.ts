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
import { ident } from '../quote.ts';

type SslMode = 'disable' | 'prefer' | 'require' | 'verify-ca' | 'verify-full';

export interface UrlInput {
  /** The app; its name stands in `<APP>_DB_URL`. */
  readonly app: string;
  /** A name, an IPv4 address, an IPv6 address without brackets, or the absolute folder of a Unix socket. */
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
  /** The app's schema, at level `schema`. */
  readonly schema?: string;
  /** What a session searches, where there is a schema. Default: the schema, then `public`. */
  readonly searchPath?: readonly string[];
  readonly sslmode?: SslMode;
  /** Where the app's clients find the authority that the server's certificate comes from; `system`: those of their machine. */
  readonly sslrootcert?: string;
  /** The app's workspace, at level `rows`. */
  readonly workspace?: string;
  /** A pooler takes no settings of the session at the start: the login has its search path on the server. */
  readonly pooled?: boolean;
  /** The instance's name, in front of every variable where an app has two placements of this engine. */
  readonly prefix?: string;
}

/** An input whose password is percent-encoded already, or masked. */
type Target = Omit<UrlInput, 'password'> & { readonly encodedPassword: string };

/** One driver's URL, or null where the driver has none for this target. */
type UrlForm = (target: Target) => string | null;

/** The variables of one app on one instance, in the order in which people look for them. Pure. */
export function urlVariables(input: UrlInput): readonly EnvVar[] {
  const { password, ...rest } = input;
  const target: Target = { ...rest, encodedPassword: encode(password) };
  const shown: Target = { ...rest, encodedPassword: MASK };
  const urls = urlForms(input.app).flatMap(([name, form]): EnvVar[] => {
    const value = form(target);
    const masked = form(shown);
    const part = name === 'DATABASE_URL' ? { part: 'url' } : {};
    return value === null || masked === null ? [] : [{ name, value, secret: true, masked, ...part }];
  });
  // libpq reads its own names by itself, so they stand for one database or for none.
  const own = input.prefix === undefined ? libpqVariables(target, input.password) : [];
  return [...urls, ...discrete(input), ...own].map((variable) => ({ ...variable, name: variableOf(input.prefix, variable.name) }));
}

/** One URL more, for another login or another database of the app: `SHOP_MIGRATOR_URL`. */
export function urlVariable(name: string, input: UrlInput): EnvVar {
  const { password, ...rest } = input;
  const value = libpqUrl({ ...rest, encodedPassword: encode(password) });
  return { name: urlVariableName(name, input), value, secret: true, masked: libpqUrl({ ...rest, encodedPassword: MASK }) };
}

export function urlVariableName(name: string, { app, prefix }: Pick<UrlInput, 'app' | 'prefix'>): string {
  return variableOf(prefix, app, name, 'URL');
}

/** The way past the pooler, for what needs a session of its own, as migrations. */
export function directVariable(input: UrlInput): EnvVar {
  return { ...urlVariable('', input), name: directVariableName(input) };
}

export function directVariableName({ prefix }: Pick<UrlInput, 'prefix'>): string {
  return variableOf(prefix, 'DIRECT_URL');
}

/** In place of an app's name in names that are kept. */
const anyApp = 'ANY0APP';
const namesOfShapes = new Map<string, readonly VariableName[]>();

export type VariableName = Pick<EnvVar, 'name' | 'part'>;

/** The names that `urlVariables` gives for the same input. They depend on which parts there are, and on the app's name. */
export function urlVariableNames(input: Omit<UrlInput, 'password'>): readonly VariableName[] {
  const { schema, workspace, prefix, sslmode, sslrootcert, pooled } = input;
  const without = [schema, workspace, sslmode, sslrootcert].map((part) => part === undefined);
  const shape = JSON.stringify([isSocket(input), without, pooled, prefix]);
  const names = namesOfShapes.get(shape) ?? urlVariables({ ...input, app: anyApp, password: '' }).map(withoutValue);
  namesOfShapes.set(shape, names);
  return names.map((one) => ({ ...one, name: one.name.replace(anyApp, () => variableName(input.app)) }));
}

function urlForms(app: string): readonly (readonly [name: string, form: UrlForm])[] {
  return [
    ['DATABASE_URL', libpqUrl],
    [`${variableName(app)}_DB_URL`, libpqUrl],
    ['POSTGRES_URL', nodeUrl],
    ['POSTGRES_PRISMA_URL', prismaUrl],
    ['SQLALCHEMY_DATABASE_URL', sqlalchemyUrl],
    ['ASYNC_DATABASE_URL', asyncpgUrl],
    ['JDBC_DATABASE_URL', jdbcUrl],
  ];
}

function discrete(input: UrlInput): EnvVar[] {
  const open: readonly (readonly [name: string, value: string | undefined, part?: string])[] = [
    ['POSTGRES_HOST', input.host, 'host'],
    ['POSTGRES_PORT', String(input.port), 'port'],
    ['POSTGRES_DB', input.database, 'database'],
    ['POSTGRES_DATABASE', input.database],
    ['POSTGRES_USER', input.user, 'user'],
    ['POSTGRES_SCHEMA', input.schema, 'schema'],
    ['WORKSPACE', input.workspace, 'workspace'],
    ['LIGHTRAG_WORKSPACE', input.workspace],
    ['POSTGRES_WORKSPACE', input.workspace],
  ];
  return [
    ...open.flatMap(([name, value, part]): EnvVar[] =>
      value === undefined ? [] : [{ name, value, secret: false, ...(part === undefined ? {} : { part }) }],
    ),
    { name: 'POSTGRES_PASSWORD', value: input.password, secret: true, part: 'password' },
  ];
}

/** What psql, pg_dump and every program on libpq read without being told. */
function libpqVariables(target: Target, password: string): readonly EnvVar[] {
  const { options = null } = libpqQuery(target);
  const open: readonly (readonly [name: string, value: string | null])[] = [
    ['PGHOST', target.host],
    ['PGPORT', String(target.port)],
    ['PGDATABASE', target.database],
    ['PGUSER', target.user],
    ['PGSSLMODE', target.sslmode ?? null],
    ['PGSSLROOTCERT', target.sslrootcert ?? null],
    ['PGOPTIONS', options],
  ];
  return [
    ...open.flatMap(([name, value]): EnvVar[] => (value === null ? [] : [{ name, value, secret: false }])),
    { name: 'PGPASSWORD', value: password, secret: true },
  ];
}

function libpqUrl(target: Target): string {
  return url('postgresql', authority(target), looseEncode(target.database), libpqQuery(target));
}

/** node-postgres takes each sslmode but `disable` for `verify-full`, unless it is told to read it as libpq does. */
function nodeUrl(target: Target): string {
  const differs = target.sslmode !== undefined && target.sslmode !== 'disable' && target.sslmode !== 'verify-full';
  // It would take `system` for the name of a file.
  const sslrootcert = target.sslrootcert === 'system' ? null : (target.sslrootcert ?? null);
  const query = { ...libpqQuery(target), sslrootcert, uselibpqcompat: differs ? 'true' : null };
  return url('postgresql', authority(target), looseEncode(target.database), query);
}

/** Prisma has no `verify-*`: it takes `require` and a strict `sslaccept`, and calls the authority `sslcert`. It needs a host in the URL even where it uses a socket. */
function prismaUrl(target: Target): string {
  const verify = target.sslmode?.startsWith('verify') ?? false;
  return url('postgresql', authority(isSocket(target) ? { ...target, host: 'localhost' } : target), encode(target.database), {
    host: isSocket(target) ? target.host : null,
    schema: target.schema ?? null,
    sslmode: verify ? 'require' : (target.sslmode ?? null),
    sslaccept: verify ? 'strict' : null,
    sslcert: fileOf(target),
  });
}

/** SQLAlchemy before 2.1 decodes no name in the path, so one that needs it goes into the query. */
function sqlalchemyUrl(target: Target): string {
  const plain = isPlain(target.database);
  const query = { dbname: plain ? null : target.database, ...libpqQuery(target) };
  return url('postgresql', authority(target), plain ? target.database : '', query);
}

/**
 * asyncpg takes the file of an authority from a DSN only; what stands in SQLAlchemy's own URL wins over the rest of that DSN. The
 * search path is the login's own on the server: `dsn` stands in the way of everybody who hands the URL to asyncpg itself.
 */
function asyncpgUrl(target: Target): string {
  const plain = isPlain(target.database);
  const file = fileOf(target);
  return url('postgresql+asyncpg', authority(target), plain ? target.database : '', {
    database: plain ? null : target.database,
    ...socketQuery(target),
    ssl: target.sslmode ?? null,
    dsn: file === null ? null : url('postgresql', '', '', { sslrootcert: file }),
  });
}

function jdbcUrl(target: Target): string | null {
  if (isSocket(target)) return null;
  const query = { currentSchema: searchPath(target), sslmode: target.sslmode ?? null, sslrootcert: fileOf(target) };
  const credentials = `user=${encode(target.user)}&password=${target.encodedPassword}`;
  return `jdbc:${url('postgresql', hostAndPort(target), encode(target.database), query, credentials)}`;
}

function url(scheme: string, host: string, database: string, query: Query, credentials = ''): string {
  const all = [credentials, ...queryParts(query)].filter((part) => part !== '').join('&');
  return `${scheme}://${host}/${database}${all === '' ? '' : `?${all}`}`;
}

function libpqQuery(target: Target): Query {
  const path = searchPath(target);
  return {
    ...socketQuery(target),
    // The server splits options at white space, and takes what follows a backslash as it is.
    options: path === null ? null : `-c search_path=${path.replaceAll(/[\\\t\n\v\f\r ]/g, '\\$&')}`,
    sslmode: target.sslmode ?? null,
    sslrootcert: target.sslrootcert ?? null,
  };
}

/** The file of the authority, where it is one. */
function fileOf({ sslrootcert }: Target): string | null {
  return sslrootcert === undefined || sslrootcert === 'system' ? null : sslrootcert;
}

function socketQuery(target: Target): Query {
  return isSocket(target) ? { host: target.host, port: String(target.port) } : {};
}

function authority(target: Target): string {
  return `${encode(target.user)}:${target.encodedPassword}@${isSocket(target) ? '' : hostAndPort(target)}`;
}

function isSocket({ host }: Pick<Target, 'host'>): boolean {
  return host.startsWith('/');
}

function searchPath({ schema, searchPath, pooled = false }: Target): string | null {
  if (schema === undefined || pooled) return null;
  return (searchPath ?? [schema, 'public']).map((name) => (/^[a-z_][a-z0-9_]*$/.test(name) ? name : ident(name))).join(',');
}

function isPlain(name: string): boolean {
  return /^[A-Za-z0-9_.-]+$/.test(name);
}

/** Leaves what a path may hold as it is: node-postgres does not decode these there. */
function looseEncode(text: string): string {
  return encode(text).replaceAll(/%(?:2F|3A|40|26|3D|2B|24|2C|3B)/g, (escape) => decodeURIComponent(escape));
}
