import { parseAcl, privilegeWords, splitLetters } from '../acl.ts';
import type { Connection } from '../connect/connection.ts';
import { CATALOG, FIRST } from '../queries/database.ts';
import { lookUp } from '../../../util/record.ts';
import { alike, definer, isUsers, type Row, sorted, Whereabouts } from '../observe/raw-rows.ts';
import { graphOf } from './graph/graph.ts';
import { ADDED, EDGES } from './graph/queries.ts';
import { RESTS, SERVERS_OWN, SERVERS_VIEWS } from './graph/rests.ts';
import type { BuiltinRow, DatabaseCatalog } from './catalog-database.ts';
import type { StrangersCatalog, WayRow } from './checks/strangers-ways.ts';
import { consistentRead } from './catalog-shared.ts';
import {
  BUILTIN_KINDS,
  type BuiltinKind,
  builtinNames,
  functionOwners,
  functionQuery,
  rawQueries,
  rowQueries,
  serversOwnQueries,
  STRANGERS_WAYS,
  READ_CODE,
  TRAPS,
  USER_MAPPINGS,
} from './queries-database.ts';

const NOTHING = 'SELECT NULL LIMIT 0';

/**
 * Reads what one database holds: one round trip, and another where there is something that takes a closer look. `column` is
 * the workspace column of a database that is shared by rows.
 */
export async function readDatabase(connection: Connection, column: string | null): Promise<DatabaseCatalog> {
  const raw = rawQueries();
  const parts = await consistentRead(connection, [...raw, ...(column === null ? [] : rowQueries(column))]);
  const [spaces = [], depends = [], relations = [], columns = [], functions = [], types = [], ...others] = parts;
  const [defaults = [], extensions = [], languages = [], largeObjects = [], servers = [], eventTriggers = [], publications = [], ...rest] =
    others;
  const [columnLists = [], ...lists] = rest;
  const where = new Whereabouts(spaces, depends);
  const placed = where.users(CATALOG.pg_class, relations);
  const beyond = BUILTIN_KINDS.flatMap((kind, index) => beyondInitial(where, kind, lists[index] ?? [], String(spaces[0]?.[5])));
  const near = await look(connection, {
    functions: where.users(CATALOG.pg_proc, functions).length > 0,
    views: placed.some(([, , kind]) => kind === 'v'),
    servers: servers.length > 0,
    triggers: eventTriggers.map(([, , oid]) => oid),
    beyond,
    graph: relations.length + functions.length > 0,
  });
  const [tables = [], policies = [], machinery = []] = parts.slice(raw.length);
  // The shapes stand in catalog-database.ts.
  return {
    schemas: sorted(
      spaces
        .filter(([, name]) => isUsers(String(name)))
        .map(([oid, name, owner, acl, comment]) => [name, owner, acl, comment, where.isExtensions(CATALOG.pg_namespace, oid)]),
    ),
    relations: relationsIn(where, placed, connection.version),
    columns: columnsIn(where, placed, columns),
    functions: near.functions,
    types: typesIn(where, types, placed),
    defaults: sorted(defaults.map(([creator, space, type, acl]) => [creator, where.name(space), type, acl])),
    extensions: sorted(extensions),
    languages: sorted(languages.map(([oid, ...rest]) => [...rest, where.isExtensions(CATALOG.pg_language, oid)])),
    largeObjects: sorted(largeObjects),
    foreignServers: sorted(servers),
    userMappings: near.userMappings,
    eventTriggers: sorted(eventTriggers.map(([name, owner, oid]) => [name, owner, near.owners.get(Number(oid)) ?? ''])),
    publications: sorted(publications),
    builtins: near.builtins,
    serverColumns: sorted(columnLists.flatMap(columnBeyond)),
    graph: graphOf({
      where,
      relations,
      functions: functions.map(routineOf),
      types,
      edges: near.edges,
      added: near.added,
      invokers: connection.version >= 150000,
    }),
    rests: near.rests,
    serversOwn: near.serversOwn,
    serversViews: near.serversViews,
    families: sorted(lists.slice(BUILTIN_KINDS.length).flat()),
    traps: near.traps,
    readCode: near.readCode,
    tables,
    policies,
    machinery,
  } as unknown as DatabaseCatalog;
}

