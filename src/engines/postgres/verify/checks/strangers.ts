import type { Findings, Stuck } from '../../../../engine/index.ts';
import type { CatalogSnapshot } from '../catalog-snapshot.ts';
import { type Hop, wayOf } from '../memberships.ts';
import type { Principal, Role } from '../principals.ts';

/** These reach the apps from wherever their member may log in: through the server's files, its statistics or its signals. */
const FROM_ANYWHERE: ReadonlySet<string> = new Set([
  'pg_execute_server_program',
  'pg_monitor',
  'pg_read_all_settings',
  'pg_read_all_stats',
  'pg_read_server_files',
  'pg_signal_autovacuum_worker',
  'pg_signal_backend',
  'pg_stat_scan_tables',
  'pg_use_reserved_connections',
  'pg_write_server_files',
]);

const named = (name: string): Stuck => ({
  accepted: false,
  why: `Where that is meant, an entry under \`known\`, or under \`operators\`, says so: nobody here takes it from "${name}".`,
});

/** Another member of the group that a managed service gave this admin, or of one that the manifest names: the console made it. */
function isOfService(snapshot: CatalogSnapshot, name: string): boolean {
  const [, superuser] = snapshot.server;
  if (superuser) return false;
  const groups = [name, ...snapshot.memberships.reach(name).ways.keys()];
  return groups.some((group) => snapshot.operators.has(group) || snapshot.limits.role(group) !== null);
}

/** What a login that nobody here knows may do to the whole server by an attribute. */
export function checkStrangersAttributes(snapshot: CatalogSnapshot, findings: Findings, role: Role): void {
  if (isOfService(snapshot, role.name)) return;
  const live = role.login && !role.expired;
  const put = (word: string, latent: boolean, why: string): void =>
    findings.add('F1', {
      from: role.name,
      to: null,
      statement: `attributes of role ${role.name}`,
      answer: word,
      why,
      stuck: named(role.name),
      ...(latent || !live ? { verdict: 'LATENT' as const } : {}),
    });
  if (role.replication)
    put('REPLICATION', false, 'It can copy the whole server, where a line of pg_hba.conf lets it, and keep the write-ahead log for ever.');
  if (role.createRole && snapshot.version < 160000)
    put('CREATEROLE', false, 'It joins any group that is no superuser, and sets any password.');
  if (role.createRole && snapshot.version >= 160000)
    put('CREATEROLE', true, 'It makes roles, under names that apps will have; with ADMIN on one of ours it would be that role.');
}

/** A role of the server's own, by whatever way. Some of them need a database of the apps to get in to first. */
export function checkStrangersGroup(snapshot: CatalogSnapshot, findings: Findings, principal: Principal, role: Role, hop: Hop): void {
  const [group] = hop.edge;
  const superuser = snapshot.roles.get(group)?.superuser === true;
  if (!superuser && (!group.startsWith('pg_') || group === 'pg_database_owner')) return;
  if (isOfService(snapshot, role.name)) return;
  const live = role.login && !role.expired && snapshot.memberships.reach(role.name).usable.has(group);
  const far = live && (superuser || FROM_ANYWHERE.has(group));
  findings.add('F1', {
    from: principal.name,
    to: null,
    statement: 'pg_auth_members',
    answer: wayOf(hop),
    why:
      live && FROM_ANYWHERE.has(group)
        ? 'It holds for the whole server, every app included.'
        : 'It reaches an app as soon as somebody lets it in there.',
    stuck: named(role.name),
    ...(far ? {} : { verdict: 'LATENT' as const }),
  });
}

/** Superusers are the operator; but one that the manifest does not name may have been made by mistake. The server's first one is always there. */
export function checkSuperusers(snapshot: CatalogSnapshot, findings: Findings): void {
  const [me, superuser] = snapshot.server;
  // Of a service's superusers its admin can say nothing.
  if (!superuser) return;
  const named = new Set([me, snapshot.shared.first, ...snapshot.input.known.map(({ user }) => user)]);
  for (const role of snapshot.roles.values()) {
    if (!role.superuser || named.has(role.name) || snapshot.principalOf(role.name) !== null) continue;
    findings.add('F1', {
      from: role.name,
      to: null,
      statement: `attributes of role ${role.name}`,
      answer: 'SUPERUSER',
      why: 'It can do everything to every app, and the manifest does not name it.',
      stuck: {
        accepted: false,
        why: `Where that is meant, \`known: [{ user: ${role.name}, why: … }]\` says so; else ALTER ROLE … NOSUPERUSER by hand.`,
      },
      ...(role.login && !role.expired ? {} : { verdict: 'LATENT' as const }),
    });
  }
}
