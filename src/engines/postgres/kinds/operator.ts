import { field, sql } from '../../../engine/index.ts';
import type { Command } from '../../../model/index.ts';
import type { OperatorAttribute, OperatorSpec } from '../operators.ts';
import { ident } from '../quote.ts';
import type { Kind } from './kind.ts';

const ATTRIBUTES: Readonly<Record<OperatorAttribute, string>> = { replication: 'REPLICATION', bypassRls: 'BYPASSRLS' };

/** One right of an operator. */
export interface OperatorPart {
  readonly field: string;
  /** null: a right of the whole server. */
  readonly database: string | null;
  readonly grant: string;
  readonly revoke: string;
}

/** What a login of the operator gets. Nothing is taken from it: an entry that goes leaves it as it is. */
export const operator: Kind<OperatorSpec> = {
  reversible: true,
  diff(desired, observed, facts, name) {
    return lacking(name, desired, observed, facts.version).map((part) => field(part.field, null, 'granted'));
  },
  statements(name, from, to, facts) {
    const grants: Command[] = from ? lacking(name, to, from, facts.version).map(({ grant }) => sql(grant)) : [];
    const revokes: Command[] = from ? lacking(name, from, to, facts.version).map(({ revoke }) => sql(revoke)) : [];
    return { grants, revokes };
  },
};

/** What `wanted` has and `observed` lacks, as far as this admin can grant it. */
export function lacking(name: string, wanted: OperatorSpec, observed: OperatorSpec, version: number): readonly OperatorPart[] {
  const has = new Set(operatorParts(name, observed, version).map((part) => part.field));
  return operatorParts(name, wanted, version).filter((part) => !has.has(part.field) && !observed.beyond.includes(part.grant));
}

export function operatorParts(name: string, spec: OperatorSpec, version: number): readonly OperatorPart[] {
  const login = ident(name);
  return [
    ...spec.groups.map((group) => ({
      field: `member of ${group}`,
      database: null,
      // From 16 on a membership can be there without passing its rights on.
      grant: `GRANT ${ident(group)} TO ${login}${version >= 160000 ? ' WITH INHERIT TRUE' : ''}`,
      revoke: `REVOKE ${ident(group)} FROM ${login}`,
    })),
    ...spec.attributes.map((attribute) => ({
      field: attribute,
      database: null,
      grant: `ALTER ROLE ${login} ${ATTRIBUTES[attribute]}`,
      revoke: `ALTER ROLE ${login} NO${ATTRIBUTES[attribute]}`,
    })),
    ...spec.connect.map((database) => ({
      field: `connect to ${database}`,
      database,
      grant: `GRANT CONNECT ON DATABASE ${ident(database)} TO ${login}`,
      revoke: `REVOKE CONNECT ON DATABASE ${ident(database)} FROM ${login}`,
    })),
  ];
}
