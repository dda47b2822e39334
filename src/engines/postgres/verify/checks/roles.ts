import type { Findings, Stuck } from '../../../../engine/index.ts';
import type { Fix } from '../../../../model/index.ts';
import { lookUp } from '../../../../util/record.ts';
import { ident } from '../../quote.ts';
import { fixShared } from '../findings.ts';
import { firstOutside, type Hop, wayOf } from '../memberships.ts';
import { barOfMembership, barOfRole, barred, type Sink } from '../fixable.ts';
import { endMembership } from '../membership-fixes.ts';
import { EVERYTHING, PREDEFINED } from '../predefined.ts';
import type { Principal, Role } from '../principals.ts';
import { checkOperator } from './operators.ts';
import { checkStrangersAttributes, checkStrangersGroup, checkSuperusers } from './strangers.ts';
import { keepingLimits } from '../../kinds/limits.ts';
import { losingLogin, lossOf, withLosses } from '../losing.ts';
import { fewerSessions } from '../../losses/taken.ts';
import { outsideProbe } from '../rights.ts';
import type { CatalogSnapshot } from '../catalog-snapshot.ts';
import { SHARED } from '../../connect/lanes.ts';

const ATTRIBUTES = [
  ['superuser', 'E11', 'SUPERUSER', 'NOSUPERUSER'],
  ['createRole', 'E5', 'CREATEROLE', 'NOCREATEROLE'],
  ['createDatabase', 'E6', 'CREATEDB', 'NOCREATEDB'],
  ['replication', 'E8', 'REPLICATION', 'NOREPLICATION'],
  ['bypassRls', 'R14', 'BYPASSRLS', 'NOBYPASSRLS'],
] as const;

/** Attributes, memberships, limits and verifiers of everybody who is not the operator. */
export function checkRoles(snapshot: CatalogSnapshot, findings: Findings): void {
  for (const principal of snapshot.principals) {
    for (const name of principal.roles) {
      const role = snapshot.roles.get(name);
      if (!role) continue;
      findings.judged += 1;
      // What an operator's other roles may do is the operator's affair, as long as they stay away from the apps.
      const sink = barred(findings, barOfRole(snapshot, name));
      if (principal.kind === 'foreign') checkStrangersAttributes(snapshot, findings, role);
      if (principal.kind === 'operator') checkOperator(snapshot, findings, principal, role);
      else if (principal.kind !== 'foreign') {
        checkAttributes(snapshot, sink, principal, role);
        checkLogin(snapshot, sink, principal, role);
        checkLevel(snapshot, sink, principal, role);
      }
      checkReach(snapshot, findings, principal, role);
    }
  }
  checkSuperusers(snapshot, findings);
  checkGrantors(snapshot, findings);
  if (!snapshot.server[2]) {
    findings.unproven(
      'H2',
      'pg_authid.rolpassword',
      'permission denied for this admin',
      'which verifiers the logins have cannot be read: neither an MD5 verifier nor a password that everybody can guess (PG-H4) would be seen',
      snapshot.limits.unread('password-verifiers'),
    );
  }
  checkBudget(snapshot, findings);
}

function checkAttributes(snapshot: CatalogSnapshot, findings: Sink, principal: Principal, role: Role): void {
  for (const [key, id, word, fix] of ATTRIBUTES) {
    if (!role[key]) continue;
    const fact = {
      from: principal.name,
      to: null,
      statement: `attributes of role ${role.name}`,
      answer: word,
      fix: fixShared(`ALTER ROLE ${ident(role.name)} ${fix}`),
    };
    findings.add(principal.kind === 'retired' ? 'T1' : id, fact);
    if (key !== 'superuser' || principal.kind === 'retired') continue;
    if (role.login) for (const other of ['P01', 'P04', 'P24', ...EVERYTHING]) findings.add(other, fact);
    else if (principal.roles.some((name) => snapshot.isLive(name) && snapshot.memberships.reach(name).becomes.has(role.name)))
      for (const other of EVERYTHING) findings.add(other, fact);
  }
}

