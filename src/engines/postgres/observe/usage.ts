import type { SecretSource } from '../../../engine/index.ts';
import type { PlacementStatus } from '../../../model/index.ts';
import { mapPool } from '../../../util/pool.ts';
import { compile } from '../compile/compile.ts';
import { ownDatabaseNames, placeOf, schemaNames, spacesOf } from '../compile/spaces.ts';
import type { Connection } from '../connect/connection.ts';
import { errorCode } from '../../../util/system.ts';
import type { Input } from '../compile/draft.ts';
import { readMark } from '../marks/mark.ts';
import { slotsOf } from '../compile/logins.ts';
import { baseName, roleNames } from '../names.ts';
import type { SharedRows } from '../queries/shared.ts';
import { literal } from '../quote.ts';
import { readShared } from './shared.ts';

/** Milliseconds that a size may wait for a table that its app has locked. Longer than that it is not told. */
const BUSY = 500;
const LOCK_NOT_AVAILABLE = '55P03';

/** Databases whose size is asked for at the same time. */
const LANES = 4;

/** One row for each placement: where it lives, how big it is, how many sessions it has open. */
export async function usage(
  input: Input,
  { shared, secrets }: { readonly shared: Connection; readonly secrets: SecretSource },
  connect: (database: string) => Promise<Connection>,
): Promise<readonly PlacementStatus[]> {
  // Marks that prove nothing count here no more than in a plan.
  const catalog = await readShared(shared, { input, desired: compile(input).resources, secrets });
  const [sessions, databases, homes] = await shared.rows(
    [
      `SELECT usename::text, count(*)::int4 FROM pg_stat_activity WHERE backend_type = 'client backend' AND usename IS NOT NULL GROUP BY 1`,
      `SELECT d.datname::text, CASE WHEN has_database_privilege(d.oid, 'CONNECT') THEN pg_database_size(d.oid)::text END, d.datallowconn FROM pg_database d`,
      // Whose schemas lie in which database: the names of schemas are known in there only.
      `SELECT DISTINCT a.rolname::text, d.datname::text FROM pg_shdepend s JOIN pg_roles a ON a.oid = s.refobjid JOIN pg_database d ON d.oid = s.dbid
       WHERE s.refclassid = 'pg_authid'::regclass AND s.classid = 'pg_namespace'::regclass AND s.deptype = 'o'`,
    ].join(';\n'),
  );
  const count = new Map((sessions ?? []).map(([name, n]) => [String(name), Number(n)]));
  const sizes = new Map((databases ?? []).map(([name, size]) => [String(name), size === null ? null : Number(size)]));
  const marks = new Map(catalog.roles.map((row) => [row[0], { login: row[1], limit: row[8], mark: readMark(row[10]) }]));
  // An apply that was cut short can leave one that takes no connections yet.
  const open = new Set((databases ?? []).flatMap(([name, , allows]) => (allows === true ? [String(name)] : [])));
  const schemaSizes = await sizesOfSchemas(input, open, connect);
  const rows = input.placements.map(({ app, placement }): PlacementStatus => {
    const names = placement.isolation === 'database' ? ownDatabaseNames(app, placement) : schemaNames(app, placement);
    const location = placeOf({ app, placement });
    const size =
      placement.isolation === 'database' ? sizes.get(names.database) : placement.isolation === 'schema' ? schemaSizes.get(location) : null;
    const logins = slotsOf(app, placement);
    const present = logins.some((login) => marks.has(login));
    const complete = [names.owner, ...logins].some((role) => marks.get(role)?.mark?.applied !== undefined);
    return {
      app,
      instance: input.name,
      engine: 'postgres',
      isolation: placement.isolation,
      location,
      size: size ?? null,
      connections: logins.reduce((sum, login) => sum + (count.get(login) ?? 0), 0),
      connectionLimit: limitOf(logins, marks),
      state: complete ? 'ready' : present ? 'incomplete' : 'absent',
    };
  });
  return [
    ...rows,
    ...readerRows(input, marks, count),
    ...retiredRows(input, marks, {
      databases: catalog.databases,
      sizes,
      homes: new Map((homes ?? []).map(([role, database]) => [String(role), String(database)])),
    }),
  ];
}

