import { sql } from '../../../engine/index.ts';
import type { FieldChange, Command } from '../../../model/index.ts';
import { lookUp } from '../../../util/record.ts';
import { type Acl, aclDelta, grantText, revokeText, sameAcl } from '../acl.ts';
import { builtInDefault, ownerLetters } from '../compile/policy.ts';
import { readDefaultKey } from '../observe/default-key.ts';
import { ident, roles } from '../quote.ts';
import type { DefaultPrivilegesSpec } from '../spec.ts';
import { ALL as ALL_OF, listsField } from './access-fields.ts';
import type { Facts, Kind } from './kind.ts';

/** PostgreSQL's words in ALTER DEFAULT PRIVILEGES. */
export const WORDS: Readonly<Record<string, string>> = {
  table: 'TABLES',
  sequence: 'SEQUENCES',
  function: 'FUNCTIONS',
  type: 'TYPES',
  schema: 'SCHEMAS',
  'large object': 'LARGE OBJECTS',
};

export const defaultPrivileges: Kind<DefaultPrivilegesSpec> = {
  reversible: true,
  diff(desired, observed, facts) {
    const carried = Object.entries(observed.carried ?? {}).map(([key, acl]) => defaultsField(key, acl, {}, facts));
    const fields = keysOf(desired, observed).flatMap((key): FieldChange[] => {
      const want = lookUp(desired.entries, key) ?? builtInDefault(key);
      const have = lookUp(observed.entries, key) ?? builtInDefault(key);
      return sameAcl(want, have) ? [] : [defaultsField(key, want, have, facts)];
    });
    return [...fields, ...carried];
  },
  statements(_name, from, to) {
    const before: DefaultPrivilegesSpec = from ?? { entries: {} };
    const grants = new Map<string, string[]>();
    const revokes = new Map<string, string[]>();
    const known = new Map<Acl, Tails>();
    for (const key of keysOf(to, before)) {
      const { creator, schema, type } = readDefaultKey(key);
      const want = lookUp(to.entries, key) ?? builtInDefault(key);
      const have = lookUp(before.entries, key) ?? builtInDefault(key);
      // The logins of an app share their lists: what is said for one is said for the other.
      const last = known.get(want);
      const tails = last?.have === have && last.schema === schema && last.type === type ? last : tailsOf(want, have, schema, type);
      known.set(want, tails);
      for (const tail of tails.grants) put(grants, tail, creator);
      for (const tail of tails.revokes) put(revokes, tail, creator);
    }
    for (const [key, acl] of Object.entries(before.carried ?? {})) {
      const { creator, schema, type } = readDefaultKey(key);
      for (const tail of tailsOf(acl, {}, schema, type).grants) put(grants, tail, creator);
    }
    return { grants: together(grants), revokes: together(revokes) };
  },
};

function defaultsField(key: string, want: Acl, have: Acl, { version }: Facts): FieldChange {
  const { type } = readDefaultKey(key);
  return listsField(labelOf(key), want, have, lookUp(ALL_OF, type) ?? (type === 'table' ? ownerLetters('table', version) : ''));
}

function labelOf(key: string): string {
  return `defaults ${Object.values(readDefaultKey(key))
    .filter((part) => part !== '')
    .join(' ')}`;
}

interface Tails {
  readonly have: Acl;
  readonly schema: string;
  readonly type: string;
  readonly grants: readonly string[];
  readonly revokes: readonly string[];
}

function tailsOf(want: Acl, have: Acl, schema: string, type: string): Tails {
  const where = schema === '' ? '' : ` IN SCHEMA ${ident(schema)}`;
  const on = lookUp(WORDS, type) ?? type;
  const { grants, revokes } = aclDelta(want, have);
  return {
    have,
    schema,
    type,
    grants: grants.map((move) => `${where} ${grantText(move, on)}`),
    revokes: revokes.map((move) => `${where} ${revokeText(move, on)}`),
  };
}

function put(map: Map<string, string[]>, tail: string, creator: string): void {
  const creators = map.get(tail);
  if (creators) creators.push(creator);
  else map.set(tail, [creator]);
}

/** Roles for which the same is said come into one statement. */
function together(tails: ReadonlyMap<string, readonly string[]>): Command[] {
  return [...tails].map(([tail, creators]) => sql(`ALTER DEFAULT PRIVILEGES FOR ROLE ${roles(creators)}${tail}`));
}

function keysOf(a: DefaultPrivilegesSpec, b: DefaultPrivilegesSpec): string[] {
  return [...new Set([...Object.keys(a.entries), ...Object.keys(b.entries)])].sort();
}