function noLogin(snapshot: CatalogSnapshot, about: Principal, name: string): readonly Fix[] {
  return losingLogin(snapshot, about, name, fixShared(`ALTER ROLE ${ident(name)} NOLOGIN`));
}

function checkLogin(snapshot: CatalogSnapshot, findings: Sink, principal: Principal, role: Role): void {
  const { name, desired, login } = role;
  const from = principal.name;
  const statement = `pg_roles of ${name}`;
  if (principal.kind === 'retired') {
    if (login) findings.add('T1', { from, to: null, statement, answer: 'LOGIN', fix: noLogin(snapshot, principal, name) });
    return;
  }
  if (login && desired && !desired.login)
    findings.add('E13', { from, to: null, statement, answer: 'LOGIN', fix: noLogin(snapshot, principal, name) });
  if (desired?.purpose === 'login') {
    const limit = keepingLimits(desired, { settings: {}, connectionLimit: role.connectionLimit }).connectionLimit;
    if (role.connectionLimit === -1 || role.connectionLimit > limit)
      findings.add('D1', {
        from,
        to: null,
        statement,
        answer: `CONNECTION LIMIT ${role.connectionLimit}, the manifest says ${limit}`,
        fix: withLosses(
          fixShared(`ALTER ROLE ${ident(name)} CONNECTION LIMIT ${limit}`),
          login ? [lossOf(snapshot, name, fewerSessions(role.connectionLimit, limit))] : [],
        ),
      });
  }
  if (role.verifier === 'md5' || role.verifier === 'other')
    findings.add('H2', {
      from: null,
      to: from,
      statement: `pg_authid.rolpassword of ${name}`,
      answer: role.verifier === 'md5' ? 'an MD5 verifier' : 'neither SCRAM nor MD5',
      // An adopted login keeps the password that its app knows: nothing here could set the same one again.
      ...(desired?.adopt === true
        ? {
            why: `Its app's password stays: set it again under SCRAM (\\password ${name}), or give it to cotenant with "cotenant credentials set".`,
          }
        : {}),
      fix:
        desired?.secret && !desired.adopt
          ? [
              {
                lane: SHARED,
                statement: { text: `ALTER ROLE ${ident(name)} PASSWORD :verifier`, secrets: { verifier: { secret: desired.secret } } },
              },
            ]
          : [],
    });
}

/** A login of an app that reaches a role of its own app to which its level does not lead. */
function checkLevel(snapshot: CatalogSnapshot, findings: Sink, principal: Principal, role: Role): void {
  if (principal.kind !== 'app' || role.desired?.purpose !== 'login') return;
  const meant = new Set([role.name]);
  for (const name of meant) for (const group of Object.keys(snapshot.desired(name)?.memberOf ?? {})) meant.add(group);
  for (const [group, hop] of snapshot.memberships.reach(role.name).ways) {
    if (meant.has(group) || !principal.roles.includes(group)) continue;
    const fix = endMembership(snapshot, principal, firstOutside(hop, meant));
    findings.add('L2', { from: principal.name, to: principal.name, statement: 'pg_auth_members', answer: wayOf(hop), fix });
  }
}

