import { lookUp } from '../../util/record.ts';
import { accountName, grantPattern, ident, literal } from './quote.ts';
import type { Grants } from './spec.ts';

/**
 * What a grant is about. `database`: one by name. `pattern`: a text with wildcards as the server keeps it. A target is kept
 * as JSON text, so that it can be a key.
 */
export type Target =
  | readonly ['global']
  | readonly ['database', string]
  | readonly ['pattern', string]
  | readonly ['table', string, string]
  | readonly ['column', string, string, string]
  | readonly ['routine', string, string, string];

export const GLOBAL = keyOf(['global']);
const GRANT_OPTION = 'GRANT OPTION';

export function keyOf(target: Target): string {
  return JSON.stringify(target);
}

export function targetOf(key: string): Target {
  return JSON.parse(key) as Target;
}

export function listOf(text: string | undefined): readonly string[] {
  return text === undefined || text === '' ? [] : text.split(', ');
}

export function textOf(privileges: Iterable<string>): string {
  return [...new Set(privileges)].sort().join(', ');
}

/** The database that a target lies in, or null. */
export function databaseOf(target: Target): string | null {
  return target[0] === 'global' || target[0] === 'pattern' ? null : target[1];
}

/** As it stands after ON. `literalNames`: the server takes wildcards in names of databases as they are. */
function onClause(target: Target, literalNames: boolean): string {
  switch (target[0]) {
    case 'global':
      return '*.*';
    case 'database':
      return `${ident(grantPattern(target[1], literalNames))}.*`;
    case 'pattern':
      return `${ident(target[1])}.*`;
    case 'routine':
      return `${target[3]} ${ident(target[1])}.${ident(target[2])}`;
    default:
      return `${ident(target[1])}.${ident(target[2])}`;
  }
}

/** For people: `digi_core.*`, `shop.orders (id)`. */
export function shown(key: string): string {
  const target = targetOf(key);
  switch (target[0]) {
    case 'global':
      return '*.*';
    case 'database':
      return `${target[1]}.*`;
    case 'pattern':
      return `pattern ${target[1]}.*`;
    case 'column':
      return `${target[1]}.${target[2]} (${target[3]})`;
    case 'routine':
      return `${target[3].toLowerCase()} ${target[1]}.${target[2]}`;
    default:
      return `${target[1]}.${target[2]}`;
  }
}

interface Server {
  readonly flavor: string;
  /** It takes wildcards in names of databases as they are. */
  readonly literalNames: boolean;
}

export interface GrantChanges {
  readonly grants: readonly string[];
  readonly revokes: readonly string[];
}

/**
 * GRANT and REVOKE from one list to the other. `who` as it stands after TO. MySQL takes nothing of a list of which it misses one,
 * which may be gone since: it is asked for those that are there. MariaDB takes them anyway.
 */
export function grantChanges(from: Grants, to: Grants, who: string, { flavor, literalNames }: Server): GrantChanges {
  const grants: string[] = [];
  const revokes: string[] = [];
  const again: string[] = [];
  for (const key of [...new Set([...Object.keys(from), ...Object.keys(to)])].sort()) {
    const target = targetOf(key);
    const have = listOf(lookUp(from, key));
    const want = listOf(lookUp(to, key));
    const missing = want.filter((one) => !have.includes(one));
    const tooMuch = have.filter((one) => !want.includes(one));
    const on = onClause(target, literalNames);
    const words = (list: readonly string[]): string =>
      list.map((one) => (target[0] === 'column' && one !== GRANT_OPTION ? `${one} (${ident(target[3])})` : one)).join(', ');
    const plain = missing.filter((one) => one !== GRANT_OPTION);
    const option = missing.includes(GRANT_OPTION) ? ' WITH GRANT OPTION' : '';
    if (missing.length > 0) grants.push(`GRANT ${plain.length > 0 ? words(plain) : 'USAGE'} ON ${on} TO ${who}${option}`);
    for (const list of inTurn(target, tooMuch)) {
      const there = flavor === 'mysql' && list.length > 1 ? 'IF EXISTS ' : '';
      revokes.push(`REVOKE ${there}${words(list)} ON ${on} FROM ${who}`);
    }
    if (target[0] === 'table') again.push(...columnsAgain(target, tooMuch, to, who));
  }
  return { grants, revokes: [...revokes, ...again] };
}

/**
 * MySQL takes everything that somebody has, on databases and tables too, where one statement revokes all that there is on
 * everything together with GRANT OPTION: that goes by itself.
 */
function inTurn(target: Target, taken: readonly string[]): readonly (readonly string[])[] {
  const plain = target[0] === 'global' ? taken.filter((one) => one !== GRANT_OPTION) : taken;
  const rest = taken.filter((one) => !plain.includes(one));
  return [plain, rest].filter((list) => list.length > 0);
}

/** A right that is taken on a table goes on its columns as well: those that are wanted are given once more. */
function columnsAgain(table: Target, taken: readonly string[], to: Grants, who: string): string[] {
  return Object.entries(to).flatMap(([key, privileges]) => {
    const target = targetOf(key);
    if (target[0] !== 'column' || target[1] !== table[1] || target[2] !== table[2]) return [];
    const lost = listOf(privileges).filter((one) => taken.includes(one));
    return lost.map((one) => `GRANT ${one} (${ident(target[3])}) ON ${onClause(target, true)} TO ${who}`);
  });
}

/** A name of a role or account as GRANT and REVOKE take it. Roles of MariaDB have no host. */
export function roleName(name: string, hasHosts: boolean): string {
  const at = name.lastIndexOf('@');
  if (!hasHosts || at < 0) return literal(at < 0 ? name : name.slice(0, at));
  return `${literal(name.slice(0, at))}@${literal(name.slice(at + 1))}`;
}

/**
 * Takes a role from an account. MariaDB lets only an administrator of the role do so, which its maker is and an operator may not
 * be: there the row goes instead.
 */
export function roleRevokes(role: string, account: { readonly user: string; readonly host: string }, flavor: string): readonly string[] {
  if (flavor !== 'mariadb') return [`REVOKE ${roleName(role, true)} FROM ${accountName(account)}`];
  const [user, host, name] = [account.user, account.host, role].map(literal);
  return [`DELETE FROM mysql.roles_mapping WHERE User = ${user} AND Host = ${host} AND Role = ${name}`, 'FLUSH PRIVILEGES'];
}
