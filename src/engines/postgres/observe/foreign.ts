import { candidatesOf, type SecretSource } from '../../../engine/index.ts';
import type { Observed, Resource } from '../../../model/index.ts';
import { type Acl, parseAcl } from '../acl.ts';
import type { Connection } from '../connect/connection.ts';
import { GUARD_SCHEMA } from '../steps/guard.ts';
import { partName, partOf } from '../part-name.ts';
import type { DatabaseRows } from '../queries/database.ts';
import { type LinkRow, type MappingRow, type ServerOptionsRow, shareQuery } from '../queries/share.ts';
import { EXTENSION } from '../shares/shares.ts';
import { foreignShape, viewShape } from '../shares/text.ts';
import type { FoundMapping, FoundRelation, FoundServer, FoundShare, LeftShareSpec, ShareSpec } from '../shares/spec.ts';
import { isKind, type SchemaSpec } from '../spec.ts';
import { sha256 } from '../../../util/canonical.ts';

export interface FoundContext {
  readonly rows: Pick<DatabaseRows, 'schemas' | 'columns' | 'extensions'>;
  readonly secrets: SecretSource;
  readonly isOperator: (role: string) => boolean;
}

export interface ForeignContext extends FoundContext {
  readonly instance: string;
  readonly database: string;
  /** Shares that this database should have. */
  readonly wanted: readonly Resource<ShareSpec>[];
  /** Holders of shares that it should not have. */
  readonly leftHolders: readonly string[];
}

interface Links {
  readonly servers: readonly ServerOptionsRow[];
  readonly mappings: readonly MappingRow[];
  readonly relations: readonly LinkRow[];
  readonly extensions: readonly (readonly [string])[];
  /** server, table, owner */
  readonly tables: readonly (readonly [string, string, string])[];
}

/** The shares of one database as the server has them; `source` is put in when all databases are read. */
export async function observeForeign(connection: Connection, context: ForeignContext): Promise<readonly Observed[]> {
  const { wanted, leftHolders, rows } = context;
  // Installed for shares, and none is to be here.
  const idle = wanted.length === 0 && rows.extensions.some(([name, schema]) => name === EXTENSION && schema === GUARD_SCHEMA);
  if (wanted.length + leftHolders.length === 0 && !idle) return [];
  const links = await readLinks(connection, wanted, leftHolders);
  const left = leftHolders.map((holder) => leftShare(context, links, holder));
  const address = (kind: string, part: string) => ({
    engine: 'postgres',
    instance: context.instance,
    kind,
    name: partName(context.database, part),
  });
  return [
    ...wanted.map(
      (one): Observed => ({
        address: one.address,
        app: one.app,
        spec: { ...one.spec, found: foundShare(context, links, one) },
        owned: true,
      }),
    ),
    ...left.map((spec): Observed => ({ address: address('left-share', spec.holder), app: null, spec, owned: true })),
    ...(idle && isFree(links, left) ? [{ address: address('left-extension', EXTENSION), app: null, spec: {}, owned: true }] : []),
  ];
}

/** True where nothing but shares that go uses the extension, and this admin can drop it. */
function isFree({ servers, extensions }: Links, left: readonly LeftShareSpec[]): boolean {
  const going = new Set(left.filter(({ dependents }) => dependents.length === 0).flatMap((one) => one.servers));
  return extensions.some(([name]) => name === EXTENSION) && servers.every(([name, , wrapper]) => wrapper !== EXTENSION || going.has(name));
}

async function readLinks(connection: Connection, wanted: readonly Resource<ShareSpec>[], leftHolders: readonly string[]): Promise<Links> {
  const schemas = wanted.flatMap(({ address, spec }) => [partOf(address.name)[1], spec.hidden]);
  const [servers, mappings, relations, extensions, tables] = await connection.rows(shareQuery(schemas, leftHolders));
  // The shapes stand beside the statements in queries/share.ts.
  return { servers, mappings, relations, extensions, tables } as unknown as Links;
}

/** Each of these shares as the server has it, in their order. */
export async function readFound(
  connection: Connection,
  context: FoundContext,
  shares: readonly Resource<ShareSpec>[],
): Promise<readonly FoundShare[]> {
  const links = await readLinks(connection, shares, []);
  return shares.map((one) => foundShare(context, links, one));
}

function foundShare(context: FoundContext, links: Links, { address, spec }: Resource<ShareSpec>): FoundShare {
  const [, name] = partOf(address.name);
  const server = links.servers.find(([of]) => of === name);
  return {
    available: true,
    server: server ? serverOf(context, server) : null,
    mappings: links.mappings.filter(([of]) => of === name).map((row) => mappingOf(context, row, spec.secret)),
    views: schemaOf(context.rows, name),
    hidden: schemaOf(context.rows, spec.hidden),
    relations: links.relations
      .filter(([schema]) => schema === name || schema === spec.hidden)
      .map((row) => relationOf(context.rows, row, row[0] === spec.hidden)),
    source: [],
  };
}

function serverOf({ isOperator }: FoundContext, [, owner, wrapper, options, items]: ServerOptionsRow): FoundServer {
  return { owner: isOperator(owner) ? 'operator' : owner, wrapper, options: pairs(options), acl: withoutOwner(items, owner) };
}

function mappingOf({ secrets }: FoundContext, [, role, options]: MappingRow, secret: string): FoundMapping {
  if (options === null) return { role, options: null, password: 'unknown' };
  const { password, ...rest } = pairs(options);
  const right = candidatesOf(secrets, { secret }).some(({ value }) => password === sha256(value));
  return { role, options: rest, password: password === undefined ? 'none' : right ? 'verified' : 'other' };
}

