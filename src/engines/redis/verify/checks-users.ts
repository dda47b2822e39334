import type { Findings } from '../../../engine/index.ts';
import { LANE } from '../steps/draft-steps.ts';
import { DEFAULT_USER } from '../names.ts';
import { endSessions } from '../steps/save.ts';
import { grantReader } from '../rights.ts';
import { isSeen } from '../spec.ts';
import { commandText } from '../words.ts';
import { fixPassword } from './fixes.ts';
import type { CatalogSnapshot } from './catalog-snapshot.ts';

/** Passwords, the user that needs none, connections that are open. */
export function checkUsers(snapshot: CatalogSnapshot, findings: Findings): void {
  checkPasswords(snapshot, findings);
  checkDefault(snapshot, findings);
  checkClients(snapshot, findings);
}

function checkPasswords(snapshot: CatalogSnapshot, findings: Findings): void {
  const { users, tenants, observation } = snapshot;
  const byHash = Map.groupBy(
    users.flatMap(({ name, hashes }) => hashes.map((hash) => ({ name, hash }))),
    ({ hash }) => hash,
  );
  const states = new Map(
    observation.resources.flatMap((one) => (isSeen(one, 'user') ? [[one.address.name, one.spec.password] as const] : [])),
  );
  for (const tenant of tenants) {
    const seen = users.find(({ name }) => name === tenant.user);
    if (!seen) continue;
    findings.judged += 3;
    const fix = fixPassword(tenant);
    const statement = commandText('ACL', 'GETUSER', tenant.user);
    if (seen.noPassword) findings.add('A3', { from: null, to: tenant.app, statement, answer: 'nopass: no password is asked for', fix });
    if (states.get(tenant.user) === 'other' && !tenant.resource.spec.adopt)
      findings.add('A4', {
        from: null,
        to: tenant.app,
        statement,
        answer: `${seen.hashes.length} passwords, not all of them cotenant's`,
        fix,
      });
    for (const hash of seen.hashes) {
      for (const { name } of byHash.get(hash) ?? []) {
        if (name === tenant.user) continue;
        const from = tenants.find(({ user }) => user === name)?.app ?? name;
        findings.add('A3', { from, to: tenant.app, statement, answer: `the same password as the user ${name}`, fix });
      }
    }
  }
}

// No fix: whoever connects without a login loses that, and an apply asks for it by name.
function checkDefault({ users, input }: CatalogSnapshot, findings: Findings): void {
  findings.judged += 1;
  const user = users.find(({ name }) => name === DEFAULT_USER);
  if (!user?.enabled || !user.noPassword || input.known.some((one) => one.user === DEFAULT_USER)) return;
  findings.add('A1', { from: null, to: null, statement: 'ACL GETUSER default', answer: 'on, and no password is asked for' });
}

/** What a connection has begun goes on, whatever its user may do now. */
function checkClients(snapshot: CatalogSnapshot, findings: Findings): void {
  const { clients, tenants } = snapshot;
  const byUser = new Map(tenants.map((tenant) => [tenant.user, tenant]));
  for (const { user, flags } of clients) {
    const tenant = byUser.get(user);
    if (!tenant) {
      checkStrangersClient(snapshot, findings, user, flags);
      continue;
    }
    findings.judged += 1;
    const fix = tenant.mark === null ? [] : [{ lane: LANE, statement: endSessions(user) }];
    const base = { from: tenant.app, to: null, statement: 'CLIENT LIST', fix };
    if (/[OSM]/.test(flags))
      findings.add('K21', { ...base, answer: `a connection with the flags ${flags}: it watches every command, or is a replica` });
    if (flags.includes('B') && !tenant.resource.spec.relax.includes('clientTracking'))
      findings.add('K12', { ...base, answer: `a connection with the flags ${flags}: it is told the names of keys` });
  }
}

/** What a connection can be, and the commands of which one makes it that. */
const BEGUN: readonly (readonly [flag: string, probe: string, commands: readonly string[], answer: string])[] = [
  ['O', 'K21', ['monitor'], 'it watches every command'],
  ['S', 'K21', ['psync', 'sync', 'replconf'], 'it is a replica'],
  ['B', 'K12', ['client|tracking'], 'it is told the names of keys'],
];

/** Of somebody else: what its user may do is judged elsewhere, and here what it has begun and may not begin today. */
function checkStrangersClient(snapshot: CatalogSnapshot, findings: Findings, name: string, flags: string): void {
  const { users, input, facts } = snapshot;
  const user = users.find((one) => one.name === name);
  const kept = name === DEFAULT_USER && input.config.defaultUser === 'keep';
  if (!user || kept || name === facts.user || input.known.some((one) => one.user === name)) return;
  findings.judged += 1;
  const may = new Set(user.enabled ? grantReader(snapshot.table)(user).flatMap(({ commands }) => commands.split(' ')) : []);
  for (const [flag, probe, commands, answer] of BEGUN) {
    if (!flags.includes(flag) || commands.some((one) => may.has(one))) continue;
    findings.add(probe, {
      from: name,
      to: null,
      statement: 'CLIENT LIST',
      answer: `a connection with the flags ${flags}: ${answer}, and its user may not begin that today; CLIENT KILL USER ${name} ends it`,
    });
  }
}
