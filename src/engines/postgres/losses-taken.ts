import { privilegeWords } from './acl.ts';
import { lettersWithout } from './effective/letters.ts';
import type { Shift } from './effective/shift.ts';
import type { Input } from './draft.ts';
import { ident } from './quote.ts';

/** What one login can do less after a step, or would, if it were not granted to it by name. */
export interface Taken {
  readonly login: string;
  /** Where its sessions count; left out: everywhere. */
  readonly database?: string;
  readonly what: readonly string[];
  /** Nothing keeps it, not even for a login that the manifest names. */
  readonly anyway?: boolean;
  /** Sent before what takes it. */
  readonly grant?: string;
}

/** Of what everybody loses, what this login keeps by name: a known one all of it, an operator the way in. */
function keptByName(input: Input, login: string, letters: string): string {
  if (input.known.some(({ user }) => user === login)) return letters;
  return input.operators.some(({ name }) => name === login) ? [...letters].filter((letter) => 'cU'.includes(letter)).join('') : '';
}

/** What is lost, split into what is granted by name and what is told. `where`: to grant on. */
export function split(
  lost: readonly (readonly [login: string, letters: string])[],
  input: Input,
  on: string,
  tell: (login: string, letters: string) => readonly Taken[],
): readonly Taken[] {
  return lost.flatMap(([login, letters]) => {
    const kept = keptByName(input, login, letters);
    const grants: readonly Taken[] = kept === '' ? [] : [{ login, what: [], grant: grantTo(login, kept, on) }];
    const rest = lettersWithout(letters, kept);
    return rest === '' ? grants : [...grants, ...tell(login, rest)];
  });
}

function grantTo(login: string, letters: string, on: string): string {
  return `GRANT ${privilegeWords(letters)} ON ${on} TO ${ident(login)}`;
}

/** Each login once for a lost set of letters. */
export function lostLetters(lost: ReturnType<Shift['lost']>): readonly (readonly [login: string, letters: string])[] {
  return [...lost].sort(([a], [b]) => (a < b ? -1 : 1));
}
