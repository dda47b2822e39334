import { putIn } from '../../util/record.ts';
import type { FoundApp } from './import-apps.ts';
import type { FreshNames } from './import-names.ts';
import { importSettings, plain } from './import-settings.ts';
import { baseName, roleNames } from './names.ts';
import type { SharedRows } from './queries/shared.ts';
import { parseSettings } from './settings.ts';

export interface ImportedPlacement {
  readonly placement: Readonly<Record<string, unknown>>;
  readonly comments: readonly string[];
  /** What people must know before they apply. */
  readonly warnings: readonly string[];
  readonly variables: Readonly<Record<string, string>>;
}

const DEFAULT_SEARCH_PATH: readonly string[] = ['$user', 'public'];

/** How an app lives on the instance, so that a plan finds it as it is. */
export function importPlacement(app: string, found: FoundApp, rows: SharedRows, names: FreshNames, connections: number): ImportedPlacement {
  const base = baseName(app);
  const [database, , , encoding] = found.database.row;
  const login = found.login?.[0] ?? null;
  const settings = importSettings(app, layersOf(rows, database, login));
  const path = searchPathOf(found, settings.searchPath);
  const placement: Record<string, unknown> = { adopt: true };
  if (found.schema !== null) placement['isolation'] = 'schema';
  if (found.schema !== null || database !== base) placement['database'] = plain(database);
  const schema = found.schema ?? path.schema;
  if (schema !== (found.schema === null ? 'public' : base)) placement['schema'] = plain(schema);
  if (path.searchPath !== null) placement['searchPath'] = path.searchPath.map(plain);
  const overrides = roleOverrides(base, found, names);
  if (Object.keys(overrides).length > 0) placement['names'] = overrides;
  const extensions = extensionsOf(found);
  if (extensions.length > 0) placement['extensions'] = extensions.map(plain);
  placement['connections'] = connections;
  if (encoding !== 'UTF8') placement['encoding'] = encoding;
  for (const [field, value] of Object.entries(settings.fields)) putIn(placement, field, value);
  const relax = { ...(placement['relax'] as object | undefined), ...relaxOf(found) };
  if (Object.keys(relax).length > 0) placement['relax'] = relax;
  return { placement, comments: settings.comments, warnings: warningsOf(found, rows), variables: settings.variables };
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
  set: readonly string[] | null,
): { readonly schema: string; readonly searchPath: readonly string[] | null } {
  const schemas = new Set(found.database.rows?.schemas.map(([name]) => name) ?? []);
  const login = found.login?.[0];
  const effective = (set ?? DEFAULT_SEARCH_PATH).flatMap((name) => {
    if (name !== '$user') return [name];
    return login !== undefined && schemas.has(login) ? [login] : [];
  });
  const first = effective.find((name) => schemas.has(name)) ?? 'public';
  const schema = found.schema ?? first;
  const usual = found.schema === null && schema === 'public' ? ['public'] : [schema, 'public'];
  const same = effective.length === usual.length && effective.every((name, index) => name === usual[index]);
  // A service whose path does not lead to its schema names it in every statement: it may as well find it.
  const added = found.schema !== null && !effective.includes(schema) && (set === null || effective.length === 0);
  return { schema, searchPath: same || added ? null : effective };
}

function roleOverrides(base: string, found: FoundApp, names: FreshNames): Readonly<Record<string, string>> {
  const login = found.login?.[0] ?? names.role(`${base}_user`);
  const usual = roleNames(base, { login });
  const chosen = {
    owner: found.owner ?? names.role(usual.owner),
    readWrite: names.role(usual.readWrite),
    readOnly: names.role(usual.readOnly),
    login,
    standbyLogin: names.role(usual.logins[1]),
  };
  const defaults = { ...usual, login: `${base}_user`, standbyLogin: usual.logins[1] };
  const keys = ['owner', 'readWrite', 'readOnly', 'login', 'standbyLogin'] as const;
  return Object.fromEntries(keys.filter((key) => chosen[key] !== defaults[key]).map((key) => [key, plain(chosen[key])]));
}

function extensionsOf(found: FoundApp): readonly string[] {
  return (found.database.rows?.extensions ?? []).map(([name]) => name).filter((name) => name !== 'plpgsql');
}

/** What was granted to the login itself on a shared database stays, and is seen. */
function relaxOf({ schema, holding }: FoundApp): Readonly<Record<string, boolean>> {
  if (schema === null) return {};
  return {
    ...(holding.database.includes('C') ? { createOnDatabase: true } : {}),
    ...(holding.database.includes('T') ? { temporary: true } : {}),
  };
}

function warningsOf(found: FoundApp, rows: SharedRows): readonly string[] {
  const out: string[] = [];
  const [name, , , superuser, createRole, createDatabase, replication, bypassRls, , validUntil] = found.login ?? [];
  const database = found.database.row[0];
  if (name === undefined) {
    out.push(
      `only the operator's login works in database "${database}": the app gets one of its own, and what runs there goes on until it changes over`,
    );
  } else {
    if (superuser) out.push(`login "${name}" is a superuser: no wall holds it, and the first apply makes it an ordinary login`);
    const more = [createRole && 'CREATEROLE', createDatabase && 'CREATEDB', replication && 'REPLICATION', bypassRls && 'BYPASSRLS'].filter(
      Boolean,
    );
    if (more.length > 0 && !superuser) out.push(`login "${name}" has ${more.join(', ')}, which the first apply takes away`);
    if (validUntil !== null && validUntil !== undefined && validUntil !== 'infinity')
      out.push(`login "${name}" ends on ${validUntil}, which the first apply lifts`);
    const groups = rows.members.filter(([group, member]) => member === name && group !== found.owner).map(([group]) => `"${group}"`);
    if (groups.length > 0) out.push(`login "${name}" is a member of ${[...new Set(groups)].join(', ')}, which the first apply ends`);
    const reads = [...found.holding.reads]
      .filter((schema) => found.schema !== null && schema !== found.schema)
      .map((schema) => `"${schema}"`);
    if (reads.length > 0) out.push(`login "${name}" reads in ${reads.join(', ')} of database "${database}", which the first apply ends`);
  }
  for (const other of found.losing)
    out.push(
      `login "${other}" has rights in database "${database}" and is no app: the first apply ends them; a reader of the manifest is a login that may look`,
    );
  return out;
}
