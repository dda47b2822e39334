import type { Findings } from '../../../engine/index.ts';
import type { Fix } from '../../../model/index.ts';
import { accountKey, type CatalogAccount } from '../observe/catalog.ts';
import { databaseOf, GLOBAL, keyOf, listOf, roleName, roleRevokes, shown, targetOf, textOf } from '../grants.ts';
import { isAdmins } from '../operators.ts';
import { isNamed } from '../judge/people.ts';
import { accountName, patternReaches } from '../quote.ts';
import type { Grants } from '../spec.ts';
import { rolesOfAll } from '../observe/roles.ts';
import { awakeIn } from './awake.ts';
import { keeping, revoked, taking, takingFrom, takingOwn } from './findings.ts';
import { widening } from './checks-other-hosts.ts';
import { isOnTest, leftOpen } from './left-open.ts';
import { actsAs, excessOf, findRole, hasRole, revokesOf, type Source, sourcesOf } from './rights.ts';
import type { Tenant } from './tenants.ts';
import { isServers, type CatalogSnapshot } from './catalog-snapshot.ts';
import { append } from '../../../util/append.ts';
import { OWN } from '../privileges.ts';

/** Privileges on data: on the whole server they reach every database, the server's own among them. */
const DATA = new Set([...OWN, 'DELETE HISTORY', 'EVENT', 'SHOW CREATE ROUTINE']);

/** Probes of a privilege on the whole server. Any of them shows the names of all databases. */
function probesOfGlobal(privilege: string): readonly string[] {
  if (DATA.has(privilege)) return ['Y01', 'Y03', 'Y06'];
  if (privilege === 'PROCESS') return ['Y03', 'Y04'];
  if (privilege === 'SHOW DATABASES') return ['Y03'];
  if (privilege === 'FILE') return ['Y03', 'Y07'];
  if (privilege === 'GRANT OPTION') return ['Y03', 'Y22'];
  // Of those that a server calls dynamic some show no names; what they open is worse.
  return privilege === 'CREATE USER' ? ['Y03', 'Y12', 'Y17'] : /^[A-Z ]+$/.test(privilege) ? ['Y03', 'Y17'] : ['Y17'];
}

/** What accounts and roles of tenants have beyond the manifest. */
export function checkTenants(snapshot: CatalogSnapshot, findings: Findings): void {
  for (const tenant of snapshot.tenants) {
    for (const source of sourcesOf(snapshot, tenant)) {
      const excess = excessOf(snapshot, tenant, source);
      findings.judged += Object.keys(source.account.grants).length;
      for (const [key, privileges] of Object.entries(excess)) judgeGrant(snapshot, findings, { tenant, source, key, privileges });
      if (source.through === '') checkRoles(snapshot, findings, tenant, source.account);
    }
  }
}

interface Grant {
  readonly tenant: Tenant;
  readonly source: Source;
  readonly key: string;
  readonly privileges: string;
}

function judgeGrant(snapshot: CatalogSnapshot, findings: Findings, { tenant, source, key, privileges }: Grant): void {
  const { account, through } = source;
  const from = tenant.app;
  const statement = `${accountKey(account)} on ${shown(key)}`;
  const say: Say = (id, to, some, verdict): void =>
    findings.add(id, {
      from,
      to,
      statement,
      answer: some,
      ...(verdict === undefined ? {} : { verdict }),
      // What a role has is whoever's the role is: it goes no further than the membership.
      ...(through === ''
        ? { fix: takingOwn(snapshot, tenant, account, revokesOf(snapshot, account, { [key]: some }), revoked(account, { [key]: some })) }
        : { under: through }),
      ...(through === '' ? { stuck: widening(snapshot, revoked(account, { [key]: some })) } : {}),
    });
  const target = targetOf(key);
  if (key === GLOBAL) {
    const byProbe = new Map<string, string[]>();
    for (const one of listOf(privileges)) for (const id of probesOfGlobal(one)) append(byProbe, id, one);
    for (const [id, list] of byProbe) say(id, null, textOf(list));
    judgeDoor(privileges, say);
    if (tenant.database !== '' && !tenant.isReader && !tenant.events && listOf(privileges).includes('EVENT'))
      say('Y19', tenant.app, 'EVENT');
    return;
  }
  if (target[0] === 'pattern') {
    // Also reaches what somebody will call so tomorrow, or what the app itself makes under such a name.
    const names = snapshot.matching(target[1]);
    say('Y01', null, privileges, names.length > 0 ? undefined : laterOf(privileges));
    if (patternReaches(target[1], TEST, snapshot.facts.literalNames)) judgeDoor(privileges, say);
    for (const name of names) judgeDatabase(snapshot, tenant, name, privileges, say);
    return;
  }
  if (target[0] === 'database' && target[1] === TEST) judgeDoor(privileges, say);
  judgeDatabase(snapshot, tenant, databaseOf(target) ?? '', privileges, say);
}

