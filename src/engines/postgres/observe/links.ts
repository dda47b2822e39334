import { mapPool } from '../../../util/pool.ts';
import type { ObserveContext } from './observe.ts';
import { leadingHere, type Whereabouts } from './here.ts';
import { type LinkRow, LINKS, SUBSCRIBED, type SubscribedRow } from '../queries/links.ts';
import type { SharedRows } from '../queries/shared.ts';
import type { Link } from '../retire/remains-spec.ts';
import { ident } from '../quote.ts';
import { readMark } from '../marks/mark.ts';
import { urlForm } from '../connect/url-form.ts';
import { urlOf } from '../../../engine/index.ts';

/** Databases that are looked into at the same time. */
const LANES = 4;

/** Foreign servers, user mappings and subscriptions of this server that lead to it again. */
export async function linksHere(context: ObserveContext, rows: SharedRows): Promise<readonly Link[]> {
  const isShare = shareRoles(rows, context.input.project);
  const open = rows.databases.filter((row) => row[6]).map(([name]) => name);
  const found = (await mapPool(open, LANES, async (database) => await linksOf(context, database))).flat();
  const subscriptions = context.shared.superuser ? await subscribed(context) : [];
  const places = [
    ...found.map(([, row]) => ({ host: row[3], port: row[4] })),
    ...subscriptions.map(([, , , , host, port]) => ({ host, port })),
  ];
  if (places.length === 0) return [];
  const leadsHere = await leadingHere(await whereabouts(context, rows), places);
  const servers = found.flatMap(([within, [server, owner, names, host, port, mapped, login, users]]): readonly Link[] => {
    if (!leadsHere({ host, port }) || isShare(mapped ?? '')) return [];
    const what = `foreign server ${ident(server)} of database "${within}"`;
    const who = [...new Set([owner, ...(mapped === null || mapped === '' ? [] : [mapped]), ...users])];
    // A database that a server does not name is the one that is called like the login.
    return who.map((one) => ({ who: one, what, within, to: names ?? login, login }));
  });
  const others = subscriptions
    .filter(([, , , , host, port]) => leadsHere({ host, port }))
    .map(([name, who, within, from, , , login]): Link => {
      const what = `subscription ${ident(name)} of database "${within}"`;
      return { who, what, within, to: from ?? login, login };
    });
  return [...servers, ...others].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
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

async function whereabouts({ input, shared }: ObserveContext, rows: SharedRows): Promise<Whereabouts> {
  const { host, port } = urlOf(input.config.url, urlForm) ?? { host: '', port: urlForm.port };
  const [[[address = null] = []] = []] = await shared.rows('SELECT pg_catalog.host(pg_catalog.inet_server_addr())');
  return {
    host,
    address: typeof address === 'string' ? address : null,
    listens: (rows.server[0]?.[12] ?? '').split(',').map((one) => one.trim()),
    ports: new Set([String(port), String(rows.server[0]?.[11] ?? '')]),
  };
}

/** Roles of this project's shares go with their share. */
function shareRoles(rows: SharedRows, project: string): (role: string) => boolean {
  const marks = new Map(rows.roles.map((row) => [row[0], readMark(row[10])]));
  return (role) => {
    const mark = marks.get(role);
    return mark?.project === project && mark.share !== undefined;
  };
}
