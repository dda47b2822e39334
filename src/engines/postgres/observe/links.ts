import { parse } from 'pg-connection-string';
import { mapPool } from '../../../util/pool.ts';
import type { ObserveContext } from './observe.ts';
import { type LinkRow, LINKS, SUBSCRIBED, type SubscribedRow } from '../queries/links.ts';
import type { SharedRows } from '../queries/shared.ts';
import type { Link } from '../retire/remains-spec.ts';
import { ident } from '../quote.ts';
import { readMark } from '../mark.ts';

/** Databases that are looked into at the same time. */
const LANES = 4;
const HERE: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '::1']);

/** Foreign servers, user mappings and subscriptions on this server that name one of these databases, or log in as one of these roles. */
export async function linksInto(
  context: ObserveContext,
  rows: SharedRows,
  databases: ReadonlySet<string>,
  roles: ReadonlySet<string>,
): Promise<readonly Link[]> {
  if (databases.size === 0) return [];
  const leadsHere = placeOf(context, rows);
  const isShare = shareRoles(rows, context.input.project);
  const open = rows.databases.filter((row) => row[6]).map(([name]) => name);
  const found = await mapPool(open, LANES, async (database) => await linksOf(context, database));
  const servers = found.flat().flatMap(([database, [server, owner, names, host, port, mapped, login]]): readonly Link[] => {
    if (!leadsHere(host, port) || isShare(mapped ?? '')) return [];
    const what = `foreign server ${ident(server)} of database "${database}"`;
    // A database that a server does not name is the one that is called like the login.
    const to = names ?? login;
    const users = [owner, ...(mapped === null || mapped === '' ? [] : [mapped])];
    return [
      ...(to !== null && databases.has(to) ? users.map((who) => ({ who, what, names: to })) : []),
      ...(login !== null && roles.has(login) ? users.map((who) => ({ who, what, names: login })) : []),
    ];
  });
  const subscriptions = context.shared.superuser ? await subscribed(context) : [];
  const others = subscriptions
    .filter(([, , database, from, host, port]) => from !== null && databases.has(from) && !databases.has(database) && leadsHere(host, port))
    .map(([name, who, database, from]) => ({ who, what: `subscription ${ident(name)} of database "${database}"`, names: from ?? '' }));
  const all = new Map([...servers, ...others].map((one) => [JSON.stringify(one), one]));
  return [...all.values()].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

async function subscribed({ shared }: ObserveContext): Promise<readonly SubscribedRow[]> {
  const [rows = []] = await shared.rows(SUBSCRIBED);
  // The shape stands beside the statement.
  return rows as unknown as readonly SubscribedRow[];
}

/** What this admin cannot look into is not known, and not said. */
async function linksOf(context: ObserveContext, database: string): Promise<readonly (readonly [string, LinkRow])[]> {
  try {
    await using connection = await context.open(database);
    const [rows = []] = await connection.rows(LINKS);
    return (rows as unknown as readonly LinkRow[]).map((row) => [database, row] as const);
  } catch {
    return [];
  }
}

/** Whether an address is this server's, as far as that shows. */
function placeOf({ input }: ObserveContext, rows: SharedRows): (host: string | null, port: string | null) => boolean {
  const { host, port = '5432' } = input.config.url === undefined ? { host: '' } : parse(input.config.url);
  const ports = new Set([String(port), String(rows.server[0]?.[11] ?? '')]);
  const listens = new Set((rows.server[0]?.[12] ?? '').split(',').map((one) => one.trim()));
  return (to, at) => (to === null || to.startsWith('/') || HERE.has(to) || to === host || listens.has(to)) && ports.has(at ?? '5432');
}

/** Roles of this project's shares go with their share. */
function shareRoles(rows: SharedRows, project: string): (role: string) => boolean {
  const marks = new Map(rows.roles.map((row) => [row[0], readMark(row[10])]));
  return (role) => {
    const mark = marks.get(role);
    return mark?.project === project && mark.share !== undefined;
  };
}
