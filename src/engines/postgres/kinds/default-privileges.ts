import type { FieldChange, Statement } from '../../../model/index.ts';
import { aclDelta, grantText, revokeText, sameAcl, showAcl } from '../acl.ts';
import { builtInDefault } from '../policy.ts';
import { readDefaultKey } from '../default-key.ts';
import { ident, roles } from '../quote.ts';
import type { DefaultPrivilegesSpec } from '../spec.ts';
import { field, type Kind, sql } from './kind.ts';

const WORDS: Readonly<Record<string, string>> = {
  table: 'TABLES',
  sequence: 'SEQUENCES',
  function: 'FUNCTIONS',
  type: 'TYPES',
  schema: 'SCHEMAS',
  'large object': 'LARGE OBJECTS',
};

export const defaultPrivileges: Kind<DefaultPrivilegesSpec> = {
  reversible: true,
  diff(desired, observed) {
    return keysOf(desired, observed).flatMap((key): FieldChange[] => {
      const want = desired.entries[key] ?? builtInDefault(key);
      const have = observed.entries[key] ?? builtInDefault(key);
      return sameAcl(want, have)
        ? []
        : [
            field(
              `defaults ${Object.values(readDefaultKey(key))
                .filter((part) => part !== '')
                .join(' ')}`,
              showAcl(have) || null,
              showAcl(want) || null,
            ),
          ];
    });
  },
  moves(_name, from, to) {
    const before = from ?? { entries: {} };
    const give = new Map<string, string[]>();
    const take = new Map<string, string[]>();
    for (const key of keysOf(to, before)) {
      const { creator, schema, type } = readDefaultKey(key);
      const where = schema === '' ? '' : ` IN SCHEMA ${ident(schema)}`;
      const on = WORDS[type] ?? type;
      const delta = aclDelta(to.entries[key] ?? builtInDefault(key), before.entries[key] ?? builtInDefault(key));
      const put = (map: Map<string, string[]>, tail: string): void => void map.set(tail, [...(map.get(tail) ?? []), creator]);
      for (const move of delta.grants) put(give, `${where} ${grantText(move, on)}`);
      for (const move of delta.revokes) put(take, `${where} ${revokeText(move, on)}`);
    }
    return { give: together(give), take: together(take) };
  },
};

/** Roles for which the same is said come into one statement. */
function together(tails: ReadonlyMap<string, readonly string[]>): Statement[] {
  return [...tails].map(([tail, creators]) => sql(`ALTER DEFAULT PRIVILEGES FOR ROLE ${roles(creators)}${tail}`));
}

function keysOf(a: DefaultPrivilegesSpec, b: DefaultPrivilegesSpec): string[] {
  return [...new Set([...Object.keys(a.entries), ...Object.keys(b.entries)])].sort();
}
