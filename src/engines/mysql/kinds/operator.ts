import { sql } from '../../../engine/index.ts';
import { grantChanges, roleName, shown } from '../grants.ts';
import { grantsOfWords, lacking } from '../judge/people.ts';
import type { OperatorSpec } from '../spec.ts';
import { grantField } from './grant-fields.ts';
import type { Kind } from './kind.ts';

/** A login of the operator gets what it may do, and nothing of it is ever taken. */
export const operator: Kind<OperatorSpec> = {
  diff(desired, observed, facts) {
    const wanted = grantsOfWords(desired.may, facts);
    return Object.entries(observed.accounts).flatMap(([account, grants]) =>
      Object.entries(lacking(wanted, grants)).map(([target, privileges]) =>
        grantField(`${account} on ${shown(target)}`, target, undefined, privileges, facts),
      ),
    );
  },
  statements(_name, from, to, facts) {
    const wanted = grantsOfWords(to.may, facts);
    const grants = Object.entries(from?.accounts ?? {}).flatMap(
      ([account, grants]) => grantChanges({}, lacking(wanted, grants), roleName(account, true), facts).grants,
    );
    return { grants: grants.map((text) => sql(text)), revokes: [] };
  },
};