interface Closer {
  readonly functions: boolean;
  readonly views: boolean;
  readonly servers: boolean;
  /** Numbers of the functions of event triggers. */
  readonly triggers: readonly unknown[];
  readonly beyond: readonly Beyond[];
  /** Whether there is anything at all that users made. */
  readonly graph: boolean;
}

/** What only few databases have. */
async function look(connection: Connection, { functions, views, servers, triggers, beyond, graph }: Closer) {
  const named = BUILTIN_KINDS.map((kind) => beyond.filter((one) => one.kind === kind).map(({ oid }) => oid));
  const queries = [
    functions ? functionQuery() : NOTHING,
    views ? TRAPS : NOTHING,
    servers ? USER_MAPPINGS : NOTHING,
    triggers.length > 0 ? functionOwners(triggers) : NOTHING,
    graph ? EDGES : NOTHING,
    graph ? ADDED : NOTHING,
    graph ? RESTS : NOTHING,
    graph ? READ_CODE : NOTHING,
    SERVERS_OWN,
    SERVERS_VIEWS,
    ...BUILTIN_KINDS.map((kind, index) => (named[index]?.length ? builtinNames(kind, named[index]) : NOTHING)),
  ];
  const [
    functionRows = [],
    traps = [],
    userMappings = [],
    owners = [],
    edges = [],
    added = [],
    rests = [],
    readCode = [],
    serversOwn = [],
    serversViews = [],
    ...names
  ] = await consistentRead(connection, queries);
  const nameOf = new Map(
    BUILTIN_KINDS.map((kind, index) => [kind, new Map((names[index] ?? []).map(([oid, name]) => [Number(oid), String(name)]))]),
  );
  return {
    functions: functionRows,
    edges,
    added,
    rests,
    readCode,
    serversOwn,
    serversViews,
    traps,
    userMappings,
    owners: new Map(owners.map(([oid, owner]) => [Number(oid), String(owner)])),
    builtins: sorted(
      beyond.map(({ kind, oid, grantee, privilege }): BuiltinRow => [kind, nameOf.get(kind)?.get(oid) ?? String(oid), grantee, privilege]),
    ),
  };
}

/** What the server brought into a database where no app lives: nothing else is looked at there. */
export async function readServersOwn(connection: Connection): Promise<StrangersCatalog> {
  const [spaces = [], ways = [], columns = [], languages = [], ...lists] = await consistentRead(connection, serversOwnQueries());
  const where = new Whereabouts(spaces, []);
  const beyond = BUILTIN_KINDS.flatMap((kind, index) => beyondInitial(where, kind, lists[index] ?? [], String(spaces[0]?.[2])));
  const near = await look(connection, { ...NOTHING_NEAR, beyond: beyond.filter(({ oid }) => oid < FIRST) });
  return {
    builtins: near.builtins,
    serverColumns: columns.flatMap(columnBeyond),
    languages,
    serversOwn: near.serversOwn,
    serversViews: near.serversViews,
    ways,
  } as unknown as StrangersCatalog;
}

/** How somebody is more than they are where no app lives. */
export async function readStrangersWays(connection: Connection): Promise<readonly WayRow[]> {
  const [ways = []] = await consistentRead(connection, [STRANGERS_WAYS]);
  return ways as unknown as readonly WayRow[];
}

const NOTHING_NEAR: Closer = { functions: false, views: false, servers: false, triggers: [], beyond: [], graph: false };

/** A routine as the graph has it: with its own search_path, and whether anybody can call it. */
function routineOf([oid, space, owner, acl, definer, name, config, result]: Row): Row {
  const pinned = Array.isArray(config) && config.some((one) => String(one).startsWith('search_path='));
  return [oid, space, owner, acl, definer, name, pinned, !TRIGGERS.includes(Number(result))];
}

/** The result types of triggers and event triggers. */
const TRIGGERS = [2279, 3838];

