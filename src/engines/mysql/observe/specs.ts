import { lookUp, putIn } from '../../../util/record.ts';
import { accountKey, type Catalog, type CatalogAccount, type CatalogDatabase } from './catalog.ts';
import { databaseOf as databaseOfTarget, GLOBAL, keyOf, listOf, targetOf, textOf } from '../grants.ts';
import { onDatabase, reachedByPatterns } from '../losses/by-database.ts';
import { setsOf } from '../losses/rights.ts';
import type { Owners } from './owners.ts';
import { byName, merge, Roles, rolesOfAll } from './roles.ts';
import { LEDGER, SERVER_DATABASES } from '../names.ts';
import { isCalled, lacking } from '../judge/people.ts';
import { isAdmins } from '../operators.ts';
import { patternReaches } from '../quote.ts';
import type { AccountSpec, DatabaseSpec, Grants, OperatorSpec, PerimeterSpec } from '../spec.ts';
import { append } from '../../../util/append.ts';

/** Whose each account is, who has what by roles, and what others have where they need not. */
export interface Everybody {
  readonly owners: Owners;
  readonly roles: Roles;
  /** By account: who has it as a role, or may act as it. What our own accounts may is taken from their side. */
  readonly members: ReadonlyMap<string, readonly string[]>;
  /** By database. */
  readonly outsiders: ReadonlyMap<string, Outsiders>;
}

/** Rights of others in a database, which need not be there. */
type Outsiders = Pick<DatabaseSpec, 'outsiders' | 'kept'>;

/** Looks at each account once, however many apps there are. */
export function everybodyIn(catalog: Catalog, owners: Owners): Everybody {
  const roles = new Roles(catalog, owners);
  const members = new Map<string, string[]>();
  const outsiders = new Map<string, { outsiders: Record<string, Grants>; kept: Record<string, Grants> }>();
  for (const account of catalog.accounts) {
    const key = accountKey(account);
    const owner = owners.account(key);
    const { ours } = owner;
    if (ours || owners.wanted.has(`account/${key}`) || owners.isNamed(account) || roles.isKept(account)) continue;
    if (isAdmins(catalog.server.admin, account)) continue;
    for (const role of account.roles) append(members, role, `role ${key}`);
    for (const proxied of account.proxies) append(members, proxied, `proxy ${key}`);
    if (owners.isOfProject(owner) || isEverybody(account)) continue;
    for (const [target, privileges] of Object.entries(account.grants)) {
      const name = databaseOfTarget(targetOf(target));
      if (name === null) continue;
      const found = outsiders.get(name) ?? { outsiders: {}, kept: {} };
      outsiders.set(name, found);
      merge(found.outsiders, { [key]: { [target]: privileges } });
      merge(found.kept, roles.keptOf(account, { [target]: privileges }));
    }
  }
  return { owners, roles, members, outsiders };
}

export function accountOf(account: CatalogAccount, everybody: Everybody): AccountSpec {
  const { owners, members } = everybody;
  const { isRole: _role, hash: _hash, restrictions: _left, ...rest } = account;
  return {
    ...rest,
    ...owners.password(account),
    secret: null,
    own: null,
    members: [...(members.get(accountKey(account)) ?? [])].sort(),
    noted: owners.account(accountKey(account)).noted,
    adopt: false,
  };
}

export function databaseOf({ name, charset, collation }: CatalogDatabase, everybody: Everybody): DatabaseSpec {
  return { charset, collation, ...outsidersIn(name, everybody), noted: everybody.owners.database(name).noted, adopt: false };
}

export function outsidersIn(name: string, { outsiders }: Everybody): Outsiders {
  return outsiders.get(name) ?? { outsiders: {}, kept: {} };
}

function isEverybody({ user, isRole }: CatalogAccount): boolean {
  return user === '' || (isRole && user === 'PUBLIC');
}

