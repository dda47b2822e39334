import type { Findings } from '../../../engine/index.ts';
import type { Fix } from '../../../model/index.ts';
import { isNamed } from '../judge/people.ts';
import { accountKey } from '../observe/catalog.ts';
import type { OpenSession } from '../observe/census.ts';
import { isServersUser } from '../operators.ts';
import { sessionsWhere, whoseOf } from '../connect/session-list.ts';
import { LANE } from '../steps/draft-steps.ts';
import { type CatalogSnapshot, isServers } from './catalog-snapshot.ts';

/** What the server's own threads are called. */
const THREADS = new Set(['', 'system user', 'event_scheduler', 'unauthenticated user']);

/**
 * Sessions that may more than a login would today. The server looks at rights on a database when a session enters it, and at the
 * account when it comes in: what is taken later stays with the session until it ends.
 */
export function checkSessions(snapshot: CatalogSnapshot, findings: Findings): void {
  const operator = whoseOf(snapshot.catalog.server.admin).user;
  for (const session of snapshot.sessions) {
    if (THREADS.has(session.user) || isServersUser(session.user) || session.user === operator) continue;
    if (isKnown(snapshot, session.user)) continue;
    findings.judged += 1;
    const why = whyHeld(snapshot, session);
    if (why === null) continue;
    const from = ownerOf(snapshot, session.user);
    const to = session.database === null ? null : snapshot.called(session.database);
    findings.add('Y33', {
      from: from ?? session.user,
      to,
      statement: `session ${session.id} of ${session.user}`,
      answer: why,
      fix: from === null ? [] : ending(session),
    });
  }
}

/** A table stays open to a session that has it in its hands, whatever is revoked: by HANDLER, LOCK TABLES, or in a transaction. */
export function checkHeld(snapshot: CatalogSnapshot, findings: Findings): void {
  const operator = whoseOf(snapshot.catalog.server.admin).user;
  for (const { id, user, database, table } of snapshot.held) {
    if (THREADS.has(user) || isServersUser(user) || user === operator || isKnown(snapshot, user)) continue;
    if (snapshot.victimOf(database) === null) continue;
    findings.judged += 1;
    const why = whyHeld(snapshot, { user, database });
    if (why === null) continue;
    const from = ownerOf(snapshot, user);
    findings.add('Y33', {
      from: from ?? user,
      to: snapshot.victimOf(database),
      statement: `session ${id} of ${user}`,
      answer: `it holds ${database}.${table}: ${why}`,
      fix: from === null ? [] : ending({ id }),
    });
  }
}

/** Operators and known strangers are judged by nobody. */
function isKnown({ catalog, input }: CatalogSnapshot, user: string): boolean {
  const accounts = catalog.accounts.filter((one) => !one.isRole && one.user === user);
  if (accounts.length > 0) return accounts.every((one) => isNamed(input, one));
  return [...input.operators.map(({ name }) => name), ...input.known.map((one) => one.user)].some((name) => whoseOf(name).user === user);
}

/** Null: a login would get the same today. */
function whyHeld(snapshot: CatalogSnapshot, { user, database }: Pick<OpenSession, 'user' | 'database'>): string | null {
  const { catalog, rights } = snapshot;
  const accounts = catalog.accounts.filter((one) => !one.isRole && (one.user === user || one.user === ''));
  if (accounts.length === 0) return 'its account is gone';
  const open = accounts.filter(({ locked }) => !locked);
  if (open.length === 0) return 'its account is locked';
  if (database === null || isServers(database) || snapshot.victimOf(database) === null) return null;
  return open.some((one) => rights.reaches(rights.of(accountKey(one)), database)) ? null : `in ${database}, on which it has no right today`;
}

/** The app whose login it is or was, or null. */
function ownerOf({ tenants, catalog, input }: CatalogSnapshot, user: string): string | null {
  const tenant = tenants.find(({ users, former }) => users.has(user) || [...former].some((key) => key.startsWith(`${user}@`)));
  if (tenant) return tenant.app;
  const row = catalog.ledger?.find((one) => one.kind === 'account' && one.project === input.project && one.name.startsWith(`${user}@`));
  return row?.app ?? null;
}

function ending({ id }: Pick<OpenSession, 'id'>): readonly Fix[] {
  return [{ lane: LANE, statement: sessionsWhere(`ID = ${Number(id)}`) }];
}