function columnBeyond([table, column, acl, initial]: Row): readonly Row[] {
  const before = parseAcl((initial ?? []) as readonly string[]);
  return Object.entries(parseAcl(acl as readonly string[])).flatMap(([grantee, letters]) =>
    splitLetters(letters)
      .map((letter) => letter.charAt(0))
      .filter((letter) => lookUp(before, grantee)?.includes(letter) !== true && lookUp(before, '')?.includes(letter) !== true)
      .map((letter) => [table, column, grantee, privilegeWords(letter)]),
  );
}

function relationsIn(where: Whereabouts, placed: readonly Row[], version: number): readonly Row[] {
  return alike(
    placed
      .filter(([, , kind]) => kind !== 'c')
      .map(([, space, kind, owner, acl, name, options, partition]) => ({
        same: [where.name(space), kind, owner, acl, definer(kind, options, version >= 150000), partition],
        name,
      })),
  );
}

function columnsIn(where: Whereabouts, placed: readonly Row[], columns: readonly Row[]): readonly Row[] {
  const tables = new Map(placed.map((row) => [Number(row[0]), row]));
  return sorted(
    columns.flatMap(([table, column, acl]) => {
      const row = tables.get(Number(table));
      return row && Array.isArray(acl) && acl.length > 0 ? [[where.name(row[1]), row[5], column, row[3], acl]] : [];
    }),
  );
}

/** Types that somebody made, not those that tables bring. */
function typesIn(where: Whereabouts, types: readonly Row[], placed: readonly Row[]): readonly Row[] {
  const composite = new Set(placed.flatMap(([oid, , kind]) => (kind === 'c' ? [Number(oid)] : [])));
  return alike(
    where
      .users(CATALOG.pg_type, types)
      .filter(([, , , , , type, relation]) => type !== 'c' || composite.has(Number(relation)))
      .map(([, space, owner, acl, name]) => ({ same: [where.name(space), owner, acl], name })),
  );
}

/** A right on an object of the server or of an extension beyond what it was made with. */
interface Beyond {
  readonly kind: BuiltinKind;
  readonly oid: number;
  readonly grantee: string;
  readonly privilege: string;
}

const SYSTEM = new Set(['pg_catalog', 'information_schema']);

function beyondInitial(where: Whereabouts, kind: BuiltinKind, rows: readonly Row[], bootstrap: string): readonly Beyond[] {
  return rows.flatMap(([oid, space, acl, initial, had]) => {
    const schema = where.name(space);
    const extension = where.isExtensions(CATALOG[kind], oid);
    if (!extension && !isBuiltin(kind, schema)) return [];
    const before = parseAcl((initial ?? []) as readonly string[]);
    const now = parseAcl(acl as readonly string[]);
    return Object.entries(now).flatMap(([grantee, letters]) => {
      if (grantee === bootstrap) return [];
      const first = new Set(splitLetters(lookUp(before, grantee) ?? '').map((letter) => letter.charAt(0)));
      // What everybody has from the beginning is nothing new in the hands of one.
      for (const letter of lookUp(now, '') ?? '') if (lookUp(before, '')?.includes(letter) === true) first.add(letter);
      const fresh = splitLetters(letters).filter((letter) => !first.has(letter.charAt(0)));
      return fresh.flatMap((letter) => {
        const privilege = privilegeWords(letter.charAt(0));
        // What everybody has on whatever is made.
        const own = Number(oid) < FIRST;
        if ((own || extension) && had !== true && grantee === '' && (privilege === 'EXECUTE' || privilege === 'USAGE')) return [];
        // The views of information_schema are everybody's from the beginning, and show to each what is theirs.
        if (own && kind === 'pg_class' && !extension && schema === 'information_schema' && grantee === '' && privilege === 'SELECT')
          return [];
        return [{ kind, oid: Number(oid), grantee, privilege }];
      });
    });
  });
}

function isBuiltin(kind: BuiltinKind, schema: string): boolean {
  if (kind === 'pg_language' || kind === 'pg_foreign_data_wrapper') return true;
  return SYSTEM.has(schema) || (kind === 'pg_namespace' && schema === 'pg_toast');
}
