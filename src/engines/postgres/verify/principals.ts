import { compile } from '../compile/compile.ts';
import type { Input } from '../compile/draft.ts';
import { guardGroups } from '../steps/guard.ts';
import { slotsOf } from '../compile/logins.ts';
import { type Mark, readMark } from '../marks/mark.ts';
import { groupsOf } from '../operators.ts';
import { baseName, roleNames } from '../names.ts';
import { ownDatabaseNames, rowSpaceNames, schemaNames, spacesOf, tenantsRole } from '../compile/spaces.ts';
import { pairsOf } from '../shares/shares.ts';
import { lookUp } from '../../../util/record.ts';
import { isKind, type RoleSpec } from '../spec.ts';
import type { RoleRow } from './catalog-shared.ts';
import { append } from '../../../util/append.ts';

/** Who stands behind a role, as findings name it. */
export interface Principal {
  readonly name: string;
  /** `holder`: the role that owns the views of a share. */
  readonly kind: 'app' | 'reader' | 'space' | 'holder' | 'retired' | 'operator' | 'foreign';
  /** Its roles. */
  readonly roles: readonly string[];
  /** Roles of others that these may reach, on purpose. */
  readonly allowed: ReadonlySet<string>;
  /** Databases that it may connect to. */
  readonly databases: ReadonlySet<string>;
  /** Apps that it reads on purpose. */
  readonly reads: ReadonlySet<string>;
}

/** Somebody whom the manifest does not name, or no more: what they own is theirs. */
export function isOutside({ kind }: Principal): boolean {
  return kind === 'foreign' || kind === 'retired';
}

export interface Role {
  readonly name: string;
  readonly login: boolean;
  readonly inherit: boolean;
  readonly superuser: boolean;
  readonly createRole: boolean;
  readonly createDatabase: boolean;
  readonly replication: boolean;
  readonly bypassRls: boolean;
  readonly connectionLimit: number;
  readonly expired: boolean;
  readonly comment: string | null;
  readonly verifier: string;
  readonly mark: Mark | null;
  /** What the manifest says of it. */
  readonly desired: RoleSpec | null;
}

export function rolesOf(rows: readonly RoleRow[], input: Input): ReadonlyMap<string, Role> {
  const desired = new Map(compile(input).resources.flatMap((one) => (isKind(one, 'role') ? [[one.address.name, one.spec] as const] : [])));
  return new Map(
    rows.map(
      ([
        name,
        login,
        inherit,
        superuser,
        createRole,
        createDatabase,
        replication,
        bypassRls,
        connectionLimit,
        expired,
        comment,
        verifier,
      ]) => {
        const flags = { login, inherit, superuser, createRole, createDatabase, replication, bypassRls, expired };
        return [name, { name, ...flags, connectionLimit, comment, verifier, mark: readMark(comment), desired: desired.get(name) ?? null }];
      },
    ),
  );
}

/** Everybody whom the manifest names. */
export function declaredPrincipals(input: Input): readonly Principal[] {
  const spaces = new Map(spacesOf(input).map((space) => [space.database, space]));
  const readOnly = new Map<string, { group: string; database: string; shared: string | null }>();
  const apps = input.placements.map(({ app, placement }): Principal => {
    const level = placement.isolation;
    const names = level === 'database' ? ownDatabaseNames(app, placement) : schemaNames(app, placement);
    const space = level === 'database' ? undefined : spaces.get(names.database);
    const groups = level === 'rows' ? [] : [names.owner, names.readWrite, names.readOnly];
    const allowed = level === 'schema' ? [tenantsRole(names.database)] : level === 'rows' && space ? guardGroups(rowSpaceNames(space)) : [];
    readOnly.set(app, { group: names.readOnly, database: names.database, shared: level === 'schema' ? tenantsRole(names.database) : null });
    return principal(app, 'app', [...groups, ...slotsOf(app, placement)], allowed, [names.database]);
  });
  const readers = input.readers.map((reader): Principal => {
    const read = reader.reads.flatMap((app) => readOnly.get(app) ?? []);
    const allowed = read.flatMap(({ group, shared }) => (shared === null ? [group] : [group, shared]));
    const { logins } = roleNames(baseName(reader.name));
    return principal(
      reader.name,
      'reader',
      logins,
      allowed,
      read.map(({ database }) => database),
      reader.reads,
    );
  });
  const shared = [...spaces.values()].flatMap((space): Principal[] => {
    if (space.apps[0]?.placement.isolation === 'schema')
      return [principal(tenantsRole(space.database), 'space', [tenantsRole(space.database)], [], [space.database])];
    const names = rowSpaceNames(space);
    return [
      principal(names.migrators[0], 'space', [...names.migrators, names.owner], [], [space.database]),
      ...guardGroups(names).map((group) => principal(group, 'space', [group], [], [space.database])),
    ];
  });
  const across = pairsOf(input).flatMap((pair): Principal[] =>
    pair.across
      ? [
          principal(pair.across.login, 'reader', [pair.across.login], [], [pair.source.database]),
          principal(pair.across.holder, 'holder', [pair.across.holder], [], [pair.target.database]),
        ]
      : [],
  );
  return [...apps, ...readers, ...shared, ...across];
}

function principal(
  name: string,
  kind: Principal['kind'],
  roles: readonly string[],
  allowed: readonly string[],
  databases: readonly string[],
  reads: readonly string[] = [],
): Principal {
  return { name, kind, roles, allowed: new Set([...roles, ...allowed]), databases: new Set(databases), reads: new Set(reads) };
}

/** What a role of the server's own brings with it. */
const BROUGHT: Readonly<Record<string, readonly string[]>> = {
  pg_monitor: ['pg_monitor', 'pg_read_all_settings', 'pg_read_all_stats', 'pg_stat_scan_tables'],
};

/** Logins of the operator that the manifest names, as far as they are there. */
export function operatorPrincipals(input: Input, roles: ReadonlyMap<string, Role>): readonly Principal[] {
  return input.operators
    .filter(({ name }) => roles.has(name))
    .map(({ name, may }) =>
      principal(
        name,
        'operator',
        [name],
        groupsOf(may).flatMap((group) => lookUp(BROUGHT, group) ?? [group]),
        [],
      ),
    );
}

/** Retired apps by their marks, and roles that nobody here knows. The operator's own and those that are accepted are left out. */
export function otherPrincipals(
  input: Input,
  roles: ReadonlyMap<string, Role>,
  declared: readonly Principal[],
  operators: ReadonlySet<string>,
): readonly Principal[] {
  const known = new Set(declared.flatMap((one) => one.roles));
  const gone = new Map<string, string[]>();
  const out: Principal[] = [];
  for (const role of roles.values()) {
    if (known.has(role.name) || operators.has(role.name) || role.name.startsWith('pg_')) continue;
    const mine = role.mark?.project === input.project ? role.mark : null;
    // A share's that the manifest no longer has: it is this project's, and goes with the next apply.
    const app = mine?.share === undefined ? (mine?.app ?? null) : role.name;
    if (app === null) out.push(principal(role.name, 'foreign', [role.name], [], []));
    else append(gone, app, role.name);
  }
  const groups = declared.filter((one) => one.kind === 'space').flatMap((one) => one.roles);
  const names = new Set(declared.map((one) => one.name));
  // A retired app keeps its place in the groups of a shared database: without a login they give it nothing.
  for (const [app, members] of gone) out.push(principal(names.has(app) ? `${app} (retired)` : app, 'retired', members, groups, []));
  return out;
}
