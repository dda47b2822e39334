import type { SecretSource } from '../../../engine/index.ts';
import type { Loss } from '../../../model/index.ts';
import { accountKey, type Catalog, type CatalogAccount } from '../observe/catalog.ts';
import { censusOf, type HeldTable, type OpenSession, Moment, readHeld, readSessions } from '../observe/census.ts';
import { compile } from '../compile/compile.ts';
import type { Connection } from '../connect/connection.ts';
import type { Input } from '../compile/draft.ts';
import { type Effect, GrantTables } from '../losses/effective.ts';
import { type Facts, factsIn, factsOf } from '../observe/facts.ts';
import { type LiveGrant, readLiveGrants, readWaiting, type WaitingSetting } from '../observe/memory.ts';
import { lossesOf, Who } from '../losses/losses.ts';
import { type Made, readMade } from '../observe/made.ts';
import { readMissing } from '../retire/missing.ts';
import { LEDGER, SERVER_DATABASES } from '../names.ts';
import type { PatternGrant } from '../observe/patterns.ts';
import { Owners } from '../observe/owners.ts';
import type { Roles } from '../observe/roles.ts';
import { doorsThatGo, everybodyIn } from '../observe/specs.ts';
import { patternReaches } from '../quote.ts';
import { type Reach, readReach } from '../observe/reach.ts';
import { readCatalog } from '../observe/read-catalog.ts';
import { type Tenant, tenantsOf, withFormer } from './tenants.ts';

export interface CatalogSnapshot {
  readonly input: Input;
  readonly catalog: Catalog;
  readonly facts: Facts;
  readonly tenants: readonly Tenant[];
  readonly made: readonly Made[];
  /** What runs with the rights of whoever uses it. */
  readonly lent: readonly Made[];
  readonly reach: Reach;
  readonly byKey: ReadonlyMap<string, CatalogAccount>;
  /** The tenant's accounts as the server has them, whoever made them. */
  accountsOf(tenant: Tenant): readonly CatalogAccount[];
  readonly roles: Roles;
  readonly holders: Owners;
  readonly patterns: readonly PatternGrant[];
  /** Which grants to everybody an apply closes: no fix closes others. */
  goes(target: string): boolean;
  /** Whose a database is: an app of the manifest, or nobody of it. */
  appOf(database: string): string | null;
  /** The same, with apps that were retired and whose database is there. */
  victimOf(database: string): string | null;
  /** True for a database that this project has made or adopted: in others a fix ends nothing. */
  isOurs(database: string): boolean;
  /** True for an account that is there and of no app, reader or retired app of this project. */
  isOthers(key: string): boolean;
  /** What findings call a database: the app that lives in it, or its name. */
  called(database: string): string;
  /**
   * Who can do less after something, as the server's tables tell it before and after: alone, and after all that was asked about
   * before. Of two ways to the same thing neither is a loss as long as the other one is there, and fixes are sent together.
   * `about`: as `lossesOf` takes it.
   */
  losses(effects: readonly Effect[], about?: string | null): readonly Loss[];
  /** The server’s tables of grants as they were read, for something to be tried on. */
  fresh(): GrantTables;
  /** Databases that a pattern of a grant reaches, less those that every login has. */
  matching(pattern: string): readonly string[];
  readonly sessions: readonly OpenSession[];
  readonly held: readonly HeldTable[];
  /** What the running server gives, whatever its tables say. */
  readonly live: readonly LiveGrant[];
  /** null: this admin may not read it. */
  readonly waiting: readonly WaitingSetting[] | null;
  /** All that accounts may do, by whatever way. */
  readonly rights: GrantTables;
}