async function sizesOfSchemas(
  input: Input,
  databases: ReadonlySet<string>,
  connect: (database: string) => Promise<Connection>,
): Promise<ReadonlyMap<string, number>> {
  const sizes = new Map<string, number>();
  const shared = spacesOf(input).filter((space) => databases.has(space.database) && space.apps[0]?.placement.isolation === 'schema');
  await mapPool(shared, LANES, async (space) => {
    await using connection = await connect(space.database);
    const schemas = space.apps.map(({ app, placement }) => schemaNames(app, placement).schema);
    const [, rows] = await connection
      .rows(
        `SET lock_timeout = ${BUSY}; SELECT n.nspname::text, coalesce(sum(pg_total_relation_size(c.oid)), 0)::text FROM pg_namespace n LEFT JOIN pg_class c ON c.relnamespace = n.oid AND c.relkind IN ('r', 'm', 'S')
       WHERE n.nspname = ANY (ARRAY[${schemas.map(literal).join(', ')}]::name[]) GROUP BY 1`,
      )
      .catch((error: unknown) => {
        if (errorCode(error) !== LOCK_NOT_AVAILABLE) throw error;
        return [];
      });
    for (const [schema, size] of rows ?? []) sizes.set(`${space.database}.${String(schema)}`, Number(size));
  });
  return sizes;
}

type Marks = ReadonlyMap<string, { readonly login: boolean; readonly limit: number; readonly mark: ReturnType<typeof readMark> }>;

/** What the server allows those that can log in, whatever the manifest says; null: one of them has no limit, or there is none. */
function limitOf(logins: readonly string[], marks: Marks): number | null {
  const open = logins.flatMap((login) => marks.get(login) ?? []).filter(({ login }) => login);
  return open.length === 0 || open.some(({ limit }) => limit < 0) ? null : open.reduce((sum, { limit }) => sum + limit, 0);
}

function readerRows(input: Input, marks: Marks, count: ReadonlyMap<string, number>): PlacementStatus[] {
  return input.readers.map((reader) => {
    const { logins } = roleNames(baseName(reader.name));
    return {
      app: reader.name,
      instance: input.name,
      engine: 'postgres',
      isolation: 'reader',
      location: reader.reads.join(', '),
      size: null,
      connections: logins.reduce((sum, login) => sum + (count.get(login) ?? 0), 0),
      connectionLimit: limitOf(logins, marks),
      state: logins.some((login) => marks.get(login)?.mark?.applied !== undefined)
        ? 'ready'
        : logins.some((login) => marks.has(login))
          ? 'incomplete'
          : 'absent',
    };
  });
}

/** Where what is left of apps may lie. */
interface Places {
  readonly databases: SharedRows['databases'];
  readonly sizes: ReadonlyMap<string, number | null>;
  /** Role to the database in which it has a schema. */
  readonly homes: ReadonlyMap<string, string>;
}

/** Apps that left the manifest, and what an apply that did not finish left of apps that the manifest does not name. */
function retiredRows(input: Input, marks: Marks, { databases, sizes, homes }: Places): PlacementStatus[] {
  const marked = databases.map((row) => ({ name: row[0], mark: readMark(row[9]) }));
  const named = new Set([...input.placements.map((one) => one.app), ...input.readers.map((one) => one.name)]);
  const rows = new Map<string, PlacementStatus>();
  for (const [name, { mark }] of marks) {
    if (mark?.project !== input.project || mark.app === null || (!mark.retired && named.has(mark.app))) continue;
    const mine = marked.filter((one) => one.mark?.project === input.project && one.mark.app === mark.app);
    const database = mine.find((one) => one.mark?.retired === mark.retired) ?? mine[0];
    const key = `${mark.app} ${mark.retired ?? ''}`;
    const home = homes.get(name);
    const base = {
      app: mark.app,
      instance: input.name,
      engine: 'postgres',
      isolation: '',
      location: database?.name ?? (home === undefined ? (rows.get(key)?.location ?? '') : `in ${home}`),
      connections: null,
      connectionLimit: null,
    };
    // Its database may be held by something, and keeps its name so long.
    const whole = database === undefined || database.mark?.retired !== undefined;
    const size = database === undefined ? null : (sizes.get(database.name) ?? null);
    rows.set(key, {
      ...base,
      size,
      ...(mark.retired && whole ? { state: 'retired' as const, retired: mark.retired } : { state: 'incomplete' as const }),
    });
  }
  return [...rows.values()];
}