function schemaOf(rows: FoundContext['rows'], name: string): SchemaSpec | null {
  const row = rows.schemas.find(([of]) => of === name);
  if (!row) return null;
  const [, owner, , items] = row;
  return { owner, acl: items === null ? { [owner]: 'CU' } : parseAcl(items) };
}

function relationOf(rows: FoundContext['rows'], row: LinkRow, hidden: boolean): FoundRelation {
  const [schema, name, kind, owner, items, definition, options, columns, dependents] = row;
  return {
    hidden,
    name,
    kind,
    owner,
    acl: withoutOwner(items, owner),
    columnAcl: rows.columns
      .filter(([of, table]) => of === schema && table === name)
      .map(([, , column, acl]) => [column, parseAcl(acl)] as const),
    columns: columns.map(([column, type]) => `${column} ${type}`),
    shape: kind === 'f' ? foreignShape(definition ?? '', pairs(options), columns) : viewShape(definition ?? '', options ?? []),
    dependents: named(dependents),
  };
}

/** A view is known to the server by its rule. */
function named(dependents: readonly string[] | null): readonly string[] {
  return [...new Set((dependents ?? []).map((one) => one.replace(/^rule "?_RETURN"? on /, '')))].sort();
}

function withoutOwner(items: readonly string[] | null, owner: string): Acl {
  const { [owner]: _own, ...others } = parseAcl(items ?? []);
  return others;
}

/** `['host=127.0.0.1', …]` */
function pairs(options: readonly string[] | null): Readonly<Record<string, string>> {
  return Object.fromEntries((options ?? []).map((option) => [option.slice(0, option.indexOf('=')), option.slice(option.indexOf('=') + 1)]));
}

function leftShare({ rows }: ForeignContext, links: Links, holder: string): LeftShareSpec {
  const servers = links.mappings.filter(([, role]) => role === holder).map(([server]) => server);
  const schemas = rows.schemas.filter(([, owner]) => owner === holder);
  const names = new Set(schemas.map(([name]) => name));
  const all = links.relations.filter(([schema, , , owner]) => owner === holder || names.has(schema));
  const relations = all.filter(([, , , owner]) => owner === holder);
  const guests = (items: readonly string[] | null): readonly string[] => Object.keys(withoutOwner(items, holder));
  // A server whose mapping went first is known by the schema of the same name.
  const alike = links.servers.filter(([name]) => names.has(name)).map(([name]) => name);
  const going = new Set([...servers, ...alike]);
  const onServers = [
    ...links.tables
      .filter(([server, , owner]) => going.has(server) && owner !== holder)
      .map(([, table, owner]) => `foreign table ${table} of "${owner}"`),
    ...links.mappings
      .filter(([server, role]) => going.has(server) && role !== holder)
      .map(([server, role]) => `the user mapping of ${role === '' ? 'everybody' : `"${role}"`} on foreign server "${server}"`),
  ];
  return {
    holder,
    servers: [...going].sort(),
    users: links.servers.filter(([name]) => going.has(name)).flatMap(([, owner, , , items]) => Object.keys(withoutOwner(items, owner))),
    mappings: servers,
    schemas: Object.fromEntries(schemas.map(([name, , , items]) => [name, guests(items)])),
    relations: relations.map(([schema, name, kind, , items]) => [schema, name, kind, guests(items)]),
    // What somebody else has put there stays, and its schema with it.
    dependents: named([
      ...onServers,
      ...all.flatMap(([schema, name, kind, owner, , , , , dependents]) =>
        owner === holder && (kind === 'v' || kind === 'f') ? (dependents ?? []) : [`${schema}.${name} of "${owner}"`],
      ),
    ]),
  };
}

/**
 * Puts in what only other databases tell: the tables as they are at home, and whether the extension can be had. A share of
 * a database that does not exist yet is told as well, so that its first apply makes all of it.
 */
export function completeShares(
  observed: readonly Observed[],
  desired: readonly Resource[],
  sources: ReadonlyMap<string, DatabaseRows['shared']>,
): readonly Observed[] {
  const wanted = desired.filter((one) => isKind(one, 'share'));
  if (wanted.length === 0) return observed;
  const extensions = new Map(observed.flatMap((one) => (isKind(one, 'extension') ? [[one.address.name, one.spec] as const] : [])));
  const known = new Map(observed.flatMap((one) => (isKind(one, 'share') ? [[one.address.name, one] as const] : [])));
  const whole = wanted.map((one): Observed<ShareSpec> => {
    const { address, app, spec } = one;
    const has = known.get(address.name) ?? { address, app, spec, owned: true };
    const extension = extensions.get(partName(partOf(address.name)[0], EXTENSION));
    const tables = new Set(spec.tables.map(({ table }) => table));
    const source = (sources.get(spec.database) ?? [])
      .filter(([schema, table]) => schema === spec.schema && tables.has(table))
      .map(([, table, columns]) => ({ table, columns }));
    const available = extension !== undefined && (extension.installed || extension.installable);
    return { ...has, spec: { ...has.spec, found: { ...(has.spec.found ?? NOTHING), available, source } } };
  });
  return [...observed.filter((one) => !isKind(one, 'share')), ...whole];
}

const NOTHING: FoundShare = { available: true, server: null, mappings: [], views: null, hidden: null, relations: [], source: [] };
