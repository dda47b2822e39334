import type { Findings } from '../../../engine/index.ts';
import { lookUp } from '../../../util/record.ts';
import { databaseOf, GLOBAL, shown, targetOf } from '../grants.ts';
import { isNamed } from '../judge/people.ts';
import { accountKey, type CatalogAccount } from '../observe/catalog.ts';
import { patternReaches } from '../quote.ts';
import { isAdmins } from '../operators.ts';
import { HASHING, isHashOf } from '../connect/password-hash.ts';
import { awakeIn, isAside, isOpen } from './awake.ts';
import { type Source, withRoles } from './rights.ts';
import { type CatalogSnapshot, isServers } from './catalog-snapshot.ts';

/**
 * Everybody who can log in and whom the manifest does not name: what they may on the whole server and in its own databases, from
 * whatever account, role or proxy they have it. Nothing of theirs is taken by a fix.
 */
export function checkStrangers(snapshot: CatalogSnapshot, findings: Findings): void {
  for (const account of snapshot.catalog.accounts) {
    if (!isOpen(account) || snapshot.tenants.some(({ users, former }) => users.has(account.user) || former.has(accountKey(account))))
      continue;
    findings.judged += 1;
    checkProof(account, findings);
    // Other accounts of the operator's own user are the operator.
    if (account.user === '' || isAdmins(snapshot.catalog.server.admin, account) || isNamed(snapshot.input, account)) continue;
    for (const source of withRoles(snapshot, [account])) checkPowers(snapshot, account, source, findings);
  }
  checkAsleep(snapshot, findings);
}

/** The same of accounts that let nobody in and of roles without members: somebody has it after one more act. */
function checkAsleep(snapshot: CatalogSnapshot, findings: Findings): void {
  const isAwake = awakeIn(snapshot);
  for (const account of snapshot.catalog.accounts) {
    if (isOpen(account) || isAwake(account) || isAside(snapshot, account) || isTenants(snapshot, account)) continue;
    findings.judged += 1;
    for (const source of withRoles(snapshot, [account])) checkPowers(snapshot, account, source, findings, 'LATENT');
  }
}

/** Of an app, now or formerly. */
export function isTenants({ tenants, input, catalog }: CatalogSnapshot, account: CatalogAccount): boolean {
  const key = accountKey(account);
  const isRetired = catalog.ledger?.some((row) => row.kind === 'account' && row.name === key && row.project === input.project) === true;
  return isRetired || tenants.some(({ users, former }) => users.has(account.user) || former.has(key));
}

/** Whoever reaches the port logs in. Anonymous accounts have a probe of their own. */
function checkProof(account: CatalogAccount, findings: Findings): void {
  const { user, plugin, hash } = account;
  if (user === '' || !HASHING.has(plugin)) return;
  const isGuessed = hash !== '' && isHashOf(plugin, hash, user);
  if (hash !== '' && !isGuessed) return;
  findings.add('H1', {
    from: null,
    to: null,
    statement: `how ${accountKey(account)} proves itself`,
    answer: isGuessed ? 'its own name is its password' : 'no password',
  });
}

function checkPowers(
  snapshot: CatalogSnapshot,
  who: CatalogAccount,
  { account, through }: Source,
  findings: Findings,
  verdict?: 'LATENT',
): void {
  const { catalog } = snapshot;
  const from = accountKey(who);
  const say = (key: string, privileges: string): void =>
    findings.add('Y31', {
      from,
      to: null,
      statement: `${through === '' ? '' : `${through}, which has `}${accountKey(account)} on ${shown(key)}`,
      answer: privileges,
      ...(verdict === undefined ? {} : { verdict }),
    });
  const everywhere = lookUp(account.grants, GLOBAL);
  if (everywhere !== undefined) say(GLOBAL, everywhere);
  for (const [key, privileges] of Object.entries(account.grants)) {
    const target = targetOf(key);
    if (target[0] === 'global') continue;
    const names =
      target[0] === 'pattern'
        ? catalog.databases.map(({ name }) => name).filter((name) => patternReaches(target[1], name, catalog.server.literalNames))
        : [databaseOf(target) ?? ''];
    if (names.some((name) => isServers(name) && name !== 'information_schema')) say(key, privileges);
  }
}
