import type { Findings } from '../../../engine/index.ts';
import type { Fix } from '../../../model/index.ts';
import { accountKey, type CatalogAccount } from '../observe/catalog.ts';
import { tableNamed } from '../observe/made.ts';
import { databaseOf, roleName, roleRevokes, shown, targetOf } from '../grants.ts';
import { grantsOfWords, isCalled, isNamed, lacking } from '../judge/people.ts';
import { awakeIn, isOpen } from './awake.ts';
import { isAdmins, isServersUser } from '../operators.ts';
import { accountName, patternReaches, qualified } from '../quote.ts';
import { strayDeletes } from '../retire/strays.ts';
import { dropping, fixes, locked, revoked, taking } from './findings.ts';
import { revokesOf } from './rights.ts';
import { type CatalogSnapshot, isServers } from './catalog-snapshot.ts';

/** Logins of operators have what the manifest says, and no more. Nothing of them is taken by a fix either. */
export function checkOperators(snapshot: CatalogSnapshot, findings: Findings): void {
  for (const { name, may } of snapshot.input.operators) {
    const wanted = grantsOfWords(may, snapshot.facts);
    for (const account of snapshot.catalog.accounts.filter((one) => !one.isRole && isCalled(name, one))) {
      findings.judged += 1;
      const statement = `what the operator's login ${accountKey(account)} may`;
      for (const [key, privileges] of Object.entries(lacking(account.grants, wanted)))
        findings.add('Y26', { from: accountKey(account), to: null, statement: `${statement} on ${shown(key)}`, answer: privileges });
      for (const other of [...account.roles, ...account.proxies])
        findings.add('Y26', { from: accountKey(account), to: null, statement, answer: `it may be ${other}` });
    }
  }
}

/** Accounts of apps that were retired let nobody in, and have nothing. */
export function checkRetired(snapshot: CatalogSnapshot, findings: Findings): void {
  const rows = (snapshot.catalog.ledger ?? []).filter((row) => row.retired !== null && row.project === snapshot.input.project);
  const inUse = new Set(snapshot.tenants.map(({ app }) => app));
  const isAwake = awakeIn(snapshot);
  for (const row of rows) {
    const account = row.kind === 'account' ? snapshot.byKey.get(row.name) : undefined;
    if (!account || (row.app !== null && inUse.has(row.app))) continue;
    if (snapshot.holders.remade.has(row.name) && isNamed(snapshot.input, account)) continue;
    findings.judged += 1;
    const base = { from: row.name, to: row.app, statement: `the account ${row.name} of ${row.app ?? ''}, which was retired` };
    if (!account.locked)
      findings.add('Y27', {
        ...base,
        answer: 'open',
        fix: taking(snapshot, row.app, [`ALTER USER ${accountName(account)} ACCOUNT LOCK`], locked(account)),
      });
    const verdict = isAwake(account) ? {} : { verdict: 'LATENT' as const };
    for (const other of [...account.roles, ...account.proxies])
      findings.add('Y27', { ...base, answer: `it may be ${other}`, ...verdict, fix: leaving(snapshot, row.app, account, other) });
    for (const [key, privileges] of Object.entries(account.grants)) {
      const fix = taking(snapshot, row.app, revokesOf(snapshot, account, { [key]: privileges }), revoked(account, { [key]: privileges }));
      findings.add('Y27', { ...base, statement: `${base.statement}, on ${shown(key)}`, answer: privileges, ...verdict, fix });
    }
  }
}

function leaving(snapshot: CatalogSnapshot, app: string | null, account: CatalogAccount, other: string): readonly Fix[] {
  const texts = account.roles.includes(other)
    ? roleRevokes(other, account, snapshot.facts.flavor)
    : [`REVOKE PROXY ON ${roleName(other, true)} FROM ${accountName(account)}`];
  return taking(snapshot, app, texts, [{ is: 'leave', key: accountKey(account), of: other }]);
}

/** Rows of the tables of grants for a login of an app from a host for which there is no account: the server looks at them all the same. */
export function checkStrays(snapshot: CatalogSnapshot, findings: Findings): void {
  for (const tenant of snapshot.tenants) {
    for (const stray of snapshot.catalog.strays.filter(({ user }) => tenant.users.has(user))) {
      for (const [key, privileges] of Object.entries(stray.grants)) {
        findings.judged += 1;
        const database = databaseOf(targetOf(key));
        findings.add('Y28', {
          from: tenant.app,
          to: database === null ? null : snapshot.called(database),
          statement: `a row for ${stray.user}@${stray.host} on ${shown(key)}`,
          answer: privileges,
          fix: fixes(strayDeletes(stray.user, stray.host)),
        });
      }
    }
  }
  checkOthersStrays(snapshot, findings);
}

