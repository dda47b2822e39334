import { READER_CONNECTIONS } from '../compile/readers.ts';
import { secretName } from '../compile/roles.ts';
import { ownDatabaseNames, rowSpaceNames, schemaNames, spaceOf, spacesOf, tenantsRole } from '../compile/spaces.ts';
import type { Input } from '../compile/draft.ts';
import type { LoginLevel } from '../../../engine/index.ts';
import { loginsOf } from '../compile/logins.ts';
import { type Pair, pairsOf } from '../shares/shares.ts';
import { type AppNames, baseName, roleNames } from '../names.ts';
import { declaredPrincipals, type Principal } from './principals.ts';

/** One app or reader as an attacker and as a victim. */
export interface Tenant {
  readonly app: string;
  readonly level: 'database' | 'schema' | 'rows' | 'reader';
  /** What its login may do; a reader: it reads. */
  readonly as: LoginLevel;
  /** The live login. */
  readonly login: string;
  readonly secret: string;
  /** The database that it lives in; a reader: the first that it reads. */
  readonly database: string;
  /** Every database that it may connect to. */
  readonly databases: readonly string[];
  /** What attempts on that database say that they reach: null for an app's own. */
  readonly home: string | null;
  /** Roles that it is meant to reach. */
  readonly reaches: readonly string[];
  /** Level schema: its schema. Level rows: the shared one. Level database: null, all of them. */
  readonly schema: string | null;
  /** The role that its sessions act as: the owner, or the login itself. */
  readonly acts: string;
  /** The role that owns what the app has made; null: nobody's of the app. */
  readonly owner: string | null;
  /** The schema in which its things lie. */
  readonly lives: string;
  readonly column: string | null;
  readonly workspace: string | null;
  /** Level database: true. Level schema and rows: what the manifest relaxes. */
  readonly temporary: boolean;
  readonly createOnDatabase: boolean;
  readonly advisoryLocks: boolean;
  readonly logicalMessages: boolean;
  /** Its login was there before, with a password of its own. */
  readonly adopted: boolean;
  /** Sessions that the manifest gives it. */
  readonly connections: number;
  /** Apps whose data it reads on purpose. */
  readonly reads: readonly string[];
  /** What others share with it. */
  readonly receives: readonly Pair[];
}

/** Everybody who has a login on the instance. */
export function tenantsOf(input: Input): readonly Tenant[] {
  // What one app of a shared database relaxes is open to all in it.
  const relaxed = new Map(
    spacesOf(input).map(({ database, apps }) => [
      database,
      {
        logicalMessages: apps.some(({ placement }) => placement.relax.logicalMessages),
        temporary: apps.some(({ placement }) => placement.isolation === 'rows' && placement.relax.temporary),
      },
    ]),
  );
  const declared = declaredPrincipals(input);
  const shares = pairsOf(input);
  const apps = input.placements.flatMap(({ app, placement }): readonly Tenant[] => {
    const { isolation } = placement;
    const names = isolation === 'database' ? ownDatabaseNames(app, placement) : schemaNames(app, placement);
    const rows = isolation === 'rows';
    const logins = loginsOf(app, placement);
    return logins.map(
      ({ as, slots: [login], connections }): Tenant => ({
        app,
        level: isolation,
        as,
        login,
        secret: secretName(input.name, login),
        database: names.database,
        databases: [names.database],
        home: isolation === 'database' ? null : names.database,
        reaches: as === 'owner' ? reachesOf(declared, app) : rows ? reachesInRows(input, app, as) : reachesBelow(names, as, isolation),
        schema: isolation === 'database' ? null : rows ? (placement.schema ?? 'public') : names.schema,
        acts: as === 'owner' ? names.owner : login,
        owner: rows ? `${names.database}_owner` : names.owner,
        lives: rows ? (placement.schema ?? 'public') : names.schema,
        column: rows ? placement.column : null,
        workspace: rows ? (placement.workspace ?? app) : null,
        temporary:
          (isolation === 'database' && as !== 'read') ||
          (isolation === 'schema' && as !== 'read' && placement.relax.temporary === true) ||
          relaxed.get(names.database)?.temporary === true,
        createOnDatabase: as === 'owner' && (isolation === 'database' || placement.relax.createOnDatabase === true),
        advisoryLocks: placement.advisoryLocks === 'allow',
        logicalMessages: placement.relax.logicalMessages === true || relaxed.get(names.database)?.logicalMessages === true,
        adopted: placement.adopt,
        connections,
        reads: [],
        receives: as === 'read' ? [] : shares.filter((pair) => pair.to === app),
      }),
    );
  });
  return [...apps, ...readersOf(input, apps, declared)];
}

/** The group of all logins of a shared database that may do the same. */
function reachesInRows(input: Input, app: string, as: LoginLevel): readonly string[] {
  const space = spaceOf(input, app);
  if (!space) return [];
  const { readWrite, readOnly } = rowSpaceNames(space);
  return [as === 'read' && readOnly !== null ? readOnly : readWrite];
}

/** What a login that is not the owner is meant to reach. */
function reachesBelow(names: AppNames, as: LoginLevel, isolation: Tenant['level']): readonly string[] {
  return [as === 'rw' ? names.readWrite : names.readOnly, ...(isolation === 'schema' ? [tenantsRole(names.database)] : [])];
}

function reachesOf(declared: readonly Principal[], name: string): readonly string[] {
  return [...(declared.find((one) => one.name === name)?.allowed ?? [])];
}

/** How findings call the database that somebody lives in. */
export function targetOf(tenant: Tenant): string {
  return tenant.level === 'database' ? tenant.app : tenant.database;
}

function readersOf(input: Input, apps: readonly Tenant[], declared: readonly Principal[]): readonly Tenant[] {
  return input.readers.flatMap((reader): Tenant[] => {
    const read = apps.filter((one) => reader.reads.includes(one.app));
    const [first] = read;
    if (!first) return [];
    const [login] = roleNames(baseName(reader.name)).logins;
    return [
      {
        app: reader.name,
        level: 'reader',
        as: 'read',
        login,
        secret: secretName(input.name, login),
        database: first.database,
        databases: [...new Set(read.map((one) => one.database))],
        home: first.home ?? first.app,
        reaches: reachesOf(declared, reader.name),
        schema: null,
        acts: login,
        owner: null,
        lives: first.lives,
        column: null,
        workspace: null,
        temporary: false,
        createOnDatabase: false,
        advisoryLocks: first.advisoryLocks,
        logicalMessages: first.logicalMessages,
        adopted: false,
        connections: reader.connections ?? READER_CONNECTIONS,
        reads: read.map((one) => one.app),
        receives: [],
      },
    ];
  });
}

/** True where `from` may enter the database that `to` lives in. */
export function shareDatabase(from: Tenant, to: Tenant): boolean {
  return from.databases.includes(to.database);
}
