import { privilegeWords } from '../acl.ts';
import type { Context } from '../steps/draft-steps.ts';
import { lettersWithout } from '../effective/letters.ts';
import type { Lost, Shift } from '../effective/shift.ts';
import { ident } from '../quote.ts';
import { mayBeSecret } from '../settings.ts';

/** What one login can do less after a step, or would, if it were not granted to it by name. */
export interface Taken {
  readonly login: string;
  /** Where its sessions count; left out: everywhere. */
  readonly database?: string;
  readonly what: readonly string[];
  /** `login`: all of it. `connect`: the way into `database`. `own`: what nobody does who comes in as it from elsewhere. Left out: anything else. */
  readonly kind?: 'login' | 'connect' | 'own';
  /** It is the way into the database: by its own name, or as somebody that it becomes. */
  readonly door?: 'own' | 'as another';
  /** An operator keeps it, whatever its words. */
  readonly operators?: true;
  /** An operator would not keep it. With nothing in `what`, it is part of what is told as the way in. */
  readonly beyond?: true;
  /** Of an operator: it keeps what its words say, and had this as everybody had it; or what it had a right on goes, as the manifest says, or is not made yet. */
  readonly byWords?: true;
  /** Whoever the manifest names keeps the right, on what has another name. */
  readonly renamed?: true;
  /** Nothing keeps it, not even for a login that the manifest names. */
  readonly anyway?: boolean;
  /** Whose entry in the manifest keeps it, where that is not the login's own. */
  readonly keeper?: string;
  /** Sent before what takes it. */
  readonly grant?: string;
}

/** Who loses what, and whose rights stay as they are. */
export interface Losing {
  readonly shift: Shift;
  readonly context: Context;
}

/** What an operator keeps where an app lives: the way in, temporary tables, and schemas, types and sequences to use. */
export const OPERATORS_KEEP = 'cTU';

/** Of what everybody loses, what is granted to this login by name: a known one gets all of it, an operator what operators keep there. */
function grantedByName({ login, as, letters }: Lost, { shift, context: { input } }: Losing, keep: string): string {
  // A login that it becomes gets its own.
  if (as !== login && (!shift.people.accepted.has(as) || shift.people.roles.get(as)?.[1] !== false)) return '';
  if (input.known.some(({ user }) => user === login)) return letters;
  return input.operators.some(({ name }) => name === login) ? [...letters].filter((letter) => keep.includes(letter)).join('') : '';
}

/** What is lost, split into what is granted by name and what is told. `on`: what to grant on. `keep`: what operators keep of it. */
export function split(
  lost: readonly Lost[],
  losing: Losing,
  on: string,
  tell: (login: string, letters: string) => readonly Taken[],
  keep = OPERATORS_KEEP,
): readonly Taken[] {
  const told = new Map<string, string>();
  const granted = new Map<string, string>();
  for (const one of lost) granted.set(one.as, (granted.get(one.as) ?? '') + grantedByName(one, losing, keep));
  // Whoever inherits from one that gets it has it as well.
  const keptBy = ({ as }: Lost): string => [...losing.shift.after.inherited(as)].map((role) => granted.get(role) ?? '').join('');
  return lost.flatMap((one) => {
    const { login, as } = one;
    const own = grantedByName(one, losing, keep);
    const grants: readonly Taken[] = own === '' ? [] : [{ login, what: [], grant: grantTo(as, own, on) }];
    // What the login itself loses needs no second word for those that it becomes.
    const rest = lettersWithout(lettersWithout(one.letters, keptBy(one)), told.get(login) ?? '');
    if (rest === '') return grants;
    if (as === login) told.set(login, rest);
    const taken = tell(login, rest);
    return [...grants, ...(as === login ? taken : taken.map((each) => asAnother(each, as)))];
  });
}

function asAnother(taken: Taken, as: string): Taken {
  const what = taken.what.map((one) => `${one}, as "${as}"`);
  const kind = taken.kind === 'connect' ? { kind: 'own' as const } : {};
  return { ...taken, ...kind, what, ...(taken.door === undefined ? {} : { door: 'as another' as const }) };
}

/** Rights on a schema, one by one. */
export function onSchema(where: string, login: string, database: string, letters: string, keep = OPERATORS_KEEP): readonly Taken[] {
  return [...letters].map((letter) =>
    letter === 'C'
      ? { login, database, kind: 'own', what: [`make objects in ${where}`], ...(keep.includes('C') ? { operators: true } : {}) }
      : { login, database, operators: true, what: [`use ${where}`] },
  );
}

/** What is not said one by one of those who lose the way in, and what an operator would lose all the same. */
export function beyondOperators(lost: readonly Lost[]): readonly Taken[] {
  return lost.flatMap(({ login, letters }) =>
    lettersWithout(letters, OPERATORS_KEEP) === '' ? [] : [{ login, what: [], beyond: true as const }],
  );
}

function grantTo(role: string, letters: string, on: string): string {
  return `GRANT ${privilegeWords(letters)} ON ${on} TO ${ident(role)}`;
}

/** A lower limit of a login, and of a database, as a loss tells it. */
export function fewerSessions(from: number, to: number): string {
  return `more than ${to} sessions at a time (${wasLimit(from)})`;
}
export function fewerTogether(database: string, from: number, to: number): string {
  return `more than ${to} sessions of all logins together in database "${database}" (${wasLimit(from)})`;
}

/** The same of a setting. */
export function lowered(name: string, from: string, to: string): string {
  return `${name} above ${to} (it was ${from})`;
}

function wasLimit(connections: number): string {
  return connections < 0 ? 'there was no limit' : `it was ${connections}`;
}

/** A setting as a loss tells it. What looks like a secret is not repeated. */
export function settingText(name: string, value: string): string {
  return mayBeSecret(name, value) ? `the setting ${name}` : `the setting ${name} = ${value}`;
}
