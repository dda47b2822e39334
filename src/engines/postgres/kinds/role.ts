import { field, sql } from '../../../engine/index.ts';
import type { FieldChange, Command, Json } from '../../../model/index.ts';
import { lookUp, putIn } from '../../../util/record.ts';
import { grantText } from '../acl.ts';
import { marked } from '../marks/mark.ts';
import { ident, literal } from '../quote.ts';
import { setOfRole, shownSetting } from '../settings.ts';
import type { Heir, RoleSpec } from '../spec.ts';
import { type Facts, type Kind, mapFields, parameterName } from './kind.ts';
import { isLower, keepingLimits, takesSetting } from './limits.ts';

const FLAGS = [
  ['login', 'LOGIN'],
  ['inherit', 'INHERIT'],
  ['superuser', 'SUPERUSER'],
  ['createRole', 'CREATEROLE'],
  ['createDatabase', 'CREATEDB'],
  ['replication', 'REPLICATION'],
  ['bypassRls', 'BYPASSRLS'],
] as const;

/** Settings that this admin may not give are left out, and the plan says so. */
function reachableSettings(settings: RoleSpec['settings'], facts: Facts): RoleSpec['settings'] {
  if (facts.denied.size === 0) return settings;
  return Object.fromEntries(Object.entries(settings).filter(([name]) => !facts.denied.has(name)));
}

export const role: Kind<RoleSpec> = {
  reversible: true,
  diff(wanted, observed, facts) {
    const desired = keepingLimits(wanted, observed);
    const fields: FieldChange[] = [];
    for (const [flag] of FLAGS) if (desired[flag] !== observed[flag]) fields.push(field(flag, observed[flag], desired[flag]));
    if (desired.connectionLimit !== observed.connectionLimit)
      fields.push(field('connectionLimit', observed.connectionLimit, desired.connectionLimit));
    if (endDiffers(desired, observed)) fields.push(field('validUntil', observed.validUntil, desired.validUntil));
    fields.push(...mapFields('member of', desired.memberOf, changeable(desired, observed)));
    fields.push(
      ...mapFields('setting', reachableSettings(desired.settings, facts), reachableSettings(observed.settings, facts), shownSetting),
    );
    for (const outsider of observed.outsiders)
      if (!desired.outsiders.includes(outsider)) fields.push(field(`member ${outsider}`, 'member', null));
    for (const parameter of observed.parameters)
      if (!desired.parameters.includes(parameter)) fields.push(field(`parameter ${parameter}`, 'granted', null));
    if (passwordDiffers(desired, observed)) fields.push(field('password', observed.password, desired.password));
    if (desired.mark !== observed.mark) fields.push(field('mark', observed.mark || null, desired.mark));
    return fields;
  },
  statements(name, from, to, facts) {
    return from === null ? { grants: create(name, to, facts), revokes: [] } : update(name, from, keepingLimits(to, from), facts);
  },
};

/** What `update` sends in its second half. */
export function takesOfRole({ field: name, from, to }: FieldChange, adopting: boolean): boolean {
  if (name === 'connectionLimit') return isLower(Number(from), Number(to));
  if (name === 'password') return from !== 'none';
  if (name.startsWith('setting ')) return takesSetting(name.slice('setting '.length), textOf(from), textOf(to), adopting);
  if (FLAGS.some(([flag]) => flag === name)) return to === false;
  if (!/^(member|parameter) /.test(name)) return false;
  return to === null || (String(from).includes('admin') && !String(to).includes('admin'));
}

/** True in each plan that makes somebody else's login an app's, until an apply of the app was finished: all that it has was theirs. */
export function isAdopting(to: Pick<RoleSpec, 'adopt'> | null, { unapplied }: Pick<RoleSpec, 'unapplied'>): boolean {
  return unapplied === 'other' || (unapplied === 'begun' && to?.adopt === true);
}

function textOf(value: Json): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** True where sessions of the role itself have something that it loses: a lower limit or another setting counts from the next one on. */
export function tightens(to: RoleSpec, from: RoleSpec): boolean {
  const before = changeable(to, from);
  return (
    FLAGS.some(([flag]) => from[flag] && !to[flag]) ||
    (passwordDiffers(to, from) && from.password !== 'none') ||
    Object.keys(before).some((group) => lookUp(before, group) !== lookUp(to.memberOf, group)) ||
    from.parameters.some((parameter) => !to.parameters.includes(parameter))
  );
}

