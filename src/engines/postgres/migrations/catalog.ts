import type { CatalogObject } from '../../../engine/index.ts';
import type { Connection } from '../connect/connection.ts';
import { ident, literal } from '../quote.ts';
import { CATALOG, ROW_WALLS } from './catalog-query.ts';
import type { Spot } from './spots.ts';

const WIDE = new Set(['extension', 'event trigger', 'publication', 'foreign server', 'settings', 'role', 'membership']);

/** Everything in the app's database, and what of the server a migration could reach. `known`: roles that may have rights on what is the app's. */
export async function catalogIn(connection: Connection, spot: Spot, known: ReadonlySet<string>): Promise<readonly CatalogObject[]> {
  const [rows = []] = await connection.rows(CATALOG);
  const [walls = []] = spot.rows ? await connection.rows(ROW_WALLS) : [];
  const wallOf = new Map(walls.map(([name, digest]) => [`table ${String(name)}`, String(digest)]));
  const [reach = []] = await connection.rows(
    `SELECT o.rolname::text FROM pg_roles o WHERE EXISTS (SELECT 1 FROM pg_roles l WHERE l.rolname IN (${spot.roles.map((role) => literal(role)).join(', ')})
       AND pg_has_role(l.oid, o.oid, 'MEMBER'))`,
  );
  const reachable = new Set(reach.map(([name]) => String(name)));
  const own = new Set([spot.owner]);
  const roles = new Set(spot.roles);
  const ownSchemas = new Set(
    rows.flatMap(([kind, , schema, owner]) => (kind === 'schema' && own.has(String(owner)) ? [String(schema)] : [])),
  );
  return rows.map(([kind, name, schema, owner, acl, digest, broken]): CatalogObject => {
    const here = typeof schema === 'string' ? schema : null;
    const isWide = WIDE.has(String(kind));
    const inside = !isWide && (spot.whole || (here === null ? roles.has(String(owner)) : here === spot.schema || ownSchemas.has(here)));
    const isApps = inside && reachable.has(String(owner));
    return {
      kind: String(kind),
      name: String(name),
      inside,
      own: own.has(String(owner)),
      owner: String(owner),
      reachable: reachable.has(String(owner)),
      digest: isApps ? String(digest) : `${String(digest)} ${String(owner)} ${JSON.stringify(acl)}`,
      strangers: isApps ? strangersIn(acl, known) : [],
      wall: wallOf.get(`${String(kind)} ${String(name)}`) ?? null,
      broken: typeof broken === 'string' ? broken : null,
    };
  });
}

/** `role=arw/grantor`, of a column `role=r/grantor (column)`; names in quotes where they are more than a word. */
const GRANT = /^("(?:[^"]|"")*"|[^=]*)=([^/]*)\/(?:"(?:[^"]|"")*"|[^\s"]*)(?: \(([^]*)\))?$/;

/** Of everybody whom the app's place is nothing of. */
function strangersIn(acl: unknown, known: ReadonlySet<string>): readonly string[] {
  if (!Array.isArray(acl)) return [];
  return acl.flatMap((entry) => {
    const [, quoted = '', rights = '', column] = GRANT.exec(String(entry)) ?? [];
    const role = quoted.startsWith('"') ? quoted.slice(1, -1).replaceAll('""', '"') : quoted;
    const where = column === undefined ? '' : ` on column ${ident(column)}`;
    return known.has(role) ? [] : [`${role === '' ? 'PUBLIC' : ident(role)}: ${rights}${where}`];
  });
}
