import { accountKey, type Catalog, type CatalogAccount, type CatalogDatabase } from '../observe/catalog.ts';
import { databaseOf, listOf, targetOf } from '../grants.ts';
import { elsewhere } from './people.ts';
import { LEDGER, nameTrouble, SERVER_DATABASES } from '../names.ts';
import { ofProject } from '../../../engine/index.ts';
import { isOperator } from '../operators.ts';
import { patternReaches } from '../quote.ts';
import { byText } from '../../../util/text-order.ts';

/** One database as the app that it could become. */
export interface Candidate {
  readonly database: CatalogDatabase;
  /** Accounts of its login, one for each host. */
  readonly accounts: readonly CatalogAccount[];
  /** Its login, where that went to another app. */
  readonly shared: string | null;
  /** Others that have rights on it. */
  readonly others: readonly string[];
}

export interface Found {
  readonly apps: readonly Candidate[];
  readonly left: readonly { readonly what: string; readonly why: string }[];
}

/** What only somebody who lives in a database is given. */
const LIVING: readonly string[] = ['INSERT', 'UPDATE', 'DELETE', 'CREATE', 'ALTER', 'DROP'];

/** Each database with the login that writes in it. A login of several databases goes to the one in which it may do most. */
export function findApps(catalog: Catalog, project: string): Found {
  const left: { what: string; why: string }[] = [];
  const apps: Candidate[] = [];
  const projects = new Map((catalog.ledger ?? []).map((row) => [`${row.kind} ${row.name}`, row.project]));
  for (const one of candidatesOf(catalog)) {
    const holder = [`database ${one.database.name}`, ...one.accounts.map((account) => `account ${accountKey(account)}`)]
      .map((what) => projects.get(what))
      .find((found) => found !== undefined);
    const why = holder === undefined ? whyNot(one) : ofProject(holder, project);
    if (why === null) apps.push(one);
    else left.push({ what: `database ${one.database.name}`, why });
  }
  const named = new Set(left.map(({ what }) => what));
  for (const { name } of catalog.databases) {
    if (SERVER_DATABASES.includes(name) || named.has(`database ${name}`) || apps.some((one) => one.database.name === name)) continue;
    left.push({
      what: `database ${name}`,
      why: name === LEDGER && catalog.ledgerIs === 'ours' ? "it is cotenant's own" : (nameTrouble('database', name)?.why ?? ''),
    });
  }
  return { apps, left };
}

/** An app has one database and nothing else: a login that works elsewhere too would lose that. It stays as it is, and so does what it works in. */
function whyNot({ database, accounts, shared }: Candidate): string | null {
  if (shared !== null) return `its login ${shared} serves several databases; nothing about it changes`;
  const more = [...new Set(accounts.flatMap((one) => elsewhere(one, database.name)))];
  if (more.length === 0) return null;
  const several = more.some((one) => one.includes('INSERT')) ? 'serves several databases' : 'has rights elsewhere';
  return `its login ${accounts[0]?.user ?? ''} ${several} (${more.join('; ')}); nothing about it changes`;
}

function candidatesOf(catalog: Catalog): readonly Candidate[] {
  const databases = catalog.databases
    .filter(({ name }) => !SERVER_DATABASES.includes(name) && nameTrouble('database', name) === null)
    .toSorted((one, other) => byText(one.name, other.name));
  const holders = new Map(databases.map(({ name }) => [name, holdersOf(catalog, name)]));
  const homes = homesOf(holders);
  return databases.map((database): Candidate => {
    const there = holders.get(database.name) ?? [];
    const user = homes.get(database.name) ?? null;
    const accounts = there.filter(({ account, strength }) => account.user === user && strength > 0).map(({ account }) => account);
    const living = there.filter(({ strength }) => strength > 0);
    const shared = user === null ? (living.find(({ account }) => [...homes.values()].includes(account.user))?.account.user ?? null) : null;
    const others = there.map(({ account }) => account).filter((account) => !accounts.includes(account));
    return { database, accounts, shared, others: others.map(accountKey) };
  });
}

interface Holder {
  readonly account: CatalogAccount;
  readonly strength: number;
}

function holdersOf(catalog: Catalog, database: string): readonly Holder[] {
  return catalog.accounts.flatMap((account) => {
    if (account.user === '' || isOperator(account)) return [];
    const strength = strengthOf(catalog, account, database);
    return strength === null ? [] : [{ account, strength: account.isRole ? 0 : strength }];
  });
}

/** Database to the login that lives in it: the strongest pairs first, each login in one database. */
function homesOf(holders: ReadonlyMap<string, readonly Holder[]>): ReadonlyMap<string, string> {
  const pairs = [...holders].flatMap(([database, list]) =>
    list
      .filter(({ account, strength }) => strength > 0 && nameTrouble('account', account.user) === null)
      .map(({ account, strength }) => ({ database, user: account.user, strength })),
  );
  const akin = ({ database, user }: { database: string; user: string }): number =>
    user.startsWith(database) || database.startsWith(user) ? 0 : 1;
  pairs.sort((a, b) => b.strength - a.strength || akin(a) - akin(b) || byText(a.database, b.database) || byText(a.user, b.user));
  const homes = new Map<string, string>();
  const taken = new Set<string>();
  for (const { database, user } of pairs) {
    if (homes.has(database) || taken.has(user)) continue;
    homes.set(database, user);
    taken.add(user);
  }
  return homes;
}

/** How much an account may do in a database: null, nothing; 0, it may look; a grant on the name counts more than a pattern. */
function strengthOf(catalog: Catalog, account: CatalogAccount, database: string): number | null {
  let strength: number | null = null;
  for (const [key, privileges] of Object.entries(account.grants)) {
    const target = targetOf(key);
    const named = databaseOf(target) === database || (target[0] === 'pattern' && target[1] === database);
    const reaches = named || (target[0] === 'pattern' && patternReaches(target[1], database, catalog.server.literalNames));
    if (!reaches) continue;
    const living =
      target[0] === 'database' || target[0] === 'pattern' ? listOf(privileges).filter((one) => LIVING.includes(one)).length : 0;
    strength = Math.max(strength ?? 0, living * (named ? 2 : 1));
  }
  return strength;
}
