import { hashesOf, type Observation, type SecretSource } from '../../engine/index.ts';
import type { Diagnostic, Foreign, Observed } from '../../model/index.ts';
import { mapPool } from '../../util/pool.ts';
import { compile } from './compile.ts';
import type { Connection } from './connection.ts';
import type { Input } from './draft.ts';
import { isInside } from './inside.ts';
import { weakVerifiers } from './judge-logins.ts';
import { databaseResources } from './observe-database.ts';
import { offeredExtensions } from './observe-extensions.ts';
import { observeRows } from './observe-rows.ts';
import { readShared, serverFacts, sharedResources } from './observe-shared.ts';
import { marksOf, ownedIn, Owners } from './owners.ts';
import type { DatabaseRows } from './queries/database.ts';
import { databaseQuery } from './queries/database.ts';
import { isKind } from './spec.ts';

/** Databases that are read at the same time. A connection costs the server a process. */
const LANES = 8;

export interface ObserveContext {
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
  const adopted = new Set(desired.flatMap((one) => (isKind(one, 'database') && one.spec.adopt ? [one.address.name] : [])));
  const names = rows.databases
    .filter(([name, , , , , , allows]) => allows && (ownedIn(owners.database(name), input.project) || adopted.has(name)))
    .map(([name]) => name);
  const diagnostics: Diagnostic[] = [...weakVerifiers(input.name, rows, desired)];
  const deep = await mapPool(names, LANES, async (database) => {
    const guard = desired.find((one) => isKind(one, 'row-guard') && isInside(one.address.name, database));
    const column = guard && isKind(guard, 'row-guard') ? guard.spec.column : null;
    await using connection = await context.open(database);
    const parts = await connection.rows(databaseQuery(shared.version, column));
    const read = readDatabase(parts);
    const found: Observed[] = databaseResources({ input, owners, desired, database, rows: read, operator: String(facts['user']) });
    if (guard && isKind(guard, 'row-guard')) found.push(await observeRows(connection, input.name, guard));
    return { found, languages: read.languages.map(([language]) => language), database };
  });
  for (const { found, languages, database } of deep) {
    resources.push(...found);
    if (languages.length > 0) {
      diagnostics.push({
        code: 'CT2013',
        severity: 'warning',
        message: `database "${database}" offers the procedural language${languages.length > 1 ? 's' : ''} ${languages.join(', ')} to every login`,
        hint: 'drop the language, or keep the server at its latest minor release: past flaws in these languages gave the server away',
        instance: input.name,
      });
    }
  }
  resources.push(...(await offeredExtensions(shared, desired, resources)));
  return {
    resources,
    marks: marksOf(rows, input.project, hashesOf(desired)),
    foreign: foreignOf(input, rows, owners, desired),
    server: facts,
    diagnostics,
  };
}

function readDatabase(parts: readonly (readonly unknown[][])[]): DatabaseRows {
  const [schemas, relations, functions, types, columns, defaults, extensions, builtins, languages] = parts;
  // The shapes stand beside the statements in queries/database.ts.
  return { schemas, relations, functions, types, columns, defaults, extensions, builtins, languages } as unknown as DatabaseRows;
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
