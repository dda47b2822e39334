import type { Findings } from '../../../engine/index.ts';
import { ident } from '../quote.ts';
import { fixInside } from './findings.ts';
import type { Principal } from './principals.ts';
import type { Place, World } from './world.ts';

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
export function checkHoldings(world: World, findings: Findings): void {
  for (const [database, name, catalog, type, count] of world.shared.holdings) {
    const principal = world.principalOf(name);
    const place = database === '' ? null : world.place(database);
    if (!principal || !place) continue;
    findings.judged += 1;
    if (belongs(principal, place)) continue;
    if (principal.kind === 'foreign' && (place.kind === 'other' || place.kind === 'maintenance')) continue;
    const id = principal.kind === 'foreign' ? 'F1' : principal.kind === 'retired' ? 'T1' : 'S12';
    const opened = place.kind === 'app' || place.kind === 'space';
    if (opened && DETAILED.has(catalog) && type !== 'r') continue;
    const how = type === 'o' ? 'owns' : type === 'r' ? 'is named in policies of' : 'has rights on';
    findings.add(id, {
      from: principal.name,
      to: place.target,
      statement: `pg_shdepend of ${database}`,
      answer: `${name} ${how} ${count} in ${catalog}`,
      fix: fixInside(database, `DROP OWNED BY ${ident(name)}`),
    });
  }
}

function belongs(principal: Principal, place: Place): boolean {
  if (principal.databases.has(place.database)) return true;
  // A retired app's own database, and the shared one in which its schema rests.
  return (
    principal.kind === 'retired' &&
    (place.kind === 'space' || (place.kind === 'retired' && place.mark?.app === principal.name.replace(/ \(retired\)$/, '')))
  );
}
