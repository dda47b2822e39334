import type { Closure } from '../effective/closure.ts';
import type { Shift } from '../effective/shift.ts';
import type { AdmissionRow } from '../queries/admission.ts';
import type { Taken } from './taken.ts';

/** Words of pg_hba.conf for: a database that is called like a role which the login is in. */
const SAME_ROLE = ['samerole', 'samegroup'];

/**
 * pg_hba.conf can admit members of a group, and counts memberships that give no right at all: with one of them goes the way in.
 * `below`: a member that leaves the group, or the group itself, where it gets another name. `after`: memberships by name then.
 */
export function admissionTaken(group: string, below: string, shift: Shift, after = shift.after): readonly Taken[] {
  const { admissions } = shift.people;
  const logins = [...shift.before.below(below)].filter(
    (login) => shift.people.roles.get(login)?.[1] === true && isIn(login, group, shift.before) && !isIn(login, group, after),
  );
  if (admissions === null)
    return logins
      .filter((login) => !shift.before.usable(login).has(group))
      .map((login) => ({ login, what: [`what pg_hba.conf, which this admin may not read, admits members of "${group}" to`] }));
  return logins.flatMap((login) =>
    admissions.filter((row) => goes(row, group, login, shift, after)).map((row) => ({ login, what: [`come in by ${textOf(row)}`] })),
  );
}

/** True where the line admits the login to somewhere because it is in the group, and no other line for the same places does so afterwards. */
function goes(row: AdmissionRow, group: string, login: string, shift: Shift, after: Closure): boolean {
  const all = shift.people.admissions ?? [];
  if (!row[3].includes(`+${group}`) && !row[2].some((word) => SAME_ROLE.includes(word))) return false;
  return placesOf(login, shift).some(
    (place) => admits(row, login, place, shift.before) && !all.some((other) => covers(other, row) && admits(other, login, place, after)),
  );
}

/** Databases that it comes into all the same, and `replication`, which stands among them in that file. */
function placesOf(login: string, shift: Shift): readonly string[] {
  const { databases, roles } = shift.people;
  const open = databases.filter((name) => shift.enters(login, name) && !shift.closes(login, name));
  return roles.get(login)?.[6] ? [...open, 'replication'] : open;
}

function admits([, , databases, users]: AdmissionRow, login: string, place: string, closure: Closure): boolean {
  const user = users.some((word) => word === 'all' || word === login || (word.startsWith('+') && isIn(login, word.slice(1), closure)));
  if (!user) return false;
  if (place === 'replication') return databases.includes(place);
  return databases.some(
    (word) =>
      word === 'all' ||
      word === place ||
      (word === 'sameuser' && place === login) ||
      (SAME_ROLE.includes(word) && isIn(login, place, closure)),
  );
}

/** True for a line that counts wherever the other one does. */
function covers([, type, , , address, netmask]: AdmissionRow, [, otherType, , , otherAddress, otherNetmask]: AdmissionRow): boolean {
  if (type !== otherType && !(type === 'host' && otherType.startsWith('host'))) return false;
  return type === 'local' || address === 'all' || (address === otherAddress && netmask === otherNetmask);
}

/** Any membership counts there, whatever it passes on. */
function isIn(login: string, group: string, closure: Closure): boolean {
  return closure.below(group).has(login);
}

function textOf([line, type, databases, users, address, netmask, method]: AdmissionRow): string {
  const words = [type, databases.join(','), users.join(','), address, netmask, method].filter((word) => word !== null);
  return `line ${line} of pg_hba.conf (${words.join(' ')})`;
}