/** Everything that a role can become or use and that is not its own. */
function checkReach(snapshot: CatalogSnapshot, findings: Findings, principal: Principal, role: Role): void {
  const reach = snapshot.memberships.reach(role.name);
  for (const [group, hop] of reach.ways) {
    if (principal.allowed.has(group)) continue;
    const other = snapshot.principalOf(group);
    const ours = other?.kind === 'app' || other?.kind === 'space' || other?.kind === 'reader';
    // Between roles that are nobody's there is nothing of ours; a role of the server's own reaches everybody.
    if (principal.kind === 'foreign' && !ours) {
      checkStrangersGroup(snapshot, findings, principal, role, hop);
      continue;
    }
    if (principal.kind === 'operator' && !ours && !group.startsWith('pg_') && snapshot.roles.get(group)?.superuser !== true) continue;
    const live = role.login && !role.expired;
    const fact = { from: principal.name, statement: 'pg_auth_members', answer: wayOf(hop), ...leaving(snapshot, principal, hop) };
    const outside = outsideProbe(principal.kind);
    if (outside !== null) findings.add(outside, { ...fact, to: targetOf(snapshot, other, group) });
    else if (!live) findings.add('E7', { ...fact, to: other ? targetOf(snapshot, other, group) : null });
    else {
      const opens = reach.usable.has(group) ? lookUp(PREDEFINED, group) : undefined;
      for (const id of opens ?? ['E7']) findings.add(id, { ...fact, to: other ? targetOf(snapshot, other, group) : null });
      if (snapshot.roles.get(group)?.superuser && reach.becomes.has(group))
        for (const id of EVERYTHING) findings.add(id, { ...fact, to: null });
      if (other && isLogin(snapshot, group)) findings.add('P13', { ...fact, to: targetOf(snapshot, other, group) });
    }
    checkAdmin(snapshot, findings, principal, hop, fact);
  }
}

/** The first membership that leads out closes it; what lies further on the way follows from that. An operator's is said, and kept. */
function leaving(snapshot: CatalogSnapshot, principal: Principal, hop: Hop): { fix: readonly Fix[]; under?: string; stuck?: Stuck | null } {
  if (principal.kind === 'operator') return { fix: [] };
  const edge = firstOutside(hop, principal.allowed);
  if (edge !== hop.edge) return { fix: [], under: `${edge[1]} → ${edge[0]}` };
  return { fix: endMembership(snapshot, principal, edge), stuck: barOfMembership(snapshot, edge[0], edge[1]) };
}

function isLogin(snapshot: CatalogSnapshot, name: string): boolean {
  return snapshot.roles.get(name)?.desired?.purpose === 'login';
}

function checkAdmin(
  snapshot: CatalogSnapshot,
  findings: Sink,
  principal: Principal,
  hop: Hop,
  fact: { statement: string; answer: string },
): void {
  if (!hop.edge[2] || principal.kind === 'foreign' || principal.kind === 'operator') return;
  findings.add('P25b', {
    ...fact,
    from: principal.name,
    to: null,
    fix: endMembership(snapshot, principal, hop.edge, true),
  });
}

function targetOf(snapshot: CatalogSnapshot, other: Principal | null, group: string): string | null {
  if (!other) return snapshot.roles.has(group) ? group : null;
  if (other.kind === 'space') return [...other.databases][0] ?? other.name;
  return other.name;
}

/** Memberships of its own that an app may give to others. */
function checkGrantors(snapshot: CatalogSnapshot, findings: Findings): void {
  for (const edge of snapshot.shared.members) {
    const [group, member, admin] = edge;
    const principal = snapshot.principalOf(member);
    if (!admin || !principal || principal.kind === 'foreign' || principal.kind === 'operator' || !principal.allowed.has(group)) continue;
    findings.add('P25b', {
      from: principal.name,
      to: null,
      statement: 'pg_auth_members',
      answer: `${member} is a member of ${group} WITH ADMIN OPTION`,
      fix: endMembership(snapshot, principal, edge, true),
    });
  }
}

/** All limits together fit into what the server has. */
function checkBudget(snapshot: CatalogSnapshot, findings: Findings): void {
  const [, , , , , , , max, reserved] = snapshot.server;
  const logins = snapshot.principals
    .filter((one) => one.kind !== 'foreign' && one.kind !== 'operator')
    .flatMap((one) => one.roles.flatMap((name) => snapshot.roles.get(name) ?? []));
  const sum = logins.filter((role) => role.login && role.connectionLimit > 0).reduce((total, role) => total + role.connectionLimit, 0);
  if (sum > max - reserved)
    findings.add('D1', {
      from: null,
      to: null,
      statement: 'connection limits of all logins',
      answer: `${sum} together; max_connections ${max}, of which ${reserved} are reserved`,
    });
}