/** Doors that are open to everybody, as far as they lead to something of ours or to the places that old servers open to all. */
export function perimeterOf(catalog: Catalog, { owners, roles }: Everybody): PerimeterSpec {
  const isClosed = doorsThatGo(catalog, owners);
  const role = catalog.accounts.find((one) => one.isRole && one.user === 'PUBLIC');
  const ofOurs = (grants: Grants): Grants => Object.fromEntries(Object.entries(grants).filter(([key]) => isClosed(key)));
  const everybody = ofOurs(role?.grants ?? {});
  const rows = ofOurs(catalog.everybody);
  const anonymous = catalog.accounts.filter((one) => one.user === '' && !one.isRole && !owners.isNamed(one)).map((one) => one.host);
  // What an anonymous account has goes with it, wherever it is, and everybody from there had it.
  const going = anonymous.map((host) => lookUp(catalog.everybodyFrom, host) ?? {});
  const kept: Record<string, Grants> = { ...keptOf(catalog, owners, [everybody, rows, ...going]) };
  const byRoles: Record<string, Grants> = {};
  for (const { account } of rolesOfAll(catalog)) {
    if (isEverybody(account) || isAdmins(catalog.server.admin, account) || owners.isNamed(account)) continue;
    for (const [target, privileges] of Object.entries(account.grants)) {
      // What it has in an app's database is taken there.
      if (!isServers(target)) continue;
      merge(byRoles, { [accountKey(account)]: { [target]: privileges } });
      merge(kept, roles.keptOf(account, { [target]: privileges }));
    }
  }
  return { anonymous, everybody, rows, roles: byRoles, kept };
}

/** On everything, or on what the server and cotenant keep for themselves. */
function isServers(key: string): boolean {
  const name = databaseOfTarget(targetOf(key));
  return key === GLOBAL || (name !== null && (name === LEDGER || SERVER_DATABASES.includes(name)));
}

/** Which grants to everybody are closed: others are no affair of this project. */
export function doorsThatGo({ databases, server }: Catalog, owners: Owners): (target: string) => boolean {
  const known = databases.map((one) => one.name).filter((name) => owners.database(name).known);
  const ours = [...new Set([...known, ...owners.databases])];
  return (target) => concerns(target, ours, server.literalNames);
}

/** What logins of operators and known strangers have as everybody has it: they get it by name. */
export function keptOf(catalog: Catalog, owners: Owners, doors: readonly Grants[]): PerimeterSpec['kept'] {
  const kept: Record<string, Grants> = {};
  for (const account of catalog.accounts) {
    if (account.isRole || account.user === '' || !owners.isNamed(account)) continue;
    const lost: Record<string, string> = {};
    for (const door of doors)
      for (const [target, privileges] of Object.entries(byName(account, lacking(door, account.grants), owners)))
        putIn(lost, target, textOf([...listOf(lookUp(lost, target)), ...listOf(privileges)]));
    const there = byName(account, shadowedIn(account.grants, lost, doors, catalog), owners);
    for (const [target, privileges] of Object.entries(there)) putIn(lost, target, privileges);
    if (Object.keys(lost).length > 0) putIn(kept, accountKey(account), lost);
  }
  return kept;
}

/**
 * A row for everybody counts beside an account's own: one of the account, of the same text, may stand behind another of its rows.
 * What that leaves out in a database it gets on that one, with all that it has there, as no other row counts beside it.
 */
function shadowedIn(own: Grants, given: Grants, doors: readonly Grants[], { databases, server }: Catalog): Grants {
  const now: Record<string, Grants> = {};
  for (const grants of [own, given]) merge(now, { own: grants });
  const names = databases.map(({ name }) => name);
  const sources = { own: [setsOf(own)], roles: [], everybody: doors.map(setsOf) };
  const out: Record<string, string> = {};
  for (const name of reachedByPatterns(sources, names, server.literalNames)) {
    const before = onDatabase(sources, name, server).sure;
    const after = onDatabase({ own: [setsOf(lookUp(now, 'own') ?? {})], roles: [], everybody: [] }, name, server).sure;
    if ([...before].some((privilege) => !after.has(privilege))) putIn(out, keyOf(['database', name]), textOf(before));
  }
  return out;
}

/** Accounts of an operator's login, with what each has; null: there is none. */
export function operatorOf(name: string, catalog: Catalog): OperatorSpec | null {
  const found = catalog.accounts.filter((one) => !one.isRole && isCalled(name, one));
  return found.length === 0 ? null : { may: [], accounts: Object.fromEntries(found.map((one) => [accountKey(one), one.grants])) };
}

/** True where a grant to everybody is about the server, about something of ours, or about what is called test. */
function concerns(key: string, ours: readonly string[], literalNames: boolean): boolean {
  const target = targetOf(key);
  if (isServers(key)) return true;
  if (target[0] === 'pattern') return target[1].startsWith('test') || ours.some((name) => patternReaches(target[1], name, literalNames));
  const name = databaseOfTarget(target) ?? '';
  return name.startsWith('test') || ours.includes(name);
}
