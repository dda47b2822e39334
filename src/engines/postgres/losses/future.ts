import { lookUp } from '../../../util/record.ts';
import { type Acl, privilegeWords } from '../acl.ts';
import { compile } from '../compile/compile.ts';
import { builtInDefault } from '../compile/policy.ts';
import { joined, lettersOf, unnamed } from '../effective/letters.ts';
import { partOf } from '../part-name.ts';
import { WORDS } from '../kinds/default-privileges.ts';
import { defaultKey, readDefaultKey } from '../observe/default-key.ts';
import { ident, roles } from '../quote.ts';
import { factsOf } from '../steps/draft-steps.ts';
import { isKind } from '../spec.ts';
import type { Around } from './inside.ts';
import { beyondOperators, split, type Taken } from './taken.ts';

type Entries = Readonly<Record<string, Acl>>;

/** Whose future objects they are. */
interface AppDatabase {
  readonly database: string;
  readonly app: string | null;
}

/** Rights on what will be made: those that somebody has by name, and those of everybody, as EXECUTE on each function that nobody said a word about. */
export function futureTaken(place: AppDatabase, from: Entries, to: Entries, around: Around): readonly Taken[] {
  const { people } = around.shift;
  return [...new Set([...Object.keys(from), ...Object.keys(to)])].sort().flatMap((key) => {
    // What a role that is not there yet will make nobody could have had.
    if (!people.roles.has(readDefaultKey(key).creator)) return [];
    const [acl, want] = [effective(from, key), effective(to, key)];
    const taken = [...namedTaken(place, key, acl, want, around), ...everybodysTaken(place, key, acl, want, around)];
    // What it makes itself, or as the role that owns it, is its own.
    const own = ownersOf(place, around);
    return taken.filter(({ login }) => !own.some((owner) => around.shift.after.usable(login).has(owner)));
  });
}

/** What is said of one schema adds to what is said of all. */
function effective(entries: Entries, key: string): Acl {
  const { creator, type } = readDefaultKey(key);
  const all = defaultKey({ creator, schema: '', type });
  const everywhere = lookUp(entries, all) ?? builtInDefault(all);
  return key === all ? everywhere : joined(everywhere, lookUp(entries, key) ?? {});
}

function namedTaken({ database }: AppDatabase, key: string, acl: Acl, want: Acl, { shift }: Around): readonly Taken[] {
  const lost = shift.lost(unnamed({ owner: '', acl }), unnamed({ owner: '', acl: want }), '');
  return lost.flatMap(({ login, letters }): Taken[] =>
    shift.enters(login, database) ? [{ login, database, what: [inWords(key, letters, database)] }] : [],
  );
}

/** Of those who come in after the plan as well, and can use a schema. Known logins keep it by name, also on what the owner role makes from now on. */
function everybodysTaken(place: AppDatabase, key: string, acl: Acl, want: Acl, around: Around): readonly Taken[] {
  const { shift, losesDoor } = around;
  const { database } = place;
  const had = lookUp(acl, '') ?? '';
  if (had === '' || had === lookUp(want, '')) return [];
  const lost = shift
    .lost({ owner: '', acl: { '': had } }, { owner: '', acl: want }, '')
    .filter(({ login, as }) => shift.enters(login, database) && usesSchema(as, place, around));
  const [behind, open] = [lost.filter(({ login }) => losesDoor(login, database)), lost.filter(({ login }) => !losesDoor(login, database))];
  const { creator, schema, type } = readDefaultKey(key);
  const where = schema === '' ? '' : ` IN SCHEMA ${ident(schema)}`;
  const makers = roles([...new Set([creator, ...ownersOf(place, around)])]);
  const told = split(open, around, lookUp(WORDS, type) ?? type, (login, letters) => [
    { login, database, what: [inWords(key, letters, database)], byWords: true },
  ]);
  const granted = told.map((one) =>
    one.grant ? { ...one, grant: `ALTER DEFAULT PRIVILEGES FOR ROLE ${makers}${where} ${one.grant}` } : one,
  );
  return [...granted, ...beyondOperators(behind)];
}

function inWords(key: string, letters: string, database: string): string {
  const { creator, type } = readDefaultKey(key);
  return `${privilegeWords(letters)} on each future ${type} of "${creator}" in database "${database}"`;
}

/** The role that owns what the app makes. */
function ownersOf({ database, app }: AppDatabase, { context }: Around): readonly string[] {
  return compile(context.input).resources.flatMap((one) =>
    isKind(one, 'objects') && one.app === app && partOf(one.address.name)[0] === database ? [one.spec.owner] : [],
  );
}

/** Rights of the server's own roles, which no access list names. */
const SERVER: Acl = { pg_read_all_data: 'U', pg_write_all_data: 'U' };

/** Nothing in a schema can be reached by whoever may not use it. */
function usesSchema(role: string, { database, app }: AppDatabase, { shift, context }: Around): boolean {
  const { user } = factsOf(context);
  const rights = shift.before.inherited(role);
  // What operators and known logins have by name is theirs, and not looked at.
  if ([role, ...rights].some((one) => shift.people.accepted.has(one))) return true;
  return context.observation.resources.some((one) => {
    if (one.app !== app || !(isKind(one, 'schema') || isKind(one, 'objects')) || partOf(one.address.name)[0] !== database) return false;
    const schemas = isKind(one, 'schema') ? [one.spec] : one.spec.classes.filter(({ type }) => type === 'schema');
    return schemas.some(({ owner, acl }) =>
      lettersOf({ owner: owner === 'operator' ? user : owner, acl: joined(acl ?? {}, SERVER) }, rights, 'U').includes('U'),
    );
  });
}