/** The same for users of nobody's: they have it from there, or somebody of that name will. No fix takes it. */
function checkOthersStrays(snapshot: CatalogSnapshot, findings: Findings): void {
  const { catalog, tenants, input } = snapshot;
  const open = new Set(catalog.accounts.filter(isOpen).map(({ user }) => user));
  const known = new Set(input.known.map(({ user }) => user));
  for (const { user, host, grants } of catalog.strays) {
    if (
      tenants.some(({ users }) => users.has(user)) ||
      isServersUser(user) ||
      isAdmins(catalog.server.admin, { user, isRole: false, locked: false })
    )
      continue;
    if (known.has(user) || input.known.some((one) => isCalled(one.user, { user, host }))) continue;
    const texts = strayDeletes(user, host).join('; ');
    for (const [key, privileges] of Object.entries(grants)) {
      findings.judged += 1;
      for (const database of databasesOf(snapshot, key)) {
        const app = snapshot.victimOf(database);
        if (app === null && !isServers(database)) continue;
        findings.add('Y28', {
          from: user,
          to: app ?? database,
          statement: `a row for ${user}@${host} on ${shown(key)}`,
          answer: privileges,
          ...(open.has(user) ? {} : { verdict: 'LATENT' }),
          stuck: { accepted: false, why: `No REVOKE reaches it: ${texts}.` },
        });
      }
    }
  }
}

function databasesOf({ catalog }: CatalogSnapshot, key: string): readonly string[] {
  const target = targetOf(key);
  if (target[0] !== 'pattern') return [databaseOf(target) ?? ''];
  return catalog.databases.map(({ name }) => name).filter((name) => patternReaches(target[1], name, catalog.server.literalNames));
}

/** Code and connections that every login of the server can use, and tables that show rows of another database. */
export function checkReach(snapshot: CatalogSnapshot, findings: Findings): void {
  const { reach } = snapshot;
  for (const name of reach.functions)
    findings.add('Y29', { from: null, to: null, statement: `the loadable function ${name}`, answer: 'everybody can call it' });
  for (const name of reach.servers)
    findings.add('Y29', { from: null, to: null, statement: `CREATE SERVER ${name}`, answer: 'whoever may make a table can use it' });
  const byDatabase = new Map(snapshot.tenants.filter((one) => !one.isReader).map((one) => [one.database, one]));
  for (const { database, name, engine, other } of reach.tables) {
    const tenant = byDatabase.get(database);
    if (!tenant) continue;
    const drop = dropping(snapshot, tenant, `DROP TABLE ${qualified(database, name)}`, tableNamed(database, name));
    const statement = `table ${database}.${name} of the engine ${engine}`;
    findings.add('Y29', {
      from: tenant.app,
      to: other === null ? null : snapshot.called(other),
      statement,
      answer: 'shows rows of somewhere else',
      ...drop,
    });
  }
  for (const { database, table, constraint, other } of reach.foreignKeys) {
    const from = byDatabase.get(database);
    if (!from) continue;
    const drop = `ALTER TABLE ${qualified(database, table)} DROP FOREIGN KEY \`${constraint.replaceAll('`', '``')}\``;
    const fact = dropping(snapshot, from, drop, `foreign key ${constraint} of ${database}.${table} (it is dropped)`);
    const statement = `foreign key ${constraint} of ${database}.${table}`;
    findings.add('Y30', { from: from.app, to: snapshot.called(other), statement, answer: `on ${other}`, ...fact });
  }
  for (const made of snapshot.made) {
    const { database, name, definer, what } = made;
    const tenant = byDatabase.get(database);
    if (what !== 'EVENT' || !tenant || tenant.events) continue;
    const drop = dropping(snapshot, tenant, `DROP EVENT ${qualified(database, name)}`, made);
    findings.add('Y19', {
      from: tenant.app,
      to: tenant.app,
      statement: `event ${database}.${name}`,
      answer: `runs as ${definer}`,
      ...drop,
    });
  }
}
