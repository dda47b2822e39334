import type { Findings } from '../../../engine/index.ts';
import { calledMade, type Made, tableNamed } from '../compile/made.ts';
import { keyOf } from '../grants.ts';
import { isNamed } from '../judge/people.ts';
import { accountKey } from '../observe/catalog.ts';
import { mayUse } from '../losses/usable.ts';
import { isAdmins } from '../operators.ts';
import type { CatalogSnapshot } from './catalog-snapshot.ts';
import { isOpen } from './checks-strangers.ts';

const WRITES = ['INSERT', 'UPDATE', 'DELETE'];

/** What stands in a database of nobody's and carries rows of an app to whoever may use it there. */
export function checkCarriers(snapshot: CatalogSnapshot, findings: Findings): void {
  // Nobody calls an event.
  const made = snapshot.made.filter(({ database, what }) => snapshot.appOf(database) === null && what !== 'EVENT');
  const { tables, foreignKeys } = snapshot.reach;
  if (made.length === 0 && tables.length === 0 && foreignKeys.length === 0) return;
  const users = usersOf(snapshot);
  const byName = new Map(snapshot.made.map((one) => [nameOf(one), one]));
  for (const one of made) {
    findings.judged += 1;
    if (!works(snapshot, one)) continue;
    for (const app of appsIn(snapshot, one, byName)) {
      for (const { key, reads } of users.filter((user) => user.app !== app && user.canUse(one)))
        if (!reads.has(app))
          findings.add('Y32', {
            from: key,
            to: app,
            statement: `${calledMade(one)}, which runs as ${one.definer}`,
            answer: 'it may be used',
          });
    }
  }
  checkTables(snapshot, users, findings);
}

/** Tables that show rows of an app, or hold on to them. */
function checkTables(snapshot: CatalogSnapshot, users: readonly User[], findings: Findings): void {
  for (const { database, name, engine, other } of snapshot.reach.tables) {
    const app = other === null ? null : snapshot.appOf(other);
    if (snapshot.appOf(database) !== null || app === null) continue;
    for (const { key } of users.filter((user) => user.app !== app && user.canUse(tableNamed(database, name))))
      findings.add('Y29', {
        from: key,
        to: app,
        statement: `table ${database}.${name} of the engine ${engine}`,
        answer: 'shows rows of the app',
      });
  }
  for (const { database, table, constraint, other } of snapshot.reach.foreignKeys) {
    const app = snapshot.appOf(other);
    if (snapshot.appOf(database) !== null || app === null) continue;
    for (const { key } of users.filter((user) => user.app !== app && user.canUse(tableNamed(database, table), WRITES)))
      findings.add('Y30', { from: key, to: app, statement: `foreign key ${constraint} of ${database}.${table}`, answer: `on ${other}` });
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
}

/** Everybody who can log in, less the operator and whom the manifest names. */
function usersOf({ catalog, rights, tenants, input }: CatalogSnapshot): readonly User[] {
  const { admin, literalNames } = catalog.server;
  const open = catalog.accounts.filter((one) => isOpen(one) && one.user !== '' && !isAdmins(admin, one) && !isNamed(input, one));
  return open.map((account): User => {
    const mine = rights.of(accountKey(account));
    const tenant = tenants.find(({ users }) => users.has(account.user));
    return {
      key: tenant?.app ?? accountKey(account),
      app: tenant?.app ?? null,
      reads: new Set(tenant?.reads.map(({ app }) => app)),
      canUse: (made, needed) => mayUse(mine, made, literalNames, needed),
    };
  });
}

/** Apps whose database it names and may use, by itself or through others that it names. */
function appsIn(snapshot: CatalogSnapshot, start: Made, byName: ReadonlyMap<string, Made>): ReadonlySet<string> {
  const out = new Set<string>();
  const seen = new Set([start]);
  for (const one of seen) {
    const rights = snapshot.rights.of(one.definer);
    for (const mention of [...one.mentions, ...one.within]) {
      if (!snapshot.rights.reaches(rights, mention.database)) continue;
      const app = snapshot.appOf(mention.database);
      if (app !== null) out.add(app);
      const next = byName.get(nameOf(mention));
      if (next) seen.add(next);
    }
  }
  return out;
}

/** The server asks the definer of a routine for EXECUTE on it, and the definer of a trigger for TRIGGER on its table. */
function works({ rights }: CatalogSnapshot, { database, name, what, definer, on }: Made): boolean {
  const has = rights.of(definer);
  if (what === 'TRIGGER') return on !== undefined && rights.covers(has, keyOf(['table', database, on.table]), 'TRIGGER');
  return what === 'VIEW' || rights.covers(has, keyOf(['routine', database, name, what]), 'EXECUTE');
}

const nameOf = ({ database, name }: { readonly database: string; readonly name: string }): string => JSON.stringify([database, name]);
