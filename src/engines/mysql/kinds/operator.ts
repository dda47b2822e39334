import { grantMoves, roleName, shown } from '../grants.ts';
import { grantsOfWords, lacking } from '../judge/people.ts';
import type { OperatorSpec } from '../spec.ts';
import { field, type Kind, sql } from './kind.ts';

/** A login of the operator gets what it may do, and nothing of it is ever taken. */
export const operator: Kind<OperatorSpec> = {
  diff(desired, observed, facts) {
    const wanted = grantsOfWords(desired.may, facts);
    return Object.entries(observed.accounts).flatMap(([account, grants]) =>
      Object.entries(lacking(wanted, grants)).map(([target, privileges]) => field(`${account} on ${shown(target)}`, null, privileges)),
    );
  },
  moves(_name, from, to, facts) {
    const wanted = grantsOfWords(to.may, facts);
    const give = Object.entries(from?.accounts ?? {}).flatMap(
      ([account, grants]) => grantMoves({}, lacking(wanted, grants), roleName(account, true), facts.literalNames).grants,
    );
    return { give: give.map((text) => sql(text)), take: [] };
  },
};
