import { endRoles } from '../../steps/sessions.ts';
import { SHARED } from '../../connect/lanes.ts';
import type { CatalogSnapshot } from '../catalog-snapshot.ts';
import type { DatabaseContext } from '../database-context.ts';
import type { Fix } from '../../../../model/index.ts';
import { losingRole } from '../losing.ts';
import type { Sink } from '../fixable.ts';
import { Carried } from '../graph/carried.ts';
import type { Principal } from '../principals.ts';

const BECAME =
  /^\s*set\s+(?:session\s+|local\s+)?(?:role|session\s+authorization)\s+(?:to\s+|=\s*)?(?:"((?:[^"]|"")+)"|'((?:[^']|'')+)'|([^\s;"']+))/i;

/** Who a statement makes of the session; null: its login again. */
export function becameOf(statement: string): string | null {
  const found = BECAME.exec(statement);
  const [, quoted, text, plain] = found ?? [];
  const name = quoted?.replaceAll('""', '"') ?? text?.replaceAll("''", "'") ?? plain?.toLowerCase() ?? null;
  return name === null || (plain !== undefined && ['none', 'default'].includes(name)) || text === 'none' ? null : name;
}

/** Sessions that are somebody whom their login could not become today, and transactions of those who could not begin them today. */
export function checkLasting(snapshot: CatalogSnapshot, findings: Sink): void {
  for (const [login, database, statement] of snapshot.shared.switched) {
    const principal = snapshot.principalOf(login);
    const role = becameOf(statement);
    findings.judged += 1;
    if (principal === null || principal.kind === 'operator' || role === null || role === login || !snapshot.roles.has(role)) continue;
    if (snapshot.roles.get(login)?.superuser === true || snapshot.memberships.reach(login).becomes.has(role)) continue;
    findings.add('Z1', {
      from: principal.name,
      to: snapshot.principalOf(role)?.name ?? null,
      statement: `pg_stat_activity: ${login} in ${database}`,
      answer: `its session became ${role}, which its login may not today`,
      fix: ending(snapshot, principal, login),
    });
  }
  for (const [gid, owner, database] of snapshot.shared.prepared) {
    const principal = snapshot.principalOf(owner);
    const place = snapshot.place(database);
    findings.judged += 1;
    if (principal === null || principal.kind === 'operator' || place === null || place.kind === 'other') continue;
    if (principal.roles.some((name) => canEnd(snapshot, name, owner, database))) continue;
    findings.add('Z1', {
      from: principal.name,
      to: place.app === principal.name ? null : place.target,
      statement: `pg_prepared_xacts of ${database}`,
      answer: `"${gid}" of ${owner}, who does not get in there today, holds what it touched until somebody ends it`,
      stuck: BY_HAND,
    });
  }
}

/** Slots that keep what all apps write until the disk is full: who may replicate is said in the manifest, and nobody else has one. */
export function checkSlots(snapshot: CatalogSnapshot, findings: Sink): void {
  const { operators, known } = snapshot.input;
  findings.judged += snapshot.shared.slots.length;
  const isMeant =
    operators.some(({ may }) => may.includes('replication')) || known.some(({ user }) => snapshot.roles.get(user)?.replication);
  if (isMeant) return;
  for (const [name, database] of snapshot.shared.slots) {
    findings.add('Z3', {
      from: null,
      to: (database === null ? null : snapshot.place(database)?.target) ?? null,
      statement: `pg_replication_slots: ${name}`,
      answer: 'nobody reads it, max_slot_wal_keep_size sets no limit, and nobody in the manifest may replicate',
      stuck: {
        accepted: false,
        why: `SELECT pg_drop_replication_slot('${name}') removes it; an operator who may replicate is written under \`operators\`.`,
      },
    });
  }
}

/** Whoever acts as its owner there ends it. */
function canEnd(snapshot: CatalogSnapshot, login: string, owner: string, database: string): boolean {
  const acts = login === owner || snapshot.memberships.reach(login).becomes.has(owner);
  return acts && snapshot.isLive(login) && snapshot.enters(login, database);
}

const BY_HAND = { accepted: false, why: 'ROLLBACK PREPARED in that database, by a superuser, ends it.' };

/** Ends the sessions of the login, which can come again with what it may today. */
function ending(snapshot: CatalogSnapshot, principal: Principal, login: string): readonly Fix[] {
  return losingRole(snapshot, principal, login, [{ lane: SHARED, statement: endRoles([login]) }], `the sessions of "${login}"`, {
    kind: 'own',
  });
}

/** Tables of an app that somebody holds who has nothing to do with it: an open cursor, a transaction from before a right was taken. */
export function checkHeld(inside: DatabaseContext): void {
  const { snapshot, findings, place, catalog } = inside;
  const carried = new Carried(inside, catalog.graph);
  for (const [database, relation, login, gid] of snapshot.shared.held) {
    const node = catalog.graph.nodes.get(Number(relation));
    const principal = snapshot.principalOf(login);
    if (database !== place.database || !node || principal === null || principal.kind === 'operator') continue;
    const to = carried.dataOf(node);
    findings.judged += 1;
    if (to === null || isMeant(inside, principal, to)) continue;
    findings.add('Z1', {
      from: principal.name,
      to,
      statement: `pg_locks of ${database}: ${node.name}`,
      answer:
        gid === null
          ? `a session of ${login} holds it open, as a cursor does that was opened with rights of before`
          : `the prepared transaction "${gid}" of ${login} holds it, and can still be committed`,
      ...(gid === null ? { fix: ending(snapshot, principal, login) } : { stuck: BY_HAND }),
    });
  }
}

function isMeant({ snapshot, place }: DatabaseContext, principal: Principal, to: string): boolean {
  if (principal.name === to || principal.reads.has(to) || principal.kind === 'holder') return true;
  if (snapshot.input.shares.some((share) => share.from === to && share.to === principal.name)) return true;
  return to === place.target && principal.databases.has(place.database);
}
