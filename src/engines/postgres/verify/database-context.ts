import { isLookup, lookupLogins } from '../judge/accepted-roles.ts';
import { partOf } from '../part-name.ts';
import type { Sink } from './fixable.ts';
import type { DatabaseCatalog } from './catalog-database.ts';
import type { Area } from './rights.ts';
import type { Place, CatalogSnapshot } from './catalog-snapshot.ts';

/** One database that was read, and whose area each schema of it is. */
export interface DatabaseContext {
  readonly snapshot: CatalogSnapshot;
  readonly findings: Sink;
  readonly place: Place;
  readonly catalog: DatabaseCatalog;
  /** By schema. Schemas of extensions and of shares are left out. */
  readonly areas: ReadonlyMap<string, Area>;
}

export function contextIn(snapshot: CatalogSnapshot, findings: Sink, place: Place, catalog: DatabaseCatalog): DatabaseContext {
  const apps = place.space ? snapshot.schemaApps(place.space) : new Map<string, string>();
  const byRows = place.space?.apps[0]?.placement.isolation === 'rows';
  // Schemas of shares are looked at by checks of their own.
  const links = new Set(
    snapshot.shares.flatMap(({ address, spec }) => {
      const [database, schema] = partOf(address.name);
      return database === place.database ? [schema, spec.hidden] : [];
    }),
  );
  const areas = new Map<string, Area>();
  const lookups = lookupsOf(snapshot, catalog);
  for (const [schema, owner, , , byExtension] of catalog.schemas) {
    if (byExtension || links.has(schema)) continue;
    if (lookups.has(schema) && snapshot.principalOf(owner) === null) {
      areas.set(schema, { owner: null, host: place.owner, lookups: new Set(lookupLogins(snapshot.input)) });
      continue;
    }
    const principal = snapshot.principalOf(owner);
    // `public` of a shared database is the operator's, whoever holds it.
    const personal = schema !== 'public' && principal && (principal.kind === 'app' || principal.kind === 'retired') ? principal.name : null;
    areas.set(schema, { owner: place.app ?? (byRows ? null : (apps.get(schema) ?? personal)), host: place.owner });
  }
  return { snapshot, findings, place, catalog, areas };
}

/** Schemas in which a pooler looks passwords up: they are the operator's, in whatever database they lie. */
function lookupsOf(snapshot: CatalogSnapshot, catalog: DatabaseCatalog): ReadonlySet<string> {
  const logins = lookupLogins(snapshot.input);
  if (logins.length === 0) return new Set();
  const spaces = new Map(catalog.schemas.map(([schema, , acl]) => [schema, acl]));
  const found = catalog.functions.filter(
    ([schema, owner, acl, definer]) => definer && snapshot.principalOf(owner) === null && isLookup(logins, acl, spaces.get(schema) ?? null),
  );
  return new Set(found.map(([schema]) => schema).filter((schema) => schema !== 'public'));
}

/** What a finding in this area says it reaches. */
export function targetOf({ place }: DatabaseContext, area: Area): string {
  return area.owner ?? place.target;
}

/** Another app’s area is spoken of by one probe in a database of one app, by another in a shared one. */
export function entryProbe({ place }: DatabaseContext): string {
  return place.kind === 'space' ? 'S01' : 'P01b';
}
