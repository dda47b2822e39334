import { field, sql } from '../../../engine/index.ts';
import type { FieldChange, Command } from '../../../model/index.ts';
import { IMPOSSIBLE } from '../observe/catalog.ts';
import { lookUp } from '../../../util/record.ts';
import type { Facts } from '../observe/facts.ts';
import { grantChanges, keyOf, listOf, roleName, roleRevokes, shown, textOf } from '../grants.ts';
import { ownPrivileges } from '../privileges.ts';
import { accountName, literal } from '../quote.ts';
import type { AccountSpec, Grants, Limit } from '../spec.ts';
import { grantFields } from './grant-fields.ts';
import type { Kind } from './kind.ts';
import { ENTRY } from './ledger.ts';

const LIMITS = [
  ['maxUserConnections', 'MAX_USER_CONNECTIONS'],
  ['maxConnectionsPerHour', 'MAX_CONNECTIONS_PER_HOUR'],
  ['maxQueriesPerHour', 'MAX_QUERIES_PER_HOUR'],
  ['maxUpdatesPerHour', 'MAX_UPDATES_PER_HOUR'],
  ['maxStatementTime', 'MAX_STATEMENT_TIME'],
] as const satisfies readonly (readonly [Limit, string])[];

/** 0 is no limit. */
export function isLower(from: number, to: number): boolean {
  return to !== 0 && (from === 0 || to < from);
}

/**
 * What an adopted account is to have: its own limits where the manifest gives none, and the TLS that it asks for. Somebody set the
 * tighter ones on purpose as well.
 */
export function keepingLimits(desired: AccountSpec, observed: Pick<AccountSpec, Limit | 'ssl'>): AccountSpec {
  const { usual } = desired;
  if (usual === undefined) return desired;
  const kept = Object.fromEntries(usual.filter((limit) => observed[limit] !== 0).map((limit) => [limit, observed[limit]]));
  return { ...desired, ...kept, ...(observed.ssl === '' ? {} : { ssl: observed.ssl }) };
}

/** Limits that this server knows. */
function limitsOf(facts: Facts): readonly (readonly [Limit, string])[] {
  return LIMITS.filter(([name]) => name !== 'maxStatementTime' || facts.flavor === 'mariadb');
}

/** All that an account is to have, less what cannot be granted yet. */
export function wantedGrants(spec: AccountSpec, facts: Facts): Grants {
  const entries = Object.entries(spec.grants).filter(([key]) => !facts.missing.has(key));
  if (spec.own) entries.push([keyOf(['database', spec.own.database]), textOf(ownPrivileges(facts, spec.own))]);
  return Object.fromEntries(entries);
}

export const account: Kind<AccountSpec> = {
  diff(wanted, observed, facts) {
    const desired = keepingLimits(wanted, observed);
    const fields: FieldChange[] = [];
    for (const flag of ['locked', 'expired', 'secondWay'] as const)
      if (desired[flag] !== observed[flag] && !(flag === 'expired' && keepsPassword(desired, observed)))
        fields.push(field(flag, observed[flag], desired[flag]));
    for (const [limit] of limitsOf(facts))
      if (desired[limit] !== observed[limit]) fields.push(field(limit, observed[limit], desired[limit]));
    if (desired.ssl !== observed.ssl) fields.push(field('ssl', observed.ssl, desired.ssl));
    if (passwordDiffers(desired, observed, facts)) fields.push(...passwordFields(desired, observed, facts));
    fields.push(...grantFields((key) => `grant ${shown(key)}`, wantedGrants(desired, facts), observed.grants, facts));
    for (const role of observed.roles) fields.push(field(`role ${role}`, 'granted', null));
    for (const proxied of observed.proxies) fields.push(field(`proxy ${proxied}`, 'granted', null));
    for (const member of observed.members) fields.push(field(`member ${member}`, 'granted', null));
    if (!observed.noted) fields.push(field(ENTRY, false, true));
    return fields;
  },
  statements(_name, from, to, facts, note) {
    const noted = note && from?.noted !== true ? [note] : [];
    return from === null ? { grants: [...noted, ...create(to, facts)], revokes: [] } : update(from, keepingLimits(to, from), facts, noted);
  },
};

const PROXY = 'proxy ';

/** The account that may act as another, of one of `AccountSpec.members`. */
export function whoOfMember(member: string): string {
  return member.slice(member.indexOf(' ') + 1);
}

/** What `update` sends in its second half. */
export function takesOf({ field: name, from, to, removed }: FieldChange): boolean {
  if (removed !== undefined || /^(role|proxy|member|anonymous account from) /.test(name)) return true;
  if (name === 'locked') return to === true;
  if (name === 'ssl') return to === 'ANY';
  if (LIMITS.some(([limit]) => limit === name)) return isLower(Number(from), Number(to));
  return ['plugin', 'expired', 'secondWay'].includes(name) || (name === 'password' && from !== 'impossible');
}

