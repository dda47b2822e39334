import type { Findings } from '../../../engine/index.ts';
import { lookUp } from '../../../util/record.ts';
import { calledMade, type Made, tableNamed } from '../observe/made.ts';
import { keyOf } from '../grants.ts';
import { accountKey } from '../observe/catalog.ts';
import type { Mention } from '../observe/mentions.ts';
import { mayUse } from '../losses/usable.ts';
import type { CatalogSnapshot } from './catalog-snapshot.ts';
import { awakeIn, isAside, isOpen } from './awake.ts';

const WRITES = ['INSERT', 'UPDATE', 'DELETE'];

/** What stands in a database of nobody's and carries rows of an app to whoever may use it there. */
export function checkCarriers(snapshot: CatalogSnapshot, findings: Findings): void {
  const made = snapshot.made.filter(({ database }) => snapshot.appOf(database) === null);
  const { tables, foreignKeys } = snapshot.reach;
  if (made.length === 0 && tables.length === 0 && foreignKeys.length === 0) return;
  const users = usersOf(snapshot);
  const byName = new Map(snapshot.made.map((one) => [nameOf(one), one]));
  for (const one of made) {
    findings.judged += 1;
    if (!works(snapshot, one)) continue;
    const statement = `${calledMade(one)}, which runs as ${one.definer}`;
    const chain = chainOf(snapshot, one, byName);
    const using = users.filter((user) => user.key !== one.definer && (one.what === 'EVENT' ? user.isIn(placesOf(one)) : user.canUse(one)));
    for (const app of appsIn(snapshot, chain))
      for (const { key, verdict } of using.filter((user) => user.app !== app && !user.reads.has(app)))
        findings.add('Y32', { from: key, to: app, statement, answer: lookUp(HOW, one.what) ?? 'it may be used', ...verdict });
    // What it comes to is put together when it runs: nobody can read it from the text.
    if (one.what !== 'EVENT' && chain.some(({ builds }) => builds) && reachesApps(snapshot, chain))
      for (const { key } of using)
        findings.add('Y32', { from: key, to: null, statement, answer: 'it puts statements together when it runs', verdict: 'UNPROVEN' });
  }
  checkTables(snapshot, users, findings);
}

/** Tables that show rows of an app, or hold on to them. */
function checkTables(snapshot: CatalogSnapshot, users: readonly User[], findings: Findings): void {
  for (const { database, name, engine, other } of snapshot.reach.tables) {
    const app = other === null ? null : snapshot.victimOf(other);
    if (snapshot.appOf(database) !== null || (app === null && other !== null)) continue;
    for (const { key, verdict } of users.filter((user) => (app === null || user.app !== app) && user.canUse(tableNamed(database, name))))
      findings.add('Y29', {
        from: key,
        to: app,
        statement: `table ${database}.${name} of the engine ${engine}`,
        answer: app === null ? 'shows rows of somewhere else' : 'shows rows of the app',
        ...verdict,
      });
  }
  for (const { database, table, constraint, other } of snapshot.reach.foreignKeys) {
    const app = snapshot.victimOf(other);
    if (snapshot.appOf(database) !== null || app === null) continue;
    const statement = `foreign key ${constraint} of ${database}.${table}`;
    for (const { key, verdict } of users.filter((user) => user.app !== app && user.canUse(tableNamed(database, table), WRITES)))
      findings.add('Y30', { from: key, to: app, statement, answer: `on ${other}`, ...verdict });
  }
}

interface User {
  /** As findings call it: an app, or an account. */
  readonly key: string;
  readonly app: string | null;
  /** Apps that it reads on purpose. */
  readonly reads: ReadonlySet<string>;
  /** `needed`: any of these privileges; left out: whatever gives it something. */
  canUse(made: Made, needed?: readonly string[]): boolean;
  /** It has something in one of these databases. */
  isIn(databases: ReadonlySet<string>): boolean;
  /** Nobody is it today. */
  readonly verdict: { readonly verdict?: 'LATENT' };
}

/** Everybody who can log in, or might after one more act, less the operator and whom the manifest names. */
function usersOf(snapshot: CatalogSnapshot): readonly User[] {
  const { catalog, rights, tenants } = snapshot;
  const { literalNames } = catalog.server;
  const isAwake = awakeIn(snapshot);
  const some = catalog.accounts.filter((one) => one.user !== '' && !isAside(snapshot, one) && (isOpen(one) || !isAwake(one)));
  return some.map((account): User => {
    const mine = rights.of(accountKey(account));
    const tenant = tenants.find(({ users }) => users.has(account.user));
    return {
      key: tenant?.app ?? accountKey(account),
      app: tenant?.app ?? null,
      reads: new Set(tenant?.reads.map(({ app }) => app)),
      canUse: (made, needed) => mayUse(mine, made, literalNames, needed),
      isIn: (databases) => [...databases].some((name) => rights.reaches(mine, name)),
      verdict: isOpen(account) ? {} : { verdict: 'LATENT' },
    };
  });
}

/** It, and what it names and may use, and what that names. */
function chainOf(snapshot: CatalogSnapshot, start: Made, byName: ReadonlyMap<string, Made>): readonly Made[] {
  const seen = new Set([start]);
  for (const one of seen) {
    for (const mention of mentionsOf(snapshot, one)) {
      const next = byName.get(nameOf(mention));
      if (next) seen.add(next);
    }
  }
  return [...seen];
}

/** Apps whose database one of these names and may use. */
function appsIn(snapshot: CatalogSnapshot, chain: readonly Made[]): ReadonlySet<string> {
  const names = chain.flatMap((one) => mentionsOf(snapshot, one).map(({ database }) => snapshot.victimOf(database)));
  return new Set(names.filter((name) => name !== null));
}

function mentionsOf({ rights }: CatalogSnapshot, { definer, mentions, within }: Made): readonly Mention[] {
  const has = rights.of(definer);
  return [...mentions, ...within].filter(({ database }) => rights.reaches(has, database));
}

/** One of them runs as somebody who could do something in a database of an app. */
function reachesApps(snapshot: CatalogSnapshot, chain: readonly Made[]): boolean {
  const { catalog, rights } = snapshot;
  const databases = catalog.databases.filter(({ name }) => snapshot.victimOf(name) !== null);
  return chain.some(({ definer }) => databases.some(({ name }) => rights.reaches(rights.of(definer), name)));
}

/** Databases that an event can put rows into. */
const placesOf = ({ database, mentions }: Made): ReadonlySet<string> => new Set([database, ...mentions.map((one) => one.database)]);

const HOW: Readonly<Record<string, string>> = { EVENT: 'it can put rows of the app where they may be read' };

/** The server asks the definer of a routine for EXECUTE on it, and the definer of a trigger for TRIGGER on its table. */
function works({ rights }: CatalogSnapshot, { database, name, what, definer, on }: Made): boolean {
  const has = rights.of(definer);
  if (what === 'TRIGGER') return on !== undefined && rights.covers(has, keyOf(['table', database, on.table]), 'TRIGGER');
  return what === 'VIEW' || what === 'EVENT' || rights.covers(has, keyOf(['routine', database, name, what]), 'EXECUTE');
}

const nameOf = ({ database, name }: { readonly database: string; readonly name: string }): string => JSON.stringify([database, name]);
