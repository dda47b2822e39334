import type { Change } from '../../../engine/index.ts';
import type { Shift } from '../effective/shift.ts';
import { passwordState } from '../observe/password-state.ts';
import type { Link } from '../retire/remains-spec.ts';
import { isKind } from '../spec.ts';
import type { Taken } from './taken.ts';

/** Who comes in through a foreign server or a subscription loses what the login loses as which it comes. */
export function linkedTaken(taken: readonly Taken[], shift: Shift): readonly Taken[] {
  return shift.people.links.flatMap((link) => {
    const gone = taken
      .filter(({ login, grant, what }) => grant === undefined && what.length > 0 && login === link.login && login !== link.who)
      .filter((one) => countsThrough(link, one));
    const way = gone.find(({ kind }) => kind === 'login') ?? gone.find(({ kind }) => kind === 'connect');
    // Who cannot come in needs nothing else there.
    const said = (way ? [way] : gone).flatMap(({ what }) => what).join('; ');
    return gone.length === 0 ? [] : told(link, `as "${link.login ?? ''}" it loses: ${said}`, shift);
  });
}

/** A login that gets a new password: whoever comes in with the one that it has now comes in no more. */
export function passwordTaken({ desired, observed }: Change, shift: Shift): readonly Taken[] {
  if (!desired || !observed || !isKind(desired, 'role') || passwordState(desired, observed) !== 'other') return [];
  const { name } = desired.address;
  return shift.people.links
    .filter((link) => link.login === name)
    .flatMap((link) => told(link, `it logs in as "${name}", which gets a new password`, shift));
}

/** What nobody does through a foreign server or a subscription does not count there. */
function countsThrough({ to }: Link, { kind, database }: Taken): boolean {
  return kind !== 'own' && (database === undefined || database === to);
}

function told({ who, what, within }: Link, why: string, shift: Shift): readonly Taken[] {
  const text = `${what} (${why})`;
  return usersOf(who, within, shift).map((login) => ({ login, what: [text] }));
}

/** Logins with the rights of a role; where none has them, the role itself: what depends on it may be anybody's. '' is everybody who comes in there. */
function usersOf(who: string, within: string, shift: Shift): readonly string[] {
  const { people } = shift;
  if (who === '') return people.logins.filter((login) => shift.enters(login, within));
  const logins = [...people.closure.below(who)].filter((name) => people.isLogin(name) && people.closure.usable(name).has(who));
  return logins.length > 0 ? logins : [who];
}
