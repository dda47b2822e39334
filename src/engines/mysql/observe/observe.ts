import type { AppMark, Depth, Observation, SecretSource } from '../../../engine/index.ts';
import type { Foreign, Observed } from '../../../model/index.ts';
import { type Catalog, accountKey, type LedgerRow } from './catalog.ts';
import { Basis, censusOf, Moment, readSessions } from './census.ts';
import { readContent, readInventory } from './content.ts';
import { compile } from '../compile/compile.ts';
import type { Connection } from '../connect/connection.ts';
import type { Input } from '../compile/draft.ts';
import { type Made, readMade } from './made.ts';
import { dependentAdvice } from './dependents.ts';
import { factsIn } from './facts.ts';
import { readMissing } from '../retire/missing.ts';
import { accountOf, databaseOf, type Everybody, everybodyIn, operatorOf, perimeterOf } from './specs.ts';
import { strangeLedger } from './ledger.ts';
import { toldOfLost } from '../judge/lost.ts';
import { Owners } from './owners.ts';
import { readCatalog } from './read-catalog.ts';
import { LEDGER, SERVER_DATABASES } from '../names.ts';
import { isAdmins } from '../operators.ts';
import { toldOfRemade } from '../retire/remade.ts';
import { straysOf } from '../retire/strays.ts';
import { toldOfUpperCase } from './upper-case.ts';
import type { Content, Inventory, RetiredSpec } from '../spec.ts';

export interface ObserveContext {
  readonly depth: Depth;
  readonly input: Input;
  readonly secrets: SecretSource;
  readonly connection: Connection;
}

/** Everything in a handful of questions: the server keeps all of it in one place for any number of apps. */
export async function observe(context: ObserveContext): Promise<Observation> {
  const { input, connection } = context;
  const catalog = await readCatalog(connection);
  const missing = await readMissing(connection, input);
  const made = await readMade(connection, catalog);
  const [contents, inventories] = [await contentsOf(context, catalog), await inventoriesOf(context, catalog)];
  const seen = observationOf(context, catalog, { missing, made, contents });
  const told = dependentAdvice(seen, { input, inventories, rows: catalog.ledger ?? [] });
  return {
    ...seen,
    diagnostics: [...strangeLedger(catalog.ledgerIs, input), ...seen.diagnostics, ...told, ...toldOfUpperCase(catalog, input)],
    facts: new Moment(await readSessions(connection)),
  };
}

/** What is read besides the catalog. */
interface Read {
  readonly missing: readonly string[];
  readonly made: readonly Made[];
  readonly contents: ReadonlyMap<string, Content>;
}

/** The same from what was read. */
function observationOf(
  { input, secrets }: Pick<ObserveContext, 'input' | 'secrets'>,
  catalog: Catalog,
  { missing, made, contents }: Read,
): Observation {
  const desired = compile(input).resources;
  const owners = new Owners(input, catalog, desired, secrets);
  const everybody = everybodyIn(catalog, owners);
  const named = new Set(catalog.accounts.filter((one) => owners.isNamed(one)).map(accountKey));
  const unnamed = new Map([...owners.remade].filter(([key]) => !named.has(key)));
  return {
    resources: [...resourcesOf(input, catalog, everybody), ...retiredOf(input, catalog, everybody, contents)],
    marks: marksOf(catalog, input.project),
    foreign: foreignOf(input, catalog, owners),
    server: factsIn(catalog, missing),
    diagnostics: [...toldOfLost(owners.lost, input), ...toldOfRemade(unnamed, input)],
    basis: new Basis(censusOf(catalog, made, everybody, input.project)),
  };
}

function* resourcesOf(input: Input, catalog: Catalog, everybody: Everybody): Generator<Observed> {
  const { owners } = everybody;
  const address = (kind: string, name: string) => ({ engine: 'mysql', instance: input.name, kind, name });
  const { wanted } = owners;
  if (catalog.databases.some((one) => one.name === LEDGER)) {
    const complete = catalog.ledger?.some((row) => row.kind === 'secret') === true;
    yield { address: address('ledger', LEDGER), app: null, spec: { complete }, owned: true };
  }
  yield { address: address('perimeter', 'server'), app: null, spec: perimeterOf(catalog, everybody), owned: true };
  const users = new Set(owners.users);
  yield { address: address('strays', 'server'), app: null, spec: { rows: straysOf(catalog, users) }, owned: true };
  for (const { name } of input.operators) {
    const spec = operatorOf(name, catalog);
    if (spec) yield { address: address('operator', name), app: null, spec, owned: false };
  }
  for (const database of catalog.databases) {
    const owner = owners.database(database.name);
    if (!owner.ours && !wanted.has(`database/${database.name}`)) continue;
    const spec = databaseOf(database, everybody);
    yield { address: address('database', database.name), app: owner.app, spec, owned: owner.ours };
  }
  for (const account of catalog.accounts) {
    const key = accountKey(account);
    const owner = owners.account(key);
    if (!owner.ours && !wanted.has(`account/${key}`)) continue;
    yield { address: address('account', key), app: owner.app, spec: accountOf(account, everybody), owned: owner.ours };
  }
}

