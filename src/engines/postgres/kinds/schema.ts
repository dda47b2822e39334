import { field, sql } from '../../../engine/index.ts';
import type { FieldChange, Command } from '../../../model/index.ts';
import { lookUp } from '../../../util/record.ts';
import { sortLetters } from '../acl.ts';
import { ownedBy } from '../effective/grants.ts';
import { partOf } from '../part-name.ts';
import { ident } from '../quote.ts';
import type { SchemaSpec } from '../spec.ts';
import { accessFields, ALL } from './access-fields.ts';
import { accessStatements, type Kind } from './kind.ts';

export const schema: Kind<SchemaSpec> = {
  reversible: true,
  diff(desired, observed) {
    const fields: FieldChange[] = desired.owner === observed.owner ? [] : [field('owner', observed.owner, desired.owner)];
    return [...fields, ...accessFields('access of', desired.acl, handedOver(observed, desired.owner), ALL.schema)];
  },
  statements(name, from, to, facts) {
    const [, plain] = partOf(name);
    const it = ident(plain);
    const grants: Command[] = [];
    const revokes: Command[] = [];
    // As the server makes it.
    const operator = plain === 'public' && facts.superuser && facts.version >= 150000 ? 'pg_database_owner' : 'CURRENT_USER';
    const owner = to.owner === 'operator' ? operator : ident(to.owner);
    const handed = from !== null && from.owner !== to.owner;
    if (from === null) grants.push(sql(`CREATE SCHEMA ${it} AUTHORIZATION ${owner}`));
    else if (handed) grants.push(sql(`ALTER SCHEMA ${it} OWNER TO ${owner}`));
    const have = from === null ? (to.owner === 'operator' ? {} : { [to.owner]: 'CU' }) : handedOver(from, to.owner);
    const chain = from?.chain && handed ? ownedBy(from.chain, to.owner === 'operator' ? operator : to.owner) : from?.chain;
    accessStatements(`SCHEMA ${it}`, have, to.acl, grants, revokes, chain);
    return { grants, revokes, ...(handed ? { risk: 'access-reducing' as const } : {}) };
  },
};

/** The access list after the owner has changed: the server gives the old owner's entry to the new one. */
function handedOver(observed: SchemaSpec, owner: string): SchemaSpec['acl'] {
  if (observed.owner === owner) return observed.acl;
  const { [observed.owner]: _own, [owner]: _mine, ...others } = observed.acl;
  if (owner === 'operator') return others;
  const own = observed.owner === 'operator' ? 'CU' : (lookUp(observed.acl, observed.owner) ?? '');
  const letters = sortLetters([...new Set(own + (lookUp(observed.acl, owner) ?? ''))].join(''));
  return letters === '' ? others : { ...others, [owner]: letters };
}
