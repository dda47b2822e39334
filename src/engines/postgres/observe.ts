import { type Depth, hashesOf, type Observation, type SecretSource } from '../../engine/index.ts';
import type { Diagnostic, Foreign, Observed, Resource } from '../../model/index.ts';
import { mapPool } from '../../util/pool.ts';
import { compile } from './compile.ts';
import type { Connection } from './connection.ts';
import type { Input } from './draft.ts';
import { insideOf } from './inside.ts';
import { weakVerifiers } from './judge-logins.ts';
import { creatorsIn, databaseResources } from './observe-database.ts';
import { offeredExtensions } from './observe-extensions.ts';
import { completeShares, observeForeign } from './observe-foreign.ts';
import { leftShares } from './observe-left.ts';
import { observeRows } from './observe-rows.ts';
import { readShared, serverFacts, sharedResources } from './observe-shared.ts';
import { marksOf, ownedIn, Owners } from './owners.ts';
import { readDatabase } from './read-database.ts';
import { isKind } from './spec.ts';

/** Databases that are read at the same time. A connection costs the server a process. */
const LANES = 8;

/** What the first tier tells all about. */
const SHARED_KINDS: readonly string[] = ['role', 'database', 'perimeter'];

export interface ObserveContext {
  readonly depth: Depth;
  readonly input: Input;
  readonly secrets: SecretSource;
  readonly shared: Connection;
  readonly open: (database: string) => Promise<Connection>;
}

/** Two tiers: the shared catalogs in one round trip, then every database of ours in one round trip each. */
export async function observe(context: ObserveContext): Promise<Observation> {
  const { input, shared } = context;
  const desired = compile(input).resources;
  const rows = await readShared(shared);
  const facts = serverFacts(rows, desired);
  const owners = new Owners(input.project, rows, desired);
  const resources: Observed[] = await sharedResources(context, rows, owners, desired);
  const diagnostics: Diagnostic[] = [...weakVerifiers(input.name, rows, desired)];
  const told = {
    marks: marksOf(rows, input.project, hashesOf(desired)),
    foreign: foreignOf(input, rows, owners, desired),
    server: facts,
    diagnostics,
  };
  if (context.depth === 'shared') return { ...told, resources, kinds: SHARED_KINDS };
  const adopted = new Set(desired.flatMap((one) => (isKind(one, 'database') && one.spec.adopt ? [one.address.name] : [])));
  const left = await leftShares(shared, input, desired, resources);
  const names = rows.databases
    .filter(([name, , , , , , allows]) => allows && (ownedIn(owners.database(name), input.project) || adopted.has(name)))
    .map(([name]) => name);
  const wanted = byDatabase(desired);
  const creators = creatorsIn(desired);
  const superusers = new Set(rows.roles.filter((row) => row[3]).map(([name]) => name));
  const operators = new Set([...superusers, String(facts['user'])].filter((name) => !owners.role(name)));
  const deep = await mapPool(names, LANES, async (database) => {
    const here = wanted.get(database) ?? [];
    const guard = here.find((one) => isKind(one, 'row-guard'));
    const families = here.filter((one) => isKind(one, 'builtin')).map((one) => insideOf(one.address.name)[1]);
    await using connection = await context.open(database);
    const read = await readDatabase(connection, {
      column: guard?.spec.column ?? null,
      families,
      superusers,
      others: adopted.has(database),
      shared: sharedTables(here),
    });
    const found: Observed[] = databaseResources({ input, owners, here, creators, database, rows: read, operator: String(facts['user']) });
    const rowsRead = guard ? await observeRows(connection, input.name, guard, operators) : null;
    if (rowsRead) found.push(rowsRead.found);
    const leftHolders = left.flatMap((one) => (one.holder && one.databases.has(database) ? [one.role] : []));
    found.push(
      ...(await observeForeign(connection, {
        instance: input.name,
        database,
        rows: read,
        secrets: context.secrets,
        wanted: here.filter((one) => isKind(one, 'share')),
        leftHolders,
        isOperator: (role) => operators.has(role),
      })),
    );
    return {
      found,
      shared: read.shared,
      languages: read.languages.map(([language]) => language),
      database,
      diagnostics: rowsRead?.diagnostics ?? [],
    };
  });
  for (const { found, languages, database, diagnostics: more } of deep) {
    for (const one of found) resources.push(one);
    diagnostics.push(...more);
    if (languages.length > 0) diagnostics.push(languageWarning(input.name, database, languages));
  }
  resources.push(...(await offeredExtensions(shared, desired, resources)));
  const sources = new Map(deep.map((one) => [one.database, one.shared]));
  return { ...told, resources: completeShares(resources, desired, sources) };
}

function languageWarning(instance: string, database: string, languages: readonly string[]): Diagnostic {
  return {
    code: 'CT2013',
    severity: 'warning',
    message: `database "${database}" offers the procedural language${languages.length > 1 ? 's' : ''} ${languages.join(', ')} to every login`,
    hint: 'drop the language, or keep the server at its latest minor release: past flaws in these languages gave the server away',
    instance,
  };
}

const INSIDE: ReadonlySet<string> = new Set(['schema', 'extension', 'builtin', 'default-privileges', 'objects', 'row-guard', 'share']);

/** Tables of this database that others may read. */
function sharedTables(here: readonly Resource[]): readonly (readonly [string, string])[] {
  const all = here.flatMap((one) => (isKind(one, 'objects') ? (one.spec.shares ?? []) : []));
  return [...new Map(all.map(({ schema, table }) => [JSON.stringify([schema, table]), [schema, table] as const])).values()];
}

/** What is wanted inside each database. */
function byDatabase(desired: readonly Resource[]): ReadonlyMap<string, readonly Resource[]> {
  const map = new Map<string, Resource[]>();
  for (const one of desired) {
    if (!INSIDE.has(one.address.kind)) continue;
    const [database] = insideOf(one.address.name);
    const list = map.get(database);
    if (list) list.push(one);
    else map.set(database, [one]);
  }
  return map;
}

/** Roles and databases that nobody here made. */
function foreignOf(
  input: Input,
  rows: Awaited<ReturnType<typeof readShared>>,
  owners: Owners,
  desired: readonly { address: { kind: string; name: string } }[],
): readonly Foreign[] {
  const wanted = new Set(desired.map(({ address }) => `${address.kind}/${address.name}`));
  const foreign: Foreign[] = [];
  const address = (kind: string, name: string) => ({ engine: 'postgres', instance: input.name, kind, name });
  for (const [name, , , , , , allows, template, acl] of rows.databases) {
    if (template || name === 'postgres' || wanted.has(`database/${name}`) || owners.database(name)) continue;
    const open = allows && (acl === null || acl.some((item) => /^=[^/]*c/.test(item)));
    foreign.push({ address: address('database', name), ...(open ? { note: 'every login can connect to it' } : {}) });
  }
  for (const [name, , , superuser] of rows.roles) {
    if (!superuser && !wanted.has(`role/${name}`) && !owners.role(name)) foreign.push({ address: address('role', name) });
  }
  return foreign;
}
