import type { Observation } from '../../../engine/index.ts';
import { writeMark } from './mark.ts';
import { cutName } from '../names.ts';

/**
 * A role without a login and without rights. Its comment is the mark of what serves several apps, which no app's mark can be:
 * apps come and go.
 */
export function ledgerName(project: string): string {
  return cutName(`cotenant_ledger_${project}`);
}

/** The comment of one that says nothing yet. */
export function emptyLedger(project: string): string {
  return writeMark({ project, app: null });
}

export function hasLedger({ resources }: Pick<Observation, 'resources'>, project: string): boolean {
  const name = ledgerName(project);
  return resources.some(({ address, owned, app }) => owned && app === null && address.kind === 'role' && address.name === name);
}
