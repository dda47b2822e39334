import type { Findings, Stuck } from '../../../../engine/index.ts';
import type { Principal } from '../principals.ts';
import { holding } from '../losing.ts';
import { outsideProbe } from '../rights.ts';
import type { Place, CatalogSnapshot } from '../catalog-snapshot.ts';

/** Catalogs whose objects are read one by one in the databases of the apps. */
const DETAILED = new Set([
  'pg_class',
  'pg_proc',
  'pg_namespace',
  'pg_type',
  'pg_largeobject',
  'pg_default_acl',
  'pg_foreign_server',
  'pg_language',
]);

/**
 * The net under the other checks: pg_shdepend knows every object of every kind in every database that a role owns or has
 * a right on, so what somebody holds where they do not belong is seen even where nothing else looks.
 */
export function checkHoldings(snapshot: CatalogSnapshot, findings: Findings): void {
  for (const [database, name, catalog, type, count] of snapshot.shared.holdings) {
    const principal = snapshot.principalOf(name);
    const place = database === '' ? null : snapshot.place(database);
    if (!principal || !place) continue;
    findings.judged += 1;
    if (belongs(principal, place, snapshot.input.project)) continue;
    const stranger = principal.kind === 'foreign' || principal.kind === 'operator';
    if (stranger && (place.kind === 'other' || place.kind === 'maintenance')) continue;
    // An operator keeps in a retired database what it was let to before.
    if (principal.kind === 'operator' && place.kind === 'retired' && type !== 'o') continue;
    // Nor is anything taken there from somebody who cannot come in: it comes back with the app.
    if (principal.kind === 'foreign' && place.kind === 'retired' && !isReached(snapshot, name, database)) continue;
    const id = outsideProbe(principal.kind) ?? 'S12';
    const opened = place.kind === 'app' || place.kind === 'space';
    if (opened && DETAILED.has(catalog) && type !== 'r') continue;
    const how = type === 'o' ? 'owns' : type === 'r' ? 'is named in policies of' : 'has rights on';
    findings.add(id, {
      from: principal.name,
      to: place.target,
      statement: `pg_shdepend of ${database}`,
      answer: `${name} ${how} ${count} in ${catalog}`,
      stuck: BY_HAND,
    });
  }
}

/** True where somebody who comes into the database has the rights of the role there. */
function isReached(snapshot: CatalogSnapshot, role: string, database: string): boolean {
  return holding(snapshot, role).some((name) => snapshot.enters(name, database));
}

/** DROP OWNED would take data with it, and its rights on every database of the server: nothing does that for people. */
export const BY_HAND: Stuck = {
  accepted: false,
  why: 'Whoever knows what it is can drop it (DROP …) or hand it over (ALTER … OWNER TO …).',
};

/** `project`: that of the manifest. */
function belongs(principal: Principal, { database, kind, mark }: Place, project: string): boolean {
  if (principal.databases.has(database)) return true;
  if (principal.kind !== 'retired') return false;
  // A retired app's own database, and the shared one in which its schema rests, also after its last app has left the manifest.
  if (kind === 'retired') return mark?.app === principal.name.replace(/ \(retired\)$/, '');
  return kind === 'space' || (mark?.project === project && mark.app === null);
}