/** True where sessions of the account itself have something that it loses: a lower limit counts from the next one on. */
export function tightens(to: AccountSpec, from: AccountSpec, facts: Facts): boolean {
  const flags = ['locked', 'expired', 'secondWay', 'ssl'] as const;
  const wanted = wantedGrants(to, facts);
  return (
    flags.some((flag) => to[flag] !== from[flag] && !(flag === 'expired' && keepsPassword(to, from))) ||
    (!keepsPassword(to, from) && to.password !== from.password && from.password !== 'impossible') ||
    from.roles.length + from.proxies.length > 0 ||
    Object.entries(from.grants).some(([key, list]) => listOf(list).some((one) => !listOf(lookUp(wanted, key)).includes(one)))
  );
}

/** The password of an adopted login stays as its app knows it, with the plugin that goes with it. */
function keepsPassword(desired: AccountSpec, observed: AccountSpec): boolean {
  return desired.adopt && desired.secret !== null && observed.password === 'other';
}

function passwordDiffers(desired: AccountSpec, observed: AccountSpec, facts: Facts): boolean {
  if (keepsPassword(desired, observed)) return false;
  if (desired.password !== observed.password) return true;
  return observed.password === 'verified' && observed.plugin !== facts.plugin;
}

function passwordFields(desired: AccountSpec, observed: AccountSpec, facts: Facts): FieldChange[] {
  if (desired.password !== observed.password) return [field('password', observed.password, desired.password)];
  return [field('plugin', observed.plugin, facts.plugin)];
}

/** `IDENTIFIED …`, with the hash in place of the password: the server never hears the password itself. */
function identified(spec: AccountSpec, facts: Facts): Command {
  const words = facts.flavor === 'mariadb' ? `IDENTIFIED VIA ${facts.plugin} USING` : `IDENTIFIED WITH ${facts.plugin} AS`;
  if (spec.secret === null) return sql(`${words} ${literal(IMPOSSIBLE[facts.flavor])}`);
  return sql(`${words} :${facts.plugin}`, { [facts.plugin]: { secret: spec.secret } });
}

function create(to: AccountSpec, facts: Facts): Command[] {
  const who = accountName(to);
  const auth = identified(to, facts);
  const limits = limitsOf(facts).flatMap(([name, word]) => (to[name] === 0 ? [] : [`${word} ${to[name]}`]));
  const parts = [
    `CREATE USER ${who} ${auth.text}`,
    ...(to.ssl === 'ANY' ? ['REQUIRE SSL'] : []),
    ...(limits.length > 0 ? [`WITH ${limits.join(' ')}`] : []),
    ...(to.locked ? ['ACCOUNT LOCK'] : []),
  ];
  const { grants } = grantChanges({}, wantedGrants(to, facts), who, facts);
  return [sql(parts.join(' '), auth.secrets), ...grants.map((text) => sql(text))];
}

function update(from: AccountSpec, to: AccountSpec, facts: Facts, noted: readonly Command[]): { grants: Command[]; revokes: Command[] } {
  const who = accountName(to);
  const grants: Command[] = [...noted];
  const revokes: Command[] = [];
  const alter = (list: Command[], what: string, params?: Command['secrets']): void =>
    void list.push(sql(`ALTER USER ${who} ${what}`, params));
  for (const [name, word] of limitsOf(facts)) {
    if (from[name] === to[name]) continue;
    alter(isLower(from[name], to[name]) ? revokes : grants, `WITH ${word} ${to[name]}`);
  }
  if (from.ssl !== to.ssl) alter(to.ssl === 'ANY' ? revokes : grants, `REQUIRE ${to.ssl === 'ANY' ? 'SSL' : 'NONE'}`);
  const newPassword = passwordDiffers(to, from, facts) || (from.expired && !keepsPassword(to, from));
  // On MariaDB a new way to log in takes the place of all that there were; MySQL keeps a second password beside the first.
  if (newPassword || (from.secondWay && facts.flavor === 'mariadb')) {
    const auth = identified(to, facts);
    alter(from.password === 'impossible' ? grants : revokes, auth.text, auth.secrets);
  }
  if (from.secondWay && facts.flavor === 'mysql') alter(revokes, 'DISCARD OLD PASSWORD');
  const statements = grantChanges(from.grants, wantedGrants(to, facts), who, facts);
  grants.push(...statements.grants.map((text) => sql(text)));
  revokes.push(...statements.revokes.map((text) => sql(text)));
  for (const role of from.roles) revokes.push(...roleRevokes(role, to, facts.flavor).map((text) => sql(text)));
  for (const proxied of from.proxies) revokes.push(sql(`REVOKE PROXY ON ${roleName(proxied, true)} FROM ${who}`));
  for (const member of from.members)
    revokes.push(sql(`REVOKE ${member.startsWith(PROXY) ? 'PROXY ON ' : ''}${who} FROM ${roleName(whoOfMember(member), true)}`));
  // Opened at the end, when everything else is as it should be; locked first of all that is taken.
  if (from.locked && !to.locked) alter(grants, 'ACCOUNT UNLOCK');
  if (!from.locked && to.locked) revokes.unshift(sql(`ALTER USER ${who} ACCOUNT LOCK`));
  return { grants, revokes };
}
