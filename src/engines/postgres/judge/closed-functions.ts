import type { Observation } from '../../../engine/index.ts';
import { addressKey, type Resource } from '../../../model/index.ts';
import { lookUp } from '../../../util/record.ts';
import type { Draft } from '../compile/draft.ts';
import { factsOf } from '../kinds/kind.ts';
import { partOf } from '../part-name.ts';
import { ident } from '../quote.ts';
import { isKind } from '../spec.ts';

const SHOWN = 3;

/** How the manifest says that a family is to be closed. */
const CLOSING: Readonly<Record<string, string>> = {
  'logical-messages': 'take `relax.logicalMessages` out',
  'advisory-locks': '`advisoryLocks: deny` says that they are to be closed',
};

/**
 * Server functions that PUBLIC cannot call although the manifest leaves them open (CT2073). Nothing tells whether cotenant closed them
 * once or somebody who hardened the server, so they are given to nobody.
 */
export function judgeClosedFunctions(draft: Draft, desired: readonly Resource[], observation: Observation): void {
  const found = new Map(observation.resources.map((one) => [addressKey(one.address), one]));
  const whose = factsOf(observation.server).superuser ? '' : 'have a superuser run, ';
  for (const one of desired) {
    if (!isKind(one, 'builtin') || !one.spec.publicExecute) continue;
    const has = found.get(addressKey(one.address));
    const closed = has && isKind(has, 'builtin') ? (has.spec.closed ?? []) : [];
    if (closed.length === 0) continue;
    const [database, family] = partOf(one.address.name);
    const shown = `${closed.slice(0, SHOWN).join(', ')}${closed.length > SHOWN ? ` and ${closed.length - SHOWN} more` : ''}`;
    const grant = `GRANT EXECUTE ON FUNCTION ${closed.map((signature) => `pg_catalog.${signature}`).join(', ')} TO PUBLIC`;
    draft.tell({
      code: 'CT2073',
      severity: 'info',
      message: `PUBLIC may not call ${shown} in database "${database}" on "${draft.input.name}", although the manifest leaves them open; they are left as they are`,
      hint: `to open them, ${whose}in ${ident(database)}: ${grant}; else ${lookUp(CLOSING, family) ?? 'leave it so'}`,
      path: one.path ?? draft.input.path,
      instance: draft.input.name,
    });
  }
}
