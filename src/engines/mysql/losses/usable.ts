import { databaseOf, GLOBAL, type Target, targetOf } from '../grants.ts';
import type { Made } from '../observe/made.ts';
import { patternReaches } from '../quote.ts';
import { opens, type Rights } from './rights.ts';

/** What somebody needs to have something of an object, on it or on what is around it. A trigger runs for whoever does that to its table. */
function neededFor({ what, on }: Made): readonly string[] {
  if (what === 'TRIGGER') return on?.when ?? [];
  if (what === 'EVENT') return ['EVENT'];
  return what === 'VIEW' || what === 'TABLE' ? ['SELECT', 'INSERT', 'UPDATE', 'DELETE'] : ['EXECUTE'];
}

/** True where these rights let somebody use it. An event is whose the database is: what it does, they have made it for, whoever may see all. */
export function mayUse(rights: Rights, made: Made, literalNames: boolean, needed = neededFor(made)): boolean {
  if (made.what !== 'EVENT' && opens(rights, made.database, needed)) return true;
  return [...rights.on].some(
    ([key, privileges]) => key !== GLOBAL && needed.some((one) => privileges.has(one)) && isOn(targetOf(key), made, literalNames),
  );
}

/** The server may keep names of tables and routines in lower case. */
function isOn(target: Target, { database, name, what, on }: Made, literalNames: boolean): boolean {
  if (target[0] === 'pattern') return patternReaches(target[1], database, literalNames);
  if (databaseOf(target) !== database) return false;
  if (target[0] === 'database' || target[0] === 'global') return true;
  const isCalled = (other: string): boolean => other.toLowerCase() === target[2].toLowerCase();
  if (target[0] !== 'routine') return what === 'TRIGGER' ? isCalled(on?.table ?? '') : isCalled(name);
  // A body runs for whoever may use its package.
  return isCalled(name) && target[3].toUpperCase().replace(/ BODY$/, '') === what.replace(/ BODY$/, '');
}