/** True where a role from outside is a member no longer. */
export function shutsOut(to: RoleSpec, from: RoleSpec): boolean {
  return from.outsiders.some((outsider) => !to.outsiders.includes(outsider));
}

/** The end of an adopted login stays, until the manifest says another one. */
function endDiffers(desired: RoleSpec, observed: RoleSpec): boolean {
  return desired.validUntil !== observed.validUntil && !(desired.adopt && desired.validUntil === null);
}

function passwordDiffers(desired: RoleSpec, observed: RoleSpec): boolean {
  if (observed.password === 'unknown') return false;
  // The password of an adopted login stays as its app knows it, until cotenant is given one to set.
  if (desired.adopt && observed.password === 'other') return false;
  return observed.password !== desired.password;
}

function create(name: string, to: RoleSpec, facts: Facts): Command[] {
  const words = FLAGS.filter(([flag]) => flag !== 'login' && flag !== 'inherit' && to[flag]).map(([, word]) => word);
  const attributes = [
    to.login ? 'LOGIN' : 'NOLOGIN',
    ...(to.inherit ? [] : ['NOINHERIT']),
    ...words,
    `CONNECTION LIMIT ${to.connectionLimit}`,
  ];
  if (to.validUntil !== null) attributes.push(`VALID UNTIL ${literal(to.validUntil)}`);
  const statements = [
    to.secret === null
      ? sql(`CREATE ROLE ${ident(name)} ${attributes.join(' ')}`)
      : sql(`CREATE ROLE ${ident(name)} ${attributes.join(' ')} PASSWORD :verifier`, { verifier: { secret: to.secret } }),
    sql(`COMMENT ON ROLE ${ident(name)} IS ${literal(to.mark)}`),
  ];
  // A managed service's admin acts for a role only as its member.
  if (!facts.superuser) statements.push(grant(name, facts.user, 'inherit,set', facts));
  for (const [group, options] of Object.entries(to.memberOf)) statements.push(grant(group, name, options, facts));
  for (const [setting, value] of Object.entries(reachableSettings(to.settings, facts))) statements.push(setOfRole(name, setting, value));
  return statements;
}

function grant(group: string, member: string, options: string, facts: Facts): Command {
  const has = new Set(options.split(','));
  const base = `GRANT ${ident(group)} TO ${ident(member)}`;
  if (facts.version < 160000) return sql(has.has('admin') ? `${base} WITH ADMIN OPTION` : base);
  const words = [`INHERIT ${has.has('inherit') ? 'TRUE' : 'FALSE'}`, `SET ${has.has('set') ? 'TRUE' : 'FALSE'}`];
  return sql(`${base} WITH ${has.has('admin') ? 'ADMIN TRUE, ' : ''}${words.join(', ')}`);
}