/** The database that old servers open to all, whether or not it is there: the attack finds it open to whoever has it for itself, too. */
const TEST = 'test';

function judgeDoor(privileges: string, say: Say): void {
  if (listOf(privileges).includes('SELECT')) say('Y02', null, 'SELECT');
}

type Say = (id: string, to: string | null, privileges: string, verdict?: 'LATENT') => void;

/** On a database that nobody has made, whoever may not make it has nothing yet. */
const laterOf = (privileges: string): 'LATENT' | undefined => (listOf(privileges).includes('CREATE') ? undefined : 'LATENT');

function judgeDatabase(snapshot: CatalogSnapshot, tenant: Tenant, database: string, privileges: string, say: Say): void {
  const list = listOf(privileges);
  const data = list.filter((one) => one !== 'GRANT OPTION');
  const isOwn = database === tenant.database && !tenant.isReader;
  if (list.includes('GRANT OPTION')) say('Y22', isOwn ? tenant.app : snapshot.called(database), 'GRANT OPTION');
  if (isOwn) {
    if (list.includes('EVENT') && !tenant.events) say('Y19', tenant.app, 'EVENT');
    return;
  }
  if (data.length === 0) return;
  if (!snapshot.catalog.databases.some(({ name }) => name === database)) {
    say('Y01', snapshot.called(database), textOf(data), laterOf(privileges));
    return;
  }
  say(isServers(database) ? 'Y06' : 'Y01', snapshot.called(database), textOf(data));
  if (!tenant.reads.some((one) => one.database === database)) say('Y03', null, textOf(data));
}

/** Roles and proxies of an account, whatever they carry today. */
function checkRoles(snapshot: CatalogSnapshot, findings: Findings, tenant: Tenant, account: CatalogAccount): void {
  const who = accountKey(account);
  const grantee = accountName(account);
  for (const role of account.roles) {
    const found = findRole(snapshot, role);
    const carries = found ? Object.entries(found.grants).map(([key, list]) => `${list} on ${shown(key)}`) : [];
    findings.add('Y21', {
      from: tenant.app,
      to: null,
      statement: hasRole(who, role),
      answer: carries.join('; ') || 'it carries nothing today',
      fix: takingOwn(snapshot, tenant, account, roleRevokes(role, account, snapshot.facts.flavor), [{ is: 'leave', key: who, of: role }]),
    });
  }
  for (const proxied of account.proxies) {
    findings.add('Y21', {
      from: tenant.app,
      to: null,
      statement: actsAs(who, proxied),
      answer: 'PROXY',
      fix: takingOwn(
        snapshot,
        tenant,
        account,
        [`REVOKE PROXY ON ${roleName(proxied, true)} FROM ${grantee}`],
        [{ is: 'leave', key: who, of: proxied }],
      ),
    });
  }
}

/** What everybody has: PUBLIC, rows without a user, mandatory roles, and roles of these. */
export function checkEverybody(snapshot: CatalogSnapshot, findings: Findings): void {
  const { catalog } = snapshot;
  const holders: { readonly name: string; readonly grants: Grants; readonly account: CatalogAccount | null }[] = [];
  for (const { account, called } of rolesOfAll(catalog)) holders.push({ name: called, grants: account.grants, account });
  holders.push({ name: 'rows of mysql.db without a user', grants: catalog.everybody, account: null });
  for (const { name, grants, account } of holders) {
    findings.judged += 1;
    for (const [key, privileges] of Object.entries(grants)) everybodyHas(snapshot, findings, { name, key, privileges, account });
  }
}

function everybodyHas(
  snapshot: CatalogSnapshot,
  findings: Findings,
  { name, key, privileges, account }: { name: string; key: string; privileges: string; account: CatalogAccount | null },
): void {
  const target = targetOf(key);
  const isNamedHere = account !== null && isNamed(snapshot.input, account);
  const fix = account && !isNamedHere ? closing(snapshot, account, { [key]: privileges }) : [];
  const isKept = isNamedHere
    ? `${accountKey(account)} is listed under known or operators, which keep it: everybody has it until it is taken out there.`
    : null;
  const isOthers = snapshot.goes(key) ? null : `${shown(key)} is not in the manifest: whoever it belongs to can close it.`;
  const why = isKept ?? isOthers;
  // What a role has in an app's database goes with everything that others have there.
  const byRole = account !== null && account.user !== 'PUBLIC' && key !== GLOBAL && !isServers(databaseOf(target) ?? '');
  const left = byRole ? null : leftOpen(snapshot, isOnTest(snapshot, key));
  const stuck = why === null ? left : { accepted: false, why };
  const say = (id: string, to: string | null): void =>
    findings.add(id, { from: null, to, statement: `${name} on ${shown(key)}`, answer: privileges, fix, stuck });
  if (key === GLOBAL) {
    for (const one of listOf(privileges)) for (const id of probesOfGlobal(one)) say(id, null);
    say('Y21', null);
    if (listOf(privileges).some((one) => DATA.has(one))) say('Y02', null);
    return;
  }
  const text = target[1] ?? '';
  const names = target[0] === 'pattern' ? snapshot.matching(text) : [databaseOf(target) ?? ''];
  if (text.startsWith('test')) say('Y02', null);
  else say('Y21', names[0] === undefined ? null : snapshot.called(names[0]));
  for (const database of names) {
    if (!text.startsWith('test')) say(isServers(database) ? 'Y06' : 'Y01', snapshot.called(database));
    say('Y03', null);
  }
}

