import type { Command } from '../../../model/index.ts';
import { exactly, literal } from '../quote.ts';
import type { Holder } from '../spec.ts';

/** A statement that begins like this gives statements: the lane sends those as well. */
const KILLING = "SELECT CONCAT('KILL CONNECTION ', ID) AS statement FROM information_schema.PROCESSLIST WHERE ";

/** Of a command whose text finds sessions, which are ended one by one. */
export const END = 'sessions/end';

/** Ends the sessions of which this is true, but cotenant's own. */
export function sessionsWhere(condition: string): Command {
  return { op: END, text: `${KILLING}${condition} AND ID <> CONNECTION_ID()` };
}

/** Where a session comes from, without the port. */
const ADDRESS = "IF(INSTR(HOST, ':') = 0, HOST, LEFT(HOST, CHAR_LENGTH(HOST) - CHAR_LENGTH(SUBSTRING_INDEX(HOST, ':', -1)) - 1))";
const IPV4 = /^\d+\.\d+\.\d+\.\d+$/;

/** A user with a host as in the name of an account; without one: whatever account the session came in by. */
export interface Whose {
  readonly user: string;
  readonly host: string | null;
}

export function whoseOf(key: string): Whose {
  const at = key.lastIndexOf('@');
  return at < 0 ? { user: key, host: null } : { user: key.slice(0, at), host: key.slice(at + 1) };
}

/** Accounts under the same user that are not of this app. */
export function namesakes(all: readonly Whose[], app: string | null, accounts: readonly Holder[]): readonly Holder[] {
  const keys = new Set(all.map(({ user, host }) => `${user}@${host ?? ''}`));
  const users = new Set(all.map(({ user }) => user));
  return accounts.filter(
    ({ key, user, of, isRole, locked }) => (of === null || of !== app) && !isRole && !locked && users.has(user) && !keys.has(key),
  );
}

/**
 * Ends the sessions that came in by these accounts. The server lists them by user and address only: a session from the very address
 * that another account of the user is for came in by that one, and stays.
 */
export function endAccounts(all: readonly Whose[], app: string | null, accounts: readonly Holder[]): Command {
  const others = namesakes(all, app, accounts).filter((one) => isOneAddress(one.host));
  const conditions = [...Map.groupBy(all, ({ user }) => user)].map(([user, mine]) => {
    const fits = mine.map(({ host }) => fitting(host));
    const spared = others.filter((one) => one.user === user).map((one) => literal(one.host));
    const from = fits.includes(null) ? '' : ` AND (${fits.join(' OR ')})`;
    const but = spared.length === 0 ? '' : ` AND ${ADDRESS} NOT IN (${spared.join(', ')})`;
    return { user, more: from + but };
  });
  const whole = conditions.filter(({ more }) => more === '').map(({ user }) => literal(user));
  const parts = conditions.filter(({ more }) => more !== '').map(({ user, more }) => `(${exactly('USER')} = ${literal(user)}${more})`);
  const which = [...(whole.length > 0 ? [`${exactly('USER')} IN (${whole.join(', ')})`] : []), ...parts];
  return sessionsWhere(which.length === 1 ? (which[0] ?? '') : `(${which.join(' OR ')})`);
}

export const isOneAddress = (host: string): boolean => IPV4.test(host);

/** What an address must be for the account to be the one; null: any. An address that the server shows as a name may be any as well. */
function fitting(host: string | null): string | null {
  if (host === null || host === '%') return null;
  const named = `${ADDRESS} NOT REGEXP '^[0-9.]+$'`;
  const [net = '', mask] = host.split('/');
  if (mask !== undefined && IPV4.test(net) && IPV4.test(mask))
    return `(${named} OR INET_ATON(${ADDRESS}) & INET_ATON(${literal(mask)}) = INET_ATON(${literal(net)}))`;
  return /^[\d.%_]+$/.test(host) ? `(${named} OR ${ADDRESS} LIKE ${literal(host)})` : null;
}