function update(name: string, from: RoleSpec, to: RoleSpec, facts: Facts): { grants: Command[]; revokes: Command[] } {
  const grants: Command[] = [];
  const revokes: Command[] = [];
  for (const [flag, word] of FLAGS) {
    if (from[flag] === to[flag]) continue;
    (to[flag] ? grants : revokes).push(sql(`ALTER ROLE ${ident(name)} ${to[flag] ? word : `NO${word}`}`));
  }
  if (from.connectionLimit !== to.connectionLimit) {
    (isLower(from.connectionLimit, to.connectionLimit) ? revokes : grants).push(
      sql(`ALTER ROLE ${ident(name)} CONNECTION LIMIT ${to.connectionLimit}`),
    );
  }
  if (endDiffers(to, from)) grants.push(sql(`ALTER ROLE ${ident(name)} VALID UNTIL ${literal(to.validUntil ?? 'infinity')}`));
  if (passwordDiffers(to, from) && to.secret === null) revokes.push(sql(`ALTER ROLE ${ident(name)} PASSWORD NULL`));
  else if (passwordDiffers(to, from) && to.secret !== null) {
    (from.password === 'none' ? grants : revokes).push(
      sql(`ALTER ROLE ${ident(name)} PASSWORD :verifier`, { verifier: { secret: to.secret } }),
    );
  }
  if (from.mark !== to.mark) {
    grants.push(sql(`COMMENT ON ROLE ${ident(name)} IS ${literal(marked(to.text ?? from.text, to.mark))}`));
    if (!facts.superuser) grants.push(grant(name, facts.user, 'inherit,set', facts));
  }
  memberships(name, from, to, facts, grants, revokes);
  const before = reachableSettings(from.settings, facts);
  const after = reachableSettings(to.settings, facts);
  const adopting = isAdopting(to, from);
  for (const key of [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()) {
    // A session that starts as the owner role finds what is there only when all of it has been handed over.
    const [was, is] = [lookUp(before, key), lookUp(after, key)];
    if (was !== is) (takesSetting(key, was, is, adopting) ? revokes : grants).push(setOfRole(name, key, is));
  }
  for (const outsider of from.outsiders)
    if (!to.outsiders.includes(outsider))
      revokes.push(
        ...again(name, lookUp(from.heirs ?? {}, outsider), facts),
        ...revoke(name, outsider, '', lookUp(from.grantors, outsider), facts),
      );
  for (const parameter of from.parameters) {
    if (!to.parameters.includes(parameter))
      revokes.push(
        ...parameterAgain(parameter, from),
        sql(`REVOKE ALL ON PARAMETER ${parameterName(parameter)} FROM ${ident(name)} CASCADE`),
      );
  }
  return { grants, revokes };
}

function memberships(name: string, from: RoleSpec, to: RoleSpec, facts: Facts, grants: Command[], revokes: Command[]): void {
  const before = changeable(to, from);
  for (const group of [...new Set([...Object.keys(before), ...Object.keys(to.memberOf)])].sort()) {
    const have = lookUp(before, group);
    const want = lookUp(to.memberOf, group);
    if (have === want) continue;
    const givers = lookUp(from.grantors, group);
    const heirs = again(group, lookUp(from.heirs ?? {}, group), facts);
    if (want === undefined) revokes.push(...heirs, ...revoke(group, name, '', givers, facts));
    else {
      if (have?.includes('admin') && !want.includes('admin'))
        revokes.push(...heirs, ...revoke(group, name, 'ADMIN OPTION FOR ', givers, facts));
      if (have?.replace('admin,', '') !== want) grants.push(grant(group, name, want, facts));
    }
  }
}

/** Who has a membership from the hands of one who loses it gets it from this admin first. */
function again(group: string, heirs: readonly Heir[] = [], facts: Facts): Command[] {
  return heirs.map(({ member, options }) => grant(group, member, options, facts));
}

function parameterAgain(parameter: string, { parameterHeirs = {} }: RoleSpec): Command[] {
  const plain = parameter.slice(0, parameter.lastIndexOf('='));
  return (lookUp(parameterHeirs, plain) ?? []).map((move) => sql(grantText(move, `PARAMETER ${parameterName(parameter)}`)));
}

/** From 16 on a membership has a giver, several can stand side by side, and REVOKE takes back one of them. */
function revoke(group: string, member: string, what: string, givers: readonly string[] = [], facts: Facts): Command[] {
  const base = `REVOKE ${what}${ident(group)} FROM ${ident(member)}`;
  if (facts.version < 160000 || givers.length === 0) return [sql(`${base} CASCADE`)];
  return givers.map((giver) => sql(`${base} GRANTED BY ${ident(giver)} CASCADE`));
}

/** What is there, less what this admin cannot take back. */
function changeable(desired: RoleSpec, observed: RoleSpec): RoleSpec['memberOf'] {
  const out: Record<string, string> = {};
  for (const [group, have] of Object.entries(observed.memberOf)) {
    const stays = lookUp(observed.beyond, group) !== undefined && lookUp(observed.grantors, group) === undefined;
    if (!stays) putIn(out, group, have);
    else if (lookUp(desired.memberOf, group) !== undefined) putIn(out, group, have.replace('admin,', ''));
  }
  return out;
}
