import type { Change } from '../../../engine/index.ts';
import { lookUp } from '../../../util/record.ts';
import { type Guarded, lettersOf, lettersWithout } from '../effective/letters.ts';
import type { Shift } from '../effective/shift.ts';
import type { Taken } from './taken.ts';
import { isKind } from '../spec.ts';

/**
 * The sessions of an adopted login act as the owner role of its app: what was given to the login by name, and is not the app's to
 * hand over, does not count in them.
 */
export function adoptedTaken({ desired, observed }: Change, shift: Shift): readonly Taken[] {
  if (!desired || !observed || !isKind(desired, 'role') || observed.owned) return [];
  const { name } = desired.address;
  const acts = lookUp(desired.spec.settings, 'role');
  if (acts === undefined || !shift.people.isLogin(name)) return [];
  const named = shift.people.named.filter(({ login, database }) => login === name && (database === null || shift.enters(name, database)));
  return [
    ...named.map(({ database, what }): Taken => ({ login: name, ...(database === null ? {} : { database }), what: [what] })),
    ...shift.people.databases.flatMap((database) => doorTaken(name, acts, database, shift)),
  ];
}

/** CREATE and TEMPORARY of databases that are not the app's. CONNECT is the login's own still. */
function doorTaken(login: string, acts: string, database: string, shift: Shift): readonly Taken[] {
  const door = shift.people.door(database);
  if (door === null || !shift.enters(login, database) || shift.moved.has(database)) return [];
  const has = (role: string, closure: Shift['before'], { owner, acl }: Guarded): string =>
    lettersWithout(lettersOf({ owner, acl }, closure.inherited(role), 'CT'), 'c');
  const gone = lettersWithout(has(login, shift.before, door), has(acts, shift.after, door));
  const what = [...gone].map((letter) => `make ${letter === 'T' ? 'temporary tables' : 'schemas'} in database "${database}"`);
  return what.length === 0 ? [] : [{ login, database, kind: 'own', what }];
}
