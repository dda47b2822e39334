import type { FieldChange, Statement } from '../../../model/index.ts';
import { insideOf } from '../inside.ts';
import { ident } from '../quote.ts';
import type { SchemaSpec } from '../spec.ts';
import { accessMoves, field, type Kind, mapFields, sql } from './kind.ts';

export const schema: Kind<SchemaSpec> = {
  reversible: true,
  diff(desired, observed) {
    const fields: FieldChange[] = desired.owner === observed.owner ? [] : [field('owner', observed.owner, desired.owner)];
    return [...fields, ...mapFields('access of', desired.acl, handedOver(observed, desired.owner))];
  },
  moves(name, from, to) {
    const [, plain] = insideOf(name);
    const it = ident(plain);
    const give: Statement[] = [];
    const take: Statement[] = [];
    if (from === null) give.push(sql(`CREATE SCHEMA ${it}${to.owner === 'operator' ? '' : ` AUTHORIZATION ${ident(to.owner)}`}`));
    else if (from.owner !== to.owner)
      give.push(sql(`ALTER SCHEMA ${it} OWNER TO ${to.owner === 'operator' ? 'CURRENT_USER' : ident(to.owner)}`));
    const have = from === null ? (to.owner === 'operator' ? {} : { [to.owner]: 'CU' }) : handedOver(from, to.owner);
    accessMoves(`SCHEMA ${it}`, have, to.acl, give, take);
    return { give, take };
  },
};

/** The access list after the owner has changed: the server gives the old owner's entry to the new one. */
function handedOver(observed: SchemaSpec, owner: string): SchemaSpec['acl'] {
  if (observed.owner === owner) return observed.acl;
  const { [observed.owner]: _old, ...others } = observed.acl;
  return owner === 'operator' ? others : { ...others, [owner]: 'CU' };
}
