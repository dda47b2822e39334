import type { FoundApp, FoundLogin } from './found.ts';
import type { SharedRows } from '../queries/shared.ts';

/** What people must know of an app before they apply. */
export function importWarnings(found: FoundApp, rows: SharedRows): readonly string[] {
  const database = found.database.row[0];
  const out = found.logins.flatMap((login) => loginWarnings(found, login, rows));
  if (found.logins.length === 0)
    out.push(
      `only the operator's login works in database "${database}": the app gets its own login, and whatever uses the operator's keeps working until you switch it over`,
    );
  for (const other of found.beside)
    out.push(
      `login "${other}" has rights in database "${database}" but is not an app: it keeps them, and is listed under operators or known`,
    );
  return out;
}

function loginWarnings(found: FoundApp, { row, as, holding }: FoundLogin, rows: SharedRows): readonly string[] {
  const out: string[] = [];
  const [name, , , superuser, createRole, createDatabase, replication, bypassRls, , validUntil] = row;
  const database = found.database.row[0];
  if (superuser) out.push(`login "${name}" is a superuser, whom no wall holds: the first apply makes it an ordinary login`);
  const more = [createRole && 'CREATEROLE', createDatabase && 'CREATEDB', replication && 'REPLICATION', bypassRls && 'BYPASSRLS'].filter(
    Boolean,
  );
  if (more.length > 0 && !superuser) out.push(`login "${name}" has ${more.join(', ')}, which the first apply revokes`);
  if (validUntil !== null && validUntil !== 'infinity')
    out.push(`login "${name}" expires on ${validUntil}, and this stays so (VALID UNTIL)`);
  if (as !== 'owner' && holding.creates)
    out.push(
      `login "${name}" may create objects in database "${database}", which the first apply revokes: at level ${as} it works with what others created`,
    );
  if (as === 'owner') out.push(...asksWho(found, name));
  const kept = new Set(Object.values(found.groups));
  const groups = rows.members.filter(([group, member]) => member === name && !kept.has(group)).map(([group]) => `"${group}"`);
  if (groups.length > 0) out.push(`login "${name}" is a member of ${[...new Set(groups)].join(', ')}, which the first apply revokes`);
  const reads = [...holding.reads].filter((schema) => found.schema !== null && schema !== found.schema).map((schema) => `"${schema}"`);
  if (reads.length > 0)
    out.push(
      `login "${name}" reads in ${reads.join(', ')} of database "${database}": the tables that it can read there are listed under shares; it loses everything else`,
    );
  return out;
}

const SHOWN = 3;

/** A session of an owner acts as the owner role, and what asks for the current user gets that one. */
function asksWho({ database: { reach }, schema }: FoundApp, login: string): readonly string[] {
  const names = [...(reach?.sources ?? []).flatMap(([name, , , , , asks]) => (asks ? [name] : [])), ...(reach?.asking ?? []).flat()];
  const here = names.filter((name) => schema === null || name.startsWith(`${schema}.`));
  if (here.length === 0) return [];
  const more = here.length > SHOWN ? ` and ${here.length - SHOWN} more` : '';
  return [
    `login "${login}" will act as an owner role, so current_user returns that role: check ${here.slice(0, SHOWN).join(', ')}${more}, or use session_user there`,
  ];
}
