import { mapPool } from '../../../util/pool.ts';
import { parseAcl } from '../acl.ts';
import type { ObserveContext } from './observe.ts';
import { unreadDatabase } from './carriers.ts';
import { leadingHere, type Whereabouts } from './here.ts';
import { type LinkRow, LINKS, SUBSCRIBED, type SubscribedRow } from '../queries/links.ts';
import type { SharedRows } from '../queries/shared.ts';
import type { Link } from '../retire/remains-spec.ts';
import { ident } from '../quote.ts';
import { readMark } from '../marks/mark.ts';
import { isTrouble } from '../connect/trouble.ts';
import { urlForm } from '../connect/url-form.ts';
import { urlOf } from '../../../engine/index.ts';

/** Databases that are looked into at the same time. */
const LANES = 4;

/** What leads to this server, and what of that could not be read: nothing is known of it, not that there is nothing. */
export interface Links {
  readonly links: readonly Link[];
  /** In words. */
  readonly unread: readonly string[];
}

/** Foreign servers, user mappings and subscriptions of this server that lead to it again. */
export async function linksHere(context: ObserveContext, rows: SharedRows): Promise<Links> {
  const open = rows.databases.filter((row) => row[6]).map(([name]) => name);
  const read = await mapPool(open, LANES, async (database) => await linksOf(context, database));
  const found = read.flatMap((one) => (typeof one === 'string' ? [] : one));
  const { superuser } = context.shared;
  const subscriptions = superuser ? await subscribed(context) : [];
  // What superusers have to themselves, as a managed service does, is nobody's way.
  const entered = new Set(rows.databases.filter((row) => isEntered(row, rows)).map(([name]) => name));
  const unread = [
    ...rows.databases
      .filter((row) => !row[6] && !row[7] && entered.has(row[0]))
      .map(([name]) => `database "${name}" (nobody can connect to it)`),
    ...read.filter((one, at) => typeof one === 'string' && entered.has(open[at] ?? '')).map(String),
    ...(superuser ? [] : await hidden(context)),
  ];
  const links = await leading(context, rows, found, subscriptions);
  // Of mappings of others no other admin sees the options.
  const masked = superuser
    ? []
    : links.filter(({ login, mapped }) => login === null && mapped).map(({ what }) => `the user mappings of ${what}`);
  return { links: links.map(({ mapped: _mapped, ...link }) => link), unread: [...unread, ...new Set(masked)] };
}

/** True where somebody besides superusers is let in. */
function isEntered([, owner, , , , , , , items]: SharedRows['databases'][number], { roles }: SharedRows): boolean {
  const superusers = new Set(roles.filter((row) => row[3]).map(([name]) => name));
  const acl = items === null ? { '': 'c' } : parseAcl(items);
  return !superusers.has(owner) || Object.entries(acl).some(([grantee, letters]) => letters.includes('c') && !superusers.has(grantee));
}

type Found = readonly (readonly [database: string, row: LinkRow])[];

async function leading(
  context: ObserveContext,
  rows: SharedRows,
  found: Found,
  subscriptions: readonly SubscribedRow[],
): Promise<readonly (Link & { readonly mapped: boolean })[]> {
  const isShare = shareRoles(rows, context.input.project);
  const places = [
    ...found.map(([, row]) => ({ host: row[3], port: row[4] })),
    ...subscriptions.map(([, , , , host, port]) => ({ host, port })),
  ];
  if (places.length === 0) return [];
  const leadsHere = await leadingHere(await whereabouts(context, rows), places);
  const servers = found.flatMap(([within, [server, owner, names, host, port, mapped, login, users]]) => {
    if (!leadsHere({ host, port }) || isShare(mapped ?? '')) return [];
    const what = `foreign server ${ident(server)} of database "${within}"`;
    const who = [...new Set([owner, ...(mapped === null || mapped === '' ? [] : [mapped]), ...users])];
    // A database that a server does not name is the one that is called like the login.
    return who.map((one) => ({ who: one, what, within, to: names ?? login, login, mapped: mapped !== null }));
  });
  const others = subscriptions
    .filter(([, , , , host, port]) => leadsHere({ host, port }))
    .map(([name, who, within, from, , , login]) => {
      const what = `subscription ${ident(name)} of database "${within}"`;
      return { who, what, within, to: from ?? login, login, mapped: false };
    });
  return [...servers, ...others].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

async function subscribed({ shared }: ObserveContext): Promise<readonly SubscribedRow[]> {
  const [rows = []] = await shared.rows(SUBSCRIBED);
  // The shape stands beside the statement.
  return rows as unknown as readonly SubscribedRow[];
}

/** Subscriptions, of which only a superuser may read where they lead. */
async function hidden({ shared }: ObserveContext): Promise<readonly string[]> {
  const [rows = []] = await shared.rows(
    `SELECT s.subname::text, d.datname::text FROM pg_catalog.pg_subscription s JOIN pg_catalog.pg_database d ON d.oid = s.subdbid ORDER BY 1, 2`,
  );
  return rows.map(
    ([name, database]) => `subscription ${ident(String(name))} of database "${String(database)}" (only a superuser sees where it leads)`,
  );
}

/** A text: why it could not be looked into. */
async function linksOf(context: ObserveContext, database: string): Promise<Found | string> {
  try {
    await using connection = await context.open(database);
    const [rows = []] = await connection.rows(LINKS);
    return (rows as unknown as readonly LinkRow[]).map((row) => [database, row] as const);
  } catch (error) {
    if (!isTrouble(error)) throw error;
    return unreadDatabase(database, error);
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
