import { accountKey, type Catalog, type CatalogAccount } from '../catalog.ts';
import type { Connection } from '../connection.ts';
import type { Input } from '../draft.ts';
import { type Facts, factsOf } from '../facts.ts';
import { readMissing } from '../missing.ts';
import { LEDGER, SERVER_DATABASES } from '../names.ts';
import { patternReaches } from '../quote.ts';
import { readCatalog } from '../read-catalog.ts';
import { type Tenant, tenantsOf } from './tenants.ts';

/** Something that runs with the rights of whoever made it. */
export interface Made {
  readonly database: string;
  readonly name: string;
  /** As `VIEW`, ready for DROP. */
  readonly what: string;
  readonly definer: string;
}

export interface World {
  readonly input: Input;
  readonly catalog: Catalog;
  readonly facts: Facts;
  readonly tenants: readonly Tenant[];
  readonly made: readonly Made[];
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
  const tenants = tenantsOf(input);
  const owners = new Map(tenants.filter((one) => !one.isReader).map((one) => [one.database, one.app]));
  return {
    input,
    catalog,
    facts,
    tenants,
    made: await readMade(connection, flavor),
    byKey: new Map(catalog.accounts.map((one) => [accountKey(one), one])),
    appOf: (database) => owners.get(database) ?? null,
    called: (database) => owners.get(database) ?? database,
    matching: (pattern) =>
      catalog.databases
        .map(({ name }) => name)
        .filter((name) => name !== 'information_schema' && name !== 'performance_schema' && patternReaches(pattern, name, literalNames)),
  };
}

/** Of the server's own tables where it has them: the views that it makes of them look into every routine. */
async function readMade(connection: Connection, flavor: 'mysql' | 'mariadb'): Promise<readonly Made[]> {
  const routines =
    flavor === 'mariadb'
      ? "SELECT db AS d, name AS n, type AS t, definer AS who FROM mysql.proc WHERE security_type = 'DEFINER'"
      : "SELECT ROUTINE_SCHEMA AS d, ROUTINE_NAME AS n, ROUTINE_TYPE AS t, DEFINER AS who FROM information_schema.ROUTINES WHERE SECURITY_TYPE = 'DEFINER'";
  const events =
    flavor === 'mariadb'
      ? "SELECT db AS d, name AS n, 'EVENT' AS t, definer AS who FROM mysql.event"
      : "SELECT EVENT_SCHEMA AS d, EVENT_NAME AS n, 'EVENT' AS t, DEFINER AS who FROM information_schema.EVENTS";
  const views =
    "SELECT TABLE_SCHEMA AS d, TABLE_NAME AS n, 'VIEW' AS t, DEFINER AS who FROM information_schema.VIEWS WHERE SECURITY_TYPE = 'DEFINER' AND TABLE_SCHEMA NOT IN ('sys', 'mysql')";
  const triggers = "SELECT TRIGGER_SCHEMA AS d, TRIGGER_NAME AS n, 'TRIGGER' AS t, DEFINER AS who FROM information_schema.TRIGGERS";
  const out: Made[] = [];
  for (const question of [routines, events, views, triggers]) {
    for (const row of await connection.rows(question)) {
      const database = String(row['d']);
      if (SERVER_DATABASES.includes(database) || database === LEDGER) continue;
      out.push({ database, name: String(row['n']), what: String(row['t']), definer: String(row['who']) });
    }
  }
  return out;
}

/** Databases of the server and of cotenant: whoever reads them reads about everybody. */
export function isServers(database: string): boolean {
  return database === LEDGER || SERVER_DATABASES.includes(database);
}