/** What apps had that were retired. What was opened again by hand is seen here. */
function* retiredOf(input: Input, catalog: Catalog, everybody: Everybody, contents: ReadonlyMap<string, Content>): Generator<Observed> {
  const accounts = new Map(catalog.accounts.map((one) => [accountKey(one), one]));
  const databases = new Map(catalog.databases.map((one) => [one.name, one]));
  for (const row of catalog.ledger ?? []) {
    if (row.retired === null || row.project !== input.project || (row.kind !== 'account' && row.kind !== 'database')) continue;
    if (row.kind === 'account' && everybody.owners.account(row.name).ours) continue;
    const found = row.kind === 'account' ? accounts.get(row.name) : undefined;
    const remade = found !== undefined && everybody.owners.remade.has(row.name);
    const account = found && remade && everybody.owners.isNamed(found) ? undefined : found;
    const database = row.kind === 'database' ? databases.get(row.name) : undefined;
    const { outsiders, kept } = database ? databaseOf(database, everybody) : { outsiders: {}, kept: {} };
    const spec: RetiredSpec = {
      was: row.name,
      day: row.retired,
      account: account ? accountOf(account, everybody) : null,
      remade,
      outsiders,
      kept,
      content: (database && contents.get(row.name)) ?? null,
    };
    const address = { engine: 'mysql', instance: input.name, kind: 'retired', name: `${row.kind}/${row.name}` };
    yield { address, app: row.app, spec, owned: true, kept: true };
  }
}

/** Databases of this project that the ledger has and that are there. */
function recorded({ project }: Input, catalog: Catalog): readonly LedgerRow[] {
  const there = new Set(catalog.databases.map(({ name }) => name));
  return (catalog.ledger ?? []).filter((row) => row.kind === 'database' && row.project === project && there.has(row.name));
}

/** What is in retired databases that a step may end. */
async function contentsOf({ input, connection }: ObserveContext, catalog: Catalog): Promise<ReadonlyMap<string, Content>> {
  const out = new Map<string, Content>();
  for (const { name, retired } of input.removal === 'delete' ? recorded(input, catalog) : [])
    if (retired !== null) out.set(name, await readContent(connection, name, catalog.server.flavor));
  return out;
}

/** Of an app that leaves now: what others have on it is said while somebody thinks of it. */
async function inventoriesOf({ input, connection }: ObserveContext, catalog: Catalog): Promise<ReadonlyMap<string, Inventory>> {
  const out = new Map<string, Inventory>();
  const named = new Set([...input.placements.map(({ app }) => app), ...input.readers.map(({ name }) => name)]);
  for (const { name, app, retired } of recorded(input, catalog))
    if (retired === null && app !== null && !named.has(app)) out.set(name, await readInventory(connection, name));
  return out;
}

/** Apps of this project as the ledger has them, retired ones included; '' for what serves several. */
function marksOf(catalog: Catalog, project: string): readonly AppMark[] {
  const rows = (catalog.ledger ?? []).filter(
    (row) => row.project === project && row.app !== null && row.kind !== 'ending' && row.kind !== 'ending-in',
  );
  const marks = new Map<string, AppMark>();
  for (const row of rows) {
    const app = row.app ?? '';
    const known = marks.get(app);
    const applied = row.kind === 'app' ? row.applied : (known?.applied ?? null);
    if (row.kind === 'app' || !known) marks.set(app, { app, applied, retired: row.retired ?? known?.retired ?? null });
  }
  return [...marks.values()];
}

const SYSTEM_ACCOUNTS = /^(mysql|mariadb)\./;

/** Accounts and databases that nobody here made. */
function foreignOf(input: Input, catalog: Catalog, owners: Owners): readonly Foreign[] {
  const address = (kind: string, name: string) => ({ engine: 'mysql', instance: input.name, kind, name });
  const databases = catalog.databases
    .map((one) => one.name)
    .filter((name) => (name !== LEDGER || typeof catalog.ledgerIs !== 'string') && !SERVER_DATABASES.includes(name))
    .filter((name) => !owners.database(name).known && !owners.wanted.has(`database/${name}`));
  const named = new Set(catalog.accounts.filter((one) => owners.isNamed(one)).map(accountKey));
  const accounts = catalog.accounts
    .filter((one) => !SYSTEM_ACCOUNTS.test(one.user) && one.user !== '' && one.user !== 'PUBLIC' && !isAdmins(catalog.server.admin, one))
    .map(accountKey)
    .filter((key) => !named.has(key) && !owners.account(key).known && !owners.wanted.has(`account/${key}`));
  return [
    ...databases.map((name): Foreign => ({ address: address('database', name) })),
    ...accounts.map((name): Foreign => ({ address: address('account', name) })),
  ];
}
