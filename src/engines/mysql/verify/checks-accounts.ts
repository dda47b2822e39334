import { lookUp } from '../../../util/record.ts';
import type { Findings } from '../../../engine/index.ts';
import { accountKey, type CatalogAccount, IMPOSSIBLE } from '../observe/catalog.ts';
import { isNamed } from '../judge/people.ts';
import { HASHING } from '../connect/password-hash.ts';
import { accountName, qualified } from '../quote.ts';
import { dropping, fixes, keeping, locked, taking } from './findings.ts';
import { keepingLimits } from '../kinds/account.ts';
import { fewerSessions } from '../losses/limits.ts';
import { isOnTest, leftOpen } from './left-open.ts';
import type { Tenant } from './tenants.ts';
import type { CatalogSnapshot } from './catalog-snapshot.ts';

/** How the accounts of tenants prove themselves, what limits them, and which there are. */
export function checkAccounts(snapshot: CatalogSnapshot, findings: Findings): void {
  const hashes = new Map<string, string>();
  for (const tenant of snapshot.tenants) {
    for (const account of snapshot.accountsOf(tenant)) {
      findings.judged += 1;
      if (tenant.accounts.has(accountKey(account))) {
        checkProof(snapshot, findings, tenant, account);
        checkLimits(findings, tenant, account);
      }
      checkOtherHosts(snapshot, findings, tenant, account);
      if (account.hash === '' || account.hash === IMPOSSIBLE.mysql || account.hash === IMPOSSIBLE.mariadb) continue;
      const other = hashes.get(account.hash);
      if (other !== undefined && other !== tenant.app) {
        const statement = `${tenant.app} and ${other} have the same password`;
        findings.add('H2', { from: tenant.app, to: other, statement, answer: 'equal hashes' });
        findings.add('H2', { from: other, to: tenant.app, statement, answer: 'equal hashes' });
      }
      hashes.set(account.hash, tenant.app);
    }
  }
}

function checkProof(snapshot: CatalogSnapshot, findings: Findings, tenant: Tenant, account: CatalogAccount): void {
  const who = accountKey(account);
  const say = (answer: string): void => {
    const fix = taking(snapshot, tenant.app, [`ALTER USER ${accountName(account)} ACCOUNT LOCK`], locked(account));
    findings.add('H1', { from: null, to: tenant.app, statement: `how ${who} proves itself`, answer, fix });
  };
  if (account.locked) return;
  if (account.hash === '' && HASHING.has(account.plugin)) say('no password');
  else if (!HASHING.has(account.plugin)) say(`plugin ${account.plugin || 'with several ways in'}`);
  if (account.secondWay) say('a second password or way in');
  if (tenant.accounts.get(who)?.locked) say('the login that waits for a rotation is open');
}

/** Limits that an app does not ask for stop it in the middle of its work. */
const BY_THE_HOUR = [
  ['MAX_CONNECTIONS_PER_HOUR', 'maxConnectionsPerHour'],
  ['MAX_QUERIES_PER_HOUR', 'maxQueriesPerHour'],
  ['MAX_UPDATES_PER_HOUR', 'maxUpdatesPerHour'],
] as const;

function checkLimits(findings: Findings, tenant: Tenant, account: CatalogAccount): void {
  const who = accountName(account);
  const say = (what: string, answer: string, fix: string): void =>
    findings.add('Y13', { from: null, to: tenant.app, statement: `${what} of ${accountKey(account)}`, answer, fix: fixes([fix]) });
  const spec = tenant.accounts.get(accountKey(account));
  const kept = spec ? keepingLimits(spec, account) : null;
  if (!account.locked) {
    for (const [name, field] of BY_THE_HOUR)
      if (account[field] > 0 && account[field] !== kept?.[field])
        say(name, `${account[field]}, and the manifest asks for none`, `ALTER USER ${who} WITH ${name} 0`);
    if (account.locksOut)
      say(
        'FAILED_LOGIN_ATTEMPTS',
        'whoever sends wrong passwords locks it out',
        `ALTER USER ${who} FAILED_LOGIN_ATTEMPTS 0 PASSWORD_LOCK_TIME 0`,
      );
  }
  const wanted = kept?.maxUserConnections ?? tenant.connections;
  if (account.locked || (account.maxUserConnections > 0 && account.maxUserConnections <= wanted)) return;
  findings.add('Y13', {
    from: tenant.app,
    to: null,
    statement: `MAX_USER_CONNECTIONS of ${accountKey(account)}`,
    answer: account.maxUserConnections === 0 ? 'none' : `${account.maxUserConnections}, and the manifest says ${wanted}`,
    fix: fixes([`ALTER USER ${accountName(account)} WITH MAX_USER_CONNECTIONS ${wanted}`]).map((fix) => ({
      ...fix,
      losses: [
        { who: accountKey(account), of: tenant.app, what: [fewerSessions(account.maxUserConnections, wanted)], sessions: null, keep: null },
      ],
    })),
  });
}

/** An account under the app's name that neither the app nor `known` asks for. One that is locked lets nobody in, and shuts the app out. */
function checkOtherHosts(snapshot: CatalogSnapshot, findings: Findings, tenant: Tenant, account: CatalogAccount): void {
  const who = accountKey(account);
  const spec = tenant.accounts.get(who);
  if (spec) {
    if (spec.ssl === 'ANY' && account.ssl === '' && !account.locked) {
      const fix = fixes([`ALTER USER ${accountName(account)} REQUIRE SSL`]);
      findings.add('H3', { from: tenant.app, to: null, statement: `REQUIRE of ${who}`, answer: 'NONE', fix });
    }
    return;
  }
  if (isNamed(snapshot.input, account)) return;
  const row = snapshot.catalog.ledger?.find((one) => one.kind === 'account' && one.name === who && one.project === snapshot.input.project);
  if (row && account.locked) return;
  findings.add('Y24', {
    from: tenant.app,
    to: tenant.app,
    statement: `the account ${who}`,
    answer: account.locked ? 'locked' : 'open',
    // What an account of ours has made runs with its rights: it is closed, as an apply does, and not dropped.
    fix: row
      ? taking(snapshot, tenant.app, [`ALTER USER ${accountName(account)} ACCOUNT LOCK`], locked(account))
      : taking(snapshot, tenant.app, [`DROP USER ${accountName(account)}`], [{ is: 'gone', key: who }], who),
  });
}

