import type { Findings } from '../../../engine/index.ts';
import { lookUp } from '../../../util/record.ts';
import { databaseOf, GLOBAL, listOf, shown, targetOf } from '../grants.ts';
import { isNamed } from '../judge/people.ts';
import { accountKey } from '../observe/catalog.ts';
import { isAdmins, isServersUser } from '../operators.ts';
import type { Grants } from '../spec.ts';
import type { CatalogSnapshot } from './catalog-snapshot.ts';

/** Where every login has something, and what says nothing. */
const OPEN = new Set(['information_schema', 'performance_schema']);
const NOTHING = 'USAGE';

/** Rights that the running server gives and its tables do not have: rows that somebody deleted by hand, and no FLUSH PRIVILEGES. */
export function checkLive(snapshot: CatalogSnapshot, findings: Findings): void {
  const { live, byKey, catalog, input, tenants } = snapshot;
  const roles = catalog.accounts.filter(({ isRole }) => isRole);
  const strays = new Map(catalog.strays.map((one) => [accountKey(one), one.grants]));
  for (const { account, user, host, key, privilege } of live) {
    const kept = byKey.get(account);
    const database = databaseOf(targetOf(key));
    if (user === '' || isServersUser(user) || isNamed(input, { user, host })) continue;
    if (isAdmins(catalog.server.admin, kept ?? { user, isRole: false, locked: false })) continue;
    if (database !== null && OPEN.has(database.toLowerCase())) continue;
    findings.judged += 1;
    const tenant = tenants.find(({ users, former }) => users.has(user) || former.has(account));
    const from = tenant?.app ?? account;
    if (kept === undefined && privilege === NOTHING && key === GLOBAL)
      findings.add('Y34', { from, to: null, statement: account, answer: 'no table has the account, and it can log in' });
    // Rows without an account, as those of PUBLIC, are rows all the same.
    const grants = kept?.grants ?? strays.get(account) ?? {};
    const has = (some: Grants): boolean => listOf(lookUp(some, key)).includes(privilege);
    if (privilege === NOTHING || has(grants)) continue;
    // MariaDB shows of a role what its own roles have as well.
    if ((kept?.isRole ?? user === 'PUBLIC') && roles.some((role) => has(role.grants))) continue;
    findings.add('Y34', {
      from,
      to: database === null ? null : snapshot.called(database),
      statement: `${account} on ${shown(key)}`,
      answer: privilege,
    });
  }
}

type Opens = (later: string, now: string) => boolean;
const changes: Opens = () => true;
const on: Opens = (later) => /^(?:on|1|true)$/i.test(later);
const off: Opens = (later) => !on(later, '');

/** Settings that a wall stands on, and what of them opens it. */
const WALLS: Readonly<Record<string, Opens>> = {
  activate_all_roles_on_login: on,
  event_scheduler: on,
  init_connect: changes,
  local_infile: on,
  mandatory_roles: (later) => later !== '',
  partial_revokes: changes,
  require_secure_transport: off,
};

/** What the server has written down for its next start. */
export function checkWaiting({ waiting }: CatalogSnapshot, findings: Findings): void {
  if (waiting === null)
    findings.unproven(
      'Y35',
      'performance_schema.persisted_variables',
      'not shown to this admin',
      'what a restart brings would not be seen',
    );
  for (const { name, now, later } of waiting ?? []) {
    findings.judged += 1;
    if (lookUp(WALLS, name)?.(later, now) !== true) continue;
    const shownAs = (value: string): string => (value === '' ? 'empty' : value);
    findings.add('Y35', {
      from: null,
      to: null,
      statement: `persisted_variables: ${name}`,
      answer: `${name} is ${shownAs(now)}, and will be ${shownAs(later)}`,
    });
  }
}
