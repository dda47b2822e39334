import { lookUp } from '../../../util/record.ts';
import type { Findings } from '../../../engine/index.ts';
import type { Fix } from '../../../model/index.ts';
import { accountKey, type CatalogAccount, IMPOSSIBLE } from '../observe/catalog.ts';
import { isNamed } from '../judge/people.ts';
import { accountName, qualified } from '../quote.ts';
import { dropping, fixes, keeping, locked, taking } from './findings.ts';
import { isOf, type Tenant } from './tenants.ts';
import type { World } from './world.ts';

const HASHING = new Set(['mysql_native_password', 'caching_sha2_password', 'sha256_password', 'ed25519', 'parsec']);

/** How the accounts of tenants prove themselves, what limits them, and which there are. */
export function checkAccounts(world: World, findings: Findings): void {
  const hashes = new Map<string, string>();
  for (const tenant of world.tenants) {
    const mine = world.catalog.accounts.filter((one) => !one.isRole && isOf(tenant, one));
    for (const account of mine) {
      findings.judged += 1;
      if (tenant.accounts.has(accountKey(account))) {
        checkProof(world, findings, tenant, account);
        checkLimits(findings, tenant, account);
      }
      checkTwin(world, findings, tenant, account);
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

function checkProof(world: World, findings: Findings, tenant: Tenant, account: CatalogAccount): void {
  const who = accountKey(account);
  const say = (answer: string): void => {
    const fix = taking(world, tenant.app, [`ALTER USER ${accountName(account)} ACCOUNT LOCK`], locked(account));
    findings.add('H1', { from: null, to: tenant.app, statement: `how ${who} proves itself`, answer, fix });
  };
  if (account.locked) return;
  if (account.hash === '' && HASHING.has(account.plugin)) say('no password');
  else if (!HASHING.has(account.plugin)) say(`plugin ${account.plugin || 'with several ways in'}`);
  if (account.secondWay) say('a second password or way in');
  if (tenant.accounts.get(who)?.locked) say('the login that waits for a rotation is open');
}

function checkLimits(findings: Findings, tenant: Tenant, account: CatalogAccount): void {
  const wanted = tenant.accounts.get(accountKey(account))?.maxUserConnections ?? tenant.connections;
  if (account.locked || (account.maxUserConnections > 0 && account.maxUserConnections <= wanted)) return;
  findings.add('Y13', {
    from: tenant.app,
    to: null,
    statement: `MAX_USER_CONNECTIONS of ${accountKey(account)}`,
    answer: account.maxUserConnections === 0 ? 'none' : `${account.maxUserConnections}, and the manifest says ${wanted}`,
    fix: fixes([`ALTER USER ${accountName(account)} WITH MAX_USER_CONNECTIONS ${wanted}`]),
  });
}

/** An account under the app's name that neither the app nor `known` asks for. One that is locked lets nobody in, and shuts the app out. */
function checkTwin(world: World, findings: Findings, tenant: Tenant, account: CatalogAccount): void {
  const who = accountKey(account);
  const spec = tenant.accounts.get(who);
  if (spec) {
    if (spec.ssl === 'ANY' && account.ssl === '' && !account.locked) {
      const fix = fixes([`ALTER USER ${accountName(account)} REQUIRE SSL`]);
      findings.add('H3', { from: tenant.app, to: null, statement: `REQUIRE of ${who}`, answer: 'NONE', fix });
    }
    return;
  }
  if (isNamed(world.input, account)) return;
  const row = world.catalog.ledger?.find((one) => one.kind === 'account' && one.name === who && one.project === world.input.project);
  if (row && account.locked) return;
  findings.add('Y24', {
    from: tenant.app,
    to: tenant.app,
    statement: `the account ${who}`,
    answer: account.locked ? 'locked' : 'open',
    // What an account of ours has made runs with its rights: it is closed, as an apply does, and not dropped.
    fix: row
      ? taking(world, tenant.app, [`ALTER USER ${accountName(account)} ACCOUNT LOCK`], locked(account))
      : taking(world, tenant.app, [`DROP USER ${accountName(account)}`], [{ is: 'gone', key: who }], who),
  });
}

/** Accounts without a name. */
export function checkAnonymous(world: World, findings: Findings): void {
  for (const account of world.catalog.accounts.filter((one) => one.user === '' && !one.isRole && !isNamed(world.input, one))) {
    findings.add('Y02', {
      from: null,
      to: null,
      statement: `the account ''@'${account.host}'`,
      answer: account.hash === '' ? 'without a password' : 'with a password',
      fix: keeping(
        world,
        [lookUp(world.catalog.everybodyFrom, account.host) ?? {}],
        [`DROP USER ${accountName(account)}`],
        [{ is: 'gone', key: accountKey(account) }],
        accountKey(account),
      ),
    });
  }
}

/** Views, routines, triggers and events in apps' databases, by whose rights they run. */
export function checkDefiners(world: World, findings: Findings): void {
  const byDatabase = new Map(world.tenants.filter((one) => !one.isReader).map((one) => [one.database, one]));
  for (const made of world.made) {
    const { database, name, what, definer } = made;
    const tenant = byDatabase.get(database);
    findings.judged += 1;
    const user = definer.slice(0, definer.lastIndexOf('@'));
    if (!tenant) continue;
    const statement = `${what.toLowerCase()} ${database}.${name}`;
    const fix = (): readonly Fix[] => dropping(world, tenant, `DROP ${what} ${qualified(database, name)}`, made);
    const found = world.byKey.get(definer);
    if (!found) findings.add('Y11', { from: tenant.app, to: null, statement, answer: `runs as ${definer}, who is gone`, fix: fix() });
    else if (!tenant.users.has(user) && !tenant.former.has(definer))
      findings.add('Y10', { from: tenant.app, to: null, statement, answer: `runs as ${definer}`, fix: fix() });
  }
}

/** Settings of the whole server that no account can make up for. */
export function checkServer(world: World, findings: Findings): void {
  const { variables } = world.catalog.server;
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
  const files = variables.get('secure_file_priv') ?? '';
  if (files !== 'NULL' && files !== '') return;
  const withFile = world.catalog.accounts.filter((one) => Object.values(one.grants).some((list) => list.includes('FILE')));
  for (const account of withFile.filter((one) => world.tenants.some((tenant) => tenant.users.has(one.user)))) {
    findings.add('Y07', {
      from: tenantOf(world, account),
      to: null,
      statement: 'secure_file_priv',
      answer: files === '' ? 'anywhere' : files,
    });
  }
}

function tenantOf(world: World, account: CatalogAccount): string | null {
  return world.tenants.find((one) => one.users.has(account.user))?.app ?? null;
}
