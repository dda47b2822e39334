import type { Change } from '../../../engine/index.ts';
import { lookUp } from '../../../util/record.ts';
import { type Acl, privilegeWords } from '../acl.ts';
import { compile } from '../compile/compile.ts';
import { factsOf } from '../steps/draft-steps.ts';
import { type Guarded, joined, unnamed } from '../effective/letters.ts';
import type { Lost } from '../effective/shift.ts';
import { partOf } from '../part-name.ts';
import { readMark } from '../marks/mark.ts';
import { objectWords } from '../kinds/objects.ts';
import { futureTaken } from './future.ts';
import { soleSayTaken } from './schema.ts';
import { beyondOperators, type Losing, onSchema, split, type Taken } from './taken.ts';
import { expectedAcl, ownerLetters } from '../compile/policy.ts';
import { ident, qualified } from '../quote.ts';
import { type BuiltinSpec, isKind, type ObjectClass, type ObjectsSpec, type RowGuardSpec, type SchemaSpec } from '../spec.ts';

/** What decides about the rights inside a database. */
export interface Around extends Losing {
  /** True for a login that cannot come into the database any more after this plan. */
  readonly losesDoor: (login: string, database: string) => boolean;
}

/** What goes inside a database. Whoever loses the way in loses with it what everybody had there; what it had by name is said all the same. */
export function insideTaken({ desired, observed }: Change, around: Around): readonly Taken[] {
  if (!desired || !observed) return [];
  const [database, part] = partOf(desired.address.name);
  if (around.shift.people.door(database) === null) return [];
  if (isKind(desired, 'schema') && isKind(observed, 'schema'))
    return [
      ...schemaTaken([database, part], observed.spec, desired.spec, around),
      ...soleSayTaken([database, part], desired.app, observed.spec, desired.spec, around),
    ];
  if (isKind(desired, 'objects') && isKind(observed, 'objects'))
    return observed.spec.classes.flatMap((found) => classTaken(database, found, desired.spec, around));
  if (isKind(desired, 'default-privileges') && isKind(observed, 'default-privileges'))
    return futureTaken({ database, app: desired.app }, observed.spec.entries, desired.spec.entries, around);
  if (isKind(desired, 'builtin') && isKind(observed, 'builtin') && !desired.spec.publicExecute)
    return builtinTaken(database, observed.spec, around);
  if (isKind(desired, 'row-guard') && isKind(observed, 'row-guard'))
    return [...rowsTaken([database, part], observed.spec, around), ...partsTaken(database, observed.spec, around)];
  return [];
}

interface Thing {
  readonly database: string;
  readonly on: string;
  readonly all: string;
  readonly tell: (login: string, letters: string) => readonly Taken[];
}

function takenOn(object: Thing, before: Guarded, after: Guarded, around: Around): readonly Taken[] {
  const { shift, losesDoor } = around;
  const { database, on, all, tell } = object;
  const behind: Lost[] = [];
  const lost = shift.lost(before, after, all).flatMap((one): readonly Lost[] => {
    if (!shift.enters(one.login, database)) return [];
    if (!losesDoor(one.login, database)) return [one];
    behind.push(one);
    const named = shift.lost(unnamed(before), unnamed(after), all).find(({ login, as }) => login === one.login && as === one.as);
    const letters = [...one.letters].filter((letter) => named?.letters.includes(letter)).join('');
    return letters === '' ? [] : [{ ...one, letters }];
  });
  return [...split(lost, around, on, tell), ...beyondOperators(behind)];
}

function schemaTaken([database, name]: readonly [string, string], from: SchemaSpec, to: SchemaSpec, around: Around): readonly Taken[] {
  const { user } = factsOf(around.context);
  const ownerOf = (spec: SchemaSpec): string => (spec.owner === 'operator' ? user : spec.owner);
  const server: Acl = { pg_read_all_data: 'U', pg_write_all_data: 'U' };
  const guarded = (spec: SchemaSpec): Guarded => ({ owner: ownerOf(spec), acl: joined(spec.acl, server) });
  const where = `schema ${ident(name)} in database "${database}"`;
  // What everybody has (in `public`, before 15), no words of an operator ask for.
  const byWords = lookUp(from.acl, '')?.includes('C') === true;
  const tell: Thing['tell'] = (login, letters) =>
    onSchema(where, login, database, letters).map((one) => (byWords && one.kind === 'own' ? { ...one, byWords } : one));
  return takenOn({ database, on: `SCHEMA ${ident(name)}`, all: 'CU', tell }, guarded(from), guarded(to), around);
}

/** Rights of the server's own roles, which no access list names. */
const SERVER: Readonly<Partial<Record<ObjectClass['type'], Acl>>> = {
  table: { pg_read_all_data: 'r', pg_write_all_data: 'adw', pg_maintain: 'm' },
  view: { pg_read_all_data: 'r', pg_write_all_data: 'adw', pg_maintain: 'm' },
  column: { pg_read_all_data: 'r', pg_write_all_data: 'aw' },
  sequence: { pg_read_all_data: 'r', pg_write_all_data: 'w' },
  schema: { pg_read_all_data: 'U', pg_write_all_data: 'U' },
};

