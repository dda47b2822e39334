import { plainText } from '../../../engine/index.ts';
import { putIn } from '../../../util/record.ts';
import { parseAcl } from '../acl.ts';
import type { FoundApp, FoundLogin } from './found.ts';
import { databaseLimit, type Limits } from './limits.ts';
import { loginNames, writeLogins } from './logins.ts';
import type { FreshServerNames } from './names.ts';
import { importSettings } from './settings.ts';
import { importWarnings } from './warnings.ts';
import { baseName, roleNames } from '../names.ts';
import type { SharedRows } from '../queries/shared.ts';
import { parseSettings } from '../settings.ts';

export interface ImportedPlacement {
  readonly placement: Readonly<Record<string, unknown>>;
  readonly comments: readonly string[];
  /** What people must know before they apply. */
  readonly warnings: readonly string[];
  readonly variables: Readonly<Record<string, string>>;
}

const DEFAULT_SEARCH_PATH: readonly string[] = ['$user', 'public'];

/** What a login finds and is limited to, in the fields of a placement. */
export interface LoginPart {
  readonly login: FoundLogin | null;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly schema: string;
  readonly searchPath: readonly string[] | null;
  readonly connections: number;
  readonly comments: readonly string[];
  readonly variables: Readonly<Record<string, string>>;
}

/** How an app lives on the instance, so that a plan finds it as it is. */
export function importPlacement(
  app: string,
  found: FoundApp,
  rows: SharedRows,
  names: FreshServerNames,
  limits: Limits,
): ImportedPlacement {
  const base = baseName(app);
  const [database, , , encoding] = found.database.row;
  const logins = found.logins.length === 0 ? [null] : found.logins;
  const parts = logins.map((login) => partOf(app, found, rows, login, limits));
  const [main, ...others] = parts;
  if (!main) throw new Error('an app has a login, found or to be made');
  const placement: Record<string, unknown> = { adopt: true };
  if (found.schema !== null) placement['isolation'] = 'schema';
  if (found.schema !== null || database !== base) placement['database'] = plainText(database);
  if (main.schema !== (found.schema === null ? 'public' : base)) placement['schema'] = plainText(main.schema);
  if (main.searchPath !== null) placement['searchPath'] = main.searchPath.map(plainText);
  const keys = loginNames(base, found);
  const overrides = roleOverrides(base, found, names);
  if (Object.keys(overrides).length > 0) placement['names'] = overrides;
  const written = writeLogins({ base, main, others, keys, names });
  if (written !== null) placement['logins'] = written;
  const extensions = extensionsOf(found);
  if (extensions.length > 0) placement['extensions'] = extensions.map(plainText);
  placement['connections'] = main.connections;
  const limit = databaseLimit(found);
  if (limit !== null) placement['databaseConnections'] = Math.max(1, limit);
  if (encoding !== 'UTF8') placement['encoding'] = encoding;
  for (const [field, value] of Object.entries(main.fields)) putIn(placement, field, value);
  const relax = { ...(placement['relax'] as object | undefined), ...relaxOf(found) };
  if (Object.keys(relax).length > 0) placement['relax'] = relax;
  return {
    placement,
    comments: [...parts.flatMap(({ comments }) => comments), ...endingQuietly(found)],
    warnings: importWarnings(found, rows),
    variables: Object.fromEntries(parts.flatMap(({ variables }) => Object.entries(variables))),
  };
}

/** What everybody could do in a shared database, and an app there can do where the manifest says so. */
function endingQuietly({ schema, database, logins }: FoundApp): readonly string[] {
  const [name, , , , , , , , acl] = database.row;
  const everybody = acl === null ? 'T' : (parseAcl(acl)[''] ?? '');
  const ends = schema !== null && everybody.includes('T') && !logins.some(({ holding }) => holding.database.includes('T'));
  return ends
    ? [`the first apply revokes temporary tables, which every login could create in "${name}": relax: { temporary: true } keeps them`]
    : [];
}

function partOf(app: string, found: FoundApp, rows: SharedRows, login: FoundLogin | null, limits: Limits): LoginPart {
  const name = login?.row[0] ?? null;
  const settings = importSettings(app, layersOf(rows, found.database.row[0], name));
  const path = searchPathOf(found, name, settings.searchPath);
  return { login, ...settings, ...path, connections: limits.of(found, login) };
}

/** Settings that a session of the login gets, the weakest first. */
function layersOf(rows: SharedRows, database: string, login: string | null): readonly Readonly<Record<string, string>>[] {
  const of = (inDatabase: string, role: string): Readonly<Record<string, string>> =>
    parseSettings(rows.settings.find(([first, second]) => first === inDatabase && second === role)?.[2] ?? []);
  return login === null ? [of(database, '')] : [of(database, ''), of('', login), of(database, login)];
}

/** Where the app's things lie first, and the search path where cotenant would make another one. `$user` becomes what it means for the login. */
function searchPathOf(
  found: FoundApp,
  login: string | null,
  set: readonly string[] | null,
): { readonly schema: string; readonly searchPath: readonly string[] | null } {
  const schemas = new Set(found.database.rows?.schemas.map(([name]) => name) ?? []);
  const effective = (set ?? DEFAULT_SEARCH_PATH).flatMap((name) => {
    if (name !== '$user') return [name];
    return login !== null && schemas.has(login) ? [login] : [];
  });
  const first = effective.find((name) => schemas.has(name)) ?? 'public';
  const schema = found.schema ?? first;
  const usual = found.schema === null && schema === 'public' ? ['public'] : [schema, 'public'];
  const same = effective.length === usual.length && effective.every((name, index) => name === usual[index]);
  // A service whose path does not lead to its schema names it in every statement: it may as well find it.
  const added = found.schema !== null && !effective.includes(schema) && (set === null || effective.length === 0);
  return { schema, searchPath: same || added ? null : effective };
}

function roleOverrides(base: string, found: FoundApp, names: FreshServerNames): Readonly<Record<string, string>> {
  const login = found.logins[0]?.row[0] ?? names.role(`${base}_user`);
  const usual = roleNames(base, { login });
  const chosen = {
    owner: found.groups.owner ?? names.role(usual.owner),
    readWrite: found.groups.readWrite ?? names.role(usual.readWrite),
    readOnly: found.groups.readOnly ?? names.role(usual.readOnly),
    login,
    standbyLogin: names.role(usual.logins[1]),
  };
  const defaults = { ...usual, login: `${base}_user`, standbyLogin: usual.logins[1] };
  const keys = ['owner', 'readWrite', 'readOnly', 'login', 'standbyLogin'] as const;
  return Object.fromEntries(keys.filter((key) => chosen[key] !== defaults[key]).map((key) => [key, plainText(chosen[key])]));
}

function extensionsOf(found: FoundApp): readonly string[] {
  return (found.database.rows?.extensions ?? []).map(([name]) => name).filter((name) => name !== 'plpgsql');
}

/** What was granted by name and no level gives stays, and is seen. */
function relaxOf({ schema, logins }: FoundApp): Readonly<Record<string, boolean>> {
  const truncate = logins.some((one) => one.truncate) ? { truncate: true } : {};
  if (schema === null) return truncate;
  const letters = logins.map(({ holding }) => holding.database).join('');
  return {
    ...(letters.includes('C') ? { createOnDatabase: true } : {}),
    ...(letters.includes('T') ? { temporary: true } : {}),
    ...truncate,
  };
}
