import { accountKey, type Catalog, type CatalogAccount } from '../catalog.ts';
import type { Connection } from '../connection.ts';
import type { Input } from '../draft.ts';
import { type Facts, factsOf } from '../facts.ts';
import { type Made, readMade } from '../made.ts';
import { readMissing } from '../missing.ts';
import { LEDGER, SERVER_DATABASES } from '../names.ts';
import { patternReaches } from '../quote.ts';
import { type Reach, readReach } from '../reach.ts';
import { readCatalog } from '../read-catalog.ts';
import { type Tenant, tenantsOf, withFormer } from './tenants.ts';

export interface World {
  readonly input: Input;
  readonly catalog: Catalog;
  readonly facts: Facts;
  readonly tenants: readonly Tenant[];
  readonly made: readonly Made[];
  readonly reach: Reach;
  readonly byKey: ReadonlyMap<string, CatalogAccount>;
  /** Whose a database is: an app of the manifest, or nobody of it. */
  appOf(database: string): string | null;
  /** What findings call a database: the app that lives in it, or its name. */
  called(database: string): string;
  /** Databases that a pattern of a grant reaches, less those that every login has. */
  matching(pattern: string): readonly string[];
}

export async function readWorld(connection: Connection, input: Input): Promise<World> {
  const catalog = await readCatalog(connection);
  const { flavor, version, literalNames } = catalog.server;
  const facts = factsOf({ flavor, version, literalNames, missing: JSON.stringify(await readMissing(connection, input)) });
  const tenants = withFormer(tenantsOf(input), catalog.ledger, input.project);
  const owners = new Map(tenants.filter((one) => !one.isReader).map((one) => [one.database, one.app]));
  return {
    input,
    catalog,
    facts,
    tenants,
    made: (await readMade(connection, catalog)).filter(({ asDefiner }) => asDefiner),
    reach: await readReach(
      connection,
      catalog.databases.map(({ name }) => name),
    ),
    byKey: new Map(catalog.accounts.map((one) => [accountKey(one), one])),
    appOf: (database) => owners.get(database) ?? null,
    called: (database) => owners.get(database) ?? database,
    matching: (pattern) =>
      catalog.databases
        .map(({ name }) => name)
        .filter((name) => name !== 'information_schema' && name !== 'performance_schema' && patternReaches(pattern, name, literalNames)),
  };
}

/** Databases of the server and of cotenant: whoever reads them reads about everybody. */
export function isServers(database: string): boolean {
  return database === LEDGER || SERVER_DATABASES.includes(database);
}
