import { lookUp } from '../../../util/record.ts';
import { type Acl, privilegeWords } from '../acl.ts';
import { type Guarded, lettersOf, lettersWithout } from '../effective/letters.ts';
import { ident } from '../quote.ts';
import { oursOf } from '../steps/foreign.ts';
import type { Losing, Taken } from './taken.ts';

/**
 * What roles as which nobody logs in keep by name of what everybody had in a database that is no app's: their code and the checks
 * of their foreign keys run with it, whoever uses them. `rest`: the access list without everybody.
 */
export function ownersKeeping(database: string, { owner, acl }: Guarded, rest: Acl, { shift, context }: Losing): Acl {
  const everybody = (lookUp(acl, '') ?? '').replaceAll('c', '');
  if (everybody === '' || lookUp(rest, '') !== undefined) return {};
  const ours = oursOf(context.observation);
  return Object.fromEntries(
    shift.people.ownersIn(database).flatMap((role) => {
      const has = lettersOf({ owner, acl: rest }, shift.after.inherited(role), everybody);
      const lacks = lettersWithout(everybody, has);
      return lacks === '' || ours.has(role) ? [] : [[role, lacks] as const];
    }),
  );
}

/** Sent before everybody loses it. */
export function grantedTo(owners: Acl, on: string): readonly Taken[] {
  return Object.entries(owners).map(([login, letters]) => ({
    login,
    what: [],
    grant: `GRANT ${privilegeWords(letters)} ON ${on} TO ${ident(login)}`,
  }));
}
