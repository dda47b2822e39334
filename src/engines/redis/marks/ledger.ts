import type { Observation } from '../../../engine/index.ts';
import type { Command, Diagnostic } from '../../../model/index.ts';
import type { AclUser } from '../acl.ts';
import type { Input } from '../compile/draft.ts';
import { type Mark, markRule } from './mark.ts';
import { RESERVED } from '../names.ts';
import { NOTED } from '../observe/others.ts';
import { isSeen, type LedgerSeen } from '../spec.ts';
import { command } from '../words.ts';

/**
 * A user without a login and without rights that keeps what belongs to no single app: the hash of what the manifest asks
 * for all of them, and that something was changed and is not known to be on disk yet.
 */
export function ledgerName(project: string): string {
  return `${RESERVED}:${encodeURIComponent(project)}`;
}

export function isLedger(name: string): boolean {
  return name.startsWith(`${RESERVED}:`);
}

export function ledgerOf(observation: Observation): LedgerSeen {
  for (const one of observation.resources) if (isSeen(one, 'ledger')) return one.spec;
  return { shared: null, unsaved: false, others: null };
}

/** Goes first in every transaction that no app's own mark tells of: until the access list is on disk, it is not done. */
export function unsavedStatement(project: string): Command {
  return ledgerStatement({ project, app: '', unsaved: true });
}

/** `noting`: with the users of others, as they are when it is sent. */
export function savedStatement(project: string, shared: string | undefined, noting: boolean): Command {
  return ledgerStatement({ project, app: '', ...(shared === undefined ? {} : { shared }), ...(noting ? { others: NOTED } : {}) });
}

function ledgerStatement(mark: Mark): Command {
  return command('ACL', 'SETUSER', ledgerName(mark.project), 'reset', 'resetchannels', markRule(mark));
}

/** Whatever is written into the ledger takes from its user all else that it has: one that somebody logs in as is not written over. */
export function strangeLedger(users: readonly AclUser[], { name: instance, project, path }: Input): readonly Diagnostic[] {
  const name = ledgerName(project);
  const found = users.find((one) => one.name === name);
  if (!found) return [];
  const isOurs = found.mark?.project === project && found.mark.app === '';
  if (isOurs && !found.enabled) return [];
  const message = isOurs
    ? `user "${name}" on "${instance}" keeps cotenant's ledger, and somebody has switched it on: what it can do would be taken with the next change`
    : `user "${name}" exists on "${instance}" and is not cotenant's, which keeps its ledger in a user of this name`;
  const hint = isOurs
    ? `give whoever uses it a user of another name, then ACL SETUSER ${name} off`
    : `make it anew under another name, then ACL DELUSER ${name}; or rename the project`;
  return [{ code: 'CT2005', severity: 'error', message, hint, instance, path }];
}