/** Anonymous accounts. */
export function checkAnonymous(snapshot: CatalogSnapshot, findings: Findings): void {
  for (const account of snapshot.catalog.accounts.filter((one) => one.user === '' && !one.isRole && !isNamed(snapshot.input, one))) {
    findings.add('Y02', {
      from: null,
      to: null,
      statement: `the account ''@'${account.host}'`,
      answer: account.hash === '' ? 'without a password' : 'with a password',
      stuck: leftOpen(
        snapshot,
        Object.keys({ ...account.grants, ...lookUp(snapshot.catalog.everybodyFrom, account.host) }).every((key) => isOnTest(snapshot, key)),
      ),
      fix: keeping(
        snapshot,
        [lookUp(snapshot.catalog.everybodyFrom, account.host) ?? {}],
        [`DROP USER ${accountName(account)}`],
        [{ is: 'gone', key: accountKey(account) }],
        accountKey(account),
      ),
    });
  }
}

/** Views, routines, triggers and events in apps' databases, by whose rights they run. */
export function checkDefiners(snapshot: CatalogSnapshot, findings: Findings): void {
  const byDatabase = new Map(snapshot.tenants.filter((one) => !one.isReader).map((one) => [one.database, one]));
  for (const made of snapshot.made) {
    const { database, name, what, definer } = made;
    const tenant = byDatabase.get(database);
    findings.judged += 1;
    const user = definer.slice(0, definer.lastIndexOf('@'));
    if (!tenant) continue;
    const statement = `${what.toLowerCase()} ${database}.${name}`;
    const drop = dropping(snapshot, tenant, `DROP ${what} ${qualified(database, name)}`, made);
    const found = snapshot.byKey.get(definer);
    if (!found) findings.add('Y11', { from: tenant.app, to: null, statement, answer: `runs as ${definer}, who is gone`, ...drop });
    else if (!tenant.users.has(user) && !tenant.former.has(definer))
      findings.add('Y10', { from: tenant.app, to: null, statement, answer: `runs as ${definer}`, ...drop });
  }
  checkSeen(snapshot, byDatabase, findings);
}

/** Whose definer somebody is, they see, its text included, with whosever rights it runs. */
function checkSeen(snapshot: CatalogSnapshot, byDatabase: ReadonlyMap<string, Tenant>, findings: Findings): void {
  for (const { database, name, what, definer } of snapshot.lent) {
    const tenant = byDatabase.get(database);
    findings.judged += 1;
    if (!tenant || what === 'VIEW' || !snapshot.byKey.has(definer)) continue;
    const user = definer.slice(0, definer.lastIndexOf('@'));
    const other = snapshot.tenants.find(({ users }) => users.has(user));
    if (!other || other.app === tenant.app) continue;
    findings.add('Y10', {
      from: other.app,
      to: tenant.app,
      statement: `${what.toLowerCase()} ${database}.${name}`,
      answer: `${definer} is its definer`,
      verdict: 'LEAK',
      why: 'It runs as whoever calls it, but its definer sees that it is there, and its text.',
      stuck: { accepted: false, why: `By hand: DROP ${what} ${qualified(database, name)}, and make it again with the app’s own login.` },
    });
  }
}

/** Anybody can send so many wrong passwords. Its default is four thousand million. */
const FEW_ERRORS = 100;

/** Settings of the whole server that no account can make up for. */
export function checkServer(snapshot: CatalogSnapshot, findings: Findings): void {
  const { variables } = snapshot.catalog.server;
  findings.judged += variables.size;
  if (variables.get('skip_grant_tables') === 'ON') {
    findings.add('H1', {
      from: null,
      to: null,
      statement: 'skip_grant_tables',
      answer: 'ON',
      why: 'The server looks at no grants at all.',
    });
  }
  if (variables.get('have_symlink') === 'YES') {
    findings.add('Y08', { from: null, to: null, statement: 'have_symlink', answer: 'YES' });
  }
  // MariaDB: after so many of anybody, nobody comes in by that name before FLUSH PRIVILEGES.
  const errors = variables.get('max_password_errors');
  if (errors !== undefined && Number(errors) <= FEW_ERRORS)
    findings.add('Y13', {
      from: null,
      to: null,
      statement: 'max_password_errors',
      answer: errors,
      why: 'Whoever sends wrong passwords shuts a login out, until somebody runs FLUSH PRIVILEGES.',
    });
  const files = variables.get('secure_file_priv') ?? '';
  if (files !== 'NULL' && files !== '') return;
  const withFile = snapshot.catalog.accounts.filter((one) => Object.values(one.grants).some((list) => list.includes('FILE')));
  for (const account of withFile.filter((one) => snapshot.tenants.some((tenant) => tenant.users.has(one.user)))) {
    findings.add('Y07', {
      from: tenantOf(snapshot, account),
      to: null,
      statement: 'secure_file_priv',
      answer: files === '' ? 'anywhere' : files,
    });
  }
}

function tenantOf(snapshot: CatalogSnapshot, account: CatalogAccount): string | null {
  return snapshot.tenants.find((one) => one.users.has(account.user))?.app ?? null;
}