export async function readSnapshot(connection: Connection, input: Input, secrets: SecretSource): Promise<CatalogSnapshot> {
  // Before the accounts are read: whoever comes in meanwhile has an account.
  const open = await readSessions(connection);
  const catalog = await readCatalog(connection);
  const { literalNames } = catalog.server;
  const facts = factsOf(factsIn(catalog, await readMissing(connection, input)));
  const tenants = withFormer(tenantsOf(input), catalog.ledger, input.project);
  const made = await readMade(connection, catalog);
  const holders = new Owners(input, catalog, compile(input).resources, secrets);
  const everybody = everybodyIn(catalog, holders);
  const census = censusOf(catalog, made, everybody, input.project);
  const { sessions } = new Moment(open);
  const who = new Who(census, { input, sessions, admin: catalog.server.admin, literalNames });
  const byKey = new Map(catalog.accounts.map((one) => [accountKey(one), one]));
  const byUser = Map.groupBy(catalog.accounts, ({ user }) => user);
  const ours = new Set(
    (catalog.ledger ?? []).flatMap(({ kind, name, project, retired }) =>
      kind === 'database' && project === input.project && retired === null ? [name] : [],
    ),
  );
  const owners = new Map(tenants.filter((one) => !one.isReader).map((one) => [one.database, one.app]));
  const retired = new Map(
    (catalog.ledger ?? [])
      .filter((row) => row.kind === 'database' && row.retired !== null && row.project === input.project)
      .map((row) => [row.name, row.app ?? row.name]),
  );
  return {
    input,
    catalog,
    facts,
    tenants,
    made: made.filter(({ asDefiner }) => asDefiner),
    lent: made.filter(({ asDefiner }) => !asDefiner),
    reach: await readReach(
      connection,
      catalog.databases.map(({ name }) => name),
    ),
    byKey,
    roles: everybody.roles,
    holders,
    patterns: census.patterns,
    goes: doorsThatGo(catalog, holders),
    appOf: (database) => owners.get(database) ?? null,
    victimOf: (database) => owners.get(database) ?? retired.get(database) ?? null,
    isOurs: (database) => ours.has(database),
    accountsOf: ({ users, former }) => {
      const all = [...[...users].flatMap((user) => byUser.get(user) ?? []), ...[...former].flatMap((key) => byKey.get(key) ?? [])];
      return [...new Set(all)].filter(({ isRole }) => !isRole);
    },
    isOthers: (key) => byKey.has(key) && !(holders.account(key).project === input.project) && !holders.wanted.has(`account/${key}`),
    sessions: open,
    held: await readHeld(connection, catalog.server),
    live: await readLiveGrants(connection, catalog.server),
    waiting: await readWaiting(connection, catalog.server),
    rights: new GrantTables(census, facts),
    fresh: () => new GrantTables(census, facts),
    losses: lossesInTurn(() => new GrantTables(census, facts), who),
    called: (database) => owners.get(database) ?? database,
    matching: (pattern) =>
      catalog.databases
        .map(({ name }) => name)
        .filter((name) => name !== 'information_schema' && name !== 'performance_schema' && patternReaches(pattern, name, literalNames)),
  };
}

function lossesInTurn(fresh: () => GrantTables, who: Who): CatalogSnapshot['losses'] {
  const told = new Map<string, readonly Loss[]>();
  const tables = fresh();
  return (effects, about = null) => {
    // The same statement stands in several findings, and is sent once.
    const key = JSON.stringify([effects, about]);
    const known = told.get(key);
    if (known) return known;
    const losses = merged([...lossesOf(effects, fresh(), who, about), ...lossesOf(effects, tables, who, about)]);
    told.set(key, losses);
    return losses;
  };
}

/** Each login once. */
function merged(losses: readonly Loss[]): readonly Loss[] {
  return [...Map.groupBy(losses, ({ who }) => who).values()].flatMap((group) => {
    const [first] = group;
    const keep = group.find((one) => one.keep !== null)?.keep ?? null;
    return first ? [{ ...first, keep, what: [...new Set(group.flatMap(({ what }) => what))] }] : [];
  });
}

/** Databases of the server and of cotenant: whoever reads them reads about everybody. */
export function isServers(database: string): boolean {
  return database === LEDGER || SERVER_DATABASES.includes(database);
}
