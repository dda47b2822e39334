import { field, sql } from '../../../engine/index.ts';
import type { Command } from '../../../model/index.ts';
import { ident } from '../quote.ts';
import { lookUp } from '../../../util/record.ts';
import { partOf } from '../part-name.ts';
import type { BuiltinSpec } from '../spec.ts';
import type { Kind } from './kind.ts';

const FAMILIES: Readonly<Record<string, readonly string[]>> = {
  'logical-messages': ['pg_logical_emit_message(boolean,text,text)', 'pg_logical_emit_message(boolean,text,bytea)'],
  'advisory-locks': [],
};

/**
 * Functions of the server itself that PUBLIC loses in a database. It is given none: whoever closed one may have had a reason (CT2073).
 * Signatures as the server prints them: they need no quotes.
 */
export const builtin: Kind<BuiltinSpec> = {
  reversible: true,
  diff: (desired, observed) =>
    desired.publicExecute
      ? []
      : [
          ...(desired.publicExecute === observed.publicExecute
            ? []
            : [field('PUBLIC may execute', observed.open.join(', ') || null, desired.publicExecute)]),
          // Whoever has it by name, and is neither the operator nor known, loses it as well.
          ...Object.entries(observed.named ?? {}).map(([grantee, open]) => field(`${grantee} may execute`, open.join(', '), null)),
        ],
  statements(name, from, to, facts) {
    const family = partOf(name)[1];
    const versioned =
      facts.version >= 170000
        ? (lookUp(FAMILIES, family) ?? []).map((signature) => signature.replace(/\)$/, ',boolean)'))
        : (lookUp(FAMILIES, family) ?? []);
    const signatures = from === null ? (family === 'advisory-locks' ? advisoryLocks() : versioned) : from.open;
    if (to.publicExecute) return { grants: [], revokes: [] };
    const revoke = (some: readonly string[], grantee: string, more = ''): readonly Command[] =>
      some.length === 0
        ? []
        : [sql(`REVOKE EXECUTE ON FUNCTION ${some.map((one) => `pg_catalog.${one}`).join(', ')} FROM ${grantee}${more}`)];
    const named = Object.entries(from?.named ?? {}).flatMap(([grantee, some]) => revoke(some, ident(grantee), ' CASCADE'));
    return { grants: [], revokes: [...revoke(signatures, 'PUBLIC'), ...named] };
  },
};

/** For a database that does not exist yet: what 14 to 18 have. */
function advisoryLocks(): readonly string[] {
  const kinds = [
    'pg_advisory_lock',
    'pg_advisory_lock_shared',
    'pg_advisory_xact_lock',
    'pg_advisory_xact_lock_shared',
    'pg_try_advisory_lock',
    'pg_try_advisory_lock_shared',
    'pg_try_advisory_xact_lock',
    'pg_try_advisory_xact_lock_shared',
    'pg_advisory_unlock',
    'pg_advisory_unlock_shared',
  ];
  return [...kinds.flatMap((name) => [`${name}(bigint)`, `${name}(integer,integer)`]), 'pg_advisory_unlock_all()'];
}