/** What everybody has goes, and whoever the manifest knows keeps it by name, as an apply does it. */
function closing(snapshot: CatalogSnapshot, account: CatalogAccount, grants: Grants): readonly Fix[] {
  if (account.user !== 'PUBLIC') return takingFrom(snapshot, account, grants);
  return keeping(snapshot, [grants], revokesOf(snapshot, account, grants), revoked(account, grants));
}

/** Accounts that no manifest names, with rights on an app's database. Operators are left out. */
export function checkOutsiders(snapshot: CatalogSnapshot, findings: Findings): void {
  const known = new Set(snapshot.tenants.flatMap((tenant) => [...tenant.users]));
  const former = new Set(snapshot.tenants.flatMap((tenant) => [...tenant.former]));
  const databases = new Map(snapshot.tenants.filter((one) => !one.isReader).map((one) => [one.database, one.app]));
  for (const row of snapshot.catalog.ledger ?? []) {
    const isRetired = row.kind === 'database' && row.retired !== null && row.project === snapshot.input.project;
    if (isRetired && !databases.has(row.name)) databases.set(row.name, row.app ?? row.name);
    if (row.kind === 'account' && row.retired !== null && row.project === snapshot.input.project) former.add(row.name);
  }
  const apps = new Map(snapshot.tenants.flatMap((tenant) => [...tenant.accounts.keys()].map((key) => [key, tenant.app])));
  const isAwake = awakeIn(snapshot);
  for (const account of snapshot.catalog.accounts) {
    findings.judged += 1;
    if (isNamed(snapshot.input, account) || snapshot.roles.isKept(account)) continue;
    const isKnown = known.has(account.user) || former.has(accountKey(account));
    if (!isKnown && !isAdmins(snapshot.catalog.server.admin, account)) checkDisguise(snapshot, account, { apps, isAwake }, findings);
    if (isKnown || account.user === '' || isAdmins(snapshot.catalog.server.admin, account) || (account.isRole && account.user === 'PUBLIC'))
      continue;
    for (const [key, privileges] of Object.entries(account.grants)) {
      const verdict = isAwake(account) && isInForce(snapshot, account, key) ? {} : { verdict: 'LATENT' as const };
      const target = targetOf(key);
      const names = target[0] === 'pattern' ? snapshot.matching(target[1]) : key === keyOf(['global']) ? [] : [databaseOf(target) ?? ''];
      for (const name of names) {
        const app = databases.get(name);
        if (app === undefined) continue;
        const fix = takingFrom(snapshot, account, { [key]: privileges });
        const stuck = widening(snapshot, revoked(account, { [key]: privileges }));
        findings.add('Y23', {
          from: accountKey(account),
          to: app,
          statement: `${accountKey(account)} on ${shown(key)}`,
          answer: privileges,
          ...verdict,
          fix,
          stuck,
        });
      }
    }
  }
}

/** False for rows that somebody wrote by hand and that the server has not read yet. */
function isInForce({ live }: CatalogSnapshot, account: CatalogAccount, key: string): boolean {
  if (!['database', 'pattern', 'table', 'column'].includes(targetOf(key)[0])) return true;
  const who = accountKey(account);
  return account.isRole || live.some((one) => one.account === who && one.key === key);
}

/** PROXY on an anonymous account is PROXY on all. */
const ANYBODY = '@';

/** An account of an app counts as a role, and as somebody to act as, for whoever it was granted to. */
function checkDisguise(
  snapshot: CatalogSnapshot,
  account: CatalogAccount,
  { apps, isAwake }: { readonly apps: ReadonlyMap<string, string>; readonly isAwake: (account: CatalogAccount) => boolean },
  findings: Findings,
): void {
  const verdict = isAwake(account) ? {} : { verdict: 'LATENT' as const };
  const from = accountKey(account);
  const who = accountName(account);
  for (const [list, words, answer] of [
    [account.roles, '', 'as a role'],
    [account.proxies, 'PROXY ON ', 'by PROXY'],
  ] as const) {
    for (const key of list) {
      const app = key === ANYBODY ? null : apps.get(key);
      if (app === undefined) continue;
      const fix = taking(snapshot, null, [`REVOKE ${words}${roleName(key, true)} FROM ${who}`], [{ is: 'leave', key: from, of: key }]);
      findings.add('Y23', { from, to: app, statement: `${from} may be ${app === null ? 'anybody' : key}`, answer, ...verdict, fix });
    }
  }
}
