import { sha256 } from '../../../util/canonical.ts';
import type { Diagnostic } from '../../../model/index.ts';
import type { CatalogAccount, LedgerRow } from '../observe/catalog.ts';
import type { Input } from '../compile/draft.ts';
import { vouch } from '../kinds/ledger.ts';
import type { PasswordState } from '../spec.ts';

/**
 * True for an account that has the name of one which was closed with its app, and is not that one by what the ledger noted of its
 * password that day. Where nothing was noted, the password is to be ours, or one that nobody has.
 */
export function isRemade({ retired, applied }: LedgerRow, { hash, locked }: CatalogAccount, password: () => PasswordState): boolean {
  if (retired === null) return false;
  if (applied !== null) return sha256(hash) !== applied;
  const state = password();
  return state !== 'verified' && !(state === 'impossible' && locked);
}

export function toldOfRemade(remade: ReadonlyMap<string, string>, { name: instance }: Input): readonly Diagnostic[] {
  return [...remade].map(([key, app]) => ({
    code: 'CT2071',
    severity: 'warning',
    message: `account "${key}" on "${instance}" is called as one of the retired app "${app}" was and has another password, so that somebody may have made it anew: it is not dropped with the app, nor closed without --confirm=${key}`,
    hint: `list it under \`known\` if it is somebody else's; ${ifOurs(key)}`,
    instance,
  }));
}

/** What stands in the way of an app that is to have it again. */
export function remadeInTheWay(key: string, app: string, instance: string): Omit<Diagnostic, 'path'> {
  return {
    code: 'CT2005',
    severity: 'error',
    message: `app "${app}" cannot have the account "${key}" on "${instance}" again: it has another password than when it was closed, so that somebody may have made it anew`,
    hint: `if it is somebody else's, agree on another name for it (RENAME USER); ${ifOurs(key)}`,
    instance,
  };
}

const ifOurs = (key: string): string => `${vouch(key).text} says that it is the app's all the same`;