function classTaken(database: string, found: ObjectClass, spec: ObjectsSpec, around: Around): readonly Taken[] {
  const { version } = factsOf(around.context);
  const server = SERVER[found.type] ?? {};
  const all = found.type === 'column' || found.type === 'other' ? '' : ownerLetters(found.type, version);
  const had = found.acl ?? (found.type === 'function' ? { '': 'X' } : {});
  const want = expectedAcl(spec, found, version);
  const owner = found.linked || found.stays || found.type === 'column' ? found.owner : spec.owner;
  const what = `${found.type === 'other' ? found.word.toLowerCase() : found.type} ${listed(found)} in database "${database}"`;
  const column = found.type === 'column' ? `column ${found.word} of table ${listed(found)} in database "${database}"` : what;
  const tell: Thing['tell'] = (login, letters) => [{ login, database, what: [`${privilegeWords(letters)} on ${column}`] }];
  const on = `${objectWords[found.type]} ${found.names.join(', ')}`;
  // A column is opened by name as well as its table: what goes there is said, and granted again with the table.
  const before = { owner: found.owner, acl: joined(had, server) };
  const after = { owner, acl: joined(want ?? had, server) };
  const letters = found.type === 'column' ? 'arwx' : all;
  const rights = want === null && all === '' ? [] : takenOn({ database, on, all: letters, tell }, before, after, around);
  return [
    ...ownershipTaken(found, owner, what, database, around),
    ...rights.filter(({ grant }) => grant === undefined || found.type !== 'column'),
  ];
}

/** Who was the owner, or in the group that was, cannot change or drop it any more. */
function ownershipTaken(found: ObjectClass, owner: string, what: string, database: string, around: Around): readonly Taken[] {
  if (found.owner === owner) return [];
  const { shift } = around;
  const holders = [...shift.logins([found.owner])].filter((login) => shift.before.usable(login).has(found.owner));
  return [...holders.filter((login) => !shift.after.usable(login).has(owner)), ...aloneIn(found.owner, holders, around)].map((login) => ({
    login,
    database,
    kind: 'own',
    what: [`ownership of ${what}`],
  }));
}

/** A role as which nobody comes in now: somebody may tomorrow. */
function aloneIn(role: string, holders: readonly string[], { shift, context }: Around): readonly string[] {
  const row = shift.people.roles.get(role);
  if (holders.length > 0 || row === undefined || row[1] || row[3] || readMark(row[10]) !== null) return [];
  return compile(context.input).resources.some((one) => isKind(one, 'role') && one.address.name === role) ? [] : [role];
}

function builtinTaken(database: string, { open, named = {} }: BuiltinSpec, around: Around): readonly Taken[] {
  if (open.length + Object.keys(named).length === 0) return [];
  const { shift, losesDoor } = around;
  const some = Object.fromEntries(Object.keys(named).map((grantee) => [grantee, 'X']));
  const without = (acl: Acl) => shift.lost({ owner: '', acl }, { owner: '', acl: {} }, 'X');
  const byName = new Set(without(some).map(({ login }) => login));
  const lost = without({ ...some, ...(open.length > 0 ? { '': 'X' } : {}) }).filter(
    ({ login }) => shift.enters(login, database) && (byName.has(login) || !losesDoor(login, database)),
  );
  const all = [...new Set([...open, ...Object.values(named).flat()])];
  const on = `FUNCTION ${all.map((one) => `pg_catalog.${one}`).join(', ')}`;
  const names = [...new Set(all.map((one) => one.slice(0, one.indexOf('('))))];
  const told = `call ${names.join(', ')} in database "${database}"`;
  return split(lost, around, on, (login) => [{ login, database, what: [told], operators: true }], 'X');
}

/** Row level security hides every row from those who have no place in it: nothing can be granted against that. */
function rowsTaken([database, schema]: readonly [string, string], { tables }: RowGuardSpec, { shift, context }: Around): readonly Taken[] {
  const hidden = tables.filter((one) => one.hasColumn && !one.enabled);
  if (hidden.length === 0) return [];
  const { operators, known } = context.input;
  const named = [...operators.map(({ name }) => name), ...known.map(({ user }) => user)];
  return named
    .filter((login) => shift.people.isLogin(login) && shift.enters(login, database) && shift.people.roles.get(login)?.[7] !== true)
    .filter((login) => !operators.some(({ name, may }) => name === login && may.includes('bypass-rls')))
    .flatMap((login) => {
      const roles = new Set(['', login, ...shift.before.usable(login)]);
      const all = ALL_TABLES.some((one) => roles.has(one));
      const mine = hidden.filter(({ users }) => all || users.some((one) => roles.has(one))).map(({ name }) => qualified(schema, name));
      if (mine.length === 0) return [];
      return [{ login, database, anyway: true, what: [`the rows of table ${mine.join(', ')} in database "${database}"`] }];
    });
}

/** The server's own roles that may use every table. */
const ALL_TABLES = ['pg_read_all_data', 'pg_write_all_data'];

/** Rights on cotenant's own parts of the guard, and a workspace that no app has. */
function partsTaken(database: string, { strangers, workspaces }: RowGuardSpec, { shift, context }: Around): readonly Taken[] {
  const ours = new Set(compile(context.input).resources.flatMap((one) => (isKind(one, 'role') ? [one.address.name] : [])));
  const placed = Object.entries(workspaces).filter(([login]) => !ours.has(login));
  return [
    ...strangers.flatMap(({ part, grantee }) =>
      [...(grantee === '' ? shift.people.logins : shift.logins([grantee]))]
        .filter((login) => !ours.has(login) && shift.enters(login, database))
        .map((login) => ({ login, database, what: [`its rights on cotenant's own ${part} in database "${database}"`] })),
    ),
    ...placed
      .filter(([login]) => shift.people.isLogin(login) && shift.enters(login, database))
      .map(([login, workspace]) => ({ login, database, what: [`the rows of workspace "${workspace}" in database "${database}"`] })),
  ];
}

/** All of them: it is what somebody agrees to. */
function listed({ names }: ObjectClass): string {
  return names.join(', ');
}
